"""Withdraw an upload: its trips go, unless a batch stands on them or another file tells them."""

from dataclasses import dataclass, replace

from carbonbank.domain.records import StoredIssue, StoredTrip, TripCopy, Upload, VehicleMonth
from carbonbank.errors import UploadInBatch
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.judge_trips import judge_trips


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What withdrawing did; `trips_kept` are told by another upload, which has them now."""

    file_hash: str
    trips_removed: int
    trips_kept: int
    repeated: bool


def withdraw_upload(bank: Bank, *, fleet: str, file_hash: str) -> Withdrawn:
    """Withdraw an upload; the same file can be imported again later.

    Raises:
        NotFound: there is no such upload.
        UploadInBatch: trips of it are in a sealed or issued batch.
    """
    with bank.store.begin() as session:
        upload = session.need(Upload, fleet, file_hash)
        if upload.withdrawn:
            return Withdrawn(file_hash=file_hash, trips_removed=0, trips_kept=0, repeated=True)
        trips = session.find(StoredTrip, fleet=fleet, file_hash=file_hash)
        _refuse_sealed(session, upload, trips)
        session.put(replace(upload, withdrawn=True))
        session.remove(StoredIssue, fleet=fleet, file_hash=file_hash)
        session.remove(TripCopy, fleet=fleet, file_hash=file_hash)
        kept = _handed_over(session, trips)
        gone = [t.trip_id for t in trips if t.trip_id not in kept]
        session.remove(StoredTrip, trip_id=gone)
        vehicle_ids = sorted({t.vehicle_id for t in trips})
        judge_trips(bank, session, fleet=fleet, vehicle_ids=vehicle_ids)
    return Withdrawn(
        file_hash=file_hash, trips_removed=len(gone), trips_kept=len(kept), repeated=False
    )


def _refuse_sealed(session: Session, upload: Upload, trips: list[StoredTrip]) -> None:
    counted = {(t.vehicle_id, t.month) for t in trips if t.state == "accepted"}
    batches = {
        month.batch_id
        for month in session.find(VehicleMonth, fleet=upload.fleet)
        if month.batch_id is not None and (month.vehicle_id, month.month) in counted
    }
    if batches:
        raise UploadInBatch(file_hash=upload.file_hash, batch_ids=sorted(batches))


def _handed_over(session: Session, trips: list[StoredTrip]) -> set[str]:
    """Give trips to the first other upload that tells them."""
    own = {t.trip_id: t for t in trips}
    kept: set[str] = set()
    for copy in session.find(TripCopy, trip_id=list(own)):
        if copy.trip_id not in kept:
            session.put(replace(own[copy.trip_id], file_hash=copy.file_hash, row=copy.row))
            session.remove(TripCopy, trip_id=copy.trip_id, file_hash=copy.file_hash)
            kept.add(copy.trip_id)
    return kept
