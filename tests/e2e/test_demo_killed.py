"""The demo is a resumable job: killed at every step and started again, it ends as if never killed.

One directory is killed thirteen times in sequence, and then compared with the uninterrupted run.
"""

import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo_run import COMMAND, DemoRun, environment, reconciled

pytestmark = pytest.mark.xdist_group("demo")

STEPS = 11
THIRD_ISSUED = 3
SEED = 2007
LATE_S_MAX = 0.3
WHILE_DEPLOYING_S = 0.05
SECONDS_MAX = 900  # both runs, wherever they fall
STOPPED = "stopped; `carbonbank demo` goes on from here\n"


def start(place: Path) -> subprocess.Popen[str]:
    """Start the demo as the head of a process group."""
    return subprocess.Popen(
        [*COMMAND, "demo"],
        cwd=place,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background lets ^C be ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def read_until(running: subprocess.Popen[str], seen: Callable[[str], bool]) -> None:
    """Read what it prints up to a line."""
    assert running.stdout is not None
    for line in running.stdout:
        if seen(line):
            return
    assert running.stderr is not None
    raise AssertionError(f"ended without that line: {running.stderr.read()}")


def kill(running: subprocess.Popen[str]) -> None:
    """SIGKILL the whole group: the bank's process and the verifier's."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL


def killed_at_deployment(place: Path) -> None:
    """Kill while the contracts are being deployed: the chain is there, the deployment is not."""
    running = start(place)
    data = place / ".carbonbank"
    while not (data / "chain.sqlite").exists():
        time.sleep(0.01)
    time.sleep(WHILE_DEPLOYING_S)
    kill(running)
    assert not (data / "deployment.json").exists()


def killed_after_heading(place: Path, number: int, late_s: float) -> None:
    running = start(place)
    read_until(running, lambda line: line.startswith(f"{number} "))
    time.sleep(late_s)
    kill(running)


def killed_while_issuing(place: Path) -> None:
    """Kill right after the third batch was said to be issued, in the middle of the fourth."""
    running = start(place)
    issued = 0

    def third(line: str) -> bool:
        nonlocal issued
        issued += " g = operator " in line
        return issued == THIRD_ISSUED

    read_until(running, third)
    kill(running)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """A demo that was killed during deployment, after each heading and while issuing."""
    place = tmp_path_factory.mktemp("killed")
    late = random.Random(SEED)
    killed_at_deployment(place)
    for number in range(1, STEPS + 1):
        killed_after_heading(place, number, late.uniform(0, LATE_S_MAX))
        if number == 6:
            killed_while_issuing(place)
    return DemoRun.start(place)


def without_hashes(events: list[dict[str, Any]]) -> Counter[str]:
    """What happened, without what depends on when it did: an order's hash has its moment in it."""
    told = [
        (e["name"], e["actor"], {k: v for k, v in e["fields"].items() if not k.endswith("_hash")})
        for e in events
    ]
    return Counter(json.dumps(one, sort_keys=True) for one in told)


def lasting(log: dict[str, Any]) -> dict[str, Any]:
    """The log without transactions, blocks, orders and hashes of papers."""
    moment = re.compile(r"tx_hash|block_number|(sell|buy)_hash|\w+_sha256")

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: kept(v) for k, v in value.items() if not moment.fullmatch(k)}
        return value

    return kept(log)


@pytest.mark.timeout(SECONDS_MAX)
def test_killed_at_every_step_it_ends_with_the_same_ids_grams_and_balances(
    demo: DemoRun, resumed: DemoRun
) -> None:
    assert resumed.log["4"]["batches"] == demo.log["4"]["batches"]
    assert lasting(resumed.log) == lasting(demo.log)
    assert resumed.chain["batches"] == demo.chain["batches"]
    assert resumed.chain["money_units"] == demo.chain["money_units"]


@pytest.mark.timeout(SECONDS_MAX)
def test_nothing_happened_twice(demo: DemoRun, resumed: DemoRun) -> None:
    assert without_hashes(resumed.chain["events"]) == without_hashes(demo.chain["events"])
    counted = Counter(event["name"] for event in resumed.chain["events"])
    assert counted["BatchIssued"] == 11
    assert counted["CreditsTraded"] == counted["CreditsRetired"] == 1


@pytest.mark.timeout(SECONDS_MAX)
def test_the_books_are_clean_after_all_those_kills(resumed: DemoRun) -> None:
    done = reconciled(resumed.place)
    assert done["findings"] == []
    assert (done["batches"], done["vehicle_months"]) == (11, 27)


def test_interrupted_by_a_person_or_a_closed_terminal_it_ends_in_one_line(tmp_path: Path) -> None:
    running = start(tmp_path)
    read_until(running, lambda line: line.startswith("1 "))
    time.sleep(LATE_S_MAX)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert (running.returncode, said) == (130, f"\n{STOPPED}")

    running = start(tmp_path)
    read_until(running, lambda line: line.startswith("1 "))
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert (running.wait(), said) == (1, STOPPED)

    assert reconciled(tmp_path)["findings"] == []
