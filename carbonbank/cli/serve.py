"""`carbonbank serve`: the web process. It looks and asks; the worker beside it acts."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.open_bank import jobs_url, open_view
from carbonbank.config import Settings
from carbonbank.demo.scenario import load_scenario
from carbonbank.domain.records import Account
from carbonbank.errors import PortInUse, WorkerStopped
from carbonbank.jobs.durable import DurableJobs
from carbonbank.service.issue_key import issue_key
from carbonbank.web.app import create_app
from carbonbank.web.pulse import PipePulse
from carbonbank.web.server import Server

DEMO_KEY = "demo"


@click.command()
@click.option("--port", type=int, help="Instead of CARBONBANK_PORT.")
def serve(port: int | None) -> None:
    """Run the bank: pages and API, and the worker behind them."""
    settings = Settings()
    port = settings.port if port is None else port
    _refuse_taken(settings.host, port)
    with _worker() as worker:
        click.echo(f"carbonbank is at http://{settings.host}:{port}", err=True)
        if DataDirectory(settings.data).is_demo:
            _offer_demo_key(settings, port)
        Server(lambda: _application(settings, worker), settings.host, port).run()


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(host=host, port=port, reason=error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class _Ready:
    """A worker at work, and the registry key it handed over."""

    registry_key: bytes
    process: subprocess.Popen[bytes]


@contextmanager
def _worker() -> Iterator[_Ready]:
    """Run the worker beside this process; it ends when this one does, however that ends.

    Raises:
        WorkerStopped: it ended by itself.
    """
    owner = os.getpid()
    command = [sys.executable, "-m", "carbonbank", "worker"]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        sys.exit(process.wait())  # it has said why
    try:
        yield _Ready(bytes.fromhex(json.loads(line)["registry_key"]), process)
    finally:
        if os.getpid() == owner:  # the serving process is a fork of this one and leaves here too
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    is_gone = process.poll() is not None  # its exit code went to gunicorn, who reaps all children
    process.terminate()
    process.wait()
    if is_gone:
        raise WorkerStopped(pid=process.pid)


def _application(settings: Settings, worker: _Ready) -> Any:
    """Make the application in the process that serves: no connection crosses a fork."""
    parent, pipes = os.getppid(), worker.process
    assert pipes.stdin is not None and pipes.stdout is not None  # noqa: PT018 - both are pipes

    def leave() -> None:
        """End the parent, or this process where the parent is gone: alone it is of no use."""
        if os.getppid() == parent:
            os.kill(parent, signal.SIGTERM)
        else:
            os._exit(0)

    pipes.stdin.close()  # the parent alone keeps the worker alive
    until_end = ExitStack()
    atexit.register(until_end.close)
    view = until_end.enter_context(open_view(settings))
    jobs = DurableJobs(jobs_url(settings))
    until_end.callback(jobs.close)
    pulse = PipePulse(pipes.stdout, leave)
    bank = replace(view, registry_key=worker.registry_key)
    return create_app(bank, jobs, settings, DataDirectory(settings.data).uploads, pulse)


def _offer_demo_key(settings: Settings, port: int) -> None:
    """Let a newcomer in as the demo's driver; the key is new at every start."""
    driver = load_scenario().claimant
    with open_view(settings) as view:
        with view.store.read() as records:
            if records.get(Account, driver) is None:
                return
        key = issue_key(view, role="driver", account=driver, key_id=DEMO_KEY).key
    address = f"http://{settings.host}:{port}/sign-in"
    click.echo(f"DEMO: see a driver's balance at {address} with the key {key}", err=True)
