"""Reopen a month: until a verifier has signed for it, its operator may still mend it."""

from dataclasses import dataclass, replace

from carbonbank.domain.records import Fleet, SealedBatch, StoredTrip, VehicleMonth, Verification
from carbonbank.errors import MonthSealed
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.close_month import refuse_beyond, vehicle_month
from carbonbank.service.judge_trips import judge_trips
from carbonbank.units import month_label


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthsReopened:
    """Vehicles whose month is open again; batches that were discarded; trips no longer late."""

    month: str
    opened: tuple[str, ...]
    discarded: tuple[str, ...]
    trips_accepted: int


def reopen_month(
    bank: Bank, *, fleet: str, month: int, vehicle_id: str | None = None
) -> MonthsReopened:
    """Reopen a month of one vehicle, or of all vehicles of the fleet.

    A batch that is sealed and not yet verified is discarded, and the months of its other vehicles
    are closed again: a signature over it would find no batch. Late trips count again.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        month: month number.
        vehicle_id: the vehicle; absent for all.

    Raises:
        NotFound: no such fleet or vehicle.
        MonthSealed: a verifier has signed for the batch.
        MonthAlreadyCredited: the batch was issued.
    """
    with bank.store.begin() as session:
        session.need(Fleet, fleet)
        if vehicle_id is not None:
            months = [vehicle_month(session, fleet, vehicle_id, month)]
        else:
            months = session.find(VehicleMonth, fleet=fleet, month=month)
        batches = {batch for one in months if (batch := _discardable(session, one))}
        for batch in sorted(batches):
            discard_batch(session, batch)
        opened = [one for one in months if one.state != "open"]
        for one in opened:
            session.put(replace(one, state="open", batch_id=None))
        named = [one.vehicle_id for one in opened]
        accepted = _late_again(bank, session, fleet, month, named)
    return MonthsReopened(
        month=month_label(month),
        opened=tuple(named),
        discarded=tuple(sorted(batches)),
        trips_accepted=accepted,
    )


def discard_batch(session: Session, batch: str) -> None:
    """Take back a sealed batch that nobody signed for; its months are closed again."""
    session.remove(SealedBatch, batch_id=batch)
    for month in session.find(VehicleMonth, batch_id=batch):
        session.put(replace(month, state="closed", batch_id=None))


def _discardable(session: Session, month: VehicleMonth) -> str | None:
    """Return the batch that reopening a month discards, None if it is in none."""
    if month.batch_id is None:
        return None
    if month.state == "issued":
        refuse_beyond(month)
    batch = session.need(SealedBatch, month.batch_id)
    if batch.state != "sealed" or session.get(Verification, batch.batch_id) is not None:
        raise MonthSealed(
            vehicle_id=month.vehicle_id,
            month=month_label(month.month),
            batch_id=batch.batch_id,
            state=batch.state,
        )
    return batch.batch_id


def _late_again(
    bank: Bank, session: Session, fleet: str, month: int, vehicle_ids: list[str]
) -> int:
    late = session.find(StoredTrip, fleet=fleet, month=month, vehicle_id=vehicle_ids, state="late")
    for trip in late:
        session.put(replace(trip, state="accepted"))
    judge_trips(bank, session, fleet=fleet, vehicle_ids=vehicle_ids)
    ids = [t.trip_id for t in late]
    return session.count(StoredTrip, trip_id=ids, state="accepted")
