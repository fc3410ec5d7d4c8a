"""The worker process of `carbonbank serve`: it owns the data directory, the chain and the jobs."""

import json
import os
import select
import signal
import sys
import threading
from dataclasses import replace

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.open_bank import jobs_url, open_bank
from carbonbank.config import Settings
from carbonbank.domain.trip import iso_at
from carbonbank.errors import EdgeError
from carbonbank.jobs.beat import BEAT_EVERY_S, Beat, beat_line
from carbonbank.jobs.durable import Worker
from carbonbank.jobs.handlers import handlers
from carbonbank.service.act import finish_acts
from carbonbank.service.bank import Bank
from carbonbank.service.reconcile import reconcile
from carbonbank.service.sync_chain import sync_chain

SYNC_EVERY_S = 1.0
STOP_S = 10.0
"""How long a stop waits for the job that runs."""
STDOUT = 1


@click.command(hidden=True)
def worker() -> None:
    """Own the data directory: do the jobs and follow the chain until standard input ends."""
    settings = Settings()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's ^C is for the parent to pass on
    with open_bank(settings) as bank:
        finish_acts(bank)
        health = Health(bank)
        directory = DataDirectory(settings.data)
        work = Worker(jobs_url(settings), str(directory.path), handlers(bank, directory.uploads))
        work.start()
        try:
            _say(json.dumps({"registry_key": bank.registry_key.hex()}).encode() + b"\n")
            threading.Thread(target=health.tell, name="beat", daemon=True).start()
            while not select.select([sys.stdin], [], [], SYNC_EVERY_S)[0]:
                health.follow()
        finally:
            if not work.stop(STOP_S):
                os._exit(0)  # as a kill would: the next start finishes what runs


class Health:
    """Follows the chain and keeps what the beats tell."""

    def __init__(self, bank: Bank) -> None:
        """Reconcile the books before any job changes them."""
        self._bank = bank
        found = reconcile(bank)
        self.beat = Beat(
            synced_block=found.head_block,
            reconciled_at=iso_at(bank.clock.now_at()),
            findings=len(found.findings),
        )
        for one in found.findings:
            click.echo(f"{one.code} {one.subject}: {one.found}, not {one.expected}", err=True)

    def follow(self) -> None:
        """Sync; the chain may be away for a moment."""
        try:
            synced_block, trouble = sync_chain(self._bank).head_block, ""
        except EdgeError as error:
            synced_block, trouble = self.beat.synced_block, f"{error.code}: {error}"
        if trouble and trouble != self.beat.trouble:
            click.echo(trouble, err=True)
        self.beat = replace(self.beat, synced_block=synced_block, trouble=trouble)

    def tell(self) -> None:
        """Beat until nobody listens."""
        pause = threading.Event()
        try:
            while not pause.wait(BEAT_EVERY_S):
                _say(beat_line(self.beat))
        except BrokenPipeError:
            return  # standard input has ended too, so the main thread leaves


def _say(line: bytes) -> None:
    os.write(STDOUT, line)


def _leave(*_: object) -> None:
    sys.exit(0)
