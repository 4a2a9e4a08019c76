"""A whole insurer on your own machine: `serve()` runs it, `create_app()` gives the ASGI application, `Engine` is the insurer.

Needs the extra `[sandbox]`. It shares the models with the rest of the SDK and nothing else, so that a mistake on one side
of the wire cannot hide one on the other.
"""

from __future__ import annotations

from tradecredit_sdk.sandbox.app import create_app
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.serve import serve

__all__ = ["Engine", "create_app", "serve"]
