"""What an owner does with a wallet of one's own: acts by name, as the chain is asked for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carbonbank.domain.claim import batch_number
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import (
    AllowMoney,
    ApproveMarket,
    CancelAllOrders,
    CancelOrders,
    Command,
    FillAndRetire,
    FillOrder,
    Retire,
    Transfer,
)
from carbonbank.domain.order import Order
from carbonbank.domain.records import Account, StoredOrder
from carbonbank.errors import AmountNotPositive, FieldInvalid, WalletNotLinked
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import full_batch_id
from carbonbank.service.retire_credits import text_word
from carbonbank.service.wallets import wallet_of

Fields = Mapping[str, Any]
FIELDS: dict[str, tuple[str, ...]] = {
    "transfer": ("recipient", "batch", "amount_g"),
    "retire": ("batch", "amount_g", "beneficiary", "purpose"),
    "allow-market": (),
    "allow-money": ("amount_units",),
    "cancel-orders": ("orders",),
    "cancel-all-orders": (),
    "fill": ("orders", "batch", "amount_g"),
    "fill-and-retire": ("orders", "batch", "amount_g", "beneficiary", "purpose"),
}
"""What each act is told. `orders` are hashes as hex, one where an order is filled."""


def wallet_command(bank: Bank, account: str, act: str, fields: Fields) -> tuple[Command, str]:
    """Return an act of the account's wallet, and what it does in words.

    Args:
        bank: the bank.
        account: handle of the wallet's owner.
        act: one of `FIELDS`.
        fields: what the act is told; None counts as absent.

    Raises:
        NotFound: no such account, batch or order.
        WalletNotLinked: no wallet is in effect.
        FieldInvalid, AmountNotPositive, TextTooLong: it is not told what it needs, or more.
    """
    if act not in FIELDS:
        raise FieldInvalid(field="act", value=act, expected=f"one of {', '.join(FIELDS)}")
    given = {name: value for name, value in fields.items() if value is not None}
    for name in {*FIELDS[act], *given}:
        if (name in given) != (name in FIELDS[act]):
            expected = f"given to {act}" if name in FIELDS[act] else f"absent for {act}"
            raise FieldInvalid(field=name, value=str(given.get(name, "")), expected=expected)
    for name in ("amount_g", "amount_units"):
        if given.get(name, 1) <= 0:
            raise AmountNotPositive(field=name, value=given[name])
    with bank.store.read() as session:
        session.need(Account, account)
        wallet = wallet_of(session, account, bank.clock.now_at())
        if wallet is None:
            raise WalletNotLinked(account=account)
        if "batch" in given:
            given["batch"] = full_batch_id(session, given["batch"])
        if "recipient" in given:
            given["recipient"] = _address(session, given["recipient"])
        orders = _orders(session, given.get("orders", ()))
    return _ACTS[act](wallet, given, orders)


def _address(session: Session, recipient: str) -> str:
    if recipient.startswith("0x"):
        return recipient
    return session.need(Account, recipient).address


def _orders(session: Session, hashes: Sequence[str]) -> list[StoredOrder]:
    return [session.need(StoredOrder, one) for one in hashes]


Made = tuple[Command, str]
Maker = Callable[[str, Fields, list[StoredOrder]], Made]


def _transfer(wallet: str, f: Fields, _: list[StoredOrder]) -> Made:
    command = Transfer(
        sender=wallet,
        recipient=f["recipient"],
        batch_id=batch_number(f["batch"]),
        amount_g=f["amount_g"],
    )
    return command, f"give {f['amount_g']} g of batch {f['batch']} to {f['recipient']}"


def _retire(wallet: str, f: Fields, _: list[StoredOrder]) -> Made:
    command = Retire(
        holder=wallet,
        batch_id=batch_number(f["batch"]),
        amount_g=f["amount_g"],
        beneficiary=text_word("beneficiary", f["beneficiary"]),
        purpose=text_word("purpose", f["purpose"]),
    )
    for_what = f"for {f['beneficiary']}: {f['purpose']}"
    return command, f"retire {f['amount_g']} g of batch {f['batch']} for ever, {for_what}"


def _allow_market(wallet: str, _: Fields, __: list[StoredOrder]) -> Made:
    return ApproveMarket(owner=wallet), "let the market deliver what signed orders sell"


def _allow_money(wallet: str, f: Fields, _: list[StoredOrder]) -> Made:
    command = AllowMoney(owner=wallet, amount_units=f["amount_units"])
    return command, f"let the market take up to {f['amount_units']} micro-units of money"


def _cancel(wallet: str, _: Fields, orders: list[StoredOrder]) -> Made:
    command = CancelOrders(
        maker=wallet, orders=tuple(from_text(Order, one.order) for one in orders)
    )
    return command, f"cancel orders {', '.join(one.order_hash for one in orders)}"


def _cancel_all(wallet: str, _: Fields, __: list[StoredOrder]) -> Made:
    return CancelAllOrders(maker=wallet), "cancel every order signed up to now"


def _taken(f: Fields, orders: list[StoredOrder]) -> tuple[dict[str, Any], str]:
    if len(orders) != 1:
        raise FieldInvalid(field="orders", value=str(len(orders)), expected="one order")
    (stored,) = orders
    told = {
        "order": from_text(Order, stored.order),
        "signature": bytes.fromhex(stored.signature),
        "batch_id": batch_number(f["batch"]),
        "amount_g": f["amount_g"],
    }
    what = f"{f['amount_g']} g of batch {f['batch']} at {stored.price_units_per_t} micro-units/t"
    return told, f"{what} from {stored.side} order {stored.order_hash}"


def _fill(wallet: str, f: Fields, orders: list[StoredOrder]) -> Made:
    told, words = _taken(f, orders)
    return FillOrder(taker=wallet, **told), f"take {words}"


def _fill_and_retire(wallet: str, f: Fields, orders: list[StoredOrder]) -> Made:
    told, words = _taken(f, orders)
    command = FillAndRetire(
        taker=wallet,
        **told,
        beneficiary=text_word("beneficiary", f["beneficiary"]),
        purpose=text_word("purpose", f["purpose"]),
    )
    return command, f"buy and retire {words}, for {f['beneficiary']}: {f['purpose']}"


_ACTS: dict[str, Maker] = {
    "transfer": _transfer,
    "retire": _retire,
    "allow-market": _allow_market,
    "allow-money": _allow_money,
    "cancel-orders": _cancel,
    "cancel-all-orders": _cancel_all,
    "fill": _fill,
    "fill-and-retire": _fill_and_retire,
}
