"""The pages about the ledger name only what exists, and leave nothing out."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from carbonbank import errors
from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES, load
from scripts.contracts_page import SOURCES, declarations
from tests.contracts.named_invariants import SENTENCES

ROOT = Path(__file__).parents[2]
ATTACKS = (ROOT / "docs/reference/attacks.md").read_text("utf-8")
INVARIANTS = (ROOT / "docs/reference/invariants.md").read_text("utf-8")
OVERVIEW = (ROOT / "docs/invariants.md").read_text("utf-8")
CONTRACTS = (ROOT / "docs/reference/contracts.md").read_text("utf-8")
ROW = re.compile(r"\| (?P<attack>[^|]+) \| `(?P<end>\w+)` \| `(?P<test>[^`]+)` \|")
TEST = re.compile(r"`(tests/[\w/.]+)::(\w+)`")
CODE = re.compile(r"`(contracts/[\w/.]+)::(\w+)`")


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


@cache
def functions_of(path: str) -> frozenset[str]:
    if path.endswith(".sol"):
        return frozenset(re.findall(r"function (\w+)", text_of(path)))
    tree = ast.walk(ast.parse(text_of(path)))
    return frozenset(node.name for node in tree if isinstance(node, ast.FunctionDef))


@cache
def names_of(kind: str) -> frozenset[str]:
    """Return the names that the artefacts have of a kind."""
    entries = [entry for name in DEPLOYED | LIBRARIES for entry in load(name)["abi"]]
    return frozenset(entry["name"] for entry in entries if entry["type"] == kind)


def rows() -> list[tuple[str, str, str]]:
    return [(row["attack"], row["end"], row["test"]) for row in ROW.finditer(ATTACKS)]


def test_every_line_of_the_attacks_is_read():
    lines = [line for line in ATTACKS.splitlines() if line.startswith("| ") and "::" in line]
    assert len(rows()) == len(lines) > 60


@pytest.mark.parametrize(("attack", "end", "test"), rows())
def test_an_attack_ends_under_a_name_that_its_test_knows(attack, end, test):
    path, name = test.split("::")
    assert name in functions_of(path), attack
    assert end in names_of("error") | names_of("event") or hasattr(errors, end)


@pytest.mark.parametrize("page", [ATTACKS, INVARIANTS], ids=["attacks", "invariants"])
def test_every_function_a_page_names_exists(page):
    named = TEST.findall(page) + CODE.findall(page)
    assert len(named) > 30
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_an_invariant_has_one_sentence_everywhere(name):
    assert f"| {name} | {SENTENCES[name]} |" in OVERVIEW
    section = INVARIANTS.split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert SENTENCES[name] in section.replace("\n", " ")
    for part in ("Formula:", "Enforced in:", "Tests:", "Provers:"):
        assert part in section


def test_no_invariant_is_on_a_page_alone():
    told = set(re.findall(r"^## (\w+_[A-Z])$", INVARIANTS, re.MULTILINE))
    assert told == set(SENTENCES)


@pytest.mark.parametrize("contract", SOURCES)
def test_all_that_a_contract_declares_is_explained(contract):
    for one in declarations(text_of(f"contracts/{SOURCES[contract]}")):
        if one.kind not in {"function", "event", "error"} or one.name.startswith("_"):
            continue
        assert f"#### {one.name}\n\n```solidity\n{one.text}\n```" in CONTRACTS
        inputs = re.search(r"\((.*?)\)", one.text)
        wanted = [part.split()[-1] for part in inputs[1].split(", ") if part] if inputs else []
        assert [what for what, _ in one.described if not what.startswith("returns")] == wanted
        assert all(words for _, words in one.described), one.name


def test_what_is_not_explained_is_a_librarys_or_overrides_it():
    shipped = (ROOT / "contracts").glob("*.sol")
    ours = [one for path in shipped for one in declarations(path.read_text("utf-8"))]
    libraries = " ".join(p.read_text("utf-8") for p in (ROOT / "contracts/libraries").glob("*.sol"))
    for one in ours:
        if re.search(r"\b(external|public)\b", one.text) and one.kind == "function":
            assert f"#### {one.name}\n" in CONTRACTS or "override" in one.text, one.name
        assert one.kind not in {"error", "event"} or f"#### {one.name}\n" in CONTRACTS, one.name
    assert re.findall(r"^    (?:error|event) \w+", libraries, re.MULTILINE) == []
