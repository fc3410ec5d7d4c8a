"""Sources to artefacts through py-solc-x, for developers and tests; the running bank needs none.

The compiler is the native solc if py-solc-x has it (it downloads it where the network allows),
else the npm package `solc` of the same version behind `scripts/solc.cjs`. Both get the same JSON
with every source inlined, so both give the same bytecode.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import solcx

from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES

SOLC_VERSION = "0.8.37"
# solc's own optimiser sequence without F, the function specialiser: it copies a function per
# constant argument, which costs CarbonBank 2.9 kB and saves next to no gas.
OPTIMIZER_STEPS = (
    "dhfoDgvulfnTUtnIf[xa[r]EscLMVcul[j]Trpeulxa[r]cLgvifCTUca[r]LSsTOtfDnca[r]Iulc]jmul[jul]"
    "VcTOculjmul:fDnTOcmu"
)
SETTINGS: dict[str, Any] = {
    "optimizer": {
        "enabled": True,
        "runs": 500,
        "details": {"yulDetails": {"optimizerSteps": OPTIMIZER_STEPS}},
    },
    "viaIR": True,
    "evmVersion": "cancun",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}
ARTEFACTS = Path(__file__).parent / "artefacts"

_IMPORT = re.compile(r'import\s+(?:\{[^}]*\}\s+from\s+)?"([^"]+)"')


def compiler(root: Path) -> Path:
    """Return the compiler to use: py-solc-x's native one if installed, else the npm shim."""
    if any(str(version) == SOLC_VERSION for version in solcx.get_installed_solc_versions()):
        return Path(solcx.install.get_executable(SOLC_VERSION))
    return root / "scripts" / "solc.cjs"


def read_sources(root: Path, units: list[str]) -> dict[str, str]:
    """Read source units and all they import, by unit name (`contracts/…` or `@openzeppelin/…`)."""
    texts: dict[str, str] = {}
    waiting = list(units)
    while waiting:
        unit = waiting.pop()
        if unit in texts:
            continue
        base = root / "node_modules" if unit.startswith("@") else root
        texts[unit] = (base / unit).read_text("utf-8")
        waiting += [_resolve(unit, imported) for imported in _IMPORT.findall(texts[unit])]
    return texts


def compile_units(
    root: Path, units: list[str], solc_binary: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Compile source units; return solc's output per unit and contract name."""
    texts = read_sources(root, units)
    output: dict[str, Any] = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {unit: {"content": text} for unit, text in sorted(texts.items())},
            "settings": SETTINGS
            | {
                "outputSelection": {
                    "*": {
                        "*": [
                            "abi",
                            "metadata",
                            "evm.bytecode.object",
                            "evm.deployedBytecode.object",
                        ]
                    }
                }
            },
        },
        solc_binary=solc_binary or compiler(root),
    )
    contracts: dict[str, dict[str, Any]] = output["contracts"]
    return contracts


def compile_all(root: Path) -> list[dict[str, Any]]:
    """Compile every deployed contract and every library into its artefact."""
    units = DEPLOYED | LIBRARIES
    output = compile_units(root, list(units.values()))
    return [_artefact(root, name, unit, output[unit][name]) for name, unit in units.items()]


def write_artefacts(artefacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write artefacts next to the loader, and return them."""
    for artefact in artefacts:
        path = ARTEFACTS / f"{artefact['contractName']}.json"
        path.write_text(_json_by_line(artefact), "utf-8")
    return artefacts


def source_hashes(root: Path, unit: str) -> dict[str, str]:
    """Return the SHA-256 of a source unit and of all it imports, by unit name."""
    texts = read_sources(root, [unit])
    return {name: hashlib.sha256(texts[name].encode()).hexdigest() for name in sorted(texts)}


def _artefact(root: Path, name: str, unit: str, compiled: dict[str, Any]) -> dict[str, Any]:
    return {
        "contractName": name,
        "sourceName": unit,
        "compiler": json.loads(compiled["metadata"])["compiler"]["version"],
        "settings": SETTINGS,
        "sources": source_hashes(root, unit),
        "abi": _without_internal_types(compiled["abi"]),
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + compiled["evm"]["deployedBytecode"]["object"],
    }


def _without_internal_types(entry: Any) -> Any:
    """Solidity's own type names serve no encoder; without them an artefact is a third smaller."""
    if isinstance(entry, list):
        return [_without_internal_types(part) for part in entry]
    if isinstance(entry, dict):
        return {
            key: _without_internal_types(part)
            for key, part in entry.items()
            if key != "internalType"
        }
    return entry


def _json_by_line(artefact: dict[str, Any]) -> str:
    """One line per ABI entry and source: small, and a diff shows what changed."""
    lines = []
    for key, value in artefact.items():
        match value:
            case list():
                inner = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in value)
                lines.append(f"{json.dumps(key)}: [\n{inner}\n]")
            case dict() if key == "sources":
                inner = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
                lines.append(f"{json.dumps(key)}: {{\n{inner}\n}}")
            case _:
                lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _resolve(unit: str, imported: str) -> str:
    if not imported.startswith("."):
        return imported
    parts = unit.split("/")[:-1]
    for part in imported.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
