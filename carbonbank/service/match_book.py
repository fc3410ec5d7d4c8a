"""Which open orders meet, over which batch, for how many grams: best price first, then age."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.codec import from_text
from carbonbank.domain.order import Order, Side, class_id
from carbonbank.domain.records import (
    ChainBatch,
    ChainHolding,
    Programme,
    SealedBatch,
    StoredOrder,
)
from carbonbank.ports import Session
from carbonbank.service.order_book import BookEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two orders that meet, the batch that is delivered and the grams."""

    sell: StoredOrder
    buy: StoredOrder
    batch_id: str
    amount_g: int


@dataclass(slots=True, kw_only=True)
class _Rest:
    """What is left to trade while matches are found."""

    rest_g: dict[str, int]
    held_g: dict[tuple[str, str], int] = field(default_factory=dict)


def match_book(session: Session, book: tuple[BookEntry, ...]) -> Iterator[Match]:
    """Yield matches of the open orders of a book; the chain has the last word on each."""
    classes = _classes(session)
    entries = {one.order_hash: one for one in book if one.state == "open"}
    stored = [session.need(StoredOrder, order_hash) for order_hash in entries]
    orders = {one.order_hash: from_text(Order, one.order) for one in stored}
    sells = [one for one in stored if orders[one.order_hash].side is Side.SELL]
    buys = [one for one in stored if orders[one.order_hash].side is Side.BUY]
    sells.sort(key=lambda one: (one.price_units_per_t, one.created_at, one.order_hash))
    buys.sort(key=lambda one: (-one.price_units_per_t, one.created_at, one.order_hash))
    left = _Rest(
        rest_g={name: entry.amount_g - entry.filled_g for name, entry in entries.items()},
        held_g={(h.address, h.batch_id): h.held_g for h in session.find(ChainHolding)},
    )
    for buy in buys:
        for sell in sells:
            ask, bid = orders[sell.order_hash], orders[buy.order_hash]
            if ask.price_units_per_t > bid.price_units_per_t or ask.maker == bid.maker:
                continue
            for batch_id in _batches(sell, buy, classes):
                amount_g = _take(left, ask, bid, (sell.order_hash, buy.order_hash), batch_id)
                if amount_g:
                    yield Match(sell=sell, buy=buy, batch_id=batch_id, amount_g=amount_g)


def _classes(session: Session) -> dict[str, str]:
    """Return the class of every batch that moves, the oldest first."""
    found = {}
    for chain in session.find(ChainBatch, status=BatchStatus.ACTIVE.name, order="block_number"):
        sealed = session.need(SealedBatch, chain.batch_id)
        programme = session.need(Programme, sealed.programme)
        label = json.loads(programme.package)["class_label"]
        # As the chain has it: the contract puts the mark before the class of a demonstration.
        named = f"DEMO {label}" if programme.demo else label
        found[chain.batch_id] = class_id(named, chain.month // 12).hex()
    return found


def _batches(sell: StoredOrder, buy: StoredOrder, classes: dict[str, str]) -> list[str]:
    return [
        batch_id
        for batch_id, class_of in classes.items()
        if all(
            one.batch_id == batch_id if one.batch_id else one.class_id == class_of
            for one in (sell, buy)
        )
    ]


def _take(left: _Rest, ask: Order, bid: Order, names: tuple[str, str], batch_id: str) -> int:
    """Take grams for a trade off what is left, 0 if a least fill can not be met."""
    place = (ask.maker, batch_id)
    rests = [left.rest_g[name] for name in names]
    amount_g = min(*rests, left.held_g.get(place, 0))
    for rest_g, order in zip(rests, (ask, bid), strict=True):
        if amount_g < min(order.min_fill_g, rest_g):
            return 0
    if amount_g:
        left.held_g[place] -= amount_g
        for name in names:
            left.rest_g[name] -= amount_g
    return amount_g
