"""Open an account: an address for a driver, an operator or a trader."""

from typing import Literal, get_args

from carbonbank.domain.records import Account, Fleet
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank

Kind = Literal["driver", "operator", "trader"]


def open_account(
    bank: Bank, *, handle: str, kind: Kind, person: str, fleet: str | None = None
) -> Account:
    """Open an account whose key the bank keeps.

    Args:
        bank: the bank.
        handle: the account's name; a driver's is the `driver_id` of the fleet's trips.
        kind: driver, operator or trader.
        person: who is behind it; erasable.
        fleet: the fleet a driver belongs to.

    Raises:
        FieldInvalid: another kind, an empty handle, or a driver without a fleet.
        NotFound: there is no such fleet.
        Conflict: the account exists with other content.
    """
    if kind not in get_args(Kind):
        raise FieldInvalid(field="kind", value=kind, expected=f"one of {', '.join(get_args(Kind))}")
    if not handle or "/" in handle:
        raise FieldInvalid(field="handle", value=handle, expected="a name without /")
    if kind == "driver" and fleet is None:
        raise FieldInvalid(field="fleet", value="", expected="the handle of the driver's fleet")
    key = f"account/{handle}"
    account = Account(
        handle=handle,
        kind=kind,
        address=bank.signer.address(key),
        key=key,
        fleet=fleet,
        person=person,
    )
    with bank.store.begin() as session:
        if fleet is not None:
            session.need(Fleet, fleet)
        session.add(account)
    return account
