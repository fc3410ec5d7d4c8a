"""Reckon: stored trips of one month to grams, vehicle by vehicle."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.domain.records import ChargeSession, StoredIssue, StoredTrip
from carbonbank.domain.trip import Trip, trip_of_record_text
from carbonbank.mrv.coefficients import Coefficients, compile_exact
from carbonbank.mrv.discount import DiscountLine, discount_bps_of, discount_lines
from carbonbank.mrv.exact import PRECISION, exact_totals
from carbonbank.mrv.exact_factors import ExactFactors, at_grid, exact_factors
from carbonbank.mrv.grid_hours import Drawn, hourly_grid
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.quality import VehicleMonthQuality, vehicle_months
from carbonbank.mrv.quantify import energy_wh_of, quantify
from carbonbank.mrv.trips import RawTrips, ValidTrips, from_trips
from carbonbank.ports import Session
from carbonbank.service.charged_energy import is_metered_by_charges, sessions_of, sharing
from carbonbank.units import BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReckonedTrip:
    """An accepted trip and what it saved; `reduction_g` is after the discount.

    Where a programme measures by charging records, `stored` and `trip` hold their share of them.
    """

    stored: StoredTrip
    trip: Trip
    reduction_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReckonedVehicle:
    """A vehicle's month; masses in ng are before the discount, grams after it.

    `discount_lines` explain the discount, without a programme's fixed part. `charges` are the
    sessions whose energy the trips share; none where a programme measures otherwise.
    `project_ug_per_kwh` is the month's own where its hours of charging decide it.
    """

    vehicle_id: str
    discount_bps: int
    discount_lines: tuple[DiscountLine, ...]
    distance_m: int
    energy_wh: int
    baseline_ng: int
    project_ng: int
    reduction_g: int
    exact_g: Decimal
    project_ug_per_kwh: int | None
    trips: tuple[ReckonedTrip, ...]
    charges: tuple[ChargeSession, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """Vehicle-months under a package."""

    coefficients: Coefficients
    vehicles: tuple[ReckonedVehicle, ...]


def reckon(
    session: Session,
    package: MethodologyPackage,
    *,
    month: int,
    trips: Sequence[StoredTrip],
    left_out: Iterable[str] = (),
) -> Reckoning:
    """Quantify a month.

    Args:
        session: where the issues of the trips are.
        package: the methodology.
        month: month number.
        trips: the vehicles' trips of that month in any state; accepted ones count.
        left_out: ids of trips that do not count although they are accepted.

    Raises:
        YearBeforeBase: the month lies before the programme's base year.
    """
    year = _Year(package, month // 12)
    out = set(left_out)
    vehicles = []
    for vehicle_id in sorted({t.vehicle_id for t in trips}):
        came = [t for t in trips if t.vehicle_id == vehicle_id and t.state != "late"]
        counted = [t for t in came if t.state == "accepted" and t.trip_id not in out]
        if counted:
            sessions = sessions_of(session, package, counted)
            counted = sharing(package, counted, sessions)
            charges = tuple(sessions.get((vehicle_id, month), ()))
            vehicles.append(_vehicle(session, year, came, counted, charges))
    return Reckoning(coefficients=year.coefficients, vehicles=tuple(vehicles))


def trips_of(stored: Iterable[StoredTrip]) -> list[Trip]:
    """Read the canonical records of stored trips."""
    return [trip_of_record_text(one.record) for one in stored]


def raw_table(stored: Sequence[StoredTrip]) -> pa.Table:
    """Return stored trips as `RAW_SCHEMA`; `row` is the place in the sequence."""
    row = pa.field("row", pa.int64(), nullable=False)
    return from_trips(trips_of(stored)).append_column(row, pa.array(range(len(stored)), pa.int64()))


class _Year:
    """A package evaluated for a calendar year, and for the hours of a month's charges."""

    def __init__(self, package: MethodologyPackage, year: int) -> None:
        self.package, self.number = package, year
        self.exact = exact_factors(package, year)
        self.coefficients = compile_exact(package, year, self.exact)
        self.hours = hourly_grid(package) if is_metered_by_charges(package) else None

    def factors_of(self, trips: list[Trip], charges: Iterable[ChargeSession]) -> ExactFactors:
        """Return the factors of trips that share sessions; without hours those of the year."""
        energy_wh = sum(trip.energy_grid_wh or 0 for trip in trips)
        if self.hours is None or not energy_wh:
            return self.exact
        drawn = [Drawn(one.start_at, one.end_at, one.energy_grid_wh) for one in charges]
        return at_grid(self.package, self.exact, self.hours.mean(drawn, energy_wh))


def _vehicle(
    session: Session,
    year: _Year,
    came: list[StoredTrip],
    counted: list[StoredTrip],
    charges: tuple[ChargeSession, ...],
) -> ReckonedVehicle:
    programme = year.package.programme
    discount_bps = programme.fixed_discount_bps
    lines: tuple[DiscountLine, ...] = ()
    if programme.discounts:
        quality = _quality(session, came, counted)
        discount_bps = discount_bps_of(programme, quality)
        lines = discount_lines(programme, quality)
    trips = trips_of(counted)
    factors = year.factors_of(trips, charges)
    coefficients = compile_exact(year.package, year.number, factors)
    table = quantify(raw_table(counted), coefficients, discount_bps)
    grams = table["reduction_g"].to_pylist()
    return ReckonedVehicle(
        vehicle_id=counted[0].vehicle_id,
        discount_bps=discount_bps,
        discount_lines=lines,
        distance_m=sum(trip.distance_m for trip in trips),
        energy_wh=sum(energy_wh_of(trip, coefficients) for trip in trips),
        # Python sums: no width to overflow.
        baseline_ng=sum(table["baseline_ng"].to_pylist()),
        project_ng=sum(table["project_ng"].to_pylist()),
        reduction_g=sum(grams),
        exact_g=_exact_g(table, year, factors, discount_bps),
        project_ug_per_kwh=coefficients.project_ug_per_kwh if year.hours else None,
        trips=tuple(
            ReckonedTrip(stored=stored, trip=trip, reduction_g=reduction_g)
            for stored, trip, reduction_g in zip(counted, trips, grams, strict=True)
        ),
        charges=charges,
    )


def _quality(
    session: Session, came: list[StoredTrip], counted: list[StoredTrip]
) -> VehicleMonthQuality:
    files = sorted({t.file_hash for t in counted})
    records = {json.loads(t.record)["source_record_id"] for t in counted}
    issues = tuple(
        _row_issue(one)
        for one in session.find(StoredIssue, fleet=counted[0].fleet, file_hash=files)
        if one.trip in records
    )
    raw = RawTrips(table=raw_table(came), issues=(), format="stored", rows_read=len(came))
    (quality,) = vehicle_months(raw, ValidTrips(table=raw_table(counted), issues=issues))
    return quality


def _row_issue(stored: StoredIssue) -> RowIssue:
    return RowIssue(
        row=stored.row,
        column=stored.column,
        code=stored.code,
        severity=Severity(stored.severity),
        value=stored.value,
        limit=stored.limit,
        hint=stored.hint,
        trip_source_record_id=stored.trip,
    )


def _exact_g(table: pa.Table, year: _Year, factors: ExactFactors, discount_bps: int) -> Decimal:
    """Return the equations' own total, with the discount on the trips that gain."""
    gains = pc.greater(table["baseline_ng"], table["project_ng"])
    gain_g, loss_g = (
        exact_totals(table.filter(which), year.package, year.number, factors).reduction_g
        for which in (gains, pc.invert(gains))
    )
    with localcontext(prec=PRECISION):
        return gain_g * (BPS - discount_bps) / BPS + loss_g
