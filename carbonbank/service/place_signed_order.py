"""Keep an order that an account's own wallet signed: a key's, or a contract's (ERC-1271)."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from eth_utils.address import is_checksum_address

from carbonbank.domain.codec import decode
from carbonbank.domain.order import ORDER_FIELDS, Order, order_struct_hash
from carbonbank.domain.records import Account
from carbonbank.errors import (
    AmountNotPositive,
    FieldInvalid,
    OrderAmbiguous,
    OrderNotOfWallet,
    OrderNotSigned,
    WalletNotLinked,
)
from carbonbank.service.bank import Bank
from carbonbank.service.place_order import (
    Placed,
    Wanted,
    check_wanted,
    keep_order,
    order_of,
    salt_of,
)
from carbonbank.service.signed_by import signature_octets, signed_by
from carbonbank.service.wallets import wallet_of

WORD_BYTES = 32


def offer_order(bank: Bank, wanted: Wanted, key: str = "") -> Order:
    """Return the order that the account's wallet is to sign; nothing is kept.

    Raises:
        AmountNotPositive, OrderAmbiguous: it is no order.
        NotFound: no such account.
        WalletNotLinked: no wallet is in effect.
    """
    check_wanted(wanted)
    wallet = _wallet(bank, wanted.account)
    if wallet is None:
        raise WalletNotLinked(account=wanted.account)
    return order_of(bank, wanted, wallet, salt_of(wanted, key))


def order_from(told: Mapping[str, Any]) -> Order:
    """Return the order in a JSON object, as it was offered.

    Raises:
        FieldInvalid: it is none, or not of the market's own ranges.
    """
    try:
        order = decode(Order, told)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise FieldInvalid(
            field="order", value=f"{type(error).__name__}: {error}", expected="an offered order"
        ) from error
    for field, (kind, _) in zip(fields(Order), ORDER_FIELDS, strict=True):
        value = getattr(order, field.name)
        if not _fits(kind, value):
            raise FieldInvalid(field=field.name, value=str(value), expected=kind)
    return order


def _fits(kind: str, value: Any) -> bool:
    if kind == "address":
        return bool(is_checksum_address(value))
    if kind == "bytes32":
        return len(value) == WORD_BYTES
    return bool(0 <= value < 2 ** int(kind.removeprefix("uint")))


def place_signed_order(bank: Bank, account: str, order: Order, signature: str) -> Placed:
    """Keep an order with its maker's signature (hex). The same order again stays as it is.

    Whether the wallet can deliver or pay, and let the market do so, is for it to see to: the bank
    has no key of it, and the market refuses what is not covered.

    Raises:
        NotFound: no such account.
        FieldInvalid, AmountNotPositive, OrderAmbiguous: it is no order of this market.
        OrderNotOfWallet: its maker is not the account's wallet.
        OrderNotSigned: the maker did not sign it.
    """
    wallet = _wallet(bank, account)
    if order.maker != wallet:
        raise OrderNotOfWallet(maker=order.maker, account=account)
    _check(bank, order)
    digest, signed = bank.chain.order_digest(order), signature_octets(signature)
    if not signed_by(bank, wallet, digest, signed):
        raise OrderNotSigned(maker=wallet, order_hash=order_struct_hash(order).hex())
    return keep_order(bank, account, order, signed)


def _wallet(bank: Bank, account: str) -> str | None:
    with bank.store.read() as session:
        owner = session.need(Account, account)
        return wallet_of(session, owner.handle, bank.clock.now_at())


def _check(bank: Bank, order: Order) -> None:
    """Refuse what the market would refuse for ever, so that the book holds what can be settled."""
    money = bank.chain.identity.money
    if order.money != money:
        raise FieldInvalid(field="money", value=order.money, expected=money)
    for field in ("amount_g", "price_units_per_t", "min_fill_g"):
        if getattr(order, field) <= 0:
            raise AmountNotPositive(field=field, value=getattr(order, field))
    if bool(order.batch_id) == any(order.class_id):
        raise OrderAmbiguous(batch=str(order.batch_id), class_label=order.class_id.hex())
    now_s = int(bank.clock.now_at().timestamp())
    if not order.signed_at <= now_s <= order.valid_until:
        told = f"{order.signed_at} to {order.valid_until}"
        raise FieldInvalid(field="signed_at", value=told, expected=f"a time around {now_s}")
