"""A demo that ran in a directory, and what can be asked of it afterwards."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from carbonbank.store.backup import dump
from carbonbank.store.migrate import open_store

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "carbonbank")


def environment(**more: str) -> dict[str, str]:
    """The environment of a newcomer: no setting of the bank in it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CARBONBANK_", "COV"))}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def carbonbank(place: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a directory."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=place,
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True)
class DemoRun:
    """A directory in which `carbonbank demo` ended well; its output and what it left."""

    place: Path
    output: str

    @classmethod
    def start(cls, place: Path) -> "DemoRun":
        done = carbonbank(place, "demo")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return cls(place, done.stdout)

    @property
    def papers(self) -> Path:
        return self.place / ".carbonbank" / "papers"

    @cached_property
    def log(self) -> dict[str, Any]:
        return json.loads((self.papers / "log.json").read_text("utf-8"))

    @cached_property
    def chain(self) -> dict[str, Any]:
        return chain_of(self.place)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.chain["events"] if event["name"] == name]

    def copied_to(self, place: Path) -> Path:
        """A copy to do harm to."""
        shutil.copytree(self.place, place, dirs_exist_ok=True)
        return place


def chain_of(place: Path, **settings: str) -> dict[str, Any]:
    """What the embedded chain holds, told by a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.chain_facts"],
        cwd=place,
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tables_of(data: Path, draft: Path) -> bytes:
    """Every record of a store, in one order."""
    with closing(open_store(f"sqlite:///{data / 'bank.sqlite'}")) as store:
        dump(store, draft)
    return draft.read_bytes()


def papers_of(place: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (place / ".carbonbank/papers").iterdir()}


def reconciled(place: Path, **settings: str) -> dict[str, Any]:
    done = carbonbank(place, "reconcile", "--json", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
