"""As little as it takes to talk to the sandbox's Allianz Trade face: the paths of both layouts, and a session with a token."""

import requests

FULL, HALF, REFUSED, SLOW = (f"90000000{number}" for number in (1, 2, 3, 4))
BY_HAND, DOLLARS = "900000007", "900000009"
POLICY = {"policyId": "DEMO-001"}
DAY = "2026-03-31"

LAYOUTS = {
    "production": {
        "token": "/v1/idp/oauth2/authorize",
        "riskinfo": "/riskinfo",
        "search": "/search/v2/companies",
        "referential": "/company-referential/v1/companies/list",
        "overdues": "/overdues/v1",
    },
    "uat": {
        "token": "/uatm/v1/idp/oauth2/authorize",
        "riskinfo": "/uatm/riskinfo",
        "search": "/search/uatm-v2/companies",
        "referential": "/company-referential/uatm-v1/companies/list",
        "overdues": "/uatm/overdues/v1",
    },
}


class Client:
    """As little client as possible: paths of one layout, a session with a token."""

    def __init__(self, base, layout):
        self.base, self.paths = base, LAYOUTS[layout]
        self.session = requests.Session()
        self.renew()

    def renew(self, api_key="sandbox"):
        answer = self.session.post(self.base + self.paths["token"], json={"apiKey": api_key}, timeout=10)
        self.session.headers["Authorization"] = "Bearer " + answer.json()["access_token"]

    def call(self, method, part, path="", expect=200, **options):
        answer = self.session.request(method, self.base + self.paths[part] + path, timeout=10, **options)
        assert answer.status_code == expect, answer.text
        return answer

    def ask(self, company, amount=50000, currency="EUR", **more):
        body = {
            "requestTypeCode": "Primary",
            "policy": POLICY,
            "companyId": company,
            "creditLimitDetails": {"requestedAmount": amount, "currencyCode": currency},
            **more,
        }
        return self.call("POST", "riskinfo", "/v3/covers", 202, json=body).json()

    def job(self, job_id, **options):
        return self.call("GET", "riskinfo", f"/v3/jobs/{job_id}", **options).json()

    def cover(self, company, **options):
        return self.call("GET", "riskinfo", f"/v3/covers/cov-DEMO-001-{company}", **options).json()

    def limits(self, company):
        return self.cover(company)["creditLimitsAggregation"]["creditLimits"]

    def search(self, what, part="riskinfo", **more):
        return self.call("POST", part, f"{what}/search", json={"policies": [POLICY], **more})
