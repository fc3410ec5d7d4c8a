"""Lists every mutant that slither's mutators know of the given contracts, as JSON.

It runs in the provers' own environment: `.prove/bin/python scripts/mutants.py CONTRACT …`.
"""

import json
import sys
from pathlib import Path

from slither import Slither
from slither.tools.mutator.mutators import all_mutators
from slither.tools.mutator.mutators.abstract_mutator import AbstractMutator

ROOT = Path(__file__).parents[1]


def mutators() -> list[type[AbstractMutator]]:
    """Return slither's mutators."""
    known = [getattr(all_mutators, name) for name in sorted(dir(all_mutators))]
    return [m for m in known if isinstance(m, type) and issubclass(m, AbstractMutator)]


def main() -> None:
    """Print the mutants of the contracts named on the command line."""
    code = Slither(str(ROOT), foundry_out_directory="out/slither", disable_plotting=True)
    found = []
    for unit in code.compilation_units:
        for contract in unit.contracts:
            if contract.name not in sys.argv[1:]:
                continue
            source = Path(contract.source_mapping.filename.absolute)
            for mutator in mutators():
                made = mutator(unit, 0, "", "", contract, None, False, Path("/"), [])
                patches = made._mutate().get("patches", {})  # noqa: SLF001
                for listed in patches.values():
                    found += [
                        {
                            "contract": contract.name,
                            "file": str(source.relative_to(ROOT)),
                            "mutator": mutator.NAME,
                            "line": patch["line_number"],
                            "start": patch["start"],
                            "end": patch["end"],
                            "old": patch["old_string"],
                            "new": patch["new_string"],
                        }
                        for patch in listed
                    ]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
