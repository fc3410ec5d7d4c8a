"""Trips that another fleet told before with small changes: found by prints, then held together.

What fleets' accepted trips print is kept in the store, by vehicle and month (`VehiclePrint`): so
an import looks at few vehicles of others, however many there are. A print proves nothing: the
vehicles it finds are compared trip by trip, by the rule that holds inside a fleet.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from carbonbank.domain.records import StoredTrip, VehiclePrint
from carbonbank.mrv.rules import Rules
from carbonbank.mrv.rules.frame import Frame
from carbonbank.mrv.rules.prints import is_shared, prints_of
from carbonbank.mrv.rules.retold import told_by_others, told_by_others_too
from carbonbank.ports import Session
from carbonbank.service.reckon import raw_table

_AT_ONCE = 10_000
_KEPT = 16  # a month's prints of a kind: a fleet that is told again is found by most of its months
_EPOCH_MONTH = 1970 * 12
_SHARED = 4  # and few prints tell less exactly how much two months share
Whose = tuple[str, str]  # fleet and vehicle


def keep_prints(session: Session, fleet: str, months: set[int], accepted: pa.Table) -> None:
    """Write down what the accepted trips of a fleet print in some months, and nothing else of it.

    Args:
        session: a unit of work that may write.
        fleet: the fleet's handle.
        months: month numbers.
        accepted: `RAW_SCHEMA`; what lies in other months is left out.
    """
    wanted = {one for one in _records(fleet, Frame(accepted)) if one.month in months}
    kept = set(session.find(VehiclePrint, fleet=fleet, month=sorted(months)))
    gone = {(one.vehicle_id, one.month) for one in kept - wanted}
    for vehicle_id, month in sorted(gone):
        session.remove(VehiclePrint, fleet=fleet, vehicle_id=vehicle_id, month=month)
    for one in wanted:
        if one not in kept or (one.vehicle_id, one.month) in gone:
            session.put(one)


def retold_elsewhere(
    session: Session, fleet: str, judged: set[str], ours: pa.Table, rules: Rules
) -> Iterator[tuple[int, str]]:
    """Yield the `row` of each of our trips that goes along trips told elsewhere, and where.

    Args:
        session: where the trips of all fleets are.
        fleet: ours.
        judged: our vehicles that are judged together; what they tell is not elsewhere.
        ours: the trips that may be kept out (`RAW_SCHEMA`, `row` is any number).
        rules: the thresholds of our programme.
    """
    kin = _kin(session, fleet, judged, ours)
    if not kin:
        return
    together = _Together(session, fleet, ours, {whose for _, whose in kin})
    told = told_by_others(together.trips, together.ours, together.pairs(kin), rules)
    yield from together.said(told)
    # A fleet whose rows were told again is compared whole, for its vehicles with few trips.
    for other in sorted({together.whose[vehicle][0] for _, vehicle in told.values()}):
        known = [
            shift
            for shift in together.trips.copied
            if other in {together.whose[vehicle][0] for vehicle in shift[:2]}
        ]
        found = {int(together.trips.rows[place]) for place in told}
        left = ours.filter(pa.array(~np.isin(ours["row"].to_numpy(), sorted(found))))
        vehicles = session.find(VehiclePrint, fleet=other)
        theirs = {(other, one.vehicle_id) for one in vehicles} - {(fleet, one) for one in judged}
        whole = _Together(session, fleet, left, theirs)
        named = [(together.name(one), together.name(two), by_s) for one, two, by_s in known]
        numbers = {name: number for number, name in enumerate(whole.trips.vehicle_names)}
        again = [(numbers.get(a, -1), numbers.get(b, -2), by_s) for a, b, by_s in named]
        yield from whole.said(told_by_others_too(whole.trips, whole.ours, again, rules))


class _Together:
    """Our trips and those of some vehicles elsewhere, in one frame; vehicles by fleet and name."""

    def __init__(self, session: Session, fleet: str, ours: pa.Table, theirs: set[Whose]) -> None:
        own = [(fleet, vehicle_id) for vehicle_id in ours["vehicle_id"].to_pylist()]
        found = list(_accepted(session, theirs))
        names = own + [(one.fleet, one.vehicle_id) for one in found]
        table = pa.concat_tables([ours, raw_table(found)]).set_column(
            ours.schema.get_field_index("vehicle_id"),
            ours.schema.field("vehicle_id"),
            pa.array([_label(one) for one in names], pa.string()),
        )
        self.fleet = fleet
        self.trips = Frame(table)
        self.ours = np.arange(table.num_rows) < ours.num_rows
        by_label = {_label(one): one for one in names}
        self.whose = [by_label[label] for label in self.trips.vehicle_names]

    def pairs(self, kin: set[tuple[str, Whose]]) -> list[tuple[int, int]]:
        """Return the numbers of kin that have trips, the smaller first."""
        numbers = {one: number for number, one in enumerate(self.whose)}
        known = [
            (numbers[self.fleet, vehicle_id], numbers[whose])
            for vehicle_id, whose in kin
            if whose in numbers
        ]
        return sorted((min(pair), max(pair)) for pair in known)

    def name(self, vehicle: int) -> str:
        """Return a vehicle's name in the frame."""
        return self.trips.vehicle_names[vehicle]

    def said(self, told: dict[int, tuple[int, int]]) -> Iterator[tuple[int, str]]:
        """Say where trips were told."""
        for place, (count, vehicle) in sorted(told.items()):
            fleet, vehicle_id = self.whose[vehicle]
            where = f"vehicle {vehicle_id}" if fleet == self.fleet else "another fleet"
            yield int(self.trips.rows[place]), f"{count} trips, about as {where}"


def _label(whose: Whose) -> str:
    return "\t".join(whose)


def _kin(session: Session, fleet: str, judged: set[str], ours: pa.Table) -> set[tuple[str, Whose]]:
    """Return our vehicles with those elsewhere a month of which prints alike."""
    trips = Frame(ours)
    records = _records(fleet, trips)
    by_value: dict[tuple[int, int], list[VehiclePrint]] = {}
    for one in records:
        by_value.setdefault((one.kind, one.value), []).append(one)
    sizes = Counter((one.vehicle_id, one.month, one.kind) for one in records)
    shared: Counter[tuple[tuple[str, int, int], tuple[str, str, int]]] = Counter()
    values = sorted({one.value for one in records})
    for first in range(0, len(values), _AT_ONCE):
        for other in session.find(VehiclePrint, value=values[first : first + _AT_ONCE]):
            if other.fleet == fleet and other.vehicle_id in judged:
                continue
            for one in by_value.get((other.kind, other.value), ()):
                month = (one.vehicle_id, one.month, one.kind)
                shared[month, (other.fleet, other.vehicle_id, other.month)] += 1
    return {
        (month[0], other[:2])
        for (month, other), count in shared.items()
        if is_shared(count, sizes[month], _SHARED)
    }


def _accepted(session: Session, theirs: set[Whose]) -> Iterator[StoredTrip]:
    by_fleet: dict[str, list[str]] = {}
    for fleet, vehicle_id in sorted(theirs):
        by_fleet.setdefault(fleet, []).append(vehicle_id)
    for fleet, vehicle_ids in by_fleet.items():
        yield from session.find(StoredTrip, fleet=fleet, vehicle_id=vehicle_ids, state="accepted")


def _records(fleet: str, trips: Frame) -> list[VehiclePrint]:
    prints = prints_of(trips, _KEPT, with_rows=True)
    columns = (prints.vehicle, prints.month, prints.kind, prints.value)
    return [
        VehiclePrint(
            fleet=fleet,
            vehicle_id=trips.vehicle_names[vehicle],
            month=month + _EPOCH_MONTH,
            kind=kind,
            value=value,
        )
        for vehicle, month, kind, value in zip(*(c.tolist() for c in columns), strict=True)
    ]
