"""One table says what is known; a contract file corrects it, and a guess is silent until it is switched on."""

from __future__ import annotations

import json
import sys

import pytest
from allianz_samples import POLICY

from tradecredit_sdk.errors import ConfigError
from tradecredit_sdk.insurers.allianz_tables import TABLE, Contract, Trust
from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.money import Money


@pytest.fixture
def written(tmp_path):
    def write(text, name="contract.toml"):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    return write


def test_the_table_holds_each_key_once_and_nothing_unknown_has_a_value():
    keys = [(entry.section, entry.key) for entry in TABLE]
    assert len(keys) == len(set(keys))
    for entry in TABLE:
        assert bool(entry.value) == (entry.trust is not Trust.UNKNOWN), entry
        assert (entry.seen > 0) == (entry.trust is Trust.CODE), entry
    assert Trust.YOURS not in {entry.trust for entry in TABLE}


@pytest.mark.parametrize("environment", ["production", "uat"])
def test_every_path_is_complete_in_both_environments(environment):
    contract = Contract(environment)
    for entry in TABLE:
        if entry.section == "paths":
            path = contract.path(entry.key)
            assert path.startswith("/")
            assert "{" not in path.replace("{job}", "").replace("{cover}", "")
            assert ("uatm" in path) == (environment == "uat")


def test_a_guess_is_silent_until_it_is_switched_on():
    assert Contract().find("names", "request_comment") is None
    assert Contract(unverified=True).find("names", "request_comment") == "comment"
    assert Contract().word("decision_states", "Refused") == "Refused"
    assert Contract(unverified=True).word("decision_states", "REFUSED") == "refused"
    assert Contract(unverified=True).find("names", "request_terms_days") is None, "not even guessed"


@pytest.mark.parametrize("word", ["approved", "partly_approved", "referred", "processed", "settled"])
@pytest.mark.parametrize("section", ["decision_states", "cover_states", "job_states", "overdue_states"])
def test_a_foreign_word_never_becomes_one_of_ours(section, word):
    known = Contract(unverified=True).word(section, word)
    if (section, word) in {("job_states", "processed"), ("overdue_states", "settled")}:
        assert known == word, "this one is in the table"
    else:
        assert known == f"unknown:{word}"


def test_your_own_entries_count_without_the_switch(written):
    path = written(
        """
        [paths]
        job = "{riskinfo_v3}/tasks/{job}"
        [bases.uat]
        riskinfo_v3 = "/test/riskinfo/v3"
        [names]
        request_terms_days = "paymentTerms"
        [decision_states]
        Declined = "refused"
        AlreadyAgreed = "partly_approved"
        """
    )
    contract = Contract("uat", contract_file=path)
    assert contract.path("job") == "/test/riskinfo/v3/tasks/{job}"
    assert contract.find("names", "request_terms_days") == "paymentTerms"
    assert contract.word("decision_states", "declined") == "refused"
    assert contract.word("decision_states", "AlreadyAgreed") == "partly_approved"
    assert Contract("uat").path("job") == "/uatm/riskinfo/v3/jobs/{job}", "the table itself is as it was"


def test_json_does_as_well(written):
    path = written(
        {"bases": {"production": {"idp": "/v2/idp"}}, "names": {"request_comment": "remark"}}, "contract.json"
    )
    contract = Contract(contract_file=path)
    assert contract.path("token") == "/v2/idp/oauth2/authorize"
    assert contract.find("names", "request_comment") == "remark"


def test_a_corrected_request(allianz, allianz_wire, written):
    names = {
        "request_terms_days": "termsDays",
        "request_valid_until": "endDate",
        "request_comment": "remark",
        "request_reference": "ref",
    }
    path = written({"names": names, "codes": {"temporary": "Temp"}}, "contract.json")
    body = {
        "requestTypeCode": "Temp",
        "policy": POLICY,
        "creditLimitDetails": {"requestedAmount": 5, "currencyCode": "EUR"},
        "companyId": "1",
        "isRequestUrgent": False,
        "termsDays": 60,
        "endDate": "2026-12-31",
        "remark": "Season",
        "ref": "REQ-1",
    }
    allianz_wire.expect("POST", "/riskinfo/v3/covers", "J-1", sent=body)
    request = LimitRequest(
        buyer_id="1",
        amount=Money("5", "EUR"),
        kind="temporary",
        valid_until="2026-12-31",
        terms_days=60,
        comment="Season",
        reference="REQ-1",
    )
    assert allianz(contract_file=path).request_limit(request).id == "J-1"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"paths": {"jobb": "/x"}}, r"paths\.jobb: is not in the table; did you mean paths\.job\?"),
        ({"path": {"job": "/x"}}, r"path\.job: is not in the table"),
        ({"bases": {"prod": {"idp": "/x"}}}, r"bases\.prod\.idp: is not in the table"),
        ({"names": {"request_reference": 7}}, r"names\.request_reference: must be a text"),
        ({"names": {"request_reference": " "}}, r"names\.request_reference: must be a text"),
        ({"names": {"request_reference": {"a": "b"}}}, r"names\.request_reference: must be a text"),
        ({"decision_states": {"Declined": "declined"}}, r"decision_states\.Declined: must be one of approved"),
        ({"job_states": {"FAILED": "failed"}}, r"job_states\.FAILED: must be one of pending, processed"),
        ({"paths": {"job": "{riskinfo_v3}/jobs"}}, r"paths\.job: .*must use \{job\}"),
        ({"paths": {"job": "{riskinfo_v4}/jobs/{job}"}}, r"paths\.job: may use \{idp\}"),
        ({"bases": {"uat": {"idp": "v1/idp"}}}, r"bases\.uat\.idp: must begin with a slash"),
        ({"top": "x"}, "top: is not in the table"),
        ([], "must hold sections"),
        ("{", "is not valid"),
    ],
)
def test_what_is_wrong_with_a_contract_file_is_named(written, content, why):
    path = written(content, "contract.json")
    with pytest.raises(ConfigError, match=why) as caught:
        Contract(contract_file=path)
    assert "contract.json" in str(caught.value)


def test_every_wrong_line_is_named_at_once(written):
    with pytest.raises(ConfigError, match=r"paths\.a.*names\.b"):
        Contract(contract_file=written({"paths": {"a": "/x"}, "names": {"b": "x"}}, "contract.json"))


def test_a_file_that_is_missing_or_no_toml(written, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Contract(contract_file=tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match="line 1"):
        Contract(contract_file=written("[paths\n"))
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"[names]\nrequest_comment = '\xe9'\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        Contract(contract_file=latin)


def test_without_a_toml_reader_the_message_says_what_to_do(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)
    with pytest.raises(ConfigError, match="tomli"):
        Contract(contract_file=written("[names]"))
