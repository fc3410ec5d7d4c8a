"""`carbonbank serve` as a process of its own, and people who talk to it over HTTP alone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.cli.keys import keys
from carbonbank.config import Settings
from carbonbank.domain.commands import CertifyMethodology
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from tests.stage import programme_file

FLEET, PROGRAMME = "chicago-2007", "demo-chicago"
UPLOAD_BYTES_MAX = 4_000_000
WAIT_S = 120
START_S = 180


def changed(document: dict[str, Any]) -> None:
    """The shipped programme over made trips of 2024."""
    document["base_year"] = 2024
    document["reading"] = {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A data directory with a demo-flagged bank, and the process that serves it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        own = {
            "CARBONBANK_DATA": str(self.folder / "bank"),
            "CARBONBANK_PORT": str(self.port),
            "CARBONBANK_UPLOAD_BYTES_MAX": str(UPLOAD_BYTES_MAX),
        }
        rest = {k: v for k, v in os.environ.items() if not k.startswith("CARBONBANK_")}
        return rest | own

    def found(self) -> None:
        """Make keys, chain and contracts; the certifier certifies the programme to come."""
        package = build_package(parse_programme(programme_file(PROGRAMME, changed)), load_factors())
        command = CertifyMethodology(
            methodology_id=package.methodology_id,
            class_label=package.programme.class_label,
            buffer_bps=package.programme.shares_bps.buffer,
            demo=package.programme.demo,
        )
        with open_bank(Settings(data=self.folder / "bank"), demo=True) as bank:
            bank.chain.submit(command, "role/certifier")

    def command(self, *words: str, env: dict[str, str] | None = None) -> Any:
        """Run one command beside the bank and return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "carbonbank", *words, "--json"],
            env=self.env | (env or {}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def start(self) -> None:
        said = (self.folder / "serve.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "carbonbank", "serve"],
            env=self.env,
            cwd=self.folder,
            stderr=said,
            stdout=said,
            text=True,
        )
        for _ in range(START_S * 10):
            assert self.process.poll() is None, self.log()
            try:
                if requests.get(f"{self.url}/api/v1/health", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the bank did not start: {self.log()}")

    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def worker_pid(self) -> int:
        return int((self.folder / "bank" / "lock").read_text())

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End as a terminal or a supervisor would, and return the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """End as a power cut would: worker first, then the rest; wait until nobody listens."""
        assert self.process is not None
        os.kill(self.worker_pid(), signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        for _ in range(WAIT_S * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                    return
            time.sleep(0.1)
        raise AssertionError("somebody still listens")

    def keys(self, *words: str) -> Any:
        """Run a `carbonbank keys` command, beside the running bank as it may."""
        done = CliRunner().invoke(keys, [*words, "--json"], env=self.env, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def key(self, role: str, **rest: str) -> "Client":
        words = [word for name, value in rest.items() for word in (f"--{name}", value)]
        issued = self.keys("issue", "--role", role, *words)
        return Client(self.url, issued["key"])


@dataclass
class Client:
    """Somebody with a key, or without one."""

    url: str
    api_key: str = ""
    answers: list[tuple[str, requests.Response]] = field(default_factory=list)

    def call(self, method: str, path: str, **rest: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        headers |= rest.pop("headers", {})
        url = path if path.startswith("http") else f"{self.url}/api/v1{path}"
        answer = requests.request(method, url, headers=headers, timeout=WAIT_S, **rest)
        self.answers.append((method, answer))
        return answer

    def get(self, path: str, status: int = 200, **rest: Any) -> Any:
        answer = self.call("GET", path, **rest)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, **rest: Any) -> Any:
        """Ask for long work and return its job once it has ended."""
        said = {"json": body} if body is not None else {}
        answer = self.call("POST", path, **said, **rest)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.headers["Location"])

    def done(self, path: str, body: Any = None, **rest: Any) -> Any:
        """Ask for long work, see it done and return its result."""
        job = self.post(path, body, **rest)
        assert job["state"] == "done", job
        return job["result"]

    def refused(self, path: str, body: Any = None, **rest: Any) -> Any:
        """Ask for long work, see it refused and return the problem."""
        job = self.post(path, body, **rest)
        assert job["state"] == "refused", job
        return job["error"]

    def ended(self, location: str) -> Any:
        for _ in range(WAIT_S * 20):
            answer = self.call("GET", f"{self.url}{location}")
            assert answer.status_code == 200, answer.text
            if answer.json()["state"] not in {"queued", "running"}:
                assert "Retry-After" not in answer.headers
                return answer.json()
            assert answer.headers["Retry-After"] == "1"
            time.sleep(0.05)
        raise AssertionError(f"{location} did not end")
