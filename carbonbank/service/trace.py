"""Trace grams: retirement, trades, batch, trip and the row of the file it came from, both ways.

A gram of a batch has no trip by nature. By convention gram n stands for the trip whose leaf is the
first to bring the running total to n or beyond (docs/adr/0040): every gram then has one trip.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from carbonbank.domain.evidence import TripLeaf, leaves_of_file
from carbonbank.domain.records import (
    ChainRetirement,
    ChainTrade,
    SealedBatch,
    StoredTrip,
    Upload,
    Vehicle,
)
from carbonbank.domain.serial import parse_serial
from carbonbank.domain.trip import iso_at, trip_of_record_text
from carbonbank.errors import NotFound
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import HEX_DIGITS, full_batch_id
from carbonbank.service.batch_view import BatchView, batch_view
from carbonbank.service.retirement_view import ReplacedSerials, replaced_serials, serial_text
from carbonbank.service.trace_trip import TripTrace, trace_trip

RETIREMENT_DIGITS_MAX = 7
"""As many decimal digits are a retirement's number; longer ones begin a batch id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: the bank and verifiers see every trip, operators their fleet's, drivers theirs."""

    role: str
    account: str | None = None
    fleet: str | None = None

    def sees(self, fleet: str, driver: str | None) -> bool:
        """Tell whether a trip of this fleet, by this driver, may be shown."""
        match self.role:
            case "bank" | "verifier":
                return True
            case "operator":
                return self.fleet == fleet
            case "driver":
                return driver is not None and self.account == driver
        return False


ALL_SEEING = Viewer(role="bank")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRetirement:
    """A retirement with its serials; `replaced_by` names others if its batch was cancelled."""

    retirement: ChainRetirement
    serial: str
    replaced_by: tuple[ReplacedSerials, ...]
    unreplaced_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedTrip:
    """A trip behind grams `first_g` to `last_g` of its batch (None: it saved none), and its row."""

    trip_id: str
    vehicle_id: str
    start_at: str
    end_at: str
    reduction_g: int
    leaf_index: int
    first_g: int | None
    last_g: int | None
    filename: str
    file_hash: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything that one subject leads to. What the viewer may not see is counted, not shown."""

    subject: str
    kind: str  # serial | retirement | batch | trip
    serial: str | None
    batch: BatchView | None
    retirements: tuple[TracedRetirement, ...]
    trades: tuple[ChainTrade, ...]
    trips_behind: int
    files_behind: int
    trips: tuple[TracedTrip, ...]
    trip: TripTrace | None


def trace(bank: Bank, subject: str, viewer: Viewer) -> Trace:
    """Walk from a serial range, a retirement, a batch or a trip to all the others.

    Args:
        bank: the bank.
        subject: a serial range, a retirement's number, a batch id (or its first digits, eight or
            more), or a trip id.
        viewer: who asks.

    Raises:
        NotFound: nothing has this name; a trip the viewer may not see is not there either.
        SerialMalformed: it begins like a serial range and is none.
    """
    with bank.store.read() as session:
        trip = _trip(session, subject)
        found = None if trip else _range(session, subject)
    if trip is not None:
        return _of_trip(bank, trip, viewer)
    assert found is not None
    return _of_range(bank, viewer, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a subject names: grams of a batch (0, 0 for none), and the trip where it is one."""

    subject: str
    kind: str
    sealed: SealedBatch
    grams: tuple[int, int]
    place: TripTrace | None = None


def _trip(session: Session, subject: str) -> StoredTrip | None:
    named = subject.lower().removeprefix("0x")
    is_batch = len(named) == HEX_DIGITS and session.get(SealedBatch, named) is not None
    return None if is_batch else session.get(StoredTrip, named)


def _range(session: Session, subject: str) -> _Found:
    """Return what a subject is, its batch, and which grams of it."""
    if subject.startswith("CB-"):
        asked = parse_serial(subject)
        sealed = session.need(SealedBatch, full_batch_id(session, asked.batch_prefix))
        named = (sealed.fleet, sealed.month, sealed.total_g >= asked.last_g)
        if named != (asked.fleet, asked.month, True):
            raise NotFound(kind="serial range", key=subject)
        kind, grams = "serial", (asked.first_g, asked.last_g)
    elif subject.isdecimal() and len(subject) <= RETIREMENT_DIGITS_MAX:
        retired = session.need(ChainRetirement, int(subject))
        sealed = session.need(SealedBatch, retired.batch_id)
        kind, grams = "retirement", (retired.serial_first, retired.serial_last)
    else:
        sealed = session.need(SealedBatch, full_batch_id(session, subject))
        kind, grams = "batch", (1, sealed.total_g)
    return _Found(subject=subject, kind=kind, sealed=sealed, grams=grams)


def _of_trip(bank: Bank, trip: StoredTrip, viewer: Viewer) -> Trace:
    if not viewer.sees(trip.fleet, trip_of_record_text(trip.record).driver_id):
        raise NotFound(kind="StoredTrip", key=trip.trip_id)
    place = trace_trip(bank, trip_id=trip.trip_id)
    if viewer.role == "driver":
        place = replace(place, charges=())  # when a car charges, others may have driven it
    if place.batch_id is None or place.leaf_index is None:
        return Trace(
            subject=trip.trip_id,
            kind="trip",
            serial=None,
            batch=None,
            retirements=(),
            trades=(),
            trips_behind=1,
            files_behind=1,
            trips=(),
            trip=place,
        )
    with bank.store.read() as session:
        sealed = session.need(SealedBatch, place.batch_id)
    grams = list(_grams(leaves_of_file(sealed.leaves), sealed.total_g))[place.leaf_index]
    found = _Found(
        subject=trip.trip_id, kind="trip", sealed=sealed, grams=grams or (0, 0), place=place
    )
    return _of_range(bank, viewer, found)


def _of_range(bank: Bank, viewer: Viewer, found: _Found) -> Trace:
    sealed, grams = found.sealed, found.grams
    view = batch_view(bank, sealed.batch_id)
    leaves = leaves_of_file(sealed.leaves)
    parts = list(_grams(leaves, sealed.total_g))
    behind = _behind(found, parts)
    with bank.store.read() as session:
        stored = _stored(session, sealed)
        trips = [stored[leaves[n].vehicle_index, leaves[n].end_at] for n in behind]
        shown = [
            _traced(session, trip, n, leaves[n], parts[n])
            for n, trip in zip(behind, trips, strict=True)
            if viewer.sees(sealed.fleet, trip_of_record_text(trip.record).driver_id)
        ]
        retired = [
            _retirement(session, sealed, one, is_dead=view.state == "cancelled")
            for one in session.find(ChainRetirement, batch_id=sealed.batch_id)
            if _overlap((one.serial_first, one.serial_last), grams)
        ]
        trades = session.find(ChainTrade, batch_id=sealed.batch_id)
    return Trace(
        subject=found.subject,
        kind=found.kind,
        serial=serial_text(sealed, *grams) if grams[0] else None,
        batch=view,
        retirements=tuple(retired),
        trades=tuple(trades),
        trips_behind=len(behind),
        files_behind=len({trip.file_hash for trip in trips}),
        trips=tuple(shown),
        trip=found.place,
    )


def _behind(found: _Found, parts: list[tuple[int, int] | None]) -> list[int]:
    """Return the leaves behind some grams: all of a batch, the one of a trip."""
    if found.place is not None and found.place.leaf_index is not None:
        return [found.place.leaf_index]
    everything = found.kind == "batch"
    return [
        n for n, part in enumerate(parts) if everything or (part and _overlap(part, found.grams))
    ]


def _grams(leaves: list[TripLeaf], total_g: int) -> Iterator[tuple[int, int] | None]:
    """Yield which grams of the batch each leaf is the first to reach, None where it is none."""
    peak_g = 0
    for leaf in leaves:
        last_g = min(leaf.running_g, total_g)
        yield (peak_g + 1, last_g) if last_g > peak_g else None
        peak_g = max(peak_g, last_g)


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _stored(session: Session, sealed: SealedBatch) -> dict[tuple[int | None, int], StoredTrip]:
    # The end is never cut, and a vehicle's trips do not overlap: two can not end together.
    indices = {v.vehicle_id: v.vehicle_index for v in session.find(Vehicle, fleet=sealed.fleet)}
    trips = session.find(StoredTrip, fleet=sealed.fleet, month=sealed.month, state="accepted")
    return {
        (indices[one.vehicle_id], int(one.end_at.timestamp())): one
        for one in trips
        if one.vehicle_id in indices
    }


def _traced(
    session: Session, trip: StoredTrip, number: int, leaf: TripLeaf, grams: tuple[int, int] | None
) -> TracedTrip:
    return TracedTrip(
        trip_id=trip.trip_id,
        vehicle_id=trip.vehicle_id,
        start_at=iso_at(trip.start_at),
        end_at=iso_at(trip.end_at),
        reduction_g=leaf.reduction_g,
        leaf_index=number,
        first_g=grams[0] if grams else None,
        last_g=grams[1] if grams else None,
        filename=session.need(Upload, trip.fleet, trip.file_hash).filename,
        file_hash=trip.file_hash,
        row=trip.row,
    )


def _retirement(
    session: Session, sealed: SealedBatch, one: ChainRetirement, *, is_dead: bool
) -> TracedRetirement:
    own = (one.serial_first, one.serial_last)
    replaced = tuple(replaced_serials(session, sealed, *own))
    open_g = one.amount_g - sum(part.amount_g for part in replaced)
    return TracedRetirement(
        retirement=one,
        serial=serial_text(sealed, *own),
        replaced_by=replaced,
        unreplaced_g=open_g if is_dead else 0,
    )
