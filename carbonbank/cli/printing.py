"""How every command speaks: plain lines, or one JSON value with `--json`; errors in one line."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from carbonbank.errors import CarbonBankError, EdgeError, InputError, NotAllowed, RuleError

# One table per translation: error branch -> exit code. The first match wins.
EXIT_CODES: tuple[tuple[type[CarbonBankError], int], ...] = (
    (InputError, 2),
    (NotAllowed, 4),
    (RuleError, 3),
    (EdgeError, 5),
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")


def exit_code(error: CarbonBankError) -> int:
    """Return the exit code of an expected error."""
    return next((code for branch, code in EXIT_CODES if isinstance(error, branch)), 1)


def show(value: Any, *, as_json: bool, line: Callable[[Any], str] | None = None) -> None:
    """Print a result: JSON with sorted keys, or what `line` makes of it."""
    if as_json:
        click.echo(json.dumps(value, sort_keys=True, default=str))
    else:
        click.echo(line(value) if line else "\n".join(f"{k}: {v}" for k, v in value.items()))


def fail(error: CarbonBankError, *, as_json: bool) -> None:
    """Say what went wrong and what to do, then leave with the branch's exit code."""
    if as_json:
        body = {"error": error.code, "message": str(error), "hint": error.hint} | error.fields
        click.echo(json.dumps(body, sort_keys=True, default=str))
    hint = f" ({error.hint})" if error.hint else ""
    click.echo(f"{error.code}: {error}{hint}", err=True)
    sys.exit(exit_code(error))
