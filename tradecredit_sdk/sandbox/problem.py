"""How the engine says no: one exception, which each face writes in its own words."""

from __future__ import annotations


class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """A request the insurer does not carry out: HTTP `status`, stable `code`, `detail` for a person, (field, message) pairs."""

    def __init__(self, status: int, code: str, detail: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.fields = status, code, detail, fields


def invalid(field: str, message: str) -> Problem:
    """422 for one field."""
    return Problem(422, "invalid_request", "The request is not valid.", ((field, message),))


def not_found(code: str, what: str) -> Problem:
    """404: there is no such thing, or it is not yours to see."""
    return Problem(404, code, f"There is no {what} here.")
