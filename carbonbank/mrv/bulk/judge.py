"""Which trips of a partition count: what a row says, copies, enrolment, rules, energy.

The same findings as an import followed by `carbonbank.service.judge_trips`, over columns.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.codec import JSON_SAFE
from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.errors import VehicleNotEligible
from carbonbank.mrv.bulk.terms import Terms
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.package import check_eligible
from carbonbank.mrv.programme import rules_of
from carbonbank.mrv.quantify import energy_missing, month_column, split_by_energy
from carbonbank.mrv.rules import ISSUE_CODES
from carbonbank.mrv.rules.frame import Frame, in_order, numbered
from carbonbank.mrv.trips import TRIP_SCHEMA, judged
from carbonbank.units import month_label

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
UNLINKED = ("driver_id", "start_cell", "end_cell", "passengers")
_KEY = ("vehicle_id", "start_at", "end_at", "distance_m")
_INTEGERS = [field.name for field in TRIP_SCHEMA if pa.types.is_integer(field.type)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The trips worth storing, which of them count, and all findings.

    Attributes:
        trips: `RAW_SCHEMA`, one telling of each trip.
        counts: for each of them whether it counts.
        issues: in no order.
    """

    trips: pa.Table
    counts: Mask
    issues: list[RowIssue]


def judge(trips: pa.Table, terms: Terms) -> Judged:
    """Judge all trips of some vehicles (`RAW_SCHEMA`; `row` tells them apart)."""
    issues: list[RowIssue] = []
    trips = _one_telling(_writable(_unlinked(trips, terms), issues), issues)
    counts = _creditable(trips, terms, issues)
    held = trips if counts.all() else trips.filter(pa.array(counts))
    programme = terms.methodology.programme
    frame = Frame(held, whole_fleet=False)
    issues += judged(frame, rules_of(programme), terms.now_at)
    base = compile_coefficients(terms.methodology, programme.base_year)
    missing = np.asarray(energy_missing(held, base).to_numpy(), dtype=bool)
    if (frame.alive & missing).any():
        issues += split_by_energy(held.filter(pa.array(frame.alive)), base).issues
    counts[counts] = frame.alive & ~missing
    return Judged(trips=trips, counts=counts, issues=issues)


def keeps_out(issue: RowIssue) -> bool:
    """Say whether an issue keeps its trip out."""
    return issue.severity in {Severity.QUARANTINED, Severity.DROPPED}


def issue_of(trips: pa.Table, place: int, code: str, column: str, value: str) -> RowIssue:
    """Make the issue of a code on a row of a table."""
    known = ISSUE_CODES[code]
    return RowIssue(
        row=trips["row"][place].as_py(),
        column=column,
        code=code,
        severity=known.severity,
        value=value,
        limit=known.limit,
        hint=known.remedy,
        trip_source_record_id=trips["source_record_id"][place].as_py(),
    )


def _unlinked(trips: pa.Table, terms: Terms) -> pa.Table:
    """Take off who drove and where from trips of erased drivers, as `domain.trip.unlinked`."""
    if not terms.erased:
        return trips
    erased = pc.is_in(trips["driver_id"], pa.array(sorted(terms.erased), pa.string()))
    for name in UNLINKED:
        field = trips.schema.field(name)
        kept = pc.if_else(erased, pa.scalar(None, field.type), trips[name])
        trips = trips.set_column(trips.schema.get_field_index(name), field, kept)
    return trips


def _writable(trips: pa.Table, issues: list[RowIssue]) -> pa.Table:
    """Take out what no canonical record can hold: numbers beyond 2^53, sentinels of devices.

    An odometer of that kind is set aside; any other number keeps its trip out.
    """
    out = np.zeros(trips.num_rows, dtype=bool)
    large: dict[str, Mask] = {}
    for name in _INTEGERS:
        values = pc.fill_null(trips[name], 0)
        beyond = pc.or_(pc.greater(values, JSON_SAFE), pc.less(values, -JSON_SAFE))
        mask = np.asarray(beyond.to_numpy(), dtype=bool)
        if mask.any():
            large[name] = mask
            if not name.startswith("odometer_"):
                out |= mask
    for name, mask in large.items():
        is_odometer = name.startswith("odometer_")
        code = "odometer_sentinel" if is_odometer else "number_too_large"
        issues += [
            issue_of(trips, place, code, name, str(trips[name][place].as_py()))
            for place in np.flatnonzero(mask & ~out if is_odometer else mask).tolist()
        ]
        if is_odometer:
            kept = pc.if_else(pa.array(mask), pa.scalar(None, pa.int64()), trips[name])
            trips = trips.set_column(
                trips.schema.get_field_index(name), trips.schema.field(name), kept
            )
    return trips.filter(pa.array(~out)) if out.any() else trips


def _one_telling(trips: pa.Table, issues: list[RowIssue]) -> pa.Table:
    """Keep the first of equal tellings of a trip, and none of those that differ."""
    order = _by_key_and_row(trips)
    trips = trips.take(pa.array(order))
    same = np.ones(max(0, trips.num_rows - 1), dtype=bool)
    for values in map(trips.column, _KEY):
        numbers = values.combine_chunks()
        if pa.types.is_dictionary(numbers.type):
            numbers = numbers.indices
        whole = numbers.cast(pa.int64()).to_numpy()
        same &= whole[1:] == whole[:-1]
    out = np.zeros(trips.num_rows, dtype=bool)
    cuts = np.flatnonzero(~same) + 1
    sizes = np.diff(np.concatenate([[0], cuts, [trips.num_rows]]))
    several = np.repeat(sizes > 1, sizes)
    if several.any():
        _compare(trips, np.flatnonzero(several), sizes[sizes > 1].tolist(), out, issues)
    return trips.filter(pa.array(~out)) if out.any() else trips


def _by_key_and_row(trips: pa.Table) -> Ints:
    """Return the places of trips sorted by `_KEY` and row."""
    vehicle, _ = numbered(trips["vehicle_id"])
    start_s, end_s = (trips[name].cast(pa.int64()).to_numpy() for name in ("start_at", "end_at"))
    order, tied = in_order(vehicle, start_s)
    few = order[tied]
    rest = (trips["row"].to_numpy(), trips["distance_m"].to_numpy(), end_s, start_s, vehicle)
    order[tied] = few[np.lexsort([values[few] for values in rest])]
    return order


def _compare(
    trips: pa.Table, places: Ints, sizes: list[int], out: Mask, issues: list[RowIssue]
) -> None:
    """Keep out of tellings of a trip, which stand together, all but one."""
    names = [name for name in TRIP_SCHEMA.names if name != "source_record_id"]
    told = {name: trips[name].take(pa.array(places)).to_pylist() for name in (*names, "row")}
    last = 0
    for size in sizes:
        copies = range(last, last + size)
        first, last = last, last + size
        differing = sorted(
            name for name in names if any(told[name][n] != told[name][first] for n in copies)
        )
        if differing:
            out[places[copies]] = True
            for n in copies:
                values = ", ".join(f"{name} {told[name][n]}" for name in differing)
                value = f"{values}; other in {size} rows"
                place = int(places[n])
                issues.append(issue_of(trips, place, "conflicting_copies", differing[0], value))
            continue
        out[places[first + 1 : last]] = True
        value = f"as row {told['row'][first]}"
        issues += [
            issue_of(trips, int(place), "duplicate_trip", "source_record_id", value)
            for place in places[first + 1 : last]
        ]


def _creditable(trips: pa.Table, terms: Terms, issues: list[RowIssue]) -> Mask:
    """Say which trips the rules look at: of a vehicle that takes part, and not too early."""
    found: Mask = np.ones(trips.num_rows, dtype=bool)
    names = pc.dictionary_encode(trips["vehicle_id"].combine_chunks())
    place = names.indices.to_numpy()
    months = month_column(trips).to_numpy()
    base_month = terms.methodology.programme.base_year * 12
    for number, vehicle_id in enumerate(names.dictionary.to_pylist()):
        mine = place == number
        vehicle = terms.vehicles.get(vehicle_id)
        if vehicle is None:
            _keep_out(trips, mine, found, issues, ("vehicle_not_enrolled", vehicle_id))
            continue
        _keep_out(trips, mine & (months < vehicle.from_month), found, issues, "before_enrolment")
        if vehicle.until_month is not None:
            late = mine & (months >= vehicle.until_month)
            _keep_out(trips, late, found, issues, "after_move")
        _keep_out(trips, mine & found & (months < base_month), found, issues, "before_base_year")
        try:
            check_eligible(
                terms.methodology,
                powertrain=vehicle.powertrain,
                category=vehicle.category,
                vehicle_id=vehicle_id,
                has_energy=True,  # trips without it are kept out one by one
            )
        except VehicleNotEligible as error:
            said = ("vehicle_not_eligible", error.reason)
            _keep_out(trips, mine & found, found, issues, said)
    return found


def _keep_out(
    trips: pa.Table,
    mask: Mask,
    found: Mask,
    issues: list[RowIssue],
    said: str | tuple[str, str],
) -> None:
    """Take the marked trips out, with a code and what is to blame (a vehicle, or the month)."""
    for place in np.flatnonzero(mask).tolist():
        if isinstance(said, str):
            moment_at = trips["start_at"][place].as_py()
            value = month_label(moment_at.year * 12 + moment_at.month - 1)
            issues.append(issue_of(trips, place, said, "start_at", value))
        else:
            issues.append(issue_of(trips, place, said[0], "vehicle_id", said[1]))
    found &= ~mask
