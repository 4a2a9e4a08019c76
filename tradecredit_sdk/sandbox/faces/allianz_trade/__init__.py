"""The sandbox's Allianz Trade face, in both path layouts, written from what is publicly known of that interface.

`docs/reference/allianz-trade-sandbox.md` says of every behaviour how far it is known; the guessed names are in `names`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

from fastapi import APIRouter

from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.faces.allianz_trade.access import Tokens, token_router
from tradecredit_sdk.sandbox.faces.allianz_trade.callbacks import Callbacks
from tradecredit_sdk.sandbox.faces.allianz_trade.companies import referential_router, search_router
from tradecredit_sdk.sandbox.faces.allianz_trade.overdues import overdues_router
from tradecredit_sdk.sandbox.faces.allianz_trade.reading import reading_router
from tradecredit_sdk.sandbox.faces.allianz_trade.writing import writing_router
from tradecredit_sdk.sandbox.faces.open import problems


def allianz_trade_router(engine: Engine, *, job_seconds: float = 1.0) -> APIRouter:
    """Everything beneath `/allianz-trade`; `job_seconds` is how long a job takes, on the sandbox clock."""
    tokens = Tokens(engine)
    callbacks = Callbacks(engine, job_seconds)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        try:
            yield
        finally:
            callbacks.close()

    parts = (
        ("token", token_router(tokens)),
        ("riskinfo", writing_router(engine, tokens, callbacks)),
        ("riskinfo", reading_router(engine, tokens, job_seconds)),
        ("search", search_router(engine, tokens)),
        ("referential", referential_router(engine, tokens)),
        ("overdues", overdues_router(engine, tokens, job_seconds)),
    )
    tags: list[str | Enum] = ["Allianz Trade (much is guessed: see its reference page)"]
    face = APIRouter(prefix="/allianz-trade", tags=tags, responses=problems(400, 404, 409, 413), lifespan=lifespan)
    for layout in (names.PRODUCTION, names.UAT):
        for name, router in parts:
            # The pages describe one layout; the other differs in nothing but its paths.
            shown = layout is names.PRODUCTION
            face.include_router(router, prefix=getattr(layout, name), include_in_schema=shown)
    return face
