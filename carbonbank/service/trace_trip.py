"""Trace a trip: from the row of its file to the leaf of its batch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from carbonbank.domain.evidence import encode_leaf, leaves_of_file
from carbonbank.domain.merkle import inclusion_proof
from carbonbank.domain.records import (
    ChargeFile,
    ChargeSession,
    SealedBatch,
    StoredTrip,
    Upload,
    Vehicle,
    VehicleMonth,
)
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.units import month_label


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCharge:
    """A charging session that the energy of a trip's month is of, and its row."""

    session_id: str
    energy_grid_wh: int
    filename: str
    file_hash: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TripTrace:
    """Where a trip stands. Leaf and proof (hex) and grams are None while no batch holds it.

    `charges` are the sessions whose energy it shares, where the batch was measured by them.
    """

    trip_id: str
    filename: str
    file_hash: str
    row: int
    vehicle_id: str
    month: str
    state: str
    reason: str
    batch_id: str | None
    leaf_index: int | None
    leaf: str | None
    reduction_g: int | None
    proof: tuple[str, ...] | None
    charges: tuple[TracedCharge, ...]


def trace_trip(bank: Bank, *, trip_id: str) -> TripTrace:
    """Return where a trip came from and, once it is sealed, its leaf with the proof of it.

    Raises:
        NotFound: no such trip.
    """
    with bank.store.read() as session:
        trip = session.need(StoredTrip, trip_id)
        upload = session.need(Upload, trip.fleet, trip.file_hash)
        month = session.get(VehicleMonth, trip.fleet, trip.vehicle_id, trip.month)
        batch_id = month.batch_id if month and trip.state == "accepted" else None
        batch = session.need(SealedBatch, batch_id) if batch_id else None
        index = session.need(Vehicle, trip.fleet, trip.vehicle_id).vehicle_index if batch else None
        charges = tuple(_charges(session, batch, trip.vehicle_id)) if batch else ()
    end_at = int(trip.end_at.timestamp())
    leaves = leaves_of_file(batch.leaves) if batch else []
    # The end is never cut, and a vehicle's trips do not overlap: two can not end together.
    at = ((leaf.vehicle_index, leaf.end_at) == (index, end_at) for leaf in leaves)
    place = next((number for number, here in enumerate(at) if here), None)
    encoded = [encode_leaf(leaf) for leaf in leaves]
    path = inclusion_proof(encoded, place) if place is not None else None
    return TripTrace(
        trip_id=trip_id,
        filename=upload.filename,
        file_hash=trip.file_hash,
        row=trip.row,
        vehicle_id=trip.vehicle_id,
        month=month_label(trip.month),
        state=trip.state,
        reason=trip.reason,
        batch_id=batch_id,
        leaf_index=place,
        leaf=encoded[place].hex() if place is not None else None,
        reduction_g=leaves[place].reduction_g if place is not None else None,
        proof=tuple(node.hex() for node in path) if path is not None else None,
        charges=charges,
    )


def _charges(session: Session, batch: SealedBatch, vehicle_id: str) -> Iterator[TracedCharge]:
    """Yield a vehicle's sealed sessions with the rows that tell them now."""
    for line in filter(None, batch.charges.split("\n")):  # records may hold other line ends
        sealed = json.loads(line)
        if sealed["record"]["vehicle_id"] != vehicle_id:
            continue
        stored = session.need(ChargeSession, sealed["session_id"])
        file = session.need(ChargeFile, stored.fleet, stored.file_hash)
        yield TracedCharge(
            session_id=stored.session_id,
            energy_grid_wh=sealed["record"]["energy_grid_wh"],
            filename=file.filename,
            file_hash=file.file_hash,
            row=stored.row,
        )
