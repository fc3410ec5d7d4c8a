"""Grams: coefficients from the package, trips from their records, months and totals from trips."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from carbonbank.audit.equations import (
    BPS,
    Factors,
    blend_bps,
    coefficients_of,
    compiled,
    exact_reduction_g,
    factors_of,
    fuel_ml,
    kept_share,
    mass_of,
)
from carbonbank.audit.grid_hours import OWN, decide, vehicle_factors
from carbonbank.audit.outcome import Unchecked, require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import exact, plain, whole

NG_PER_G = 10**9
UG_PER_G = 10**6  # µg per kWh is ng per Wh
STEPS_MAX = 64
# The bank writes exact totals with 50 significant digits.
WRITTEN_TO = Fraction(1, 10**18)


@dataclass(slots=True)
class Month:
    """A vehicle-month as recomputed from its trips."""

    trips: int = 0
    distance_m: int = 0
    energy_wh: int = 0
    fuel_ml: int = 0
    baseline_g: Fraction = Fraction(0)
    project_g: Fraction = Fraction(0)
    reduction_g: int = 0
    exact_g: Fraction = Fraction(0)


class Formula(NamedTuple):
    """What turns a trip's record into grams: compiled factors, and each vehicle's discount.

    `own` are factors of vehicles whose hours of charging decide; the check `grid hours` is on them.
    """

    factors: Factors
    own: dict[str, Factors]
    discounts: dict[str, int]
    blend_bps: int

    def grams(self, record: dict[str, Any], discount_bps: int | None = None) -> int:
        """Return a record's grams: compiled factors, what the discount leaves, one floor.

        Without a discount given it is that of the record's vehicle; one that the report does not
        credit loses no more than the share of biofuel, which every gain loses.
        """
        mass = mass_of(record, self.own.get(record["vehicle_id"], self.factors))
        if discount_bps is None:
            discount_bps = self.discounts.get(record["vehicle_id"], self.blend_bps)
        return floor((mass.baseline_g - mass.project_g) * kept_share(mass, discount_bps))


def formula_of(package: Package) -> Formula:
    """Return the one formula that leaves and what sources say are both held against."""
    factors = compiled(factors_of(package.methodology, _year(package)))
    if package.withholds("report.json"):
        return Formula(factors, {}, {}, blend_bps(package.methodology))
    own = {
        row["vehicle_id"]: factors._replace(project_g_per_kwh=Fraction(row[OWN], UG_PER_G))
        for row in package.report["vehicles"]
        if OWN in row
    }
    return Formula(factors, own, _discounts(package), blend_bps(package.methodology))


def check_programme(package: Package) -> str:
    """Report and package tell of the same programme, fleet, shares and flags."""
    report, methodology = package.report, package.methodology
    programme = methodology["programme"]
    shares = methodology["shares_bps"]
    for what, found, expected in (
        ("programme", report["programme"], programme["handle"]),
        ("fleet", report["fleet"], programme["fleet"]["handle"]),
        ("demo flag", report["demo"], methodology["demo"]),
        ("demo flag of the programme", programme["demo"], methodology["demo"]),
        ("retroactive flag", report["retroactive"], programme["retroactive"]),
        ("buffer share", report["shares"]["buffer_bps"], shares["buffer"]),
        ("drivers' share", report["shares"]["drivers_bps"], shares["drivers"]),
        ("shares of the programme", programme["shares_bps"], shares),
    ):
        require_equal(what, found, expected)
    require(shares["drivers"] + shares["buffer"] <= BPS, f"{shares} exceed the whole")
    flags = [flag for flag in ("demo", "retroactive") if report[flag]]
    return ", ".join([programme["handle"], methodology["class_label"], *flags])


def check_coefficients(package: Package) -> str:
    """The integers that trips are multiplied with follow from the package's parameters."""
    year = _year(package)
    expected = coefficients_of(compiled(factors_of(package.methodology, year)), year)
    require_equal("coefficients", package.report["coefficients"], expected)
    return ", ".join(f"{name} {value}" for name, value in expected.items())


def check_grams(package: Package) -> str:
    """Every shown leaf's grams are the equations' for its record: compiled factors, one floor."""
    formula, rows = formula_of(package), package.rows
    if package.withholds("report.json"):
        return _grams_by_table(package, formula)
    for number, leaf, trip, _ in rows:
        vehicle = trip.record["vehicle_id"]
        require(vehicle in formula.discounts, f"leaf {number} is of {vehicle}, without a discount")
        require_equal(f"grams of leaf {number}", leaf.reduction_g, formula.grams(trip.record))
    return package.seen("trips recomputed")


def _grams_by_table(package: Package, formula: Formula) -> str:
    """Without the report, one discount of the table must explain all of a vehicle's leaves."""
    if decide(package):
        raise Unchecked("the report, which says what hours of charging made of them, is withheld")
    left: dict[str, set[int]] = {}
    for number, leaf, trip, _ in package.rows:
        vehicle = trip.record["vehicle_id"]
        options = left.get(vehicle) or possible_discounts(package)
        grams = {bps: formula.grams(trip.record, bps) for bps in sorted(options)}
        left[vehicle] = {bps for bps in options if grams[bps] == leaf.reduction_g}
        told = f"grams of leaf {number} is {leaf.reduction_g}, recomputed by discount {grams}"
        require(bool(left[vehicle]), told)
    found = ", ".join(f"{name} by {sorted(bps)} bps" for name, bps in sorted(left.items()))
    return f"{package.seen('trips recomputed')}; {found}: the report, which says, is withheld"


def check_discounts(package: Package) -> str:
    """Every discount can come from the package's table; which step applies is the report's word."""
    sums = possible_discounts(package)
    for vehicle, discount_bps in _discounts(package).items():
        require(discount_bps in sums, f"no steps give {vehicle} {discount_bps} bps")
    blend = blend_bps(package.methodology)
    told = f"{len(package.methodology['programme']['discounts'])} steps in the table"
    return f"{told}, {blend} bps of biofuel" if blend else told


def possible_discounts(package: Package) -> set[int]:
    """Return every discount in bps that the package's table and blend can add up to."""
    steps = package.methodology["programme"]["discounts"]
    require(len(steps) <= STEPS_MAX, f"{len(steps)} discount steps")
    options: dict[str, set[int]] = {}
    for step in steps:
        require(0 <= step["discount_bps"] <= BPS, f"a step of {step['discount_bps']} bps")
        options.setdefault(step["measure"], {0}).add(step["discount_bps"])
    # Added up measure by measure: sums are capped and few, choices of 64 measures are 2^64.
    sums = {blend_bps(package.methodology)}
    for of_measure in options.values():
        sums = {min(BPS, a + b) for a in sums for b in of_measure}
    return sums


def check_months(package: Package) -> str:
    """Every reported vehicle-month is the sum of its leaves, and of its trips."""
    reported = package.report["vehicles"]
    _check_leaf_sums(package, reported)
    recomputed = _months(package)
    require_equal("vehicles with trips", sorted(recomputed), sorted(_ids(reported)))
    for row in reported:
        vehicle, month = row["vehicle_id"], recomputed[row["vehicle_id"]]
        for name, value in (
            ("trips", month.trips),
            ("distance_m", month.distance_m),
            ("energy_wh", month.energy_wh),
            ("baseline_ng", month.baseline_g * NG_PER_G),
            ("project_ng", month.project_g * NG_PER_G),
            ("reduction_g", month.reduction_g),
        ):
            require_equal(f"{name} of {vehicle}", whole(row[name]), value)
        off = abs(exact(row["exact_g"]) - month.exact_g)
        require(off <= WRITTEN_TO, f"exact_g of {vehicle} is {row['exact_g']}, {off} g off")
    overlap = set(_ids(package.report["left_out"])) & set(recomputed)
    require(not overlap, f"credited and left out at once: {sorted(overlap)}")
    return f"{len(reported)} vehicle-months, {len(package.report['left_out'])} left out"


def _check_leaf_sums(package: Package, reported: list[dict[str, Any]]) -> None:
    """Counts and grams of the report follow from bare leaves, without any record."""
    grams: dict[int, list[int]] = {}
    for leaf in package.leaves:
        grams.setdefault(leaf.vehicle_index, []).append(leaf.reduction_g)
    for row in reported:
        vehicle = row["vehicle_id"]
        ours = grams.get(package.vehicles.get(vehicle, -1), [])
        require_equal(f"leaves of {vehicle}", whole(row["trips"]), len(ours))
        require_equal(f"grams of {vehicle} in leaves", whole(row["reduction_g"]), sum(ours))


def check_totals(package: Package) -> str:
    """The report's totals add up, and the integer total stays within its bound below the exact."""
    report = package.report
    totals, rows = report["totals"], report["vehicles"]
    require_equal("totals: vehicles", totals["vehicles"], len(rows))
    for name in ("trips", "distance_m", "energy_wh", "baseline_ng", "project_ng", "reduction_g"):
        found, expected = whole(totals[name]), sum(whole(row[name]) for row in rows)
        require_equal(f"totals: {name}", found, expected)
    off = abs(exact(totals["exact_g"]) - sum(exact(row["exact_g"]) for row in rows))
    require(off <= WRITTEN_TO, f"totals: exact_g is {off} g off")
    require_equal("totals: reduction_g", totals["reduction_g"], package.leaves[-1].running_g)
    months = _months(package).values()
    exact_g = sum((month.exact_g for month in months), Fraction(0))
    bound_g = _bound_g(package, months)
    short_g = exact_g - totals["reduction_g"]
    told = (
        f"integer {totals['reduction_g']} g, exact {plain(exact_g)} g, "
        f"short by {plain(short_g)} g of at most {plain(bound_g)} g"
    )
    require(0 <= short_g <= bound_g, told)
    return told


def _bound_g(package: Package, months: Iterable[Month]) -> Fraction:
    """1 g a trip, 1 µg per km, kWh and litre and coefficient, 2 Wh a trip by state of charge."""
    factors = compiled(factors_of(package.methodology, _year(package)))
    metre_steps = 2 if factors.project_g_per_km else 1
    energy_steps = 2 if factors.baseline_g_per_kwh else 1
    trip_wh = 2 if factors.energy_source == "soc" else 0
    trip_ng = trip_wh * factors.project_g_per_kwh * UG_PER_G
    return sum(
        (
            month.trips * (1 + trip_ng / NG_PER_G)
            + Fraction(
                metre_steps * month.distance_m + energy_steps * month.energy_wh + month.fuel_ml,
                NG_PER_G,
            )
            for month in months
        ),
        Fraction(0),
    )


def _months(package: Package) -> dict[str, Month]:
    exactly, discounts = vehicle_factors(package), _discounts(package)
    factors = {vehicle: compiled(one) for vehicle, one in exactly.items()}
    months: dict[str, Month] = {}
    for trip, leaf in zip(package.trips, package.leaves, strict=True):
        vehicle = trip.record["vehicle_id"]
        _add(
            months.setdefault(vehicle, Month()),
            trip.record,
            leaf.reduction_g,
            exactly=exactly[vehicle],
            factors=factors[vehicle],
            discount_bps=discounts[vehicle],
        )
    return months


def _add(
    month: Month,
    record: dict[str, Any],
    reduction_g: int,
    *,
    exactly: Factors,
    factors: Factors,
    discount_bps: int,
) -> None:
    mass = mass_of(record, factors)
    month.trips += 1
    month.distance_m += whole(record["distance_m"])
    month.energy_wh += mass.energy_wh
    month.fuel_ml += fuel_ml(record, factors)
    month.baseline_g += mass.baseline_g
    month.project_g += mass.project_g
    month.reduction_g += reduction_g
    month.exact_g += exact_reduction_g(record, exactly) * kept_share(mass, discount_bps)


def _discounts(package: Package) -> dict[str, int]:
    discounts = {one["vehicle_id"]: one["discount_bps"] for one in package.report["vehicles"]}
    require(all(0 <= bps <= BPS for bps in discounts.values()), f"discounts of {discounts} bps")
    return discounts


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["vehicle_id"] for row in rows]


def _year(package: Package) -> int:
    return whole(package.claim["claim"]["month"]) // 12
