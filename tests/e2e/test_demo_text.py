"""No figure that the demo prints stands in its code or templates."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo_run import ROOT

CODE = sorted((ROOT / "carbonbank/demo").glob("*.py"))
TEMPLATES = sorted((ROOT / "carbonbank/report/templates").iterdir())
LAYOUT = re.compile(r"\w+_COLUMNS")
# Names of a hash and an encoding, the mark of hexadecimals, and "no decimals".
NAMES = re.compile(r"sha-?256|utf-8|0x|\.0f", re.IGNORECASE)
# Typst: comments, lengths, shares, angles, colours, paper, and the 2 of CO2.
TYPESETTING = re.compile(
    r"//.*|-?\d+(\.\d+)?(pt|mm|fr|%|deg)|rgb\(\"#[0-9a-f]{6}\"\)|\"a4\"|CO#sub\[2\]e"
)


def literals(tree: ast.Module) -> list[tuple[int, object]]:
    """Numbers, and texts with digits, outside of docstrings and of widths in columns."""
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "int":
            passed.update(node.args[1:])  # the base of a numeral
        if isinstance(node, ast.Assign) and LAYOUT.fullmatch(ast.unparse(node.targets[0])):
            passed.add(node.value)
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node not in passed and is_figure(node.value)
    ]


def is_figure(value: object) -> bool:
    if isinstance(value, bool) or value in {0, 1}:
        return False
    if isinstance(value, str):
        return re.search("[0-9]", NAMES.sub("", value)) is not None
    return isinstance(value, int | float | complex)


def test_there_are_code_and_templates_to_look_at() -> None:
    assert len(CODE) > 5
    assert len(TEMPLATES) > 0


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_the_demos_code_has_no_figures(path: Path) -> None:
    assert literals(ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("grams = 3756", [3756]),
        ("say(f'{name}: 3756 g')", [": 3756 g"]),
        ("'''17 trips'''", []),
        ("LINE_COLUMNS = 100", []),
        ("x = {'package_sha256': 1}", []),
    ],
)
def test_the_look_finds_figures(code: str, found: list[object]) -> None:
    assert [value for _, value in literals(ast.parse(code))] == found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_the_templates_have_no_figures(path: Path) -> None:
    rest = [TYPESETTING.sub("", line) for line in path.read_text("utf-8").splitlines()]
    assert [line for line in rest if re.search("[0-9]", line)] == []


def test_the_scenario_tells_shares_and_prices_but_no_grams_and_no_hashes() -> None:
    scenario = json.loads((ROOT / "carbonbank/data/demo/scenario.json").read_text("utf-8"))
    numbers = {name for name, value in leaves(scenario) if isinstance(value, int)}
    assert numbers == {"share_bps", "ask_units_per_t", "bid_units_per_t", "funds_units"}
    texts = [value for _, value in leaves(scenario) if isinstance(value, str)]
    assert not [text for text in texts if re.fullmatch(r"(0x)?[0-9a-f]{16,}", text)]


def leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in leaves(one, key)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one, name)]
    return [(name, value)]
