"""The committed artefacts are what these sources compile to, and the bank fits its limit."""

import hashlib
from pathlib import Path

import pytest

from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES, load
from carbonbank.chain.compile import SETTINGS, SOLC_VERSION, compile_all

ROOT = Path(__file__).parents[2]
BANK_BYTES_MAX = 22_000

pytestmark = pytest.mark.xdist_group("compile")


@pytest.fixture(scope="module")
def compiled():
    return {artefact["contractName"]: artefact for artefact in compile_all(ROOT)}


@pytest.mark.parametrize("name", DEPLOYED | LIBRARIES)
def test_compiling_the_sources_gives_the_committed_bytecode_and_abi(compiled, name):
    committed, fresh = load(name), compiled[name]
    assert committed["deployedBytecode"] == fresh["deployedBytecode"]
    assert committed["bytecode"] == fresh["bytecode"]
    assert committed["abi"] == fresh["abi"]
    assert committed["sources"] == fresh["sources"]


@pytest.mark.parametrize("name", DEPLOYED | LIBRARIES)
def test_an_artefact_names_its_compiler_its_settings_and_the_hash_of_every_source(name):
    committed = load(name)
    assert committed["compiler"].startswith(f"{SOLC_VERSION}+commit.")
    assert committed["settings"] == SETTINGS
    assert committed["sourceName"] in committed["sources"]
    for unit, digest in committed["sources"].items():
        base = ROOT / "node_modules" if unit.startswith("@") else ROOT
        assert hashlib.sha256((base / unit).read_bytes()).hexdigest() == digest


def test_the_bank_keeps_room_below_the_limit_of_a_contract():
    runtime_bytes = len(load("CarbonBank")["deployedBytecode"]) // 2 - 1
    assert runtime_bytes <= BANK_BYTES_MAX
