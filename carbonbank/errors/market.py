"""Python twins of the market contract's custom errors: same names, fields in snake_case."""

# ruff: noqa: D101 - `says` is a twin's sentence; the NatSpec of its contract has the rest

from carbonbank.errors.ledger import Refused, RefusedTo


class WrongSide(Refused):
    says = "order {order_hash} is on side {side} (0 sells, 1 buys), not the one it was given for"
    order_hash: bytes
    side: int


class BatchOrClass(Refused):
    says = "order {order_hash} must name either a batch or a class"
    order_hash: bytes


class BadOrderSignature(RefusedTo):
    says = "{maker} did not sign order {order_hash} for this chain and contract"
    order_hash: bytes
    maker: str


class OrderIsCancelled(Refused):
    says = "order {order_hash} was cancelled by its maker"
    order_hash: bytes


class OrderFromFuture(Refused):
    says = "order {order_hash} was signed at {signed_at}, the block's time is {block_time}"
    order_hash: bytes
    signed_at: int
    block_time: int


class OrderExpired(Refused):
    says = "order {order_hash} was valid until {valid_until}, the block's time is {block_time}"
    order_hash: bytes
    valid_until: int
    block_time: int


class WrongBatch(Refused):
    says = "order {order_hash} does not take batch {batch_id}"
    order_hash: bytes
    batch_id: int


class WrongClass(Refused):
    says = "order {order_hash} takes class {class_id}, the batch is of {batch_class_id}"
    order_hash: bytes
    class_id: bytes
    batch_class_id: bytes


class BatchTooYoung(Refused):
    says = "the batch was issued {age_s} s ago, order {order_hash} asks for {min_age_s} s"
    order_hash: bytes
    age_s: int
    min_age_s: int


class FeeTooHigh(Refused):
    says = "a fee of {fee_bps} basis points is above the {max_fee_bp} of order {order_hash}"
    order_hash: bytes
    fee_bps: int
    max_fee_bp: int


class FillTooLarge(Refused):
    says = "{amount_g} g are more than the {rest_g} g left of order {order_hash}"
    order_hash: bytes
    amount_g: int
    rest_g: int


class FillTooSmall(Refused):
    says = "{amount_g} g are below the least fill of {min_fill_g} g of order {order_hash}"
    hint = "fill at least that much, or the whole rest"
    order_hash: bytes
    amount_g: int
    min_fill_g: int


class SelfTrade(Refused):
    says = "{account} would trade with itself"
    account: str


class MoneyMismatch(Refused):
    says = "the seller wants money {sell_money}, the buyer pays {buy_money}"
    sell_money: str
    buy_money: str


class PricesDoNotCross(Refused):
    says = (
        "the seller asks {sell_price_units_per_t} units per tonne, "
        "the buyer pays {buy_price_units_per_t} at most"
    )
    sell_price_units_per_t: int
    buy_price_units_per_t: int


class PaidTooLittle(Refused):
    says = "order {order_hash} would have got {paid_units} units where its limit asks {limit_units}"
    hint = "rounding took more than one unit: settle another amount"
    order_hash: bytes
    paid_units: int
    limit_units: int


class MoneyTookFee(Refused):
    says = "{received_units} of {sent_units} units arrived: money {money} takes a fee of its own"
    money: str
    sent_units: int
    received_units: int


class FeeAboveCap(Refused):
    says = "a fee of {fee_bps} basis points is above the cap of {max_bps}"
    fee_bps: int
    max_bps: int


class TooLittleGas(Refused):
    says = "trade {position} could be given {gas_there} gas of the {gas_needed} it must get"
    hint = "send more gas, or fewer trades at a time"
    position: int
    gas_there: int
    gas_needed: int


class OnlyFromMarket(RefusedTo):
    says = "{sender} may not call this: only the market itself does"
    sender: str
