"""Charging sessions as a batch commits to them: salted, so that one is shown without the others.

A session is a vehicle's, so its salt is from the vehicle's key, whoever drove.
"""

from carbonbank.domain.documents import SealedCharge, charge_record
from carbonbank.domain.erasure import vehicle_subject
from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import ChargeSession
from carbonbank.domain.salt import salt_of
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.reckon import Reckoning
from carbonbank.service.salt_key import salt_key


def sealed_charges(
    bank: Bank, session: Session, reckoning: Reckoning, *, demo: bool
) -> list[SealedCharge]:
    """Return the sessions that the energy of a month is of, by vehicle, start and id."""
    charges = [one for vehicle in reckoning.vehicles for one in vehicle.charges]
    charges.sort(key=lambda one: (one.vehicle_id, one.start_at, one.session_id))
    return [_sealed(bank, session, one, demo=demo) for one in charges]


def _sealed(bank: Bank, session: Session, charge: ChargeSession, *, demo: bool) -> SealedCharge:
    key = salt_key(bank, session, vehicle_subject(charge.fleet, charge.vehicle_id), demo=demo)
    salt = salt_of(key, sha256(charge.session_id.encode()).hex())
    return SealedCharge(session_id=charge.session_id, salt=salt, record=charge_record(charge))
