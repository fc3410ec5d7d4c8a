"""Kill a signed order on the chain, so that nobody can settle it any more."""

import json
from dataclasses import dataclass

from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import CancelOrders
from carbonbank.domain.order import Order
from carbonbank.domain.records import Account, ChainLog, StoredOrder
from carbonbank.errors import NotYourOrder, OrderOfWallet
from carbonbank.service.act import finish_acts
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """A dead order; `repeated` if it was dead before."""

    order_hash: str
    account: str
    repeated: bool


def cancel_order(bank: Bank, account: str, order_hash: str) -> OrderCancelled:
    """Cancel an order of an account; cancelling it again changes nothing.

    Raises:
        NotFound: no such account or order.
        NotYourOrder: another account made it.
        OrderOfWallet: the account's own wallet signed it, and can alone cancel it.
    """
    sync_chain(bank)
    with bank.store.read() as session:
        maker = session.need(Account, account)
        stored = session.need(StoredOrder, order_hash)
        told = [json.loads(log.fields) for log in session.find(ChainLog, name="OrderCancelled")]
    if stored.account != account:
        raise NotYourOrder(order_hash=order_hash, maker=stored.account, account=account)
    order = from_text(Order, stored.order)
    repeated = any(
        (one["maker"], one["order_hash"].removeprefix("0x")) == (order.maker, order_hash)
        for one in told
    )
    if not repeated and order.maker != maker.address:
        raise OrderOfWallet(order_hash=order_hash, wallet=order.maker)
    if not repeated:
        finish_acts(bank)
        bank.chain.submit(CancelOrders(maker=maker.address, orders=(order,)), maker.key)
        sync_chain(bank)
    return OrderCancelled(order_hash=order_hash, account=account, repeated=repeated)
