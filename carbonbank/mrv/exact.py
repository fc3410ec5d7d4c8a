"""The exact totals of trips, straight from the equations: what the integers fall short of.

Evaluated in exact fractions and written as decimals; no coefficient, trip or energy is rounded.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.mrv.coefficients import Coefficients, exact_factors
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.units import BPS, G_PER_T, NG_PER_G

PRECISION = 50


class ExactTotals(NamedTuple):
    """Baseline, project and reduced emissions in grams, as decimals of 50 significant digits."""

    baseline_g: Decimal
    project_g: Decimal
    reduction_g: Decimal


def exact_totals(trips: pa.Table, package: MethodologyPackage, year: int) -> ExactTotals:
    """Evaluate equations 1, 4 or 5, and 7 over trips of one calendar year, before any discount.

    Raises:
        YearBeforeBase: the year is older than the programme's base year.
    """
    factors = exact_factors(package, year)
    km = Fraction(_sum(trips["distance_m"]), 1000)
    kwh = _energy_kwh(trips, package, factors.capacity_kwh)
    one = [Fraction(1)]
    baseline_t = ams_iii_c_v16.eq1_baseline_by_distance_t([factors.baseline_g_per_km], [km], one)
    project_t = ams_iii_c_v16.eq4_project_by_distance_t(
        [factors.project_g_per_km / G_PER_T, factors.project_g_per_kwh / G_PER_T],
        [km, kwh],
        [Fraction(1), Fraction(1)],
    )
    reduction_t = ams_iii_c_v16.eq7_reduction_t(baseline_t, project_t, Fraction(0))
    return ExactTotals(*(decimal_of(t * G_PER_T) for t in (baseline_t, project_t, reduction_t)))


def shortfall_bound_g(trips: pa.Table, coefficients: Coefficients) -> Decimal:
    """Return by how much the integer total may fall short of the exact one, in grams.

    One gram per trip (the floor), one µg per km and per kWh (the coefficients), and with `soc`
    one Wh and the capacity's rounding of at most one Wh per trip (the energy).
    """
    metres, wh_max, per_trip_ng = _sum(trips["distance_m"]), 0, 0
    distance_steps = 2 if coefficients.energy_source == "sec" else 1
    if coefficients.energy_source == "soc":
        wh_max = trips.num_rows * coefficients.capacity_wh
        per_trip_ng = 2 * coefficients.project_ug_per_kwh
    elif coefficients.energy_source != "sec":
        wh_max = _sum(trips[f"energy_{coefficients.energy_source}_wh"])
    steps_ng = distance_steps * metres + wh_max + trips.num_rows * per_trip_ng
    return decimal_of(Fraction(trips.num_rows) + Fraction(steps_ng, NG_PER_G))


def decimal_of(value: Fraction) -> Decimal:
    """Write a fraction as a decimal of 50 significant digits."""
    with localcontext(prec=PRECISION):
        return Decimal(value.numerator) / Decimal(value.denominator)


def _energy_kwh(trips: pa.Table, package: MethodologyPackage, capacity_kwh: Fraction) -> Fraction:
    source = package.programme.project.energy_source
    if source == "sec":
        return Fraction(0)
    if source == "soc":
        drops_bps = pc.max_element_wise(
            pc.subtract(trips["soc_start_bps"], trips["soc_end_bps"]), 0
        )
        return Fraction(_sum(drops_bps), BPS) * capacity_kwh
    return Fraction(_sum(trips[f"energy_{source}_wh"]), 1000)


def _sum(column: pa.ChunkedArray) -> int:
    """Sum integers in decimal128, which holds what an int64 total might not."""
    total = pc.sum(pc.cast(column, pa.decimal128(38, 0))).as_py()
    return int(total or 0)
