"""`carbonbank demo`: the whole way, printed step by step; killed and run again, it goes on."""

import os
import signal
import sys
from typing import Any, NoReturn

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys, read_demo_passphrase
from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.config import Settings, environment_without_settings
from carbonbank.demo.scenario import load_scenario
from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.story import run

STOPPED = "stopped; `carbonbank demo` goes on from here"
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count


@click.command()
@json_option
def demo(*, as_json: bool) -> None:
    """Run the demonstration over real trips, or find that it is done."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        log = _played(as_json=as_json)
        if as_json:
            show(log, as_json=True)
    except BrokenPipeError:
        # Nobody reads: what is still buffered must not complain a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(STOPPED, err=True)
        sys.exit(1)


def _interrupted(*_: Any) -> NoReturn:
    """Leave at once: being killed anywhere does no harm, while an exception may get lost.

    Libraries in C turn a KeyboardInterrupt that hits them while they are imported into an error of
    their own.
    """
    os.write(sys.stderr.fileno(), f"\n{STOPPED}\n".encode())
    os._exit(EXIT_INTERRUPTED)


def _played(*, as_json: bool) -> dict[str, Facts]:
    settings = Settings()
    directory = DataDirectory(settings.data)
    with open_bank(settings, demo=True) as bank:
        verifier = directory.beside("verifier")
        stage = Stage(
            bank=bank,
            verifier_address=open_demo_keys(directory, "verifier").address("role/verifier"),
            verifier_keystore=verifier / "keystore.json",
            verifier_passphrase=read_demo_passphrase(verifier / "demo-passphrase"),
            stranger=environment_without_settings(),
            scenario=load_scenario(),
            papers=directory.path / "papers",
            say=lambda line: click.echo(line, err=as_json),
        )
        return run(stage)
