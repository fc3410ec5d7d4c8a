"""Writes the reference pages that are drawn from the code: `python scripts/make_docs.py`."""

from collections.abc import Callable, Iterator
from pathlib import Path

from carbonbank.config import Settings
from carbonbank.errors import (
    CarbonBankError,
    EdgeError,
    InputError,
    NotAllowed,
    NotFound,
    RuleError,
)

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


PAGES: dict[str, Callable[[], str]] = {"errors.md": errors_page, "settings.md": settings_page}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())


if __name__ == "__main__":
    main()
