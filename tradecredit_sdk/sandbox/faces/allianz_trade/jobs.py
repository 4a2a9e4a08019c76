"""Jobs: a write is only taken in; a moment later the job is processed and says where to look.

A processed job is not a decision. The id carries the moment and the resource, so that jobs need no storage and outlive
a restart.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.problem import not_found

_ID = re.compile(r"job-(\d{13})-(.+)\Z", re.ASCII)


class Job(NamedTuple):
    """When it began, on the sandbox clock, and the id of the cover or overdue it is about."""

    begun_at: datetime
    resource_id: str

    def __str__(self) -> str:
        return f"job-{round(self.begun_at.timestamp() * 1000):013d}-{self.resource_id}"

    @classmethod
    def parse(cls, job_id: str, now: datetime) -> Job:
        """Problem 404 for what is no job, or would begin after `now`."""
        match = _ID.match(job_id)
        if match is not None:
            job = cls(datetime.fromtimestamp(int(match[1]) / 1000, timezone.utc), match[2])
            if job.begun_at <= now:
                return job
        raise not_found("not_found", "job with this id")

    def answer(self, now: datetime, seconds: float, resource_url: str) -> dict[str, Any]:
        """How it stands: after `seconds` it is processed, and only then `resourceUrl` is there."""
        if now < self.begun_at + timedelta(seconds=seconds):
            return {"jobStatusCode": names.JOB_PENDING.word}
        return {"jobStatusCode": names.JOB_PROCESSED.word, "resourceUrl": resource_url}
