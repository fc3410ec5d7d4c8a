"""A call of the bank's contracts as a person reads it, whoever put it together."""

from collections.abc import Mapping
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address

from carbonbank.chain.artefacts import load
from carbonbank.chain.calls import SOURCE, Contract
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import keccak256

ROLES: Mapping[bytes, str] = {bytes(32): "ADMIN"} | {
    keccak256(name.encode()): name
    for name in (
        "CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER", "MINTER",
        "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE",
    )
}  # fmt: skip


def function_of(
    to: str, data: bytes, at: ChainIdentity
) -> tuple[Contract, str] | tuple[None, None]:
    """Return which contract and function a call is for; None where they are none of ours."""
    for contract in SOURCE:
        entry = _entry(contract, data) if getattr(at, contract) == to else None
        if entry is not None:
            return contract, entry["name"]
    return None, None


def call_in_words(to: str, data: bytes, at: ChainIdentity) -> str:
    """Return contract, function and arguments of a call; its bytes where they are none of ours."""
    contract, _ = function_of(to, data, at)
    told = call_of_contract(contract, data) if contract else None
    return told or f"{to} 0x{data.hex()}"


def call_of_contract(contract: Contract, data: bytes) -> str | None:
    """Return a call as that contract would read it; None if it would not know it."""
    entry = _entry(contract, data)
    if entry is None:
        return None
    try:
        values = decode([str(collapse_if_tuple(one)) for one in entry["inputs"]], data[4:])
    except DecodingError:
        return None
    told = (
        f"{one['name'].strip('_')}={_told(one['type'], value)}"
        for one, value in zip(entry["inputs"], values, strict=True)
    )
    return f"{SOURCE[contract]}.{entry['name']}({', '.join(told)})"


def _entry(contract: Contract, data: bytes) -> Any:
    for entry in load(SOURCE[contract])["abi"]:
        if entry["type"] == "function":
            types = ",".join(str(collapse_if_tuple(one)) for one in entry["inputs"])
            if keccak256(f"{entry['name']}({types})".encode())[:4] == data[:4]:
                return entry
    return None


def _told(kind: str, value: Any) -> str:
    if kind.endswith("[]"):
        return f"[{', '.join(_told(kind[:-2], one) for one in value)}]"
    if kind == "address":
        return to_checksum_address(value)
    if isinstance(value, bytes):
        return ROLES.get(value, "0x" + value.hex())
    return repr(value) if isinstance(value, str) else str(value)
