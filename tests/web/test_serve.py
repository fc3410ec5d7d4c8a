"""The processes of `carbonbank serve`: clean ends, a worker that dies or stalls, kills."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from carbonbank.intake.canonical import write_csv
from tests.stage import trip
from tests.web.serving import FLEET, PROGRAMME, Client, Served
from tests.web.story import CAR, Story, upload_path

pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bank of its own, to be killed."""
    bank = Served(tmp_path_factory.mktemp("killed"))
    bank.found()
    yield bank
    if bank.process is not None and bank.process.poll() is None:
        bank.stop()


@pytest.fixture
def running(served: Served) -> Served:
    if served.process is None or served.process.poll() is not None:
        served.start()
    return served


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "carbonbank", "serve", "--port", str(port)],
            env=os.environ | {"CARBONBANK_DATA": str(tmp_path / "none")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 5
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"PortInUse: 127.0.0.1:{port} can not be listened on")
    assert "CARBONBANK_PORT" in line


def test_a_second_worker_is_refused_in_one_line(story: Story) -> None:
    served = story.served
    done = subprocess.run(
        [sys.executable, "-m", "carbonbank", "serve", "--port", str(Served(served.folder).port)],
        env=served.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    (line,) = done.stderr.splitlines()
    assert line.startswith("DataDirectoryBusy")
    assert str(served.worker_pid()) in line


def test_the_web_process_ends_with_its_worker(running: Served) -> None:
    assert running.process is not None
    worker = running.worker_pid()
    os.kill(worker, signal.SIGKILL)
    assert running.process.wait(timeout=60) == 5
    assert f"WorkerStopped: the worker, process {worker}, ended" in running.log()


def test_a_stalled_worker_is_a_503(running: Served) -> None:
    worker = running.worker_pid()
    os.kill(worker, signal.SIGSTOP)
    try:
        for _ in range(300):
            answer = requests.get(f"{running.url}/api/v1/health", timeout=30)
            if answer.status_code == 503:
                break
            time.sleep(0.1)
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["title"] == "WorkerSilent"
        assert requests.get(running.url, timeout=30).status_code == 200  # reading goes on
    finally:
        os.kill(worker, signal.SIGCONT)
    for _ in range(300):
        if requests.get(f"{running.url}/api/v1/health", timeout=30).status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError("health did not come back")


def test_a_kill_in_the_middle_of_work_loses_nothing(running: Served) -> None:
    """kill -9 on both processes; the next start does every job that was taken on, once."""
    bank = running.key("bank")
    bodies = [{"handle": f"killed-{n}", "kind": "trader", "person": "K."} for n in range(6)]
    for body in bodies:
        bank.done("/accounts", body)
    once = {"Idempotency-Key": "pay-1"}
    first = bank.call("POST", "/accounts/killed-0/funds", json={"amount_units": 5}, headers=once)
    asked = [
        bank.call("POST", f"/accounts/killed-{n}/funds", json={"amount_units": 5 + n})
        for n in range(1, 6)
    ]
    assert all(answer.status_code == 202 for answer in asked)
    bank.ended(first.headers["Location"])
    running.kill()  # some of the others are done, one runs, some wait
    running.start()
    again = bank.call("POST", "/accounts/killed-0/funds", json={"amount_units": 5}, headers=once)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    for answer in asked:
        job = bank.ended(answer.headers["Location"])
        assert job["state"] == "done", job
    for number in range(6):
        money = bank.get(f"/accounts/killed-{number}")["money_units"]
        assert money == 5 + number
    worker = running.worker_pid()
    assert running.stop() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert "Traceback" not in running.log()
    assert running.command("reconcile")["findings"] == []


def test_a_revoked_key_opens_nothing(story: Story) -> None:
    key = story.served.key("verifier")
    key.get(f"/fleets/{FLEET}/vehicles")
    key_id = key.api_key.split("_")[1]
    assert key_id in [one["key_id"] for one in story.served.keys("list")]
    story.served.keys("revoke", key_id)
    key.get(f"/fleets/{FLEET}/vehicles", status=401)


def test_many_read_while_work_is_done(story: Story) -> None:
    """16 people read while a large file is imported: nobody is turned away."""
    vehicle = CAR | {"vehicle_id": "car-busy", "vin": "TESTDEM0000000055"}
    story.operator.done(f"/fleets/{FLEET}/vehicles", vehicle)
    days = [trip(f"2024-10-{d:02d}T{h:02d}:00:00", vehicle_id="car-busy", driver_id=None)
            for d in range(1, 29) for h in range(6, 18, 4)]  # fmt: skip
    job = story.operator.call("POST", upload_path("busy.csv"), data=write_csv(days))
    ended = threading.Event()
    statuses: list[int] = []
    paths = ["/batches", f"/batches/{story.batch}", "/orders", "/trades", "/health",
             f"/programmes/{PROGRAMME}", "/retirements"]  # fmt: skip

    def read(number: int) -> None:
        reader, turn = Client(story.served.url), number
        while not ended.is_set() or turn < number + 3:
            statuses.append(reader.call("GET", paths[turn % len(paths)]).status_code)
            turn += 1
            time.sleep(0.02)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(16)]
    for one in readers:
        one.start()
    result = story.operator.ended(job.headers["Location"])
    ended.set()
    for one in readers:
        one.join()
    assert result["state"] == "done", result
    assert result["result"]["upload"]["trips_accepted"] == len(days)
    assert set(statuses) == {200}
    assert len(statuses) >= 48
