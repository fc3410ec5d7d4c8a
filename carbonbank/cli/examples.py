"""`carbonbank examples run FILE`: published examples through the bank's own methods."""

import json
import sys
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import click

from carbonbank.cli.files import read_file
from carbonbank.cli.printing import json_option
from carbonbank.errors import ExamplesUnreadable
from carbonbank.mrv.examples import failed, line, run


@click.group()
def examples() -> None:
    """Worked examples, evaluated with the bank's own methods."""


@examples.command("run")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def run_command(file: Path, *, as_json: bool) -> None:
    """Evaluate FILE.json; one line per entry, exit 1 if any fails."""
    outcomes = run(_read(file))
    if as_json:
        click.echo(json.dumps([asdict(outcome) for outcome in outcomes]))
    else:
        for outcome in outcomes:
            click.echo(line(outcome))
    sys.exit(1 if failed(outcomes) else 0)


def _read(file: Path) -> object:
    content = read_file(file)
    try:
        # JSON numbers are taken as written: no float in between.
        return json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ExamplesUnreadable(found=file.name, reason=str(error)) from error
