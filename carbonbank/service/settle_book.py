"""Settle all orders of the book that meet, in one transaction; what is dead is skipped and told."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import Any

from carbonbank.domain.claim import batch_number
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import SettleMany, SettleOrders
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.order import Order
from carbonbank.domain.records import Account, ChainLog
from carbonbank.service.act import Act, act_once
from carbonbank.service.bank import Bank
from carbonbank.service.market_leave import let_deliver, let_pay
from carbonbank.service.match_book import Match, match_book
from carbonbank.service.order_book import order_book
from carbonbank.service.sync_chain import sync_chain
from carbonbank.units import price_ceil

TRADES_MAX = 40
"""As many fit a block of 16 million gas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeDone:
    """One trade of many in grams and micro-units."""

    sell_hash: str
    buy_hash: str
    batch_id: str
    amount_g: int
    paid_units: int
    fee_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeDead:
    """One trade of many that the market skipped; `order settle` on it says why."""

    sell_hash: str
    buy_hash: str
    batch_id: str
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSettled:
    """What a settlement of the book did; without a match there is no transaction."""

    settled: tuple[TradeDone, ...]
    skipped: tuple[TradeDead, ...]
    tx_hash: str | None


def settle_book(bank: Bank) -> BookSettled:
    """Settle up to 40 matches of the book at once; call it again for more.

    Sellers' permissions to deliver and buyers' to pay are given first.

    Raises:
        RuleError: the chain refuses a permission; the error bears its name for it.
    """
    sync_chain(bank)
    book = order_book(bank)
    with bank.store.read() as session:
        matches = list(islice(match_book(session, book), TRADES_MAX))
        accounts = {one.handle: one for one in session.find(Account)}
        # What was dead then may live now: every settlement is an act of its own.
        tried = session.count(ChainLog, name="ManySettled")
    if not matches:
        return BookSettled(settled=(), skipped=(), tx_hash=None)
    key = sha256(canonical_json([tried, *map(_words, matches)])).hex()
    _permit(bank, matches, accounts, key)
    trades = tuple(_trade(one) for one in matches)
    act = act_once(bank, SettleMany(trades=trades), "role/relayer", key)
    return _told(matches, act)


def _words(one: Match) -> list[Any]:
    return [one.sell.order_hash, one.buy.order_hash, one.batch_id, one.amount_g]


def _permit(bank: Bank, matches: list[Match], accounts: dict[str, Account], key: str) -> None:
    due_units: dict[tuple[str, str], int] = defaultdict(int)
    for one in matches:
        let_deliver(bank, accounts[one.sell.account], from_text(Order, one.sell.order).maker)
        # The buyer's limit bounds the price; cumulative rounding may add one unit (MARKET_C).
        most_units = price_ceil(one.amount_g, one.buy.price_units_per_t) + 1
        due_units[one.buy.account, from_text(Order, one.buy.order).maker] += most_units
    for (handle, party), units in due_units.items():
        let_pay(bank, accounts[handle], party, units, key)


def _trade(one: Match) -> SettleOrders:
    return SettleOrders(
        sell=from_text(Order, one.sell.order),
        sell_signature=bytes.fromhex(one.sell.signature),
        buy=from_text(Order, one.buy.order),
        buy_signature=bytes.fromhex(one.buy.signature),
        batch_id=batch_number(one.batch_id),
        amount_g=one.amount_g,
    )


def _told(matches: list[Match], act: Act) -> BookSettled:
    dead = {int(fields["position"]) for fields in act.all_fields("TradeSkipped")}
    done = [one for place, one in enumerate(matches) if place not in dead]
    return BookSettled(
        settled=tuple(
            TradeDone(
                sell_hash=one.sell.order_hash,
                buy_hash=one.buy.order_hash,
                batch_id=one.batch_id,
                amount_g=int(fields["amount_g"]),
                paid_units=int(fields["paid_units"]),
                fee_units=int(fields["fee_units"]),
            )
            for one, fields in zip(done, act.all_fields("CreditsTraded"), strict=True)
        ),
        skipped=tuple(
            TradeDead(
                sell_hash=one.sell.order_hash,
                buy_hash=one.buy.order_hash,
                batch_id=one.batch_id,
                amount_g=one.amount_g,
            )
            for place, one in enumerate(matches)
            if place in dead
        ),
        tx_hash=act.tx_hash,
    )
