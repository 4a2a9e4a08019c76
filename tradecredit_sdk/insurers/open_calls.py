"""What all calls of the open contract share: the policy in the path, references that make sending safe, listings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from tradecredit_sdk._http import Answer, ErrorDetail, Transport
from tradecredit_sdk.errors import FieldError, ReferenceConflictError
from tradecredit_sdk.insurers.wire import Heard, HttpInsurer
from tradecredit_sdk.models.adverse import AdverseReport
from tradecredit_sdk.models.base import ResponseModel
from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration

M = TypeVar("M", bound=ResponseModel)

POLICY = "/policies/{policy}"


class OpenCalls(HttpInsurer):
    """The calls under one policy."""

    def __init__(self, transport: Transport, policy: str) -> None:
        super().__init__(transport)
        self._policy = policy

    def _ids(self, **ids: str) -> dict[str, str]:
        return {"policy": self._policy, **ids}

    def _order(
        self,
        operation: str,
        template: str,
        order: LimitRequest | OverdueDeclaration | OverdueChange | AdverseReport,
        **ids: str,
    ) -> Heard:
        """Send what changes something; its reference makes it safe to repeat after a lost answer."""
        return self._ask(
            operation,
            "POST",
            template,
            self._ids(**ids),
            json=order.model_dump(mode="json", exclude_none=True, exclude={"overdue_id"}),  # the path names that one
            idempotent=order.reference is not None,
            reference=order.reference,
        )

    def _list(
        self,
        operation: str,
        noun: str,
        model: type[M],
        buyer_id: str | None = None,
        cursor: str | None = None,
        page_size: int | None = None,
        reference: str | None = None,
    ) -> tuple[Heard, tuple[M, ...], str | None]:
        query = {
            "reference": reference,
            "buyer_id": buyer_id,
            "cursor": cursor,
            "page_size": self._page_size(page_size),
        }
        heard = self._ask(operation, "GET", f"{POLICY}/{noun}", self._ids(), query=query, reference=reference)
        body = heard.mapping(heard.body)
        items = heard.rows(body.get("items"), "items")
        if "raw" in model.model_fields:
            items = [{**item, "raw": item} if isinstance(item, dict) else item for item in items]
        rows = heard.read_rows(model, items, "items")
        following = body.get("next_cursor")
        if following is not None and (not isinstance(following, str) or not following):
            raise heard.wrong(FieldError("next_cursor", "must be a string or null"))
        if buyer_id is not None:
            for index, row in enumerate(rows):
                heard.same(f"items.{index}.buyer_id", buyer_id, getattr(row, "buyer_id", None))
        return heard, rows, following

    def _check_policy(self, heard: Heard, row: ResponseModel, at: str) -> None:
        named = (row.model_extra or {}).get("policy_id")
        if named is not None:
            heard.same(f"{at}.policy_id" if at else "policy_id", self._policy, named)

    def _only(self, heard: Heard, rows: tuple[M, ...], reference: str | None) -> M:
        """The one row that carries `reference`, which is unique in a policy."""
        if len(rows) > 1:
            raise heard.wrong(FieldError("items", "must hold one row, because a reference is unique"))
        heard.same("items.0.reference", reference, getattr(rows[0], "reference", None))
        return rows[0]

    def _conflict(self, heard: Heard, reference: str | None) -> ReferenceConflictError:
        return ReferenceConflictError(
            f"reference {reference} stands for something else at {self.name}; use a new reference",
            reference=reference,
            request_id=heard.answer.request_id,
            insurer=self.name,
            operation=heard.call.operation,
        )


def explain(answer: Answer) -> ErrorDetail | None:
    """Read an error body of RFC 9457; None when it is something else."""
    body = answer.body
    if not isinstance(body, dict):
        return None
    problems: Iterable[Any] = body["errors"] if isinstance(body.get("errors"), list) else ()
    fields = tuple(
        FieldError(item["field"], item["message"])
        for item in problems
        if isinstance(item, dict) and isinstance(item.get("field"), str) and isinstance(item.get("message"), str)
    )
    code, detail = body.get("code"), body.get("detail") or body.get("title")
    return ErrorDetail(
        code=code if isinstance(code, str) else None,
        message=detail if isinstance(detail, str) else None,
        fields=fields,
    )
