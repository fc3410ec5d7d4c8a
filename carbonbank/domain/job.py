"""A piece of long work: what was asked, how far it is, what came of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from carbonbank.domain.hashing import canonical_json, sha256


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # the bank's rules or the input said no: `error` says why
    FAILED = "failed"  # an edge or a defect: the operator must look


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as anyone may see it. `result` and `error` are JSON objects."""

    job_id: str
    kind: str
    state: JobState
    content: dict[str, Any]
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def job_id(kind: str, content: dict[str, Any]) -> str:
    """Return the id that follows from what is asked: asking twice is one job."""
    return sha256(canonical_json({"kind": kind, "content": content})).hex()[:32]
