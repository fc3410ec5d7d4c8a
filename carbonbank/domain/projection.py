"""The tables that follow the chain, as a pure fold over its events.

A projection is nobody's truth: the same events give the same tables, so they can be dropped and
folded again at any time. Only `service/sync_chain.py` writes what is folded here.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from carbonbank.domain.chain_facts import BatchStatus, ChainEvent
from carbonbank.domain.claim import batch_text
from carbonbank.domain.codec import to_text
from carbonbank.domain.records import (
    ChainBatch,
    ChainHolding,
    ChainLog,
    ChainMoney,
    ChainPayout,
    ChainRetirement,
    ChainTrade,
    ChainVehicle,
)

R = TypeVar("R")
Fields = dict[str, Any]

NOBODY = "0x" + 40 * "0"
"""The address tokens are minted from and burnt to."""


class Look(Protocol):
    """How the fold sees the tables as they are."""

    def __call__(self, kind: type[R], *key: Any) -> R | None:
        """Return the record with this key, or None."""
        ...


def log_of(event: ChainEvent) -> ChainLog:
    """Return an event as it is kept."""
    return ChainLog(
        block_number=event.block_number,
        log_index=event.log_index,
        tx_hash=event.tx_hash,
        name=event.name,
        actor=event.actor,
        nonce=event.nonce,
        fields=to_text(event.fields),
    )


def fold(logs: Iterable[ChainLog], look: Look) -> list[Any]:
    """Return the records that change when the logs of one transaction happen, in order.

    `logs` are all logs of one transaction: a mint is the operator's share where the transaction
    issues the batch and a driver's payout where it does not, and only the others tell which.
    """
    ordered = sorted(logs, key=lambda log: log.log_index)
    tables = _Tables(look)
    tables.issued = {_batch(json.loads(log.fields)) for log in ordered if log.name == "BatchIssued"}
    for log in ordered:
        if log.name in _FOLDS:
            _FOLDS[log.name](tables, log, json.loads(log.fields))
    return list(tables.changed.values())


class _Tables:
    """The tables while one transaction is folded: what is known, under what changed."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.changed: dict[tuple[Any, ...], Any] = {}
        self.issued: set[str] = set()

    def get(self, kind: type[R], *key: Any) -> R | None:
        found: R | None = self.changed.get((kind, *key))
        return self._look(kind, *key) if found is None else found

    def put(self, record: Any) -> None:
        kind = type(record)
        self.changed[(kind, *(getattr(record, name) for name in kind.KEY))] = record

    def batch(self, batch_id: str) -> ChainBatch:
        found = self.get(ChainBatch, batch_id)
        assert found is not None, f"an event of batch {batch_id} before the one that issued it"
        return found

    def add_held(self, address: str, batch_id: str, change_g: int) -> None:
        held = self.get(ChainHolding, address, batch_id)
        held_g = (held.held_g if held else 0) + change_g
        self.put(ChainHolding(address=address, batch_id=batch_id, held_g=held_g))

    def add_money(self, address: str, change_units: int) -> None:
        held = self.get(ChainMoney, address)
        units = (held.held_units if held else 0) + change_units
        self.put(ChainMoney(address=address, held_units=units))


def words_of(word: str) -> str:
    """Return the text of a 32-byte word: UTF-8 padded with zeros, or `0x` hex if it is a hash."""
    try:
        return bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return word


def _hash(word: str) -> str | None:
    """Return an order's hash as hex; None where a side took the other's order directly."""
    plain = word.removeprefix("0x")
    return plain if int(plain, 16) else None


def _batch(fields: Fields) -> str:
    return batch_text(int(fields["batch_id"]))


def _source(fields: Fields) -> str:
    return batch_text(int(fields["source_batch_id"]))


def _issued(tables: _Tables, log: ChainLog, fields: Fields) -> None:
    claim = fields["claim"]
    operator_g, drivers_g, buffer_g = (
        int(claim[name]) for name in ("operator_g", "drivers_g", "buffer_g")
    )
    tables.put(
        ChainBatch(
            batch_id=_batch(fields),
            fleet_id=fields["fleet_id"].removeprefix("0x"),
            month=int(claim["month"]),
            status=BatchStatus.ACTIVE.name,
            issued_g=operator_g + drivers_g + buffer_g,
            claimable_g=drivers_g,
            buffer_g=buffer_g,
            retired_g=0,
            cancelled_g=0,
            block_number=log.block_number,
        )
    )


def _moved(tables: _Tables, log: ChainLog, fields: Fields) -> None:
    _move(tables, log, fields, int(fields["id"]), int(fields["value"]))


def _moved_many(tables: _Tables, log: ChainLog, fields: Fields) -> None:
    for number, value in zip(fields["ids"], fields["values"], strict=True):
        _move(tables, log, fields, int(number), int(value))


def _move(tables: _Tables, log: ChainLog, fields: Fields, number: int, amount_g: int) -> None:
    batch_id, sender, recipient = batch_text(number), fields["from"], fields["to"]
    if sender != NOBODY:
        tables.add_held(sender, batch_id, -amount_g)
    elif batch_id not in tables.issued:
        _paid_out(tables, log, batch_id, recipient, amount_g)
    if recipient != NOBODY:
        tables.add_held(recipient, batch_id, amount_g)


def _paid_out(tables: _Tables, log: ChainLog, batch_id: str, address: str, amount_g: int) -> None:
    batch = tables.batch(batch_id)
    tables.put(replace(batch, claimable_g=batch.claimable_g - amount_g))
    before = tables.get(ChainPayout, batch_id, address, log.tx_hash)
    paid_g = amount_g + (before.amount_g if before else 0)
    tables.put(
        ChainPayout(batch_id=batch_id, address=address, tx_hash=log.tx_hash, amount_g=paid_g)
    )


def _retired(tables: _Tables, log: ChainLog, fields: Fields) -> None:
    batch = tables.batch(_batch(fields))
    amount_g = int(fields["amount_g"])
    tables.put(replace(batch, retired_g=batch.retired_g + amount_g))
    tables.put(
        ChainRetirement(
            retirement_id=int(fields["retirement_id"]),
            batch_id=batch.batch_id,
            holder=fields["holder"],
            amount_g=amount_g,
            beneficiary=words_of(fields["beneficiary"]),
            purpose=words_of(fields["purpose"]),
            serial_first=int(fields["from_serial"]),
            serial_last=int(fields["to_serial"]),
            tx_hash=log.tx_hash,
            block_number=log.block_number,
        )
    )


def _frozen(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    tables.put(replace(tables.batch(_batch(fields)), status=BatchStatus.FROZEN.name))


def _unfrozen(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    tables.put(replace(tables.batch(_batch(fields)), status=BatchStatus.ACTIVE.name))


def _disproven(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    tables.put(replace(tables.batch(_batch(fields)), status=BatchStatus.DISPROVEN.name))


def _corrected(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    tables.put(replace(tables.batch(_batch(fields)), status=BatchStatus.ACTIVE.name))


def _buffer_cancelled(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    source, amount_g = tables.batch(_source(fields)), int(fields["amount_g"])
    tables.put(
        replace(
            source,
            buffer_g=source.buffer_g - amount_g,
            cancelled_g=source.cancelled_g + amount_g,
        )
    )


def _cancelled(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    """Holdings stay as events left them: one event ends them all, and the status says so."""
    tables.put(
        replace(
            tables.batch(_batch(fields)),
            status=BatchStatus.CANCELLED.name,
            claimable_g=0,
            buffer_g=0,
            cancelled_g=int(fields["cancelled_g"]),
        )
    )


def _replaced(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    source = tables.batch(_source(fields))
    amount_g = int(fields["source_to_serial"]) - int(fields["source_from_serial"]) + 1
    tables.put(
        replace(source, buffer_g=source.buffer_g - amount_g, retired_g=source.retired_g + amount_g)
    )


def _belongs(tables: _Tables, fields: Fields, fleet_id: str) -> None:
    tables.put(
        ChainVehicle(
            vehicle_index=int(fields["vehicle_index"]),
            from_month=int(fields["from_month"]),
            fleet_id=fleet_id.removeprefix("0x"),
        )
    )


def _enrolled(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    _belongs(tables, fields, fields["fleet_id"])


def _changed_fleet(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    _belongs(tables, fields, fields["to_fleet_id"])


def _money_moved(tables: _Tables, _log: ChainLog, fields: Fields) -> None:
    units = int(fields["value"])
    if fields["from"] != NOBODY:
        tables.add_money(fields["from"], -units)
    if fields["to"] != NOBODY:
        tables.add_money(fields["to"], units)


def _traded(tables: _Tables, log: ChainLog, fields: Fields) -> None:
    tables.put(
        ChainTrade(
            tx_hash=log.tx_hash,
            log_index=log.log_index,
            batch_id=_batch(fields),
            seller=fields["seller"],
            buyer=fields["buyer"],
            amount_g=int(fields["amount_g"]),
            paid_units=int(fields["paid_units"]),
            fee_units=int(fields["fee_units"]),
            sell_hash=_hash(fields["sell_hash"]),
            buy_hash=_hash(fields["buy_hash"]),
            block_number=log.block_number,
        )
    )


_FOLDS: dict[str, Callable[[_Tables, ChainLog, Fields], None]] = {
    "VehicleEnrolled": _enrolled,
    "VehicleMoved": _changed_fleet,
    "BatchIssued": _issued,
    "TransferSingle": _moved,
    "TransferBatch": _moved_many,
    "CreditsRetired": _retired,
    "BatchFrozen": _frozen,
    "BatchUnfrozen": _unfrozen,
    "BatchDisproven": _disproven,
    "BatchCorrected": _corrected,
    "BufferCancelled": _buffer_cancelled,
    "BatchCancelled": _cancelled,
    "RetirementReplaced": _replaced,
    "Transfer": _money_moved,
    "CreditsTraded": _traded,
}
