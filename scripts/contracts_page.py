"""The reference of the contracts, drawn from the NatSpec of their interfaces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.abi import event_abi_to_log_topic, function_abi_to_4byte_selector

from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES, load

CONTRACTS = Path(__file__).parents[1] / "contracts"
SOURCES = {
    "CarbonBank": "interfaces/ICarbonBank.sol",
    "CarbonChallenge": "interfaces/ICarbonChallenge.sol",
    "CarbonMarket": "interfaces/ICarbonMarket.sol",
    "SettlementToken": "SettlementToken.sol",
}
HEAD = """# Contracts

Drawn from the NatSpec in `contracts/` by `scripts/make_docs.py`. Names end in their unit: `G` grams
of CO2e, `Units` base units of money, `S` seconds, `At` and `Until` Unix time, `Bps` and `Bp` basis
points; a month is year * 12 + (month - 1). What OpenZeppelin's ERC-1155, ERC-20, access control,
ownership and forwarder bring is theirs and not repeated. What others may try is in
[attacks](attacks.md), what must hold in [invariants](invariants.md)."""
KINDS = {
    "function": "Functions",
    "event": "Events",
    "error": "Errors",
    "struct": "Structs",
    "enum": "Enums",
}
_DECLARED = re.compile(r"(interface|contract|function|event|error|struct|enum) (\w+)")
_TAG = re.compile(r"@(notice|param|return|title|dev|inheritdoc)\b")


@dataclass
class Declared:
    """Something that a source declares, with what its comment says."""

    kind: str
    name: str
    text: str
    notice: str
    described: list[tuple[str, str]]


def declarations(source: str) -> Iterator[Declared]:
    """Read a Solidity source: comments of three strokes, and what follows each."""
    lines = iter(source.splitlines())
    comment: list[str] = []
    for raw in lines:
        line = raw.strip()
        if line.startswith("///"):
            comment.append(line.removeprefix("///").strip())
            continue
        found = _DECLARED.match(line)
        if found:
            whole = found[1] in {"struct", "enum"}
            text = [line]
            while not re.search(r"\}" if whole else r"[;{]", text[-1]):
                text.append(next(lines).strip())
            yield _declared(found[1], found[2], _signature(text, whole=whole), comment)
        comment = []


def _signature(lines: list[str], *, whole: bool) -> str:
    if whole:
        return "\n".join([lines[0], *(f"    {line}" for line in lines[1:-1]), "}"])
    text = re.sub(r"\s*[;{].*", "", " ".join(lines))
    return text.replace("( ", "(").replace(" )", ")")


def _declared(kind: str, name: str, text: str, comment: list[str]) -> Declared:
    notice: list[str] = []
    described: list[tuple[str, list[str]]] = []
    into = notice
    for line in comment:
        tag = _TAG.match(line)
        rest = line[tag.end() :].strip() if tag else line
        if tag is None:
            into.append(line)
        elif tag[1] in {"param", "return"}:
            what, _, rest = rest.partition(" ") if tag[1] == "param" else ("returns", "", rest)
            into = [rest]
            described.append((what, into))
        else:
            into = notice if tag[1] in {"notice", "title"} else []
            into.append(rest)
    pairs = [_named(what, " ".join(words), text) for what, words in described]
    return Declared(kind, name, text, " ".join(notice), pairs)


def _named(what: str, words: str, text: str) -> tuple[str, str]:
    """Tell the name of a returned value, where it has one, from what is said of it."""
    name, _, rest = words.partition(" ")
    is_named = what == "returns" and re.search(rf"\breturns \(.*\b{re.escape(name)}\b", text)
    return (f"returns {name}", rest) if is_named else (what, words)


def abi(contract: str) -> dict[tuple[str, str], Any]:
    """Return every entry of the artefacts by kind and name; the contract's own come first."""
    return {
        (entry["type"], entry["name"]): entry
        for source in (*DEPLOYED, *LIBRARIES, contract)
        for entry in load(source)["abi"]
        if "name" in entry
    }


def _called(one: Declared, entries: dict[tuple[str, str], Any]) -> str:
    entry = entries.get((one.kind, one.name))
    if entry is None:
        return ""
    if one.kind == "event":
        return f" Topic `0x{event_abi_to_log_topic(entry).hex()}`."
    as_function: Any = {**entry, "type": "function"}  # an error's selector is made alike
    selector = function_abi_to_4byte_selector(as_function)
    return f" Selector `0x{selector.hex()}`."


def contracts_page() -> str:
    """List every function, event, error and struct with all that its comment says."""
    lines = [HEAD]
    for contract, source in SOURCES.items():
        entries = abi(contract)
        found = list(declarations((CONTRACTS / source).read_text("utf-8")))
        lines += ["", f"## {contract}", ""]
        lines += [one.notice for one in found if one.kind in {"interface", "contract"}]
        for kind, title in KINDS.items():
            of_kind = [one for one in found if one.kind == kind and _is_open(one)]
            if of_kind:
                lines += ["", f"### {title} of {contract}"]
            for one in of_kind:
                lines += ["", f"#### {one.name}", "", "```solidity", one.text, "```"]
                said = (one.notice + _called(one, entries)).strip()
                lines += ["", said] if said else []
                lines += [""] if one.described else []
                lines += [f"- `{what}`: {words}" for what, words in one.described]
    return "\n".join(lines) + "\n"


def _is_open(one: Declared) -> bool:
    return one.kind != "function" or bool(re.search(r"\b(external|public)\b", one.text))
