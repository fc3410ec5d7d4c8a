"""`carbonbank serve`: the web process, and the worker that owns chain, jobs and sync."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.open_bank import jobs_url, open_bank, open_view
from carbonbank.config import Settings
from carbonbank.errors import EdgeError, PortInUse, WorkerStopped
from carbonbank.jobs.durable import DurableJobs, Worker
from carbonbank.jobs.handlers import handlers
from carbonbank.service.act import finish_acts
from carbonbank.service.sync_chain import sync_chain
from carbonbank.web.app import create_app
from carbonbank.web.server import Server

SYNC_EVERY_S = 1.0


@click.command()
@click.option("--port", type=int, help="Instead of CARBONBANK_PORT.")
def serve(port: int | None) -> None:
    """Run the bank: pages and API, and the worker behind them."""
    settings = Settings()
    port = settings.port if port is None else port
    _refuse_taken(settings.host, port)
    worker = subprocess.Popen(
        [sys.executable, "-m", "carbonbank", "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        registry_key = _until_ready(worker)
        threading.Thread(target=_stop_with, args=(worker,), daemon=True).start()
        directory = DataDirectory(settings.data)
        with open_view(settings) as view:
            jobs = DurableJobs(jobs_url(settings))
            bank = replace(view, registry_key=registry_key)
            click.echo(f"carbonbank is at http://{settings.host}:{port}", err=True)
            app = create_app(bank, jobs, settings, directory.uploads)
            Server(app, settings.host, port).run()
    finally:
        worker.terminate()
        worker.wait()


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(host=host, port=port, reason=error.strerror or str(error)) from error


def _until_ready(worker: subprocess.Popen[bytes]) -> bytes:
    """Return the registry key, which the worker hands over on a private pipe when it is ready."""
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        sys.exit(worker.wait())  # it has said why
    return bytes.fromhex(json.loads(line)["registry_key"])


def _stop_with(worker: subprocess.Popen[bytes]) -> None:
    """End the web process when its worker ends: alone it could only take on work nobody does."""
    code = worker.wait()
    if code not in {0, -signal.SIGTERM}:
        click.echo(f"{WorkerStopped(exit_code=code)}", err=True)
    os.kill(os.getpid(), signal.SIGTERM)


@click.command(hidden=True)
def worker() -> None:
    """Own the data directory: do the jobs and follow the chain until standard input ends."""
    settings = Settings()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's ^C is for the parent to pass on
    with open_bank(settings) as bank:
        finish_acts(bank)
        directory = DataDirectory(settings.data)
        work = Worker(jobs_url(settings), str(directory.path), handlers(bank, directory.uploads))
        work.start()
        sync_chain(bank)
        click.echo(json.dumps({"registry_key": bank.registry_key.hex()}))
        try:
            while not select.select([sys.stdin], [], [], SYNC_EVERY_S)[0]:
                _follow(bank)
        finally:
            work.stop()


def _follow(bank: Any) -> None:
    try:
        sync_chain(bank)
    except EdgeError as error:  # the chain may be away for a moment; health shows how far behind
        click.echo(f"{error.code}: {error}", err=True)


def _leave(*_: Any) -> None:
    sys.exit(0)
