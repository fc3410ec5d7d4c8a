"""Durable jobs on the real thing: a worker process is killed with SIGKILL and started again."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carbonbank.domain.job import Job, JobState
from carbonbank.jobs.durable import DurableJobs

WORKER = Path(__file__).parent / "jobs_worker.py"


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        url = f"sqlite:///{tmp_path}/jobs.sqlite"
        process = subprocess.Popen(
            [sys.executable, str(WORKER), url, str(tmp_path / "notes")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def until_ended(jobs: DurableJobs, job_id: str) -> Job:
    for _ in range(600):
        job = jobs.job(job_id)
        assert job is not None
        if job.state not in (JobState.QUEUED, JobState.RUNNING):
            return job
        time.sleep(0.05)
    raise AssertionError(f"job {job_id} did not end")


def test_a_killed_job_is_finished_by_the_next_worker(
    work: Callable[[], subprocess.Popen[str]], tmp_path: Path
) -> None:
    first = work()
    jobs = DurableJobs(f"sqlite:///{tmp_path}/jobs.sqlite")
    job_id = jobs.enqueue("slow", {"seconds": 1})
    assert jobs.enqueue("slow", {"seconds": 1}) == job_id  # asked twice while it waits: one job
    notes = tmp_path / "notes"
    while not notes.exists():
        time.sleep(0.02)
    first.kill()
    first.wait()
    assert jobs.job(job_id).state is JobState.RUNNING  # type: ignore[union-attr]
    work()
    job = until_ended(jobs, job_id)
    assert (job.state, job.result) == (JobState.DONE, {"slept_s": 1})
    assert notes.read_text() == "started\nstarted\n"
    jobs.close()


def test_a_refusal_is_an_outcome_and_may_be_asked_again(
    work: Callable[[], subprocess.Popen[str]], tmp_path: Path
) -> None:
    work()
    jobs = DurableJobs(f"sqlite:///{tmp_path}/jobs.sqlite")
    job = until_ended(jobs, jobs.enqueue("refuse", {"key": "t-1"}))
    assert job.state is JobState.REFUSED
    assert job.error is not None
    assert job.error["title"] == "Conflict"
    assert job.error["fields"]["key"] == "t-1"
    assert "t-1" in job.error["detail"]
    again = jobs.enqueue("refuse", {"key": "t-1"})
    assert again != job.job_id
    assert until_ended(jobs, again).state is JobState.REFUSED
    assert jobs.job("never-asked") is None
    jobs.close()
