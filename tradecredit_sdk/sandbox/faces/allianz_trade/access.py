"""Who may come in: an API key is changed for a token, and a token opens the policies of its key.

A token is not kept anywhere: it carries its key's name and its end, signed with a secret of this process. So it ends by
the sandbox clock, and with the server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox import policies
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import ApiKey, PolicyKey
from tradecredit_sdk.sandbox.problem import Problem, not_found

TOKEN_SECONDS = 3600

_bearer = HTTPBearer(auto_error=False, scheme_name="AllianzTradeToken", description="From …/oauth2/authorize")


class Tokens:
    """Gives tokens out and takes them back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._secret = secrets.token_bytes(32)

    def issue(self, api_key: str) -> str:
        """A token for `api_key`, blanks around it ignored; Problem 401 for a key nobody knows."""
        key = api_key.strip()
        if policies.policies_of(key) is None:
            raise Problem(401, "unauthenticated", "This API key is not known here.")
        ends = int(self._engine.now().timestamp()) + TOKEN_SECONDS
        content = base64.urlsafe_b64encode(f"{ends}.{key}".encode()).decode()
        return f"{content}.{self._sign(content)}"

    async def open(
        self, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> tuple[Policy, ...]:
        """FastAPI dependency: the policies the request may see; Problem 401 without a valid token."""
        token = "" if credentials is None else credentials.credentials.strip()
        content, _, sign = token.rpartition(".")
        if not hmac.compare_digest(sign.encode(), self._sign(content).encode()):
            raise Problem(401, "unauthenticated", "Get a token first: POST the API key to …/oauth2/authorize.")
        ends, _, key = base64.urlsafe_b64decode(content).decode().partition(".")
        if self._engine.now().timestamp() >= int(ends):
            raise Problem(401, "unauthenticated", "The token has ended; get a new one.")
        return policies.policies_of(key) or ()

    def _sign(self, content: str) -> str:
        return hmac.new(self._secret, content.encode(), hashlib.sha256).hexdigest()


def main_policy(key: PolicyKey, mine: Iterable[Policy]) -> Policy:
    """The policy a body names; Problem 404 when it is not among `mine`, or names an extension (there are none here)."""
    return policy_by_id(key.policy_id if key.extension_id is None else "", mine)


def policy_by_id(policy_id: str, mine: Iterable[Policy]) -> Policy:
    """The policy of this number; Problem 404 when it is not among `mine`."""
    for policy in mine:
        if policy.id == policy_id:
            return policy
    raise not_found("policy_not_found", "policy with this number and extension")


def token_router(tokens: Tokens) -> APIRouter:
    """`…/oauth2/authorize`: not OAuth's own grant, whatever the path says."""
    router = APIRouter()

    @router.post("/oauth2/authorize")
    def authorize(body: ApiKey) -> dict[str, Any]:
        """Change an API key for a token of one hour; there is no refresh token."""
        return {"access_token": tokens.issue(body.api_key), "token_type": "Bearer", "expires_in": TOKEN_SECONDS}

    return router
