"""Signed orders and what became of them: stored truth, seen against the synced chain."""

import json
from dataclasses import dataclass
from typing import Any

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.codec import from_text
from carbonbank.domain.order import Order
from carbonbank.domain.records import ChainBatch, ChainLog, ChainTrade, StoredOrder
from carbonbank.ports import Session
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """An order, in grams and micro-units per tonne.

    `state`: open, filled, cancelled, expired, or stopped while its batch does not move.
    """

    order_hash: str
    account: str
    side: str
    batch_id: str | None
    class_id: str | None
    amount_g: int
    filled_g: int
    price_units_per_t: int
    valid_until: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dead:
    """What makers killed: orders, and of each maker everything signed up to a second.

    Anyone may name any hash to the market; it kills orders of the sender alone.
    """

    orders: set[tuple[str, str]]
    signed_up_to: dict[str, int]


def order_book(
    bank: Bank,
    account: str | None = None,
    *,
    batch: str | None = None,
    class_id: str | None = None,
) -> tuple[BookEntry, ...]:
    """Return orders oldest first: all, or those of an account, a batch or a class."""
    now_s = int(bank.clock.now_at().timestamp())
    equal = {"account": account, "batch_id": batch, "class_id": class_id}
    wanted: dict[str, Any] = {name: one for name, one in equal.items() if one is not None}
    with bank.store.read() as session:
        dead = _dead(session)
        return tuple(
            _entry(session, stored, dead, now_s)
            for stored in session.find(StoredOrder, order="created_at", **wanted)
        )


def filled_g(session: Session, order_hash: str) -> int:
    """Return the grams of an order that were traded."""
    sold = session.find(ChainTrade, sell_hash=order_hash)
    bought = session.find(ChainTrade, buy_hash=order_hash)
    return sum(trade.amount_g for trade in (*sold, *bought))


def _dead(session: Session) -> _Dead:
    one = [json.loads(log.fields) for log in session.find(ChainLog, name="OrderCancelled")]
    every = [json.loads(log.fields) for log in session.find(ChainLog, name="AllOrdersCancelled")]
    return _Dead(
        orders={(fields["maker"], fields["order_hash"].removeprefix("0x")) for fields in one},
        signed_up_to={fields["maker"]: int(fields["signed_up_to"]) for fields in every},
    )


def _entry(session: Session, stored: StoredOrder, dead: _Dead, now_s: int) -> BookEntry:
    order = from_text(Order, stored.order)
    done_g = filled_g(session, stored.order_hash)
    return BookEntry(
        order_hash=stored.order_hash,
        account=stored.account,
        side=stored.side,
        batch_id=stored.batch_id,
        class_id=stored.class_id,
        amount_g=stored.amount_g,
        filled_g=done_g,
        price_units_per_t=stored.price_units_per_t,
        valid_until=order.valid_until,
        state=_state(session, stored, order, dead, done_g=done_g, now_s=now_s),
    )


def _state(
    session: Session, stored: StoredOrder, order: Order, dead: _Dead, *, done_g: int, now_s: int
) -> str:
    batch = session.get(ChainBatch, stored.batch_id) if stored.batch_id else None
    if done_g >= stored.amount_g:
        return "filled"
    killed = (order.maker, stored.order_hash) in dead.orders
    if killed or order.signed_at <= dead.signed_up_to.get(order.maker, 0):
        return "cancelled"
    if order.valid_until < now_s:
        return "expired"
    return "stopped" if batch and batch.status != BatchStatus.ACTIVE.name else "open"
