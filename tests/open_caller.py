"""As little as it takes to talk to the sandbox's open face: a session with a key, and bodies that are right."""

import re
from datetime import datetime, timedelta, timezone

import requests

FULL, HALF, REFUSED, SLOW, BY_HAND, DOLLARS = (f"90000000{number}" for number in (1, 2, 3, 4, 7, 9))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
AMOUNT = {"amount": "1.00", "currency": "EUR"}
DUE = (datetime.now(timezone.utc) - timedelta(days=40)).date().isoformat()
INVOICE = {"number": "R-1001", "due_date": DUE, "amount": {"amount": "1250.00", "currency": "EUR"}}


class Caller:
    """As little client as possible."""

    def __init__(self, base, key="sandbox", policy="DEMO-001"):
        self.base, self.policy = base, policy
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"

    def __call__(self, method, path, expect=200, body=None, **options):
        path = path if path.startswith("/") else f"/policies/{self.policy}/{path}"
        answer = self.session.request(method, self.base + path, json=body, timeout=20, **options)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        assert answer.headers["X-Request-Id"]
        if not answer.content:
            return None
        kind = "application/json" if expect < 400 else "application/problem+json"
        assert answer.headers["Content-Type"] == kind
        return answer.json()

    def fails(self, method, path, status, code, body=None, **options):
        content = self(method, path, status, body, **options)
        assert (content["status"], content["code"]) == (status, code), content
        assert content["title"]
        assert content["detail"]
        return [error["field"] for error in content["errors"]]

    def apply(self, buyer_id=FULL, expect=201, amount="50000.00", currency="EUR", reference="REQ-1", **more):
        money = None if more.get("action") == "cancel" else {"amount": amount, "currency": currency}
        body = {"reference": reference, "buyer_id": buyer_id, "amount": money, **more}
        return self("POST", "applications", expect, body)

    def everything(self, path, page_size):
        """All items of a listing, page by page."""
        items, cursor = [], None
        while True:
            page = self("GET", path, params={"page_size": page_size, "cursor": cursor})
            assert len(page["items"]) <= page_size
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            assert page["next_cursor"] != cursor
            cursor = page["next_cursor"]


def declaration(**more):
    return {"reference": "OVD-7", "buyer_id": FULL, "invoices": [INVOICE], **more}
