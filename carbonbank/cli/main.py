"""The command `carbonbank`."""

import sys

import click

from carbonbank.cli.audit import audit
from carbonbank.cli.examples import examples
from carbonbank.cli.printing import fail
from carbonbank.cli.programme import programme
from carbonbank.cli.quantify import quantify
from carbonbank.errors import CarbonBankError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def carbonbank() -> None:
    """A carbon bank for vehicle fleets that anyone can check."""


carbonbank.add_command(audit)
carbonbank.add_command(examples)
carbonbank.add_command(programme)
carbonbank.add_command(quantify)


def main() -> None:
    """Run the command line; an expected error is one line and an exit code."""
    try:
        carbonbank()
    except CarbonBankError as error:
        fail(error, as_json="--json" in sys.argv)
