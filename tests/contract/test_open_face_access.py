"""The open face: nobody comes in without a key, and a policy that a key may not see is not there."""

import pytest
from open_caller import Caller, declaration


def stranger(sandbox, key):
    return Caller(sandbox.base_url_open, key)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "bearer", "Basic c2FuZGJveDo=", "sandbox", "Bearer sandbox x"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/policies"), ("GET", "limits"), ("POST", "applications"), ("GET", "/buyers/1")]
)
def test_without_a_valid_key_nobody_comes_in(call, header, method, path):
    call.session.headers.pop("Authorization")
    call.session.trust_env = False
    headers = {} if header is None else {"Authorization": header}
    content = call(
        method, path, 401, {"reference": "R", "buyer_id": "1"} if method == "POST" else None, headers=headers
    )
    assert content["code"] == "unauthenticated"


def test_a_policy_the_key_may_not_see_is_not_there(sandbox, call):
    application = call.apply()
    overdue = call("POST", "overdues", 201, declaration())
    other = stranger(sandbox, "sandbox-2")
    with other.session:
        for path in ("", "/limits", "/applications", "/decisions", "/overdues", "/events", "/webhooks",
                     f"/applications/{application['id']}", f"/overdues/{overdue['id']}"):  # fmt: skip
            other.fails("GET", f"/policies/DEMO-001{path}", 404, "policy_not_found")
        other.policy = "DEMO-002"
        other.fails("GET", f"applications/{application['id']}", 404, "not_found")
        other.fails("POST", f"applications/{application['id']}/cancel", 404, "not_found")
        other.fails("GET", f"limits/{application['decision']['limit_id']}", 404, "not_found")
        other.fails("POST", f"limits/{application['decision']['limit_id']}/cancel", 404, "not_found")
        other.fails("GET", f"overdues/{overdue['id']}", 404, "not_found")
        assert other("GET", "limits")["items"] == other("GET", "events")["items"] == []
        assert [policy["id"] for policy in other("GET", "/policies")["items"]] == ["DEMO-002"]
