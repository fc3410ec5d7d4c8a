"""Erase a person: names, links and salt keys go; leaves, roots, grams and the chain stay.

What remains about the person's trips is a salted hash that nobody can open any more. Handles and
addresses are pseudonyms that nothing links to a person afterwards.
"""

import hmac
import json
from dataclasses import dataclass, replace

from carbonbank.domain.erasure import driver_subject
from carbonbank.domain.records import (
    Account,
    ErasableKey,
    Erasure,
    SealedBatch,
    StoredTrip,
)
from carbonbank.domain.trip import trip_of_record_text, trip_record_bytes, unlinked
from carbonbank.errors import NotFound
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.reopen_month import discard_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased; `repeated` if it had been before."""

    accounts: int
    trips: int
    batches: int
    repeated: bool


def erase_person(bank: Bank, *, person: str) -> Erased:
    """Erase a person from every account and trip of the bank.

    Raises:
        NotFound: no account belongs to that person, and none ever did that was erased.
    """
    mark = hmac.digest(bank.registry_key, f"person:{person}".encode(), "sha256").hex()
    with bank.store.begin() as session:
        accounts = session.find(Account, person=person) if person else []
        known = session.get(Erasure, mark)
        if not accounts and known is None:
            raise NotFound(kind="Account", key="of that person")
        trips: set[str] = set()
        for account in accounts:
            session.put(replace(account, person=""))
            if account.kind == "driver" and account.fleet is not None:
                trips |= _unlink(session, account.fleet, account.handle)
        batches = _strip_batches(session, {a.fleet for a in accounts if a.fleet}, trips)
        if known is None:
            session.add(Erasure(person_mark=mark, erased_at=bank.clock.now_at()))
    return Erased(accounts=len(accounts), trips=len(trips), batches=batches, repeated=not accounts)


def _unlink(session: Session, fleet: str, driver_id: str) -> set[str]:
    """Empty the driver's salt key and take the driver off every trip."""
    session.put(ErasableKey(subject=driver_subject(fleet, driver_id), secret=""))
    gone = set()
    for stored in session.find(StoredTrip, fleet=fleet):
        trip = trip_of_record_text(stored.record)
        if trip.driver_id == driver_id:
            record = trip_record_bytes(unlinked(trip)).decode()
            session.put(replace(stored, record=record, erased=True))
            gone.add(stored.trip_id)
    return gone


def _strip_batches(session: Session, fleets: set[str], trips: set[str]) -> int:
    """Drop the salted records of erased trips from their batches; the leaves stay.

    A batch that nobody verified yet is discarded instead: its verifier could not recompute it.
    """
    stripped = 0
    for fleet in sorted(fleets):
        for batch in session.find(SealedBatch, fleet=fleet):
            lines = [f"{line}\n" for line in batch.trips.split("\n") if line]  # no other ends
            left = [line for line in lines if json.loads(line)["trip_id"] not in trips]
            if len(left) == len(lines):
                continue
            stripped += 1
            if batch.state == "sealed":
                discard_batch(session, batch.batch_id)
            else:
                session.put(replace(batch, trips="".join(left)))
    return stripped
