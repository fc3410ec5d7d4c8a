"""What forge proves is what ships: its compiler settings are those of the committed artefacts."""

import tomllib
from pathlib import Path

from carbonbank.chain.compile import SETTINGS

FOUNDRY = Path(__file__).parents[3] / "foundry.toml"


def test_forge_compiles_as_the_bank_does():
    profile = tomllib.loads(FOUNDRY.read_text("utf-8"))["profile"]["default"]
    optimizer = SETTINGS["optimizer"]
    assert {
        "optimizer": profile["optimizer"],
        "runs": profile["optimizer_runs"],
        "steps": profile["optimizer_details"]["yulDetails"]["optimizerSteps"],
        "via_ir": profile["via_ir"],
        "evm": profile["evm_version"],
        "hash": profile["bytecode_hash"],
        "cbor": profile["cbor_metadata"],
    } == {
        "optimizer": optimizer["enabled"],
        "runs": optimizer["runs"],
        "steps": optimizer["details"]["yulDetails"]["optimizerSteps"],
        "via_ir": SETTINGS["viaIR"],
        "evm": SETTINGS["evmVersion"],
        "hash": SETTINGS["metadata"]["bytecodeHash"],
        "cbor": SETTINGS["metadata"]["appendCBOR"],
    }
