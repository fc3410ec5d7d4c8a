"""Orders (signed, free to make) and trades (credits against money in one transaction)."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.domain.records import ChainTrade
from carbonbank.service.order_book import order_book
from carbonbank.web.access import own_account
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    CancelIn,
    JobRef,
    OrderIn,
    OrderOut,
    OrderPage,
    Page,
    TradeIn,
    TradeOut,
    TradePage,
    page,
)

orders = APIBlueprint("orders", __name__, url_prefix="/api/v1/orders")
trades = APIBlueprint("trades", __name__, url_prefix="/api/v1/trades")


@orders.get("")
@orders.input(Page, location="query")
@orders.output(OrderPage)
def list_orders(query_data: Page) -> Any:
    """List signed orders, oldest first: open, filled, cancelled or expired."""
    return page(OrderOut, order_book(bank()), query_data, key=("order_hash",))


@orders.post("")
@orders.input(OrderIn)
@orders.output(JobRef, status_code=202)
def create_order(json_data: OrderIn) -> Any:
    """Place an order; it is signed with the account's key and costs nothing."""
    own_account(json_data.account)
    return take_on("place_order", json_data.model_dump())


@orders.post("/<order_hash>/cancel")
@orders.input(CancelIn)
@orders.output(JobRef, status_code=202)
def cancel(order_hash: str, json_data: CancelIn) -> Any:
    """Cancel an order on the chain; only its maker can."""
    own_account(json_data.account)
    return take_on("cancel_order", json_data.model_dump() | {"order_hash": order_hash})


@trades.get("")
@trades.input(Page, location="query")
@trades.output(TradePage)
def list_trades(query_data: Page) -> Any:
    """List settled trades."""
    with bank().store.read() as records:
        found = records.find(ChainTrade)
    return page(TradeOut, found, query_data)


@trades.post("")
@trades.input(TradeIn)
@trades.output(JobRef, status_code=202)
def create_trade(json_data: TradeIn) -> Any:
    """Settle two orders with each other."""
    return take_on("settle_trade", json_data.model_dump())
