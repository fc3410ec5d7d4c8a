"""Gather a batch: the closed vehicle-months of a fleet's month, as leaves and sealed trips.

stored trips ─salt─▶ record hashes ─cut─▶ rows without overlap ─reckon─▶ grams ─▶ leaves
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from carbonbank.domain.documents import SealedTrip, VehicleLeftOut
from carbonbank.domain.erasure import subject_of
from carbonbank.domain.evidence import (
    LeafRow,
    LeftOut,
    TripLeaf,
    build_leaves,
    cut_overlaps,
    leaves_of_file,
)
from carbonbank.domain.records import SealedBatch, StoredTrip, Vehicle, VehicleMonth
from carbonbank.domain.salt import record_hash, salt_of
from carbonbank.domain.trip import trip_of_record_text
from carbonbank.errors import MonthStillOpen, NothingToSeal
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.hold_fleet import hold_fleet
from carbonbank.service.reckon import Reckoning, reckon
from carbonbank.service.salt_key import salt_key
from carbonbank.units import month_label, month_start_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a batch is made of; `trips` stand in the order of `leaves`."""

    reckoning: Reckoning
    leaves: tuple[TripLeaf, ...]
    trips: tuple[SealedTrip, ...]
    stored: tuple[StoredTrip, ...]
    vehicles: Mapping[str, Vehicle]
    left_out: tuple[VehicleLeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Salted:
    stored: StoredTrip
    sealed: SealedTrip
    row: LeafRow


def gather_batch(
    bank: Bank, session: Session, *, fleet: str, package: MethodologyPackage, month: int
) -> Gathered:
    """Gather what a batch would hold; trips that can not be sealed are quarantined.

    Raises:
        MonthStillOpen: a vehicle has trips in the month and is not closed.
        NothingToSeal: no closed vehicle has a trip that counts.
        VehicleOfOtherFleet: a vehicle's month belongs to another fleet.
        VehicleMonthInBatch: a vehicle's month is in a batch, of this fleet or another.
    """
    vehicles = {v.vehicle_id: v for v in session.find(Vehicle, fleet=fleet)}
    came = _closed_trips(session, fleet, month, vehicles)
    salted = {
        one.row.record_hash: one
        for one in (
            _salt(bank, session, vehicles, trip, demo=package.programme.demo)
            for trip in came
            if trip.state == "accepted"
        )
    }
    rows, left_out = _cut(
        session, _fleets(session, vehicles), month, [one.row for one in salted.values()]
    )
    out = {salted[row.record_hash].stored.trip_id: code for row, code in left_out}
    judged = [_kept_out(session, trip, out.get(trip.trip_id)) for trip in came]
    reckoning = reckon(session, package, month=month, trips=judged)
    if not reckoning.vehicles:
        raise NothingToSeal(fleet=fleet, month=month_label(month))
    grams = {t.stored.trip_id: t.reduction_g for v in reckoning.vehicles for t in v.trips}
    reckoned = {t.stored.trip_id: t.stored for v in reckoning.vehicles for t in v.trips}
    counted = {v.vehicle_id for v in reckoning.vehicles}
    hold_fleet(session, (vehicles[name] for name in sorted(counted)), month)
    kept = [_as_reckoned(salted[row.record_hash], row, reckoned, grams) for row in rows]
    by_hash = {one.row.record_hash: one for one in kept}
    leaves = build_leaves(one.row for one in kept)
    ordered = [by_hash[leaf.record_hash] for leaf in leaves]
    return Gathered(
        reckoning=reckoning,
        leaves=tuple(leaves),
        trips=tuple(one.sealed for one in ordered),
        stored=tuple(one.stored for one in ordered),
        vehicles={name: v for name, v in vehicles.items() if name in counted},
        left_out=_left_out(judged, counted),
    )


def _closed_trips(
    session: Session, fleet: str, month: int, vehicles: Mapping[str, Vehicle]
) -> list[StoredTrip]:
    """Return the trips of all closed vehicle-months, if no vehicle with trips is still open."""
    months = session.find(VehicleMonth, fleet=fleet, month=month)
    states = {one.vehicle_id: one.state for one in months}
    trips = [t for t in session.find(StoredTrip, fleet=fleet, month=month) if t.state != "late"]
    driven = {t.vehicle_id for t in trips} & vehicles.keys()
    still_open = sorted(v for v in driven if states.get(v, "open") == "open")
    if still_open:
        raise MonthStillOpen(fleet=fleet, month=month_label(month), vehicle_ids=still_open)
    closed = [t for t in trips if states.get(t.vehicle_id) == "closed"]
    if not closed:
        raise NothingToSeal(fleet=fleet, month=month_label(month))
    return closed


def _salt(
    bank: Bank,
    session: Session,
    vehicles: Mapping[str, Vehicle],
    stored: StoredTrip,
    *,
    demo: bool,
) -> _Salted:
    trip = trip_of_record_text(stored.record)
    subject = subject_of(stored.fleet, trip.vehicle_id, trip.driver_id)
    salt = salt_of(salt_key(bank, session, subject, demo=demo), stored.trip_id)
    record = stored.record.encode()
    index = vehicles[stored.vehicle_id].vehicle_index
    assert index is not None  # a recorded vehicle is enrolled on the chain
    row = LeafRow(
        vehicle_index=index,
        start_at=int(stored.start_at.timestamp()),
        end_at=int(stored.end_at.timestamp()),
        reduction_g=0,
        record_hash=record_hash(salt, record),
    )
    sealed = SealedTrip(trip_id=stored.trip_id, salt=salt, record=record)
    return _Salted(stored=stored, sealed=sealed, row=row)


def _as_reckoned(
    one: _Salted, row: LeafRow, reckoned: Mapping[str, StoredTrip], grams: Mapping[str, int]
) -> _Salted:
    """Return a trip with its grams, and with the energy of charges that it was reckoned with."""
    trip_id = one.stored.trip_id
    record = reckoned[trip_id].record.encode()
    sealed = replace(one.sealed, record=record)
    hashed = record_hash(sealed.salt, record)
    row = replace(row, reduction_g=grams[trip_id], record_hash=hashed)
    return replace(one, sealed=sealed, row=row)


def _fleets(session: Session, vehicles: Mapping[str, Vehicle]) -> list[str]:
    """Return every fleet that one of the vehicles is or was in: a trip may run over its move."""
    commitments = [one.commitment for one in vehicles.values()]
    return sorted({one.fleet for one in session.find(Vehicle, commitment=commitments)})


def _cut(
    session: Session, fleets: list[str], month: int, rows: list[LeafRow]
) -> tuple[list[LeafRow], list[LeftOut]]:
    """Cut overlaps inside the batch and with the sealed trips of the months beside it."""
    ends: dict[int, int] = {}
    for leaf in _sealed_leaves(session, fleets, month - 1):
        ends[leaf.vehicle_index] = max(leaf.end_at, ends.get(leaf.vehicle_index, 0))
    starts: dict[int, int] = {}
    for leaf in _sealed_leaves(session, fleets, month + 1):
        starts[leaf.vehicle_index] = min(leaf.start_at, starts.get(leaf.vehicle_index, leaf.end_at))
    month_end = int(month_start_at(month + 1).timestamp())
    # An end can not be moved, so a trip that runs into a sealed one is left out. It must not push
    # others either, so it leaves before the cut.
    runs_on = [r for r in rows if r.end_at > starts.get(r.vehicle_index, r.end_at)]
    alone = [row for row in rows if row not in runs_on]
    kept, left_out = cut_overlaps(alone, month_end=month_end, previous_end=ends)
    return kept, [*left_out, *(LeftOut(row, "overlap") for row in runs_on)]


def _sealed_leaves(session: Session, fleets: list[str], month: int) -> list[TripLeaf]:
    batches = session.find(SealedBatch, fleet=fleets, month=month)
    return [leaf for batch in batches for leaf in leaves_of_file(batch.leaves)]


def _kept_out(session: Session, trip: StoredTrip, code: str | None) -> StoredTrip:
    if code is None:
        return trip
    out = replace(trip, state="quarantined", reason=code)
    session.put(out)
    return out


def _left_out(trips: list[StoredTrip], counted: set[str]) -> tuple[VehicleLeftOut, ...]:
    """List the closed vehicles none of whose trips counts, with what most of them suffer from."""
    reasons: dict[str, Counter[str]] = {}
    for trip in trips:
        if trip.vehicle_id not in counted:
            reasons.setdefault(trip.vehicle_id, Counter())[trip.reason] += 1
    return tuple(
        VehicleLeftOut(
            vehicle_id=vehicle_id, trips=found.total(), reason=found.most_common(1)[0][0]
        )
        for vehicle_id, found in sorted(reasons.items())
    )
