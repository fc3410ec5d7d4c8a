"""Writes the reference pages that are drawn from the code: `python scripts/make_docs.py`."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import click

from carbonbank.cli.main import carbonbank
from carbonbank.config import Settings
from carbonbank.errors import (
    CarbonBankError,
    EdgeError,
    InputError,
    NotAllowed,
    NotFound,
    RuleError,
)
from carbonbank.mrv.rules import ISSUE_CODES, RULES_BY_VEHICLE_KIND, Rules
from scripts.api_page import api_page
from scripts.contracts_page import contracts_page

CLI_HEAD = """# Commands

Drawn from `carbonbank/cli` by `scripts/make_docs.py`. Names, arguments and options are a stable
interface. Every answer is plain lines, or one JSON value with `--json`; an error is one line with a
remedy and an exit code: 2 bad input, 3 refused by a rule, 4 not allowed, 5 the operator must act,
and 1 where a check found something."""
REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
BRANCHES = (
    (InputError, "The caller must send something else", "400 or 422", 2),
    (NotAllowed, "The caller may not do this", "403", 4),
    (NotFound, "What was named does not exist", "404", 3),
    (RuleError, "Well formed, but the bank's rules say no", "409", 3),
    (EdgeError, "The operator must act or wait", "502 or 503", 5),
)


def _leaves(base: type[CarbonBankError]) -> Iterator[type[CarbonBankError]]:
    for child in base.__subclasses__():
        yield child
        yield from _leaves(child)


def errors_page() -> str:
    """List every error under the branch that says who must act."""
    lines = [
        "# Errors",
        "",
        "Drawn from `carbonbank/errors` by `scripts/make_docs.py`. Every error carries its values",
        "with units; API answers are problem+json whose `type` ends in the error's name.",
    ]
    seen: set[type[CarbonBankError]] = {branch for branch, *_ in BRANCHES}
    for branch, who, status, code in BRANCHES:
        lines += ["", f"## {branch.__name__}: {who} (HTTP {status}, exit {code})", ""]
        lines += ["| error | says | what to do |", "| --- | --- | --- |"]
        children = sorted(set(_leaves(branch)) - seen, key=lambda error: error.__name__)
        seen |= set(children)
        for error in children:
            remedy = error.hint or (error.__doc__ or "").strip().splitlines()[0]
            lines.append(f"| `{error.__name__}` | {error.says} | {remedy} |".replace("||", "|"))
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """List every setting with its environment name and default."""
    lines = [
        "# Settings",
        "",
        "Drawn from `carbonbank/config.py` by `scripts/make_docs.py`.",
        "",
        "| environment | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        lines.append(f"| `CARBONBANK_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


ISSUES_HEAD = """# Issue codes

Drawn from `carbonbank/mrv/rules` by `scripts/make_docs.py`. An issue is a value, never an
exception: it carries the line (header = 1, 0 for the whole file), the column, the value found and
the limit, both with units.

| severity | what became of the row |
| --- | --- |
| `dropped` | a sample or row that can not be read, or a copy: not used |
| `mended` | used after the repair the code describes |
| `warned` | used as it is, and shown |
| `quarantined` | a trip kept out until a person decides |

Limits in `code` style are fields of the programme's rules (`carbonbank/mrv/rules/thresholds.py`,
overridable under `rules` in a programme file); the others are part of a format or of the bank.

Rules look at single trips first, then at copies, overlaps, drivers, places, odometers and energy; a
trip that an earlier rule keeps out holds nothing against the others. Neither the order of rows nor
how trips are split into files changes the result: all trips of a fleet are judged together.

| code | severity | meaning | limit | remedy |
| --- | --- | --- | --- | --- |
"""


def issues_page() -> str:
    """List every issue code, and the thresholds of every kind of vehicle."""
    names = sorted((field.name for field in fields(Rules)), key=len, reverse=True)
    a_field = re.compile(rf"\b({'|'.join(names)})\b")
    rows = []
    for code, known in ISSUE_CODES.items():
        limit = a_field.sub(r"`\1`", known.limit)
        rows.append(f"| `{code}` | {known.severity} | {known.meaning} | {limit} | {known.remedy} |")
    kinds = RULES_BY_VEHICLE_KIND
    rows += ["", "## Thresholds", "", f"| rule | {' | '.join(kinds)} |"]
    rows.append("| --- " * (len(kinds) + 1) + "|")
    for name in (field.name for field in fields(Rules)):
        shown = (_shown(getattr(rules, name)) for rules in kinds.values())
        rows.append(f"| `{name}` | {' | '.join(shown)} |")
    return ISSUES_HEAD + "\n".join(rows) + "\n"


def _shown(limit: object) -> str:
    if isinstance(limit, datetime):
        return limit.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(limit, tuple):
        return ", ".join(map(str, limit))
    return "none" if limit is None else str(limit)


def commands(
    group: click.Group | None = None, name: str = ""
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command of the terminal with its whole name."""
    group = group or carbonbank
    context = click.Context(group)
    for word in group.list_commands(context):
        found = group.get_command(context, word)
        assert found is not None, f"{name} {word} leads nowhere"
        whole = f"{name} {word}".strip()
        if isinstance(found, click.Group):
            yield from commands(found, whole)
        else:
            yield whole, found


def cli_page() -> str:
    """List every command with its arguments and options."""
    lines = [CLI_HEAD]
    for name, command in commands():
        arguments = [p for p in command.params if isinstance(p, click.Argument)]
        options = [p for p in command.params if isinstance(p, click.Option)]
        words = " ".join([name, *(p.make_metavar(click.Context(command)) for p in arguments)])
        lines += ["", f"## {name}", "", f"`carbonbank {words}`"]
        lines += ["", inspect.cleandoc(command.help or "")]
        if options:
            lines.append("")
        for one in options:
            need = " (required)" if one.required else ""
            lines.append(f"- `{', '.join(one.opts)}`{need}: {one.help or ''}".rstrip(" :"))
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "cli.md": cli_page,
    "contracts.md": contracts_page,
    "errors.md": errors_page,
    "issues.md": issues_page,
    "settings.md": settings_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())


if __name__ == "__main__":
    main()
