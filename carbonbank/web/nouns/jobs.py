"""Jobs: long work that was taken on."""

from typing import Any

from apiflask import APIBlueprint
from flask import g

from carbonbank.domain.job import JobState
from carbonbank.errors import NotFound, NotYours
from carbonbank.web import context
from carbonbank.web.models import JobOut, JobPage, as_model

jobs = APIBlueprint("jobs", __name__, url_prefix="/api/v1/jobs")


@jobs.get("")
@jobs.output(JobPage)
def list_jobs() -> Any:
    """List the newest jobs first."""
    return {"items": [as_model(JobOut, job) for job in context.jobs().jobs()], "next": None}


@jobs.get("/<job_id>")
@jobs.output(JobOut)
@jobs.doc(responses=[403, 404])
def get_job(job_id: str) -> Any:
    """Show one job; `Retry-After` is sent while it has not ended."""
    job = context.jobs().job(job_id)
    if job is None:
        raise NotFound(kind="job", key=job_id)
    mine = {job.content.get("fleet"), job.content.get("account")} - {None}
    caller = g.caller
    if caller.role in {"operator", "driver", "trader"} and not mine & {
        caller.fleet,
        caller.account,
    }:
        raise NotYours(yours=f"{caller.fleet or caller.account}", kind="job", key=job_id)
    waiting = job.state in (JobState.QUEUED, JobState.RUNNING)
    return as_model(JobOut, job), 200, {"Retry-After": "1"} if waiting else {}
