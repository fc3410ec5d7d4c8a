"""Signed orders and what became of them: stored truth, seen against the synced chain."""

import json
from dataclasses import dataclass

from carbonbank.domain.codec import from_text
from carbonbank.domain.order import Order
from carbonbank.domain.records import ChainLog, ChainTrade, StoredOrder
from carbonbank.ports import Session
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """An order, in grams and micro-units per tonne. `state`: open, filled, cancelled, expired."""

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


def order_book(bank: Bank, account: str | None = None) -> tuple[BookEntry, ...]:
    """Return orders of an account, or of all, oldest first."""
    now_s = int(bank.clock.now_at().timestamp())
    with bank.store.read() as session:
        cancelled = {
            json.loads(log.fields)["order_hash"].removeprefix("0x")
            for log in session.find(ChainLog, name="OrderCancelled")
        }
        return tuple(
            _entry(session, stored, cancelled, now_s)
            for stored in session.find(StoredOrder, order="created_at")
            if account in {None, stored.account}
        )


def filled_g(session: Session, order_hash: str) -> int:
    """Return the grams of an order that were traded."""
    sold = session.find(ChainTrade, sell_hash=order_hash)
    bought = session.find(ChainTrade, buy_hash=order_hash)
    return sum(trade.amount_g for trade in (*sold, *bought))


def _entry(session: Session, stored: StoredOrder, cancelled: set[str], now_s: int) -> BookEntry:
    valid_until = from_text(Order, stored.order).valid_until
    done_g = filled_g(session, stored.order_hash)
    if done_g >= stored.amount_g:
        state = "filled"
    elif stored.order_hash in cancelled:
        state = "cancelled"
    else:
        state = "expired" if valid_until < now_s else "open"
    return BookEntry(
        order_hash=stored.order_hash,
        account=stored.account,
        side=stored.side,
        batch_id=stored.batch_id,
        class_id=stored.class_id,
        amount_g=stored.amount_g,
        filled_g=done_g,
        price_units_per_t=stored.price_units_per_t,
        valid_until=valid_until,
        state=state,
    )
