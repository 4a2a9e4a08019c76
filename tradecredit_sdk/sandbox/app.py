"""The ASGI application: both faces, the control API, the console and the documentation pages, behind one gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from tradecredit_sdk._version import __version__
from tradecredit_sdk.sandbox.console import add_console
from tradecredit_sdk.sandbox.control import control_router
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import allianz_trade_router
from tradecredit_sdk.sandbox.faces.open import open_router
from tradecredit_sdk.sandbox.faces.open_wire_after import FieldProblem, ProblemWire
from tradecredit_sdk.sandbox.faults import FaultMiddleware, FaultPlan
from tradecredit_sdk.sandbox.gate import Gate, tell_errors_as_problems
from tradecredit_sdk.sandbox.worker import Worker

_DESCRIPTION = """A whole trade credit insurer on your own machine. Nothing here is real: the companies are invented.

* **open**: our own contract, under `/open/v1`; send `Authorization: Bearer sandbox`, your policy is `DEMO-001`.
* **Allianz Trade**: as far as it is publicly known, under `/allianz-trade`; the API key is `sandbox`.
* **sandbox**: decide, cut, move the clock, break exchanges; no key. There is a [console](/) for it.
"""


def create_app(engine: Engine, faults: FaultPlan | None = None) -> FastAPI:
    """The sandbox as an ASGI application; serve it with `FaultProtocol` if connections are to be reset for real.

    While it runs, a worker does what falls due and calls webhooks. Closing the engine is left to the caller.
    """
    plan = faults or FaultPlan()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        worker = Worker(engine)
        worker.start()
        try:
            yield
        finally:
            worker.stop()

    app = FastAPIOffline(
        redoc_url=None,
        redirect_slashes=False,
        title="tradecredit sandbox",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        swagger_ui_parameters={"defaultModelsExpandDepth": 0, "displayRequestDuration": True},
    )
    app.include_router(open_router(engine))
    app.include_router(allianz_trade_router(engine))
    app.include_router(control_router(engine, plan))
    add_console(app)
    tell_errors_as_problems(app)
    app.add_middleware(Gate)
    app.add_middleware(FaultMiddleware, plan=plan)
    _document_problems(app)
    return app


def _document_problems(app: FastAPI) -> None:
    """FastAPI documents a model under application/json only; the errors here are problem+json."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        schema = plain()
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        for model in (FieldProblem, ProblemWire):
            content = model.model_json_schema(ref_template="#/components/schemas/{model}")
            content.pop("$defs", None)
            components[model.__name__] = content
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
