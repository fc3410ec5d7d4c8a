"""The error tree is complete: a message from its fields, a branch, a page, an exit code."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import carbonbank.errors
from carbonbank.cli.printing import EXIT_CODES, exit_code
from carbonbank.errors import CarbonBankError, EdgeError, InputError, RuleError
from carbonbank.units import month_label
from scripts.make_docs import PAGES

BRANCHES = (InputError, RuleError, EdgeError)


def subclasses(base: type[CarbonBankError]) -> Iterator[type[CarbonBankError]]:
    for child in base.__subclasses__():
        if child.__module__.startswith("carbonbank"):
            yield child
        yield from subclasses(child)


ALL = sorted(set(subclasses(CarbonBankError)), key=lambda error: error.__name__)
LEAVES = [error for error in ALL if error not in BRANCHES and fields(error)]


def value_of(name: str, kind: Any, number: int) -> Any:
    if kind is int:
        return 24_000 + number
    if kind is bytes:
        return bytes([number + 1]) * 32
    return f"<{name}>"


def shown_as(value: Any) -> set[str]:
    if isinstance(value, int):
        return {str(value), f"{value:064x}", month_label(value)}
    return {value.hex()} if isinstance(value, bytes) else {value}


def example(error: type[CarbonBankError]) -> CarbonBankError:
    kinds = get_type_hints(error)
    values = {f.name: value_of(f.name, kinds[f.name], n) for n, f in enumerate(fields(error))}
    return error(**values)


def test_the_tree_is_grown() -> None:
    assert len(LEAVES) > 20


@pytest.mark.parametrize("error", LEAVES, ids=lambda e: e.__name__)
def test_message_shows_every_field(error: type[CarbonBankError]) -> None:
    made = example(error)
    for name, value in made.fields.items():
        shown = any(form in str(made) for form in shown_as(value))
        assert shown, f"{error.__name__} hides {name}: {made}"


@pytest.mark.parametrize("error", ALL, ids=lambda e: e.__name__)
def test_every_error_hangs_on_a_branch_and_is_exported(error: type[CarbonBankError]) -> None:
    assert issubclass(error, BRANCHES)
    assert getattr(carbonbank.errors, error.__name__) is error
    assert error.__doc__


@pytest.mark.parametrize("error", LEAVES, ids=lambda e: e.__name__)
def test_every_error_has_an_exit_code(error: type[CarbonBankError]) -> None:
    assert exit_code(example(error)) in {code for _, code in EXIT_CODES}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_page_is_current(name: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / name
    assert page.read_text() == PAGES[name](), f"run scripts/make_docs.py to renew {name}"
