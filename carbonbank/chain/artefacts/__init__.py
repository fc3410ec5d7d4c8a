"""Compiled contracts as committed: what the bank deploys and talks to, without a compiler."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from carbonbank.domain.hashing import keccak256

DEPLOYED = {
    "CarbonBank": "contracts/CarbonBank.sol",
    "CarbonChallenge": "contracts/CarbonChallenge.sol",
    "CarbonMarket": "contracts/CarbonMarket.sol",
    "SettlementToken": "contracts/SettlementToken.sol",
    "ERC2771Forwarder": "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol",
    "TimelockController": "@openzeppelin/contracts/governance/TimelockController.sol",
}
"""Every contract the bank deploys and talks to, and the source unit it lives in."""

LIBRARIES = {
    "BankRegistry": "contracts/libraries/BankRegistry.sol",
    "BankCorrections": "contracts/libraries/BankCorrections.sol",
}
"""Every library that is linked into one of them; nobody else calls it."""


@cache
def load(name: str) -> dict[str, Any]:
    """Return a contract's artefact: `abi`, `bytecode`, `deployedBytecode`, provenance."""
    artefact: dict[str, Any] = json.loads(
        files(__name__).joinpath(f"{name}.json").read_text("utf-8")
    )
    return artefact


def creation_code(name: str, at: Mapping[str, str]) -> bytes:
    """Return what creates a contract, before its arguments, with its libraries linked.

    Args:
        name: of the artefact.
        at: library → its address.
    """
    code: str = load(name)["bytecode"]
    for library, unit in LIBRARIES.items():
        # The compiler's stand-in for the 20 bytes of an address.
        stand_in = f"__${keccak256(f'{unit}:{library}'.encode()).hex()[:34]}$__"
        if stand_in in code:
            code = code.replace(stand_in, at[library].removeprefix("0x"))
    return bytes.fromhex(code.removeprefix("0x"))
