"""Sign an order of an account and keep it: free to make, bound to exactly what it says."""

from dataclasses import dataclass

from carbonbank.domain.claim import batch_number, batch_text
from carbonbank.domain.codec import encode, from_text, to_text
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.order import Order, Side, class_id, order_struct_hash
from carbonbank.domain.records import Account, StoredOrder
from carbonbank.errors import (
    AmountNotPositive,
    NotEnoughHeld,
    NotEnoughMoney,
    OrderAmbiguous,
)
from carbonbank.service.bank import Bank
from carbonbank.units import BPS, price_ceil

NO_CLASS = bytes(32)
VALID_S = 30 * 24 * 3600
CLASS_MIN_AGE_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an account wants to trade; exactly one of `batch` and `class_label` is set.

    `price_units_per_t` is in micro-units of money per tonne; a class order takes any batch of the
    label and vintage year that was issued at least `min_age_s` ago.
    """

    account: str
    side: Side
    amount_g: int
    price_units_per_t: int
    batch: str | None = None
    class_label: str | None = None
    vintage_year: int | None = None
    valid_s: int = VALID_S
    min_fill_g: int = 1
    min_age_s: int | None = None
    max_fee_bp: int = BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A signed order as kept; `repeated` if this very order had been placed before."""

    order_hash: str
    account: str
    side: str
    amount_g: int
    price_units_per_t: int
    valid_until: int
    repeated: bool


def place_order(bank: Bank, wanted: Wanted, key: str = "") -> Placed:
    """Sign and keep an order. The same content and key is the same order, not a second one.

    Raises:
        AmountNotPositive: no grams or no price.
        OrderAmbiguous: both or neither of a batch and a class.
        NotEnoughHeld, NotEnoughMoney: the account could not keep its word today.
    """
    check_wanted(wanted)
    with bank.store.read() as session:
        maker = session.need(Account, wanted.account)
        known = session.find(StoredOrder, account=wanted.account)
    salt = salt_of(wanted, key)
    for stored in known:
        if from_text(Order, stored.order).salt == salt:
            return _placed(stored, repeated=True)
    _check_cover(bank, wanted, maker)
    order = order_of(bank, wanted, maker.address, salt)
    signature = bank.signer.sign_digest(maker.key, bank.chain.order_digest(order))
    return keep_order(bank, wanted.account, order, signature)


def check_wanted(wanted: Wanted) -> None:
    """Refuse what is no order; raises as `place_order` does."""
    for field in ("amount_g", "price_units_per_t", "valid_s", "min_fill_g"):
        if getattr(wanted, field) <= 0:
            raise AmountNotPositive(field=field, value=getattr(wanted, field))
    if (wanted.batch is None) == (wanted.class_label is None) or (
        (wanted.class_label is None) != (wanted.vintage_year is None)
    ):
        raise OrderAmbiguous(batch=str(wanted.batch), class_label=str(wanted.class_label))


def salt_of(wanted: Wanted, key: str) -> int:
    """Return what makes an order of the same content and key the same order."""
    return int.from_bytes(sha256(canonical_json({"wanted": encode(wanted), "key": key})), "big")


def keep_order(bank: Bank, account: str, order: Order, signature: bytes) -> Placed:
    """Keep a signed order of an account; kept before, it stays as it is."""
    stored = StoredOrder(
        order_hash=order_struct_hash(order).hex(),
        account=account,
        side=order.side.name.lower(),
        batch_id=batch_text(order.batch_id) if order.batch_id else None,
        class_id=None if order.batch_id else order.class_id.hex(),
        amount_g=order.amount_g,
        price_units_per_t=order.price_units_per_t,
        order=to_text(order),
        signature=signature.hex(),
        created_at=bank.clock.now_at(),
    )
    with bank.store.begin() as session:
        known = session.get(StoredOrder, stored.order_hash)
        if known is None:
            session.add(stored)
    return _placed(known or stored, repeated=known is not None)


def order_of(bank: Bank, wanted: Wanted, maker: str, salt: int) -> Order:
    """Return an order that an address is to sign now."""
    signed_at = int(bank.clock.now_at().timestamp())
    is_class = wanted.class_label is not None and wanted.vintage_year is not None
    min_age_s = CLASS_MIN_AGE_S if is_class else 0
    return Order(
        maker=maker,
        side=wanted.side,
        batch_id=batch_number(wanted.batch) if wanted.batch else 0,
        class_id=class_id(wanted.class_label, wanted.vintage_year)
        if wanted.class_label is not None and wanted.vintage_year is not None
        else NO_CLASS,
        money=bank.chain.identity.money,
        amount_g=wanted.amount_g,
        price_units_per_t=wanted.price_units_per_t,
        max_fee_bp=wanted.max_fee_bp,
        min_fill_g=min(wanted.min_fill_g, wanted.amount_g),
        min_age_s=min_age_s if wanted.min_age_s is None else wanted.min_age_s,
        signed_at=signed_at,
        valid_until=signed_at + wanted.valid_s,
        salt=salt,
    )


def _check_cover(bank: Bank, wanted: Wanted, maker: Account) -> None:
    if wanted.side is Side.BUY:
        needed_units = price_ceil(wanted.amount_g, wanted.price_units_per_t)
        held_units = bank.chain.money_units(maker.address)
        if held_units < needed_units:
            raise NotEnoughMoney(
                account=wanted.account, held_units=held_units, needed_units=needed_units
            )
    elif wanted.batch is not None:
        held_g = bank.chain.held_g(maker.address, batch_number(wanted.batch))
        if held_g < wanted.amount_g:
            raise NotEnoughHeld(
                account=wanted.account,
                batch_id=wanted.batch,
                held_g=held_g,
                needed_g=wanted.amount_g,
            )


def _placed(stored: StoredOrder, *, repeated: bool) -> Placed:
    return Placed(
        order_hash=stored.order_hash,
        account=stored.account,
        side=stored.side,
        amount_g=stored.amount_g,
        price_units_per_t=stored.price_units_per_t,
        valid_until=from_text(Order, stored.order).valid_until,
        repeated=repeated,
    )
