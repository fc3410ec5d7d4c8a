"""Trips to grams: exact in nanograms, one floor per trip, vectorised over Arrow columns.

`reduction_of` is the plain reference, one trip at a time in Python integers; `quantify` is the
same over a table. Why nothing overflows in silence: every product and difference uses Arrow's
checked kernels, which raise; the discount splits its product so that no step passes 2^63.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.reduction import Reduction
from carbonbank.domain.trip import Trip, trip_id
from carbonbank.errors import EnergyMissing, InvariantBroken, QuantityTooLarge
from carbonbank.mrv.coefficients import Coefficients
from carbonbank.mrv.months import months_since_1970
from carbonbank.mrv.programme_base import EnergySource
from carbonbank.mrv.rules import ISSUE_CODES
from carbonbank.units import (
    BPS,
    NG_PER_G,
    battery_wh_ceil,
    discounted_ng_floor,
    ng_to_g_floor,
)

VehicleMonth = tuple[str, int]  # vehicle_id, month number
Discounts = int | Mapping[VehicleMonth, int]  # basis points

# The columns an energy source reads; a trip with a null in one of them has no energy.
ENERGY_COLUMNS: Mapping[EnergySource, tuple[str, ...]] = {
    "grid": ("energy_grid_wh",),
    "battery": ("energy_battery_wh",),
    "soc": ("soc_start_bps", "soc_end_bps"),
    "sec": (),
    "charged": ("energy_grid_wh",),
    "none": (),
}


def columns_read(coefficients: Coefficients) -> tuple[str, ...]:
    """Return the columns that a trip must have besides its distance."""
    fuel = ("fuel_ml",) if coefficients.project_ug_per_l else ()
    persons = ("passengers",) if coefficients.baseline_ug_per_person_km else ()
    return (*ENERGY_COLUMNS[coefficients.energy_source], *fuel, *persons)


def reduction_of(
    trip: Trip, coefficients: Coefficients, *, fleet: str = "", discount_bps: int = 0
) -> Reduction:
    """Quantify one trip: ng exactly, then the discount, then one floor to grams.

    `fleet` goes into the trip's id (`carbonbank.domain.trip.trip_id`).

    Raises:
        EnergyMissing: the trip lacks the energy that the programme measures with.
    """
    energy_wh = energy_wh_of(trip, coefficients)
    person_m = trip.distance_m * (trip.passengers or 0)
    baseline_ng = (
        coefficients.baseline_ug_per_km * trip.distance_m
        + coefficients.baseline_ug_per_kwh * energy_wh
        + coefficients.baseline_ug_per_person_km * person_m
    )
    project_ng = (
        coefficients.project_ug_per_km * trip.distance_m
        + coefficients.project_ug_per_kwh * energy_wh
        + coefficients.project_ug_per_l * (trip.fuel_ml or 0)
    )
    discounted_ng = discounted_ng_floor(baseline_ng - project_ng, discount_bps)
    return Reduction(
        trip_id=trip_id(fleet, trip),
        baseline_ng=baseline_ng,
        project_ng=project_ng,
        reduction_g=ng_to_g_floor(discounted_ng),
    )


def energy_wh_of(trip: Trip, coefficients: Coefficients) -> int:
    """Return a trip's energy in Wh of the coefficients' source; 0 where SEC stands in for it.

    Raises:
        EnergyMissing: the trip has none.
    """
    source = coefficients.energy_source
    if None in [getattr(trip, column) for column in columns_read(coefficients)]:
        raise EnergyMissing(count=1, energy_source=source, first_record=trip.source_record_id)
    values = [getattr(trip, column) for column in ENERGY_COLUMNS[source]]
    if source == "soc":
        start_bps, end_bps = values
        return battery_wh_ceil(start_bps - end_bps, coefficients.capacity_wh)
    return values[0] if values else 0


def quantify(trips: pa.Table, coefficients: Coefficients, discount_bps: Discounts = 0) -> pa.Table:
    """Add baseline_ng, project_ng and reduction_g (int64) to trips of one calendar year.

    Args:
        trips: rows in `carbonbank.mrv.trips.TRIP_SCHEMA` (further columns stay).
        coefficients: compiled for the year of the trips.
        discount_bps: one for all, or one per (vehicle_id, month number).

    Raises:
        EnergyMissing: trips lack energy; keep them out with `split_by_energy` first.
        QuantityTooLarge: a product does not fit 64 bits (a sentinel that no rule saw).
    """
    _check_years(trips, coefficients)
    missing = energy_missing(trips, coefficients)
    count = pc.sum(missing).as_py() or 0
    if count:
        first = trips["source_record_id"][pc.index(missing, value=True).as_py()].as_py()
        raise EnergyMissing(
            count=count, energy_source=coefficients.energy_source, first_record=first
        )
    try:
        baseline_ng = _baseline_ng(trips, coefficients)
        project_ng = _project_ng(trips, coefficients)
        gain_ng = pc.subtract_checked(baseline_ng, project_ng)
    except pa.ArrowInvalid as error:
        raise QuantityTooLarge(reason=str(error)) from error
    discounted_ng = _discounted_ng(gain_ng, _discount_column(trips, discount_bps))
    return (
        trips.append_column("baseline_ng", baseline_ng)
        .append_column("project_ng", project_ng)
        .append_column("reduction_g", _floor_divide(discounted_ng, NG_PER_G))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergySplit:
    """Trips that can be quantified, and an issue for each one that can not."""

    ready: pa.Table
    issues: tuple[RowIssue, ...]


def split_by_energy(trips: pa.Table, coefficients: Coefficients) -> EnergySplit:
    """Keep out the trips without the energy that the programme measures with."""
    missing = energy_missing(trips, coefficients)
    if not pc.any(missing).as_py():
        return EnergySplit(ready=trips, issues=())
    columns = columns_read(coefficients)
    code = ISSUE_CODES["energy_missing"]
    out = trips.filter(missing)
    rows = out["row"].to_pylist() if "row" in out.column_names else [0] * out.num_rows
    issues = tuple(
        RowIssue(
            row=row,
            column=columns[0],
            code="energy_missing",
            severity=code.severity,
            value="none",
            limit=f"{coefficients.energy_source} energy on every trip"
            if columns == ENERGY_COLUMNS[coefficients.energy_source]
            else f"{' and '.join(columns)} on every trip",
            hint=code.remedy,
            trip_source_record_id=record,
        )
        for row, record in zip(rows, out["source_record_id"].to_pylist(), strict=True)
    )
    return EnergySplit(ready=trips.filter(pc.invert(missing)), issues=issues)


def month_column(trips: pa.Table) -> pa.Array:
    """Return the UTC month number of every trip's start: year * 12 + (month - 1)."""
    start_s = trips["start_at"].cast(pa.int64()).to_numpy()
    return pa.array(months_since_1970(start_s) + 1970 * 12)


def _check_years(trips: pa.Table, coefficients: Coefficients) -> None:
    years = pc.unique(pc.year(trips["start_at"].cast(pa.timestamp("s")))).to_pylist()
    if any(year != coefficients.year for year in years):
        raise InvariantBroken(f"coefficients of {coefficients.year} on trips of {sorted(years)}")


def energy_missing(trips: pa.Table, coefficients: Coefficients) -> pa.ChunkedArray:
    """Say which trips lack the energy that the programme measures with."""
    missing = pa.chunked_array([pa.repeat(pa.scalar(value=False), trips.num_rows)])
    for column in columns_read(coefficients):
        missing = pc.or_(missing, pc.is_null(trips[column]))
    return missing


def _baseline_ng(trips: pa.Table, coefficients: Coefficients) -> pa.ChunkedArray:
    """Return baseline emissions: by distance, by energy, or by person and distance."""
    mass_ng = pc.multiply_checked(trips["distance_m"], coefficients.baseline_ug_per_km)
    if coefficients.baseline_ug_per_kwh:
        energy_wh = _energy_wh(trips, coefficients)
        by_energy_ng = pc.multiply_checked(energy_wh, coefficients.baseline_ug_per_kwh)
        mass_ng = pc.add_checked(mass_ng, by_energy_ng)
    if coefficients.baseline_ug_per_person_km:
        persons = pc.cast(trips["passengers"], pa.int64())
        person_m = pc.multiply_checked(trips["distance_m"], persons)
        by_person_ng = pc.multiply_checked(person_m, coefficients.baseline_ug_per_person_km)
        mass_ng = pc.add_checked(mass_ng, by_person_ng)
    return mass_ng


def _project_ng(trips: pa.Table, coefficients: Coefficients) -> pa.ChunkedArray:
    """Return project emissions: by distance with SEC, by energy otherwise; fuel on top."""
    mass_ng = pc.multiply_checked(trips["distance_m"], coefficients.project_ug_per_km)
    if coefficients.project_ug_per_kwh:
        energy_wh = _energy_wh(trips, coefficients)
        by_energy_ng = pc.multiply_checked(energy_wh, coefficients.project_ug_per_kwh)
        mass_ng = pc.add_checked(mass_ng, by_energy_ng)
    if coefficients.project_ug_per_l:
        by_fuel_ng = pc.multiply_checked(trips["fuel_ml"], coefficients.project_ug_per_l)
        mass_ng = pc.add_checked(mass_ng, by_fuel_ng)
    return mass_ng


def _energy_wh(trips: pa.Table, coefficients: Coefficients) -> pa.ChunkedArray:
    """Return the energy of trips as `energy_wh_of` does; the source reads a column."""
    if coefficients.energy_source == "soc":
        drop_bps = pc.subtract_checked(trips["soc_start_bps"], trips["soc_end_bps"])
        drop_bps = pc.max_element_wise(drop_bps, 0, skip_nulls=False)
        product = pc.multiply_checked(drop_bps, coefficients.capacity_wh)
        # Ceiling: the product is at least 0, where Arrow's truncating division is the floor.
        return pc.divide(pc.add_checked(product, BPS - 1), BPS)
    (column,) = ENERGY_COLUMNS[coefficients.energy_source]
    return trips[column]


def _discount_column(trips: pa.Table, discount_bps: Discounts) -> pa.ChunkedArray | int:
    if isinstance(discount_bps, int):
        return _checked_bps(discount_bps)
    # Both halves of the key as one number: the month, and the vehicle's place among the known.
    place = {vehicle_id: n for n, vehicle_id in enumerate({v for v, _ in discount_bps})}
    known = pa.array([month * len(place) + place[v] for v, month in discount_bps], pa.int64())
    vehicle = _places(trips["vehicle_id"], list(place))
    key = pc.add(pc.multiply(month_column(trips), len(place)), vehicle)
    index = pc.index_in(key, value_set=known)
    if index.null_count:
        raise InvariantBroken("a vehicle-month has no discount; 0 must be said, not assumed")
    values = pa.array([_checked_bps(bps) for bps in discount_bps.values()], pa.int64())
    return pc.take(values, index)


def _places(column: pa.ChunkedArray, known: list[str]) -> pa.ChunkedArray:
    """Return each text's place among the known ones, null where it is none of them."""
    if not pa.types.is_dictionary(column.type):
        return pc.index_in(column, value_set=pa.array(known, pa.string()))
    array = column.combine_chunks()
    return _places(array.dictionary, known).take(array.indices)


def _checked_bps(bps: int) -> int:
    if not 0 <= bps <= BPS:
        raise InvariantBroken(f"a discount of {bps} bps is outside 0 to {BPS}")
    return bps


def _discounted_ng(gain_ng: pa.ChunkedArray, bps: pa.ChunkedArray | int) -> pa.ChunkedArray:
    """`discounted_ng_floor` over a column.

    floor(g · k / 10^4) = (g div 10^4) · k + floor((g mod 10^4) · k / 10^4); with k <= 10^4 the
    first term is at most g and the second below 10^4, so nothing passes 2^63.
    """
    keep = pc.subtract(BPS, bps)
    whole = pc.divide(gain_ng, BPS)
    rest = pc.subtract(gain_ng, pc.multiply(whole, BPS))
    discounted = pc.add(pc.multiply(whole, keep), pc.divide(pc.multiply(rest, keep), BPS))
    return pc.if_else(pc.greater(gain_ng, 0), discounted, gain_ng)


def _floor_divide(values: pa.ChunkedArray, divisor: int) -> pa.ChunkedArray:
    """Divide toward minus infinity (Arrow truncates toward zero); the divisor is positive."""
    quotient = pc.divide(values, divisor)
    rest = pc.subtract(values, pc.multiply(quotient, divisor))
    return pc.subtract(quotient, pc.cast(pc.less(rest, 0), pa.int64()))
