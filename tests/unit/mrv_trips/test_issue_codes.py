"""The registry of issue codes and the code that makes issues name the same codes."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from carbonbank.mrv.rules import ISSUE_CODES, Rules

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/issues.md").read_text()
# What makes an issue, and at which place it takes the code.
MAKERS = {"flag": 1, "issue_at": 1, "issue_on": 1, "_issue": 1, "_set_aside": 2, "_tell": 4}


def texts_in(tree: ast.AST) -> set[str]:
    nodes = ast.walk(tree)
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def source_trees() -> list[ast.Module]:
    paths = (ROOT / "carbonbank").rglob("*.py")
    return [ast.parse(path.read_text()) for path in paths if not path.name.endswith("codes.py")]


def test_every_code_is_made_somewhere():
    made = set().union(*(texts_in(tree) for tree in source_trees()))
    assert set(ISSUE_CODES) - made == set()


def test_every_code_that_is_made_is_known():
    made = set()
    for tree in source_trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            code = call.args[MAKERS[name] :][:1] if name in MAKERS else []
            made |= {each.value for each in code if isinstance(each, ast.Constant)}
    assert {"overlap_mended", "soc_outlier", "odometer_sentinel", "impossible_date"} <= made
    assert made - set(ISSUE_CODES) == set()


@pytest.mark.parametrize("code", ISSUE_CODES)
def test_every_code_has_a_line_that_says_what_to_do(code):
    known = ISSUE_CODES[code]
    assert known.meaning
    assert known.limit
    assert known.remedy
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{code}` |")]
    assert known.meaning in line
    assert line.endswith(f"| {known.remedy} |")


def test_every_threshold_has_a_line():
    assert all(f"\n| `{field.name}` | " in PAGE for field in fields(Rules))
