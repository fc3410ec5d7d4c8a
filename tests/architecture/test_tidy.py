"""Rules a machine can ask: sizes, names, leftovers, titles, what the history may speak of."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [p for p in TRACKED if p.suffix == ".py"]
SOLIDITY = [p for p in TRACKED if p.suffix == ".sol"]
PAGES = [p for p in TRACKED if p.suffix == ".md"]
MODULE_LINES_MAX = 400
# The one stateful contract and its public meaning are told top to bottom (docs/adr/0023).
TOLD_WHOLE = {"contracts/CarbonBank.sol": 700, "contracts/interfaces/ICarbonBank.sol": 650}
PRAGMA = re.compile(r"\s+# (type: ignore|noqa).*$")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert len(PYTHON) > 20
    assert len(PAGES) > 3


@pytest.mark.parametrize("path", PYTHON + SOLIDITY, ids=relative)
def test_module_is_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    limit = TOLD_WHOLE.get(relative(path), MODULE_LINES_MAX)
    assert lines <= limit, f"{relative(path)} has {lines} lines; split it by meaning"


@pytest.mark.parametrize(
    "path", [p for p in PYTHON + SOLIDITY if "data" not in p.parts], ids=relative
)
def test_lines_fit_and_leave_nothing_behind(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        width = len(PRAGMA.sub("", line))
        assert width <= 100, f"{relative(path)}:{number} is {width} wide"
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", line) or path == Path(__file__), number


def test_no_module_hides_behind_an_empty_name() -> None:
    hidden = [relative(p) for p in PYTHON if p.stem.lower() in BANNED_NAMES]
    hidden += [relative(p) for p in PYTHON if set(p.parent.parts) & BANNED_NAMES]
    assert hidden == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_page_has_one_title(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    titles = [line for line in text.splitlines() if line.startswith("# ")]
    assert len(titles) == 1, f"{relative(path)} has the titles {titles}"


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_links_inside_the_house_open(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), f"{relative(path)} links to {target}"


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        relative(p)
        for p in PYTHON
        if p.is_relative_to(ROOT / "carbonbank") and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []


def test_no_test_is_skipped() -> None:
    pattern = re.compile(r"pytest\.(skip|mark\.skip|importorskip|mark\.xfail)")
    skipped = [
        relative(p)
        for p in PYTHON
        if p.is_relative_to(ROOT / "tests")
        and p != Path(__file__)
        and pattern.search(p.read_text())
    ]
    assert skipped == []
