"""Prove the books from the chain: everything is computed again, and every difference is told.

A clean bank has no findings. Nothing is repaired here: dropping the projections and syncing is for
the tables, running an unfinished use case again for the rest.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import (
    BatchClaim,
    batch_id,
    batch_number,
    batch_text,
    vehicle_words,
    vehicles_hash,
)
from carbonbank.domain.codec import from_text
from carbonbank.domain.evidence import encode_leaf, leaves_of_file
from carbonbank.domain.hashing import sha256
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.payout import payout_tree, payouts_of_dump
from carbonbank.domain.projection import fold
from carbonbank.domain.records import (
    PROJECTIONS,
    ChainBatch,
    ChainBlock,
    ChainHolding,
    ChainLog,
    ChainMoney,
    ChainPayout,
    Intent,
    Issuance,
    SealedBatch,
    Vehicle,
    VehicleMonth,
    Verification,
)
from carbonbank.domain.replacement import REPLACED, Replacement, replacements_of
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference: what it is about, what the books say and what the chain or the law says."""

    code: str
    subject: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What was compared, and every difference; clean means no findings."""

    head_block: int
    batches: int
    holdings: int
    vehicle_months: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    batches: list[ChainBatch]
    holdings: list[ChainHolding]
    money: list[ChainMoney]
    payouts: list[ChainPayout]
    months: list[VehicleMonth]
    vehicles: dict[tuple[str, str], Vehicle]
    sealed: list[SealedBatch]
    issuances: dict[str, Issuance]
    verifications: set[str]
    intents: list[Intent]
    replacements: tuple[Replacement, ...]


def reconcile(bank: Bank) -> Reconciliation:
    """Sync, then compare projections, store and chain with each other and with the money law."""
    head_block = sync_chain(bank).head_block
    with bank.store.read() as session:
        findings = list(_tables_fold_again(session))
        books = _read(session)
    for check in (_amounts, _holdings, _months, _sealed, _issuances, _acts):
        findings += check(bank, books)
    return Reconciliation(
        head_block=head_block,
        batches=len(books.batches),
        holdings=len(books.holdings),
        vehicle_months=len(books.months),
        findings=tuple(findings),
    )


def _read(session: Session) -> _Books:
    return _Books(
        batches=session.find(ChainBatch),
        holdings=session.find(ChainHolding),
        money=session.find(ChainMoney),
        payouts=session.find(ChainPayout),
        months=session.find(VehicleMonth),
        vehicles={(one.fleet, one.vehicle_id): one for one in session.find(Vehicle)},
        sealed=session.find(SealedBatch),
        issuances={one.batch_id: one for one in session.find(Issuance)},
        verifications={one.batch_id for one in session.find(Verification)},
        intents=session.find(Intent, tx_hash=None),
        replacements=replacements_of(session.find(ChainLog, name=REPLACED)),
    )


def _differ(code: str, subject: str, *pairs: tuple[str, Any, Any]) -> Iterator[Finding]:
    for name, found, expected in pairs:
        if found != expected:
            yield Finding(
                code=code,
                subject=f"{subject} {name}".strip(),
                found=str(found),
                expected=str(expected),
            )


def _tables_fold_again(session: Session) -> Iterator[Finding]:
    """The tables are what the stored events fold to."""
    tables: dict[tuple[Any, ...], Any] = {}

    def look(kind: type[Any], *key: Any) -> Any:
        return tables.get((kind, *key))

    logs = session.find(ChainLog)
    for _, of_one in groupby(logs, key=lambda log: log.tx_hash):
        for record in fold(of_one, look):
            tables[_key(record)] = record
    for kind in PROJECTIONS:
        if kind not in {ChainBlock, ChainLog}:
            rows: list[Any] = session.find(kind)
            kept = {_key(row): row for row in rows}
            again = {key: record for key, record in tables.items() if key[0] is kind}
            for key in kept.keys() | again.keys():
                yield from _differ(
                    "PROJECTION_DIFFERS",
                    " ".join(map(str, key[1:])),
                    (kind.__name__, kept.get(key), again.get(key)),
                )


def _key(record: Any) -> tuple[Any, ...]:
    kind = type(record)
    return kind, *(getattr(record, name) for name in kind.KEY)


def _amounts(bank: Bank, books: _Books) -> Iterator[Finding]:
    """BANK_A per batch, and the projection of it."""
    for row in books.batches:
        chain = bank.chain.batch(batch_number(row.batch_id))
        yield from _differ(
            "BATCH_DIFFERS",
            row.batch_id,
            ("status", row.status, chain.status.name),
            *(
                (name, getattr(row, name), getattr(chain, name))
                for name in (
                    "month",
                    "issued_g",
                    "claimable_g",
                    "buffer_g",
                    "retired_g",
                    "cancelled_g",
                )
            ),
        )
        replaced_g = sum(one.amount_g for one in books.replacements if one.batch_id == row.batch_id)
        is_dead = row.status == BatchStatus.CANCELLED.name
        yield from _differ(
            "BATCH_DIFFERS",
            row.batch_id,
            ("unreplaced_g", row.retired_g - replaced_g if is_dead else 0, chain.unreplaced_g),
        )
        held_g = sum(
            bank.chain.held_g(one.address, batch_number(row.batch_id))
            for one in books.holdings
            if one.batch_id == row.batch_id
        )
        parts_g = chain.claimable_g + chain.buffer_g + chain.retired_g + chain.cancelled_g
        yield from _differ(
            "BANK_A", row.batch_id, ("grams in all parts", held_g + parts_g, chain.issued_g)
        )


def _holdings(bank: Bank, books: _Books) -> Iterator[Finding]:
    """A cancelled batch leaves the events of its holdings as they were, and nobody holds any."""
    dead = {row.batch_id for row in books.batches if row.status == BatchStatus.CANCELLED.name}
    for row in books.holdings:
        held_g = bank.chain.held_g(row.address, batch_number(row.batch_id))
        booked_g = 0 if row.batch_id in dead else row.held_g
        yield from _differ(
            "HOLDING_DIFFERS", f"{row.address} {row.batch_id}", ("held_g", booked_g, held_g)
        )
    for money in books.money:
        units = bank.chain.money_units(money.address)
        yield from _differ("MONEY_DIFFERS", money.address, ("held_units", money.held_units, units))


def _months(bank: Bank, books: _Books) -> Iterator[Finding]:
    """A vehicle-month is issued here if and only if it is credited there."""
    for month in books.months:
        vehicle = books.vehicles.get((month.fleet, month.vehicle_id))
        # From its move on, what the chain credits is the other fleet's.
        ours = vehicle is not None and month.month < (vehicle.until_month or month.month + 1)
        index = vehicle.vehicle_index if vehicle and ours else None
        credited = index is not None and bank.chain.is_credited(index, month.month)
        yield from _differ(
            "MONTH_DIFFERS",
            f"{month.fleet} {month.vehicle_id} {month.month}",
            ("credited", month.state == "issued", credited),
        )


def _sealed(bank: Bank, books: _Books) -> Iterator[Finding]:
    """What was sealed hashes to what was signed."""
    for sealed in books.sealed:
        claim = from_text(BatchClaim, sealed.claim)
        leaves = leaves_of_file(sealed.leaves)
        tree = payout_tree(payouts_of_dump(json.loads(sealed.payouts)))
        indices = [row["vehicle_index"] for row in json.loads(sealed.vehicles)["vehicles"]]
        running_g = leaves[-1].running_g if leaves else 0
        yield from _differ(
            "EVIDENCE_DIFFERS",
            sealed.batch_id,
            ("batch id", batch_number(sealed.batch_id), batch_id(claim)),
            ("evidence root", evidence_root(map(encode_leaf, leaves)), claim.evidence_root),
            ("trip count", len(leaves), claim.trip_count),
            ("total_g", sealed.total_g, claim.total_g),
            ("running total", running_g, claim.total_g),
            ("report hash", sha256(sealed.report.encode()), claim.report_hash),
            ("payout root", tree.root, claim.payout_root),
            ("drivers_g", sum(one.amount_g for one in tree.payouts), claim.drivers_g),
            ("vehicles hash", vehicles_hash(*vehicle_words(indices)), claim.vehicles_hash),
        )
        yield from _paid(bank, books, claim, tree.payouts)


def _paid(
    bank: Bank, books: _Books, claim: BatchClaim, payouts: tuple[Any, ...]
) -> Iterator[Finding]:
    """A payout is in the books if and only if the chain paid it."""
    batch = batch_text(batch_id(claim))
    if batch not in {row.batch_id for row in books.batches}:
        return
    paid = {row.address for row in books.payouts if row.batch_id == batch}
    for payout in payouts:
        is_paid = bank.chain.is_claimed(claim, payout.index)
        yield from _differ(
            "PAYOUT_DIFFERS",
            f"{batch} {payout.index}",
            ("claimed", payout.account in paid, is_paid),
        )


def _issuances(bank: Bank, books: _Books) -> Iterator[Finding]:
    """Sealed state, issuance and chain tell the same story."""
    on_chain = {row.batch_id: row for row in books.batches}
    for sealed in books.sealed:
        issuance = books.issuances.get(sealed.batch_id)
        row = on_chain.pop(sealed.batch_id, None)
        status = bank.chain.batch(batch_number(sealed.batch_id)).status
        is_issued = status is not BatchStatus.NONE
        is_verified = sealed.batch_id in books.verifications
        yield from _differ(
            "ISSUANCE_DIFFERS",
            sealed.batch_id,
            ("state issued", sealed.state == "issued", is_issued),
            ("issuance kept", issuance is not None, is_issued),
            ("verified", is_verified, is_verified or is_issued),
            ("block", issuance.block_number if issuance else None, row and row.block_number),
        )
        if issuance is not None:
            block = bank.chain.block(issuance.block_number)
            block_hash = block.block_hash if block else None
            yield from _differ(
                "ISSUANCE_DIFFERS",
                sealed.batch_id,
                ("block hash", issuance.block_hash, block_hash),
            )
    for unknown in on_chain:
        yield from _differ("ISSUANCE_DIFFERS", unknown, ("sealed here", False, True))


def _acts(_bank: Bank, books: _Books) -> Iterator[Finding]:
    for intent in books.intents:
        yield from _differ(
            "ACT_UNFINISHED",
            f"{intent.kind} of {intent.sender}",
            ("done", False, True),
        )
