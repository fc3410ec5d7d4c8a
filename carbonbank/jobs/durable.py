"""The Jobs port over DBOS Transact: SQLite beside the bank, or the bank's PostgreSQL.

A job is one workflow of one step. A process killed inside the step runs it again at the next
start, so every step is an idempotent use case. An expected error is an outcome, not a failure.
The application version is the workflow contract, not the release, so that an upgrade of the bank
goes on with the jobs it finds.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy
from dbos import DBOS, DBOSClient, DBOSConfig
from sqlalchemy import event

from carbonbank.domain.codec import encode
from carbonbank.domain.job import Job, JobState, job_id
from carbonbank.errors import CarbonBankError, EdgeError

NAME = "carbonbank"
CONTRACT = "jobs-1"
QUEUE = "bank"
WORKFLOW = "do_job"
POLL_S = 0.1
WAITING = {"ENQUEUED": JobState.QUEUED, "DELAYED": JobState.QUEUED, "PENDING": JobState.RUNNING}

Handler = Callable[[Mapping[str, Any]], dict[str, Any]]


def problem(error: CarbonBankError) -> dict[str, Any]:
    """Return an expected error as the JSON object that problem+json has for it (RFC 9457)."""
    return {
        "type": f"/problems/{error.code}",
        "title": error.code,
        "detail": str(error),
        "hint": error.hint,
        "fields": {name: encode(value) for name, value in error.fields.items()},
    }


def _defect(said: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": "JobFailed", "detail": said, "hint": "", "fields": {}}


def _engine(url: str) -> sqlalchemy.Engine:
    parsed = sqlalchemy.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(parsed)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA busy_timeout=30000")
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


class DurableJobs:
    """The asking side: any process may enqueue and look."""

    def __init__(self, url: str) -> None:
        """Connect to the job database at an SQLAlchemy URL."""
        self._client = DBOSClient(system_database_engine=_engine(url))

    def enqueue(self, kind: str, content: dict[str, Any]) -> str:
        """Ask for a job and return its id.

        While the same content is queued or running, asking again is that job. Once it has ended,
        asking again does it anew: the use case behind it answers a true repeat by itself.
        """
        base = job_id(kind, content)
        asked = self._client.list_workflows(workflow_id_prefix=base, load_input=False)
        new_id = f"{base}-{len(asked) + 1}"
        for status in asked:
            if status.status in WAITING:
                return str(status.workflow_id)
        self._client.enqueue(
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": new_id,
                "app_version": CONTRACT,
            },
            kind,
            content,
        )
        return new_id

    def job(self, wanted_id: str) -> Job | None:
        """Return a job by id."""
        found = self._client.list_workflows(workflow_ids=[wanted_id])
        return _job(found[0]) if found else None

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return the newest jobs first."""
        found = self._client.list_workflows(name=WORKFLOW, sort_desc=True, limit=limit)
        return [_job(status) for status in found]

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()


def _job(status: Any) -> Job:
    arguments = status.input["args"] if status.input else ("", {})
    outcome = status.output or {}
    if status.status == "SUCCESS":
        reached = JobState(outcome["state"])
    else:
        reached = WAITING.get(status.status, JobState.FAILED)
    error = outcome.get("error")
    if reached is JobState.FAILED and error is None:
        error = _defect(str(status.error or status.status))
    return Job(
        job_id=status.workflow_id,
        kind=arguments[0],
        state=reached,
        content=arguments[1],
        result=outcome.get("result"),
        error=error,
    )


class Worker:
    """The doing side: one per data directory, in the process that owns the chain."""

    def __init__(self, url: str, executor: str, handlers: Mapping[str, Handler]) -> None:
        """Prepare to do the kinds of job in `handlers`; `executor` names the data directory."""
        config: DBOSConfig = {
            "name": NAME,
            "system_database_engine": _engine(url),
            "system_database_url": url,
            "application_version": CONTRACT,
            "executor_id": executor,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": POLL_S,
        }
        logging.getLogger("dbos").setLevel(logging.WARNING)
        self._dbos = DBOS(config=config)
        self._idle = threading.Lock()
        """Held while a job runs."""

        def act(kind: str, content: dict[str, Any]) -> dict[str, Any]:
            try:
                with self._idle:
                    return {"state": JobState.DONE, "result": handlers[kind](content)}
            except EdgeError as error:
                return {"state": JobState.FAILED, "error": problem(error)}
            except CarbonBankError as error:
                return {"state": JobState.REFUSED, "error": problem(error)}

        step = DBOS.step(name="act")(act)

        def do_job(kind: str, content: dict[str, Any]) -> dict[str, Any]:
            outcome: dict[str, Any] = step(kind, content)
            return outcome

        DBOS.workflow(name=WORKFLOW)(do_job)

    def start(self) -> None:
        """Launch: resume what was interrupted, then take from the queue, one at a time.

        A start that fails leaves no thread behind.
        """
        try:
            DBOS.launch()
            DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=POLL_S)
        except BaseException:
            self.stop()
            raise

    def stop(self, wait_s: float = 0) -> bool:
        """Stop taking jobs; False if one still runs after `wait_s`.

        Such a job belongs to the next start: end the process before anything it uses is closed.
        """
        DBOS.destroy(destroy_registry=True)
        is_idle = self._idle.acquire(timeout=wait_s)
        if is_idle:
            self._idle.release()
        return is_idle
