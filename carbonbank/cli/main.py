"""The command `carbonbank`."""

import sys

import click

from carbonbank.cli.account import account, certificate_command, retire
from carbonbank.cli.audit import audit
from carbonbank.cli.batch import batch
from carbonbank.cli.demo import demo
from carbonbank.cli.doctor import doctor
from carbonbank.cli.examples import examples
from carbonbank.cli.fleet import certify_command, fleet, register_programme_command
from carbonbank.cli.keys import keys
from carbonbank.cli.order import order
from carbonbank.cli.printing import fail
from carbonbank.cli.programme import programme
from carbonbank.cli.quantify import quantify
from carbonbank.cli.serve import serve, worker
from carbonbank.cli.trips import import_command, month, upload
from carbonbank.cli.upkeep import backup_command, reconcile_command, restore_command, sync
from carbonbank.errors import CarbonBankError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def carbonbank() -> None:
    """A carbon bank for vehicle fleets that anyone can check."""


carbonbank.add_command(audit)
carbonbank.add_command(demo)
carbonbank.add_command(examples)
carbonbank.add_command(programme)
carbonbank.add_command(quantify)
carbonbank.add_command(serve)
carbonbank.add_command(worker)
carbonbank.add_command(account)
carbonbank.add_command(backup_command)
carbonbank.add_command(batch)
carbonbank.add_command(certificate_command)
carbonbank.add_command(doctor)
carbonbank.add_command(fleet)
carbonbank.add_command(import_command)
carbonbank.add_command(keys)
carbonbank.add_command(month)
carbonbank.add_command(order)
carbonbank.add_command(reconcile_command)
carbonbank.add_command(restore_command)
carbonbank.add_command(retire)
carbonbank.add_command(sync)
carbonbank.add_command(upload)
programme.add_command(register_programme_command)
programme.add_command(certify_command)


def main() -> None:
    """Run the command line; an expected error is one line and an exit code."""
    try:
        carbonbank()
    except CarbonBankError as error:
        fail(error, as_json="--json" in sys.argv)
