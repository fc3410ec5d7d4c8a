"""The exact totals of trips, straight from the equations: what the integers fall short of.

Evaluated in exact fractions and written as decimals; no coefficient, trip or energy is rounded.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.mrv.coefficients import Coefficients
from carbonbank.mrv.exact_factors import ExactFactors, exact_factors
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.programme_base import EnergySource
from carbonbank.mrv.quantify import ENERGY_COLUMNS
from carbonbank.units import BPS, NG_PER_G

PRECISION = 50


class ExactTotals(NamedTuple):
    """Baseline, project and reduced emissions in grams, as decimals of 50 significant digits."""

    baseline_g: Decimal
    project_g: Decimal
    reduction_g: Decimal


def exact_totals(
    trips: pa.Table, package: MethodologyPackage, year: int, factors: ExactFactors | None = None
) -> ExactTotals:
    """Evaluate a package's equations over trips of one calendar year, before any discount.

    `factors` are those of the trips where they are not the package's own for the year.

    Raises:
        YearBeforeBase: the year is older than the programme's base year.
    """
    source = package.programme.project.energy_source
    factors = factors or exact_factors(package, year)
    sums = Sums(
        distance_m=_sum(trips["distance_m"]),
        energy=sum(_sum(column) for column in energy_columns(trips, source)),
        person_m=_person_m(trips) if factors.baseline_g_per_person_km else 0,
        fuel_ml=_sum(trips["fuel_ml"]) if factors.project_g_per_l else 0,
    )
    return totals_of(sums, factors, source)


class Sums(NamedTuple):
    """What trips add up to; `energy` in Wh, or in bps of the usable capacity with `soc`."""

    distance_m: int
    energy: int
    person_m: int
    fuel_ml: int


def totals_of(sums: Sums, factors: ExactFactors, source: EnergySource) -> ExactTotals:
    """Evaluate a package's equations over what trips add up to."""
    km = Fraction(sums.distance_m, 1000)
    kwh = Fraction(sums.energy, 1000)
    if source == "soc":
        kwh = Fraction(sums.energy, BPS) * factors.capacity_kwh
    baseline_g = factors.baseline_g_per_km * km + factors.baseline_g_per_kwh * kwh
    project_g = factors.project_g_per_km * km + factors.project_g_per_kwh * kwh
    baseline_g += factors.baseline_g_per_person_km * Fraction(sums.person_m, 1000)
    project_g += factors.project_g_per_l * Fraction(sums.fuel_ml, 1000)
    return ExactTotals(*map(decimal_of, (baseline_g, project_g, baseline_g - project_g)))


class Reducing:
    """The equations for the reduction alone, their fractions put together once for many sums."""

    def __init__(self, factors: ExactFactors, source: EnergySource) -> None:
        per_kwh = factors.baseline_g_per_kwh - factors.project_g_per_kwh
        self._rates = (
            (factors.baseline_g_per_km - factors.project_g_per_km) / 1000,
            per_kwh * factors.capacity_kwh / BPS if source == "soc" else per_kwh / 1000,
            Fraction(factors.baseline_g_per_person_km) / 1000,
            Fraction(-factors.project_g_per_l) / 1000,
        )

    def of(self, sums: Sums) -> Decimal:
        """Return `reduction_g` of `totals_of` in grams."""
        parts = zip(self._rates, sums, strict=True)
        told = (rate * amount for rate, amount in parts if rate and amount)
        return decimal_of(sum(told, Fraction(0)))


def energy_columns(trips: pa.Table, source: EnergySource) -> list[pa.ChunkedArray]:
    """Return the columns whose sum is `Sums.energy`."""
    if source == "soc":
        drops_bps = pc.subtract(trips["soc_start_bps"], trips["soc_end_bps"])
        return [pc.max_element_wise(drops_bps, 0)]
    return [trips[column] for column in ENERGY_COLUMNS[source]]


def shortfall_bound_g(trips: pa.Table, coefficients: Coefficients) -> Decimal:
    """Return by how much the integer total may fall short of the exact one, in grams.

    One gram per trip (the floor), one µg per km, kWh, litre and person-kilometre for each
    coefficient (a project without one counts none), and with `soc` one Wh and the capacity's
    rounding of at most one Wh per trip (the energy).
    """
    metres, wh_max, per_trip_ng = _sum(trips["distance_m"]), 0, 0
    if coefficients.energy_source == "soc":
        wh_max = trips.num_rows * coefficients.capacity_wh
        per_trip_ng = 2 * coefficients.project_ug_per_kwh
    else:
        for column in ENERGY_COLUMNS[coefficients.energy_source]:
            wh_max = _sum(trips[column])
    steps_ng = (2 if coefficients.project_ug_per_km else 1) * metres
    steps_ng += (2 if coefficients.baseline_ug_per_kwh else 1) * wh_max
    if coefficients.baseline_ug_per_person_km:
        steps_ng += _person_m(trips)
    if coefficients.project_ug_per_l:
        steps_ng += _sum(trips["fuel_ml"])
    steps_ng += trips.num_rows * per_trip_ng
    return decimal_of(Fraction(trips.num_rows) + Fraction(steps_ng, NG_PER_G))


def decimal_of(value: Fraction) -> Decimal:
    """Write a fraction as a decimal of 50 significant digits."""
    with localcontext(prec=PRECISION):
        return Decimal(value.numerator) / Decimal(value.denominator)


def _person_m(trips: pa.Table) -> int:
    """Sum persons times metres."""
    persons = pc.cast(trips["passengers"], pa.int64())
    return _sum(pc.multiply_checked(trips["distance_m"], persons))


def _sum(column: pa.ChunkedArray) -> int:
    """Sum integers in decimal128, which holds what an int64 total might not."""
    total = pc.sum(pc.cast(column, pa.decimal128(38, 0))).as_py()
    return int(total or 0)
