"""A call of the bank's contracts as a person reads it, whoever put it together."""

from collections.abc import Mapping
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address

from carbonbank.chain.artefacts import load
from carbonbank.chain.calls import SOURCE
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import keccak256

ROLES: Mapping[bytes, str] = {bytes(32): "ADMIN"} | {
    keccak256(name.encode()): name
    for name in (
        "CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER", "MINTER",
        "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE",
    )
}  # fmt: skip


def call_in_words(to: str, data: bytes, at: ChainIdentity) -> str:
    """Return contract, function and arguments of a call; its bytes where they are none of ours."""
    for contract, source in SOURCE.items():
        if getattr(at, contract) != to:
            continue
        for entry in load(source)["abi"]:
            if entry["type"] != "function":
                continue
            types = [str(collapse_if_tuple(one)) for one in entry["inputs"]]
            if keccak256(f"{entry['name']}({','.join(types)})".encode())[:4] != data[:4]:
                continue
            try:
                values = decode(types, data[4:])
            except DecodingError:
                break
            told = (
                f"{one['name'].strip('_')}={_told(one['type'], value)}"
                for one, value in zip(entry["inputs"], values, strict=True)
            )
            return f"{source}.{entry['name']}({', '.join(told)})"
    return f"{to} 0x{data.hex()}"


def _told(kind: str, value: Any) -> str:
    if kind.endswith("[]"):
        return f"[{', '.join(_told(kind[:-2], one) for one in value)}]"
    if kind == "address":
        return to_checksum_address(value)
    if isinstance(value, bytes):
        return ROLES.get(value, "0x" + value.hex())
    return repr(value) if isinstance(value, str) else str(value)
