"""Lists every mutant that slither's mutators know of the contracts that ship, as JSON.

It runs in the provers' own environment: `.prove/bin/python scripts/mutants.py`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slither import Slither
from slither.core.declarations import Contract
from slither.slithir.operations import Binary
from slither.tools.mutator.mutators import all_mutators
from slither.tools.mutator.mutators.abstract_mutator import AbstractMutator
from slither.tools.mutator.mutators.FHR import FHR
from slither.tools.mutator.mutators.ROR import ROR, relational_operators

ROOT = Path(__file__).parents[1]
SHIPPED = Path("contracts")
NOT_SHIPPED = {
    Path("contracts/interfaces"): "no code",
    Path("contracts/test"): "never deployed by the bank",
}

Patch = dict[str, Any]


class Comparisons(AbstractMutator):
    """slither's ROR, exact: its own puts a whole statement where one comparison stood."""

    NAME = ROR.NAME
    HELP = ROR.HELP

    def _mutate(self) -> dict[str, Any]:
        found = []
        for function in self.contract.functions_and_modifiers_declared:
            for node in function.nodes if self.should_mutate_function(function) else ():
                if self.should_mutate_node(node):
                    for ir in node.irs:
                        if isinstance(ir, Binary) and ir.type in relational_operators:
                            found += list(_others(ir))
        return {"patches": {"": found}}


def _others(compared: Binary) -> Iterator[Patch]:
    """Give a comparison every other operator."""
    whole = compared.expression.source_mapping
    left = compared.expression.expression_left.source_mapping
    right = compared.expression.expression_right.source_mapping
    text = whole.content.encode()
    low, high = left.start + left.length - whole.start, right.start - whole.start
    for operator in relational_operators:
        between = text[low:high].replace(compared.type.value.encode(), operator.value.encode(), 1)
        yield {
            "line_number": whole.lines[0],
            "start": whole.start,
            "old_string": text.decode(),
            "new_string": (text[:low] + between + text[high:]).decode(),
        }


def mutators() -> list[type[AbstractMutator]]:
    """Return slither's mutators."""
    known = [getattr(all_mutators, name) for name in sorted(dir(all_mutators))]
    found = [m for m in known if isinstance(m, type) and issubclass(m, AbstractMutator)]
    return [m for m in found if m is not ROR] + [Comparisons]


def contracts() -> Iterator[tuple[Any, Contract, Path]]:
    """Walk the contracts and libraries that ship, with their files."""
    code = Slither(str(ROOT), foundry_out_directory="out/slither", disable_plotting=True)
    for unit in code.compilation_units:
        for contract in unit.contracts:
            source = Path(contract.source_mapping.filename.absolute)
            if not source.is_relative_to(ROOT):
                continue
            file = source.relative_to(ROOT)
            if SHIPPED in file.parents and not NOT_SHIPPED.keys() & set(file.parents):
                yield unit, contract, file


def place(source: bytes, patch: Patch) -> tuple[int, int] | None:
    """Tell where the old text stands; slither names a part of it now and then."""
    old = patch["old_string"].encode()
    start = source.rfind(old, 0, patch["start"] + len(old))
    return (start, start + len(old)) if 0 <= start <= patch["start"] < start + len(old) else None


def main() -> None:
    """Print the mutants; what gives the same text as another one, or as none, is left out."""
    found = []
    seen: set[tuple[Path, bytes]] = set()
    for unit, contract, file in contracts():
        source = (ROOT / file).read_bytes()
        seen.add((file, source))
        for mutator in mutators():
            made = mutator(unit, 0, "", "", contract, None, False, Path("/"), [])
            patches = made._mutate().get("patches", {})  # noqa: SLF001
            for patch in (patch for listed in patches.values() for patch in listed):
                if mutator is FHR:  # the header is meant, the body would hide what changed
                    for text in ("old_string", "new_string"):
                        patch[text] = patch[text].partition("{")[0]
                at = place(source, patch)
                if at is None:
                    continue
                changed = source[: at[0]] + patch["new_string"].encode() + source[at[1] :]
                if (file, changed) in seen:
                    continue
                seen.add((file, changed))
                found.append(
                    {
                        "contract": contract.name,
                        "file": str(file),
                        "mutator": mutator.NAME,
                        "line": patch["line_number"],
                        "start": at[0],
                        "end": at[1],
                        "old": patch["old_string"],
                        "new": patch["new_string"],
                    }
                )
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
