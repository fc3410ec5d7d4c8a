"""Take a signed order directly, without signing one: grams one way, money the other, once."""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.claim import batch_number
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import FillOrder
from carbonbank.domain.order import Order, Side
from carbonbank.domain.records import Account, StoredOrder
from carbonbank.errors import AmountNotPositive, FieldInvalid
from carbonbank.service.act import Act, act_once
from carbonbank.service.bank import Bank
from carbonbank.service.market_leave import let_deliver, let_pay
from carbonbank.units import price_ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Part of an order that was taken, in grams and micro-units; `repeated` if it had been before.

    `side` is the order's: of a sell order the taker is the buyer.
    """

    order_hash: str
    side: str
    batch_id: str
    taker: str
    amount_g: int
    paid_units: int
    fee_units: int
    tx_hash: str
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """An order that is about to be taken, and by whom."""

    stored: StoredOrder
    order: Order
    taker: Account
    batch: str
    amount_g: int


def fill_order(
    bank: Bank,
    account: str,
    order_hash: str,
    amount_g: int,
    batch: str | None = None,
    key: str = "",
) -> Filled:
    """Take `amount_g` grams of a stored order at its price.

    Args:
        bank: the bank.
        account: handle of who takes it: sells to a buy order, buys from a sell order.
        order_hash: the order, as hex.
        amount_g: grams; at least the order's smallest fill, or all that is left.
        batch: which batch is delivered; a class order needs it, any other names its own.
        key: the client's name for this act: two equal fills need two.

    Raises:
        NotFound: no such account or order.
        AmountNotPositive, FieldInvalid: no grams, or no batch of a class order.
        RuleError: the market refuses; the error bears the contract's name for it.
    """
    taking = take(bank, account, order_hash, amount_g, batch)
    give_leave(bank, taking, f"hold:{key}")
    command = FillOrder(**filling(taking))
    return filled(taking, act_once(bank, command, taking.taker.key, key))


def take(bank: Bank, account: str, order_hash: str, amount_g: int, batch: str | None) -> Taking:
    """Return what is about to be taken; raises as `fill_order` does."""
    if amount_g <= 0:
        raise AmountNotPositive(field="amount_g", value=amount_g)
    with bank.store.read() as session:
        taker = session.need(Account, account)
        stored = session.need(StoredOrder, order_hash)
    delivered = batch or stored.batch_id
    if delivered is None:
        raise FieldInvalid(field="batch", value="", expected="a batch: the order takes a class")
    return Taking(
        stored=stored,
        order=from_text(Order, stored.order),
        taker=taker,
        batch=delivered,
        amount_g=amount_g,
    )


def give_leave(bank: Bank, taking: Taking, name: str) -> None:
    """Let the market deliver and be paid. `name` tells this filling from others of its grams."""
    with bank.store.read() as session:
        maker = session.need(Account, taking.stored.account)
    sides = [(maker, taking.order.maker), (taking.taker, taking.taker.address)]
    seller, buyer = sides if taking.order.side is Side.SELL else reversed(sides)
    let_deliver(bank, *seller)
    # Cumulative rounding may add one unit (MARKET_C).
    most_units = price_ceil(taking.amount_g, taking.order.price_units_per_t) + 1
    words = (taking.stored.order_hash, taking.taker.handle, taking.batch, taking.amount_g, name)
    let_pay(bank, *buyer, most_units, ":".join(map(str, words)))


def filling(taking: Taking) -> dict[str, Any]:
    """Return what every way of filling tells the market."""
    return {
        "taker": taking.taker.address,
        "order": taking.order,
        "signature": bytes.fromhex(taking.stored.signature),
        "batch_id": batch_number(taking.batch),
        "amount_g": taking.amount_g,
    }


def filled(taking: Taking, act: Act) -> Filled:
    """Return what was taken, as the market's event tells it."""
    fields = act.fields("CreditsTraded")
    return Filled(
        order_hash=taking.stored.order_hash,
        side=taking.stored.side,
        batch_id=taking.batch,
        taker=taking.taker.handle,
        amount_g=int(fields["amount_g"]),
        paid_units=int(fields["paid_units"]),
        fee_units=int(fields["fee_units"]),
        tx_hash=act.tx_hash,
        repeated=act.repeated,
    )
