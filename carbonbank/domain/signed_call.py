"""Calls of the contracts that another party signs with a key the bank does not hold."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedCall:
    """All fields of an EIP-1559 transaction but the signature; gas fees in wei, no value sent."""

    chain_id: int
    sender: str
    nonce: int
    to: str
    data: bytes
    gas: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall:
    """What a raw signed transaction says; contract and function are None where not the bank's."""

    tx_hash: str
    sender: str
    chain_id: int
    nonce: int
    to: str
    data: bytes
    contract: str | None
    function: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedRequest:
    """An account's act as it is signed for the ERC-2771 forwarder: the account pays no gas.

    `deadline` is in Unix seconds; `typed_data` is for eth_signTypedData_v4.
    """

    account: str
    nonce: int
    deadline: int
    to: str
    data: bytes
    typed_data: dict[str, Any]
