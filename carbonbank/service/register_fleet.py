"""Register a fleet: its id follows from its handle, its operator is enrolled on the chain."""

import re

from carbonbank.domain.commands import EnrolFleet
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.records import Account, Fleet
from carbonbank.errors import Conflict, FieldInvalid
from carbonbank.service.bank import Bank

REGISTRAR = "role/registrar"
HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


def register_fleet(bank: Bank, *, handle: str, title: str, operator: str) -> Fleet:
    """Register a fleet under its operator's account.

    The chain comes first: a recorded fleet is an enrolled one, and a retry finishes what was begun.

    Args:
        bank: the bank.
        handle: 2 to 63 small letters, digits or dashes.
        title: how people call it.
        operator: handle of the operator's account.

    Raises:
        FieldInvalid: the handle has another form.
        NotFound: there is no such account.
        Conflict: the fleet exists with another title or operator.
    """
    if not HANDLE.fullmatch(handle):
        raise FieldInvalid(field="handle", value=handle, expected=f"of the form {HANDLE.pattern}")
    fleet_id = keccak256(f"carbonbank.fleet:{handle}".encode())
    fleet = Fleet(handle=handle, title=title, fleet_id=fleet_id.hex(), operator=operator)
    with bank.store.read() as session:
        address = session.need(Account, operator).address
        known = session.get(Fleet, handle)
    if known is None:
        _enrol(bank, fleet_id, address, handle)
    with bank.store.begin() as session:
        session.add(fleet)
    return fleet


def _enrol(bank: Bank, fleet_id: bytes, operator: str, handle: str) -> None:
    enrolled = bank.chain.operator_of(fleet_id)
    if enrolled is None:
        bank.chain.submit(EnrolFleet(fleet_id=fleet_id, operator=operator), REGISTRAR)
    elif enrolled != operator:
        raise Conflict(
            kind="fleet on the chain", key=handle, difference=f"its operator is {enrolled}"
        )
