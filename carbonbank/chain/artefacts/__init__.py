"""Compiled contracts as committed: what the bank deploys and talks to, without a compiler."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

DEPLOYED = {
    "CarbonBank": "contracts/CarbonBank.sol",
    "CarbonMarket": "contracts/CarbonMarket.sol",
    "SettlementToken": "contracts/SettlementToken.sol",
    "ERC2771Forwarder": "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol",
}
"""Every contract the bank deploys, and the source unit it lives in."""


@cache
def load(name: str) -> dict[str, Any]:
    """Return a contract's artefact: `abi`, `bytecode`, `deployedBytecode`, provenance."""
    artefact: dict[str, Any] = json.loads(
        files(__name__).joinpath(f"{name}.json").read_text("utf-8")
    )
    return artefact
