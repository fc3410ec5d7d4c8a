"""Orders (signed, free to make) and trades (credits against money in one transaction)."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from carbonbank.domain.codec import encode
from carbonbank.domain.order import Side, class_id, order_typed_data
from carbonbank.domain.records import ChainTrade
from carbonbank.service.order_book import order_book
from carbonbank.service.place_order import Wanted
from carbonbank.service.place_signed_order import offer_order
from carbonbank.web.access import own_account
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    BookQuery,
    CancelIn,
    FillAndRetireIn,
    FillIn,
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
from carbonbank.web.relay_models import OrderMessageOut, SignedOrderIn

orders = APIBlueprint("orders", __name__, url_prefix="/api/v1/orders")
trades = APIBlueprint("trades", __name__, url_prefix="/api/v1/trades")


@orders.get("")
@orders.input(BookQuery, location="query")
@orders.output(OrderPage)
def list_orders(query_data: BookQuery) -> Any:
    """List signed orders, oldest first, of all or of one batch or class."""
    of_class = query_data.class_id
    if query_data.class_label is not None and query_data.vintage_year is not None:
        of_class = class_id(query_data.class_label, query_data.vintage_year).hex()
    found = order_book(bank(), batch=query_data.batch, class_id=of_class)
    return page(OrderOut, found, query_data, key=("order_hash",))


@orders.post("")
@orders.input(OrderIn)
@orders.output(JobRef, status_code=202)
def create_order(json_data: OrderIn) -> Any:
    """Place an order; it is signed with the account's key and costs nothing."""
    own_account(json_data.account)
    return take_on("place_order", json_data.model_dump())


@orders.post("/messages")
@orders.input(OrderIn)
@orders.output(OrderMessageOut)
def message(json_data: OrderIn) -> Any:
    """Offer an order (EIP-712) for the account's own wallet to sign; nothing is kept."""
    own_account(json_data.account)
    asked = json_data.model_dump()
    wanted = Wanted(**(asked | {"side": Side[asked["side"].upper()]}))
    order = offer_order(bank(), wanted, request.headers.get("Idempotency-Key", ""))
    return {
        "order": encode(order),
        "typed_data": order_typed_data(order, bank().chain.identity),
    }


@orders.post("/signed")
@orders.input(SignedOrderIn)
@orders.output(JobRef, status_code=202)
def create_signed(json_data: SignedOrderIn) -> Any:
    """Place an order that the account's own wallet signed, a contract's too (ERC-1271)."""
    own_account(json_data.account)
    return take_on("place_signed_order", json_data.model_dump())


@orders.post("/<order_hash>/cancel")
@orders.input(CancelIn)
@orders.output(JobRef, status_code=202)
def cancel(order_hash: str, json_data: CancelIn) -> Any:
    """Cancel an order on the chain; only its maker can."""
    own_account(json_data.account)
    return take_on("cancel_order", json_data.model_dump() | {"order_hash": order_hash})


@orders.post("/cancel-all")
@orders.input(CancelIn)
@orders.output(JobRef, status_code=202)
def cancel_all(json_data: CancelIn) -> Any:
    """Cancel every order the account has signed up to now."""
    own_account(json_data.account)
    return take_on("cancel_all_orders", json_data.model_dump())


@orders.post("/<order_hash>/fill")
@orders.input(FillIn)
@orders.output(JobRef, status_code=202)
def fill(order_hash: str, json_data: FillIn) -> Any:
    """Take grams of an order directly; two equal fills need two keys."""
    own_account(json_data.account)
    return take_on("fill_order", json_data.model_dump() | {"order_hash": order_hash})


@orders.post("/<order_hash>/fill-and-retire")
@orders.input(FillAndRetireIn)
@orders.output(JobRef, status_code=202)
def fill_and_retire(order_hash: str, json_data: FillAndRetireIn) -> Any:
    """Buy grams of a sell order and retire them in the same transaction."""
    own_account(json_data.account)
    return take_on("fill_and_retire", json_data.model_dump() | {"order_hash": order_hash})


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


@trades.post("/settle-all")
@trades.output(JobRef, status_code=202)
def settle_all() -> Any:
    """Settle all orders that meet in one transaction; the skipped trades are reported."""
    return take_on("settle_book", {"asked_at": bank().clock.now_at().isoformat()})
