"""Bring the contracts onto a chain and hand out the roles, as often as it takes.

Everything is done by one key that does nothing else before: the address of its n-th contract
follows from its address and n, so the chain itself tells what a killed deployment had done. The
admin of all contracts is a timelock. It begins without a delay and obeys the deploying key; one
operation then grants every role, names who administers, takes the deploying key's powers away and
sets the delay. From then on that key is nobody.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3 import Web3

from carbonbank.chain.artefacts import LIBRARIES, creation_code, load
from carbonbank.chain.calls import NO_PREDECESSOR, SOURCE, Contract, abi_data
from carbonbank.chain.reading import NOBODY
from carbonbank.chain.transactions import ask, send_raw, wait_mined
from carbonbank.chain.typed_data import FORWARDER_NAME
from carbonbank.domain.chain_facts import ChainIdentity, OperationState
from carbonbank.domain.hashing import keccak256
from carbonbank.errors import AdminHoldsRole, DeployerBusy, DeployerUsed, TransactionFailed
from carbonbank.ports import Signer

DEPLOY_GAS = 8_000_000
GRANT_GAS = 200_000
WAIT_S = 300
ORDER = (
    "ERC2771Forwarder", *LIBRARIES, "TimelockController", "CarbonBank", "SettlementToken",
    "CarbonMarket", "CarbonChallenge",
)  # fmt: skip
PROPOSER, EXECUTOR, CANCELLER = (
    keccak256(f"{role}_ROLE".encode()) for role in ("PROPOSER", "EXECUTOR", "CANCELLER")
)
"""The timelock's own roles, under OpenZeppelin's names."""
UNSALTED = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who may do what: one address each, all different from one another."""

    certifier: str
    verifier: str
    issuer: str
    registrar: str
    guardian: str
    treasurer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """Who may have the timelock act, and how long it waits; none of them holds another role.

    Attributes:
        proposers: schedule what the admin is to do, and cancel it.
        executors: have it done once it has waited.
        delay_s: seconds between the two, and between naming and accepting another admin of the
            bank; 0 in a demo only.
    """

    proposers: tuple[str, ...]
    executors: tuple[str, ...]
    delay_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the contracts are made with.

    Attributes:
        first_month: first creditable month, year * 12 + (month - 1).
        registry_key: the secret K of the VIN commitments; its keccak256 goes on the chain.
        administration: who acts as the admin.
        fee_bps: the market's fee in basis points of every payment.
        metadata_uri: where ERC-1155 metadata is found.
        money_name: name of the settlement token.
        money_symbol: symbol of the settlement token.
    """

    first_month: int
    registry_key: bytes
    administration: Administration
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
    deployer: str = "role/deployer",
    embedded: bool = False,
) -> ChainIdentity:
    """Make what is missing of the contracts and the grants, and say where everything is.

    Running it again, also after a kill, changes nothing that is done and returns the same.

    Args:
        web3: of an `EmbeddedChain`, or from `rpc.connect`.
        signer: holds the deploying key.
        roles: who gets which role.
        terms: what the constructors fix.
        deployer: key reference that deploys and grants; it has sent nothing else on this chain
            before, and it pays the gas.
        embedded: the chain is the embedded one, which takes no fee.

    Raises:
        AdminHoldsRole: who is to administer holds another role.
        DeployerUsed: the deploying key has sent something else first.
        TransactionFailed: a step was mined and failed.
        ChainUnreachable: no answer; run it again.
    """
    _check_apart(roles, terms.administration)
    owner = to_checksum_address(signer.address(deployer))
    at = {name: _created(owner, number) for number, name in enumerate(ORDER)}
    site = _Site(web3, signer, deployer, owner, embedded)
    _wait_for_pending(web3, owner)
    for number, name in enumerate(ORDER):
        if web3.eth.get_code(at[name]):
            continue
        sent = web3.eth.get_transaction_count(owner, "pending")
        if sent != number:
            raise DeployerUsed(deployer=owner, sent=sent, expected=number)
        data = creation_code(name, at) + _arguments(name, at, owner, roles, terms)
        site.do(None, data, DEPLOY_GAS, f"deploy {name}")
    _hand_over(site, at, roles, terms.administration)
    return ChainIdentity(
        chain_id=web3.eth.chain_id,
        bank=at["CarbonBank"],
        challenge=at["CarbonChallenge"],
        market=at["CarbonMarket"],
        money=at["SettlementToken"],
        forwarder=at["ERC2771Forwarder"],
        embedded=embedded,
        timelock=at["TimelockController"],
    )


def _check_apart(roles: Roles, administration: Administration) -> None:
    """The timelock knows nothing of the bank's roles, so the contracts can not see to this."""
    held = {getattr(roles, one.name): one.name for one in fields(roles)}
    for who in (*administration.proposers, *administration.executors):
        if who in held:
            raise AdminHoldsRole(account=who, role=held[who])


def _arguments(
    name: str, at: dict[str, ChecksumAddress], owner: ChecksumAddress, roles: Roles, terms: Terms
) -> bytes:
    """Return the constructor's arguments in ABI encoding; a library has no constructor."""
    forwarder, timelock = at["ERC2771Forwarder"], at["TimelockController"]
    key_hash = keccak256(terms.registry_key)
    values: tuple[Any, ...] = {
        "ERC2771Forwarder": (FORWARDER_NAME,),
        "TimelockController": (0, [owner], [owner], NOBODY),
        "CarbonBank": (
            forwarder, timelock, terms.administration.delay_s, terms.first_month, key_hash,
            terms.metadata_uri,
        ),
        "CarbonChallenge": (at["CarbonBank"],),
        "SettlementToken": (forwarder, timelock, terms.money_name, terms.money_symbol),
        "CarbonMarket": (forwarder, timelock, at["CarbonBank"], terms.fee_bps, roles.treasurer),
    }.get(name, ())  # fmt: skip
    types = [
        one["type"]
        for entry in load(name)["abi"]
        if entry["type"] == "constructor"
        for one in entry["inputs"]
    ]
    return encode(types, values)


def _hand_over(
    site: "_Site", at: dict[str, ChecksumAddress], roles: Roles, administration: Administration
) -> None:
    """Have the timelock do, in one operation, all after which the deploying key is nobody."""
    calls = list(_handed_over(site.owner, roles, administration, at["CarbonChallenge"]))
    targets = [at[SOURCE[contract]] for contract, _ in calls]
    payloads = [data for _, data in calls]
    words = (targets, [0] * len(calls), payloads, NO_PREDECESSOR, UNSALTED)
    timelock, gas = at["TimelockController"], GRANT_GAS * len(calls)
    operation = keccak256(
        encode(["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"], list(words))
    )
    asked = abi_data("timelock", "getOperationState", operation)
    state = int.from_bytes(site.ask(timelock, asked), "big")
    if state == OperationState.UNKNOWN:
        data = abi_data("timelock", "scheduleBatch", *words, 0)
        site.do(timelock, data, gas, "schedule the roles")
    if state != OperationState.DONE:
        site.do(timelock, abi_data("timelock", "executeBatch", *words), gas, "grant the roles")


def _handed_over(
    owner: str, roles: Roles, administration: Administration, challenge: str
) -> Iterator[tuple[Contract, bytes]]:
    """Yield the calls that give every role, and take the deploying key's."""

    def role(contract: Contract, function: str, name: bytes, who: str) -> tuple[Contract, bytes]:
        return contract, abi_data(contract, function, name, to_checksum_address(who))

    for name in ("certifier", "verifier", "issuer", "registrar", "guardian"):
        yield role("bank", "grantRole", keccak256(name.upper().encode()), getattr(roles, name))
    yield role("bank", "grantRole", keccak256(b"CHALLENGER"), challenge)
    yield role("money", "grantRole", keccak256(b"MINTER"), roles.treasurer)
    for power, named in (
        (PROPOSER, administration.proposers),
        (CANCELLER, administration.proposers),
        (EXECUTOR, administration.executors),
    ):
        # Taken first: it may be named itself.
        yield role("timelock", "revokeRole", power, owner)
        for who in named:
            yield role("timelock", "grantRole", power, who)
    yield "timelock", abi_data("timelock", "updateDelay", administration.delay_s)


@dataclass(frozen=True, slots=True)
class _Site:
    """Where is deployed, and the key that does it."""

    web3: Web3
    signer: Signer
    key: str
    owner: ChecksumAddress
    free: bool

    def ask(self, to: ChecksumAddress, data: bytes) -> bytes:
        """Return what a contract answers."""
        return ask(self.web3, caller=self.owner, to=to, data=data, gas=GRANT_GAS, free=self.free)

    def do(self, to: ChecksumAddress | None, data: bytes, gas: int, what: str) -> None:
        """Send one transaction and see it mined."""
        sent = send_raw(
            self.web3,
            self.signer,
            self.key,
            chain_id=self.web3.eth.chain_id,
            nonce=self.web3.eth.get_transaction_count(self.owner, "pending"),
            to=to,
            data=data,
            gas=gas,
            free=self.free,
        )
        mined = wait_mined(self.web3, sent, WAIT_S)
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
