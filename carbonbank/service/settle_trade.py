"""Settle a sell and a buy order: grams one way, money the other, in one transaction, once."""

from dataclasses import dataclass

from carbonbank.domain.claim import batch_number
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import SettleOrders
from carbonbank.domain.order import Order, Side
from carbonbank.domain.records import Account, StoredOrder
from carbonbank.errors import AmountNotPositive, OrdersDoNotMeet
from carbonbank.service.act import act_once
from carbonbank.service.bank import Bank
from carbonbank.service.market_leave import let_deliver, let_pay
from carbonbank.units import price_ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A trade in grams and micro-units; `repeated` if this very one had happened before."""

    sell_hash: str
    buy_hash: str
    batch_id: str
    seller: str
    buyer: str
    amount_g: int
    paid_units: int
    fee_units: int
    tx_hash: str
    repeated: bool


def settle_trade(
    bank: Bank, sell_hash: str, buy_hash: str, batch: str, amount_g: int, key: str = ""
) -> Settled:
    """Settle `amount_g` grams of a batch between two stored orders, at the older order's price.

    The seller's permission to deliver and the buyer's to pay are given first, each once. `key`
    names this settlement: two equal fills of the same orders need two keys.

    Raises:
        NotFound: no such order.
        OrdersDoNotMeet: sides, batch or prices do not fit.
        RuleError: the market refuses; the error bears the contract's name for it.
    """
    if amount_g <= 0:
        raise AmountNotPositive(field="amount_g", value=amount_g)
    with bank.store.read() as session:
        sell = session.need(StoredOrder, sell_hash)
        buy = session.need(StoredOrder, buy_hash)
        seller = session.need(Account, sell.account)
        buyer = session.need(Account, buy.account)
    sell_order, buy_order = from_text(Order, sell.order), from_text(Order, buy.order)
    _check(sell, buy, sell_order, buy_order)
    let_deliver(bank, seller, sell_order.maker)
    # The buyer's limit bounds the price; cumulative rounding may add one unit (MARKET_C).
    most_units = price_ceil(amount_g, buy_order.price_units_per_t) + 1
    name = f"{sell_hash}:{buy_hash}:{batch}:{amount_g}:{key}"
    let_pay(bank, buyer, buy_order.maker, most_units, name)
    act = act_once(
        bank,
        SettleOrders(
            sell=sell_order,
            sell_signature=bytes.fromhex(sell.signature),
            buy=buy_order,
            buy_signature=bytes.fromhex(buy.signature),
            batch_id=batch_number(batch),
            amount_g=amount_g,
        ),
        "role/relayer",
        key,
    )
    fields = act.fields("CreditsTraded")
    return Settled(
        sell_hash=sell_hash,
        buy_hash=buy_hash,
        batch_id=batch,
        seller=seller.handle,
        buyer=buyer.handle,
        amount_g=int(fields["amount_g"]),
        paid_units=int(fields["paid_units"]),
        fee_units=int(fields["fee_units"]),
        tx_hash=act.tx_hash,
        repeated=act.repeated,
    )


def _check(sell: StoredOrder, buy: StoredOrder, ask: Order, bid: Order) -> None:
    reason = ""
    if (ask.side, bid.side) != (Side.SELL, Side.BUY):
        reason = f"their sides are {sell.side} and {buy.side}"
    elif ask.price_units_per_t > bid.price_units_per_t:
        reason = (
            f"the seller asks {ask.price_units_per_t} units per tonne, "
            f"the buyer pays {bid.price_units_per_t}"
        )
    elif ask.maker == bid.maker:
        reason = "one account made both"
    if reason:
        raise OrdersDoNotMeet(sell=sell.order_hash, buy=buy.order_hash, reason=reason)
