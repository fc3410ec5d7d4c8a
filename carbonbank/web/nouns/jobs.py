"""Jobs: long work that was taken on."""

from typing import Any

from apiflask import APIBlueprint
from flask import g

from carbonbank.domain.job import Job, JobState
from carbonbank.errors import NotFound, NotYours
from carbonbank.web import context
from carbonbank.web.access import Caller
from carbonbank.web.models import JobOut, JobPage, as_model

jobs = APIBlueprint("jobs", __name__, url_prefix="/api/v1/jobs")


OF_PARTIES = {
    "verifier": frozenset({"record_verification"}),
    "guardian": frozenset({"prepare_guardian_act", "relay_guardian_act"}),
}
"""The jobs of those who have neither account nor fleet."""


def _is_of(job: Job, caller: Caller) -> bool:
    if caller.role == "bank":
        return True
    if job.kind == "challenge_batch":  # what it proves is public
        return True
    if caller.role in OF_PARTIES:
        return job.kind in OF_PARTIES[caller.role]
    if "account" in job.content:
        return bool(job.content["account"] == caller.account)
    if job.kind == "open_account":  # it names a person
        return False
    return caller.fleet is not None and job.content.get("fleet") == caller.fleet


def _whose(caller: Caller) -> str:
    return f"fleet {caller.fleet}" if caller.fleet else f"account {caller.account}"


@jobs.get("")
@jobs.output(JobPage)
def list_jobs() -> Any:
    """List the hundred newest jobs, newest first."""
    return {"items": [as_model(JobOut, job) for job in context.jobs().jobs()], "next": None}


@jobs.get("/<job_id>")
@jobs.output(JobOut)
@jobs.doc(responses=[403, 404])
def get_job(job_id: str) -> Any:
    """Show one job; `Retry-After` is sent while it has not ended."""
    job = context.jobs().job(job_id)
    if job is None:
        raise NotFound(kind="job", key=job_id)
    if not _is_of(job, g.caller):
        raise NotYours(yours=_whose(g.caller), kind="job", key=job_id)
    waiting = job.state in (JobState.QUEUED, JobState.RUNNING)
    return as_model(JobOut, job), 200, {"Retry-After": "1"} if waiting else {}
