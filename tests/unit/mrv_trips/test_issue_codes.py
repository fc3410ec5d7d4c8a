"""The page of issue codes, the registry and the code that makes issues say the same."""

import re
from dataclasses import fields
from pathlib import Path

from carbonbank.mrv.rules import ISSUE_CODES, RULES_BY_VEHICLE_KIND, Rules

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/issues.md").read_text()


def table_rows(first_heading: str) -> list[list[str]]:
    after = PAGE.split(f"| {first_heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in after]


def test_every_code_is_documented_word_for_word():
    documented = {
        row[0].strip("`"): tuple(cell.replace("`", "") for cell in row[1:])
        for row in table_rows("code")
    }
    known = {
        code: (str(k.severity), k.meaning, k.limit, k.remedy) for code, k in ISSUE_CODES.items()
    }
    assert documented == known


def test_every_threshold_is_documented_for_every_kind():
    documented = {row[0].strip("`"): row[1:] for row in table_rows("rule")}
    assert list(documented) == [field.name for field in fields(Rules)]
    for place, rules in enumerate(RULES_BY_VEHICLE_KIND.values()):
        for name, shown in documented.items():
            value = getattr(rules, name)
            if isinstance(value, int):
                assert shown[place] == str(value), name


def test_the_code_makes_every_documented_issue_and_no_other():
    sources = [
        path.read_text() for path in (ROOT / "carbonbank").rglob("*.py") if path.name != "codes.py"
    ]
    quoted = set(re.findall(r'"([a-z_]+)"', "\n".join(sources)))
    assert set(ISSUE_CODES) <= quoted
