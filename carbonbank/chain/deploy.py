"""Bring the contracts onto a chain and hand out the roles, as often as it takes.

Everything is done by one key that does nothing else before: the address of its n-th contract
follows from its address and n, so the chain itself tells what a killed deployment had done.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3 import Web3

from carbonbank.chain.artefacts import LIBRARIES, creation_code, load
from carbonbank.chain.calls import SOURCE, Contract, abi_data
from carbonbank.chain.transactions import ask, send_raw, wait_mined
from carbonbank.chain.typed_data import FORWARDER_NAME
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import keccak256
from carbonbank.errors import DeployerBusy, DeployerUsed, TransactionFailed
from carbonbank.ports import Signer

DEPLOY_GAS = 8_000_000
GRANT_GAS = 200_000
WAIT_S = 300
ORDER = (
    "ERC2771Forwarder", *LIBRARIES, "CarbonBank", "SettlementToken", "CarbonMarket",
    "CarbonChallenge",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who may do what: one address each, all different from one another and from the admin."""

    certifier: str
    verifier: str
    issuer: str
    registrar: str
    guardian: str
    treasurer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed for ever when the contracts are made.

    Attributes:
        first_month: first creditable month, year * 12 + (month - 1).
        registry_key: the secret K of the VIN commitments; its keccak256 goes on the chain.
        admin_delay_s: seconds between naming and accepting another admin; 0 in a demo only.
        fee_bps: the market's fee in basis points of every payment.
        metadata_uri: where ERC-1155 metadata is found.
        money_name: name of the settlement token.
        money_symbol: symbol of the settlement token.
    """

    first_month: int
    registry_key: bytes
    admin_delay_s: int = 0
    fee_bps: int = 0
    metadata_uri: str = ""
    money_name: str = "Settlement money"
    money_symbol: str = "SET"


def deploy(
    web3: Web3,
    signer: Signer,
    roles: Roles,
    terms: Terms,
    *,
    admin: str = "role/admin",
    embedded: bool = False,
) -> ChainIdentity:
    """Make what is missing of the contracts and the grants, and say where everything is.

    Running it again, also after a kill, changes nothing that is done and returns the same.

    Args:
        web3: of an `EmbeddedChain`, or from `rpc.connect`.
        signer: holds the admin's key.
        roles: who gets which role.
        terms: what the constructors fix.
        admin: key reference that deploys and grants; it has sent nothing else on this chain
            before, and it pays the gas.
        embedded: the chain is the embedded one, which takes no fee.

    Raises:
        DeployerUsed: the admin's key has sent something else first.
        TransactionFailed: a step was mined and failed.
        ChainUnreachable: no answer; run it again.
    """
    owner = to_checksum_address(signer.address(admin))
    at = {name: _created(owner, number) for number, name in enumerate(ORDER)}
    _wait_for_pending(web3, owner)
    for number, name in enumerate(ORDER):
        if web3.eth.get_code(at[name]):
            continue
        sent = web3.eth.get_transaction_count(owner, "pending")
        if sent != number:
            raise DeployerUsed(deployer=owner, sent=sent, expected=number)
        data = creation_code(name, at) + _arguments(name, at, owner, roles, terms)
        _do(web3, signer, admin, None, data, DEPLOY_GAS, f"deploy {name}", embedded)
    for contract, role, account in _grants(roles, at["CarbonChallenge"]):
        who = to_checksum_address(account)
        asked = abi_data(contract, "hasRole", role, who)
        to, gas = at[SOURCE[contract]], GRANT_GAS
        if not any(ask(web3, caller=owner, to=to, data=asked, gas=gas, free=embedded)):
            data = abi_data(contract, "grantRole", role, who)
            _do(web3, signer, admin, to, data, gas, f"grant to {who}", embedded)
    return ChainIdentity(
        chain_id=web3.eth.chain_id,
        bank=at["CarbonBank"],
        challenge=at["CarbonChallenge"],
        market=at["CarbonMarket"],
        money=at["SettlementToken"],
        forwarder=at["ERC2771Forwarder"],
        embedded=embedded,
    )


def _arguments(
    name: str, at: dict[str, ChecksumAddress], owner: ChecksumAddress, roles: Roles, terms: Terms
) -> bytes:
    """Return the constructor's arguments in ABI encoding; a library has no constructor."""
    forwarder = at["ERC2771Forwarder"]
    key_hash = keccak256(terms.registry_key)
    values: tuple[Any, ...] = {
        "ERC2771Forwarder": (FORWARDER_NAME,),
        "CarbonBank": (
            forwarder, owner, terms.admin_delay_s, terms.first_month, key_hash, terms.metadata_uri,
        ),
        "CarbonChallenge": (at["CarbonBank"],),
        "SettlementToken": (forwarder, owner, terms.money_name, terms.money_symbol),
        "CarbonMarket": (forwarder, owner, at["CarbonBank"], terms.fee_bps, roles.treasurer),
    }.get(name, ())  # fmt: skip
    types = [
        one["type"]
        for entry in load(name)["abi"]
        if entry["type"] == "constructor"
        for one in entry["inputs"]
    ]
    return encode(types, values)


def _grants(roles: Roles, challenge: str) -> Iterator[tuple[Contract, bytes, str]]:
    for name in ("certifier", "verifier", "issuer", "registrar", "guardian"):
        yield "bank", keccak256(name.upper().encode()), getattr(roles, name)
    yield "bank", keccak256(b"CHALLENGER"), challenge
    yield "money", keccak256(b"MINTER"), roles.treasurer


def _do(
    web3: Web3,
    signer: Signer,
    admin: str,
    to: ChecksumAddress | None,
    data: bytes,
    gas: int,
    what: str,
    free: bool,
) -> None:
    owner = to_checksum_address(signer.address(admin))
    nonce = web3.eth.get_transaction_count(owner, "pending")
    chain_id = web3.eth.chain_id
    sent = send_raw(
        web3, signer, admin, chain_id=chain_id, nonce=nonce, to=to, data=data, gas=gas, free=free
    )
    mined = wait_mined(web3, sent, WAIT_S)
    if mined["status"] != 1:
        raise TransactionFailed(command=what, tx_hash=sent.to_0x_hex())


def _wait_for_pending(web3: Web3, owner: ChecksumAddress) -> None:
    """Let what a killed deployment had sent be mined first, or its step would be done twice."""
    until = time.monotonic() + WAIT_S
    while web3.eth.get_transaction_count(owner, "pending") > web3.eth.get_transaction_count(owner):
        if time.monotonic() > until:
            raise DeployerBusy(deployer=owner, waited_s=WAIT_S)
        time.sleep(1)


def _created(owner: ChecksumAddress, nonce: int) -> ChecksumAddress:
    """Return the address of the contract made by a transaction (Yellow Paper, section 7)."""
    return to_checksum_address(keccak256(rlp.encode([bytes.fromhex(owner[2:]), nonce]))[12:])
