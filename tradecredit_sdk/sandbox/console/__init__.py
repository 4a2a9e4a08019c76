"""The web console at `/`: a page over the control API. Plain HTML, CSS and ES modules; nothing is built or fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

_FILES = Path(__file__).parent / "static"

_HEADERS = {
    # Only our own files run or load: a script smuggled into a company's name would not.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class _Static(StaticFiles):
    """Files that are asked for anew after an upgrade, and scripts that are scripts on every system."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Add what the page's own headers say; some systems believe that .js is plain text."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(_HEADERS)
        if str(args[0]).endswith(".js"):
            response.headers["Content-Type"] = "text/javascript; charset=utf-8"
        return response


def add_console(app: FastAPI) -> None:
    """Serve the page at `/` and its files under `/console/`."""

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return FileResponse(_FILES / "index.html", headers=_HEADERS)

    app.mount("/console", _Static(directory=_FILES))
