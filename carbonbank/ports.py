"""Every door of the house on one page. A port, its adapter and its fake have the same file name.

| port | adapter | fake (tests/fakes) |
| --- | --- | --- |
| Store | store/store.py | store.py |
| Chain | chain/gateway.py | chain.py |
| Signer | chain/keystore.py | signer.py |
| Jobs | jobs/durable.py | none: the real one starts in 0.1 s |
| Reader | intake/reader.py | none: reading is pure |
| Press | report/press.py | none: rendering is pure |
| Clock | config.py | clock.py |
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.chain_facts import (
    BatchAmounts,
    BlockRef,
    ChainEvent,
    ChainIdentity,
    MethodologyOnChain,
    Operation,
    Receipt,
    VehicleOnChain,
)
from carbonbank.domain.charge import OfferedCharges
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.commands import Command
from carbonbank.domain.job import Job
from carbonbank.domain.mapping import Proposal
from carbonbank.domain.order import Order
from carbonbank.domain.signed_call import SignedCall, UnsignedCall, UnsignedRequest
from carbonbank.mrv.trips import RawTrips

R = TypeVar("R")


class Clock(Protocol):
    """The only source of now."""

    def now_at(self) -> datetime:
        """Return the current aware UTC datetime."""
        ...


class Session(Protocol):
    """One transaction over typed records (carbonbank/domain/records.py).

    A record class is a table; its primary key is the fields named in its `KEY`.
    """

    def add(self, record: Any) -> bool:
        """Insert; False if the same record exists, `Conflict` if it has other content."""
        ...

    def put(self, record: Any) -> None:
        """Insert or replace by key."""
        ...

    def get(self, kind: type[R], *key: Any) -> R | None:
        """Return the record with this key, or None."""
        ...

    def need(self, kind: type[R], *key: Any) -> R:
        """Return the record with this key, or raise `NotFound`."""
        ...

    def find(
        self, kind: type[R], *, order: str | None = None, limit: int | None = None, **equal: Any
    ) -> list[R]:
        """Return records whose fields equal the given values; a list value means any of.

        They come ordered by `order` (`-name` descends, None sorts lowest) and then by key.
        """
        ...

    def count(self, kind: type[Any], **equal: Any) -> int:
        """Count records."""
        ...

    def remove(self, kind: type[Any], **equal: Any) -> int:
        """Delete matching records (projections, erasures) and return how many."""
        ...


class Store(Protocol):
    """Typed records in transactions; SQLite or PostgreSQL."""

    def begin(self) -> AbstractContextManager[Session]:
        """Open a transaction as the one writer: commit at the end, roll back on any exception.

        Opening one inside another in the same thread is `InvariantBroken`.
        """
        ...

    def read(self) -> AbstractContextManager[Session]:
        """Open a snapshot of the last committed state that waits for no writer and cannot write."""
        ...


class Signer(Protocol):
    """Keys by reference; a private key never leaves the adapter."""

    def address(self, key: str) -> str:
        """Return the EIP-55 address of a key reference such as `role/issuer` or `account/x`."""
        ...

    def sign_digest(self, key: str, digest: bytes) -> bytes:
        """Sign a 32-byte digest: 65 bytes r, s, v (v 27 or 28)."""
        ...

    def sign_transaction(self, key: str, transaction: dict[str, Any]) -> bytes:
        """Return the raw signed transaction."""
        ...


class Chain(Protocol):
    """The EVM behind one gateway: simulate, decode the revert, send, check status and event."""

    @property
    def identity(self) -> ChainIdentity:
        """Which chain and contracts this is."""
        ...

    def next_nonce(self, command: Command, sender: str) -> int:
        """Return the sequence number `submit` would use now for this command and key reference."""
        ...

    def submit(self, command: Command, sender: str, nonce: int | None = None) -> Receipt:
        """Do one command with the key reference `sender` and return its mined receipt.

        With `nonce` given, the act happens at most once: if that number is already spent,
        `NonceSpent` is raised and nothing is sent. A revert raises the ledger error of its name.
        """
        ...

    def unsigned(self, command: Command, sender: str) -> UnsignedCall:
        """Return a command as the transaction that the address `sender` is to sign now.

        A call that would revert raises the ledger error of its name.
        """
        ...

    def request(self, command: Command, deadline: int) -> UnsignedRequest:
        """Return an account's act as its own key is to sign it now, until a Unix second."""
        ...

    def submit_request(
        self, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> Receipt:
        """Relay an account's act that its own key signed, and return the receipt.

        If the request's number is already spent, `NonceSpent` is raised and nothing is sent.
        """
        ...

    def relayed_in(
        self, tx_hash: str, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> bool:
        """Tell whether a transaction relayed this very request, under this very signature."""
        ...

    def read_signed(self, raw: bytes) -> SignedCall:
        """Return what a raw signed transaction says, or raise `SignedCallUnreadable`."""
        ...

    def relay(self, raw: bytes) -> Receipt:
        """Send a raw signed transaction and return its receipt; sent before, it is looked up."""
        ...

    def head(self) -> BlockRef:
        """Return the newest block that has the required confirmations."""
        ...

    def block(self, number: int) -> BlockRef | None:
        """Return a block by number, None if the chain is not that long."""
        ...

    def events(self, first_block: int, last_block: int) -> Iterator[ChainEvent]:
        """Yield all events of the bank's contracts in order."""
        ...

    def claim_digest(self, claim: BatchClaim) -> bytes:
        """Return the EIP-712 digest a verifier signs."""
        ...

    def order_digest(self, order: Order) -> bytes:
        """Return the EIP-712 digest a maker signs."""
        ...

    def operator_of(self, fleet_id: bytes) -> str | None:
        """Return the operator of an enrolled fleet."""
        ...

    def vehicle(self, commitment: bytes, month: int = ...) -> VehicleOnChain | None:
        """Return an enrolled vehicle by commitment, with its fleet in a month, or its latest.

        `fleet_id` is zero in a month before its first; `from_month` is its first in any fleet.
        """
        ...

    def methodology(self, methodology_id: bytes) -> MethodologyOnChain | None:
        """Return a certified methodology."""
        ...

    def batch(self, batch_id: int) -> BatchAmounts:
        """Return a batch's amounts; status NONE if it was never issued."""
        ...

    def held_g(self, account: str, batch_id: int) -> int:
        """Return the grams an account holds of a batch."""
        ...

    def is_claimed(self, claim: BatchClaim, index: int) -> bool:
        """Tell whether a payout leaf of an issued claim was paid."""
        ...

    def is_credited(self, vehicle_index: int, month: int) -> bool:
        """Tell whether a vehicle-month was ever credited."""
        ...

    def money_units(self, account: str) -> int:
        """Return an account's settlement money."""
        ...

    def contract_signed(self, account: str, digest: bytes, signature: bytes) -> bool:
        """Tell whether the contract at an address signed a digest, as it says itself (ERC-1271)."""
        ...

    def takes_credits(self, account: str) -> bool:
        """Tell whether credits can be paid to an address: a contract has to say so (ERC-1155)."""
        ...

    def operation_id(self, act: AdminAct, salt: bytes) -> bytes:
        """Return the id the timelock has for an act of the admin under a 32-byte salt."""
        ...

    def operation(self, operation_id: bytes) -> Operation:
        """Return how far an operation is; state UNKNOWN if it was never scheduled."""
        ...

    def admin_delay_s(self) -> int:
        """Return how many seconds an admin's act waits at least."""
        ...

    def call_in_words(self, to: str, data: bytes) -> str:
        """Return a call of the bank's contracts as a person reads it."""
        ...


class Jobs(Protocol):
    """Durable work: asked for anywhere, done once by the worker, finished after a kill."""

    def enqueue(self, kind: str, content: dict[str, Any]) -> str:
        """Ask for a job and return its id; the same content while waiting is the same job."""
        ...

    def job(self, wanted_id: str) -> Job | None:
        """Return a job by id."""
        ...

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return the newest jobs first."""
        ...


class Reader(Protocol):
    """Files in: recognised by content, never by name."""

    def read(self, data: bytes, filename: str, options: dict[str, Any]) -> RawTrips:
        """Read a file into raw trips and row issues, or raise an `InputError`."""
        ...

    def read_charges(
        self, data: bytes, filename: str, vehicles: Mapping[str, str], options: dict[str, Any]
    ) -> OfferedCharges:
        """Read a file of charging sessions, with the fleet's book of tokens."""
        ...

    def propose(self, data: bytes, filename: str, name: str, options: dict[str, Any]) -> Proposal:
        """Propose how a table of no known format may be read, or raise an `InputError`."""
        ...


class Press(Protocol):
    """Documents out: deterministic bytes."""

    def certificate(self, facts: dict[str, Any]) -> bytes:
        """Render a retirement certificate as PDF."""
        ...

    def package(self, members: dict[str, bytes]) -> bytes:
        """Return an audit package: a deterministic zip of the members by name."""
        ...
