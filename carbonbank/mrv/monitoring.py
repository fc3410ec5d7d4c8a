"""One run over raw trips under a package: validate, keep out, discount, quantify, add up.

    RawTrips ─validate─▶ trips ─eligible? energy?─▶ ready ─discount, quantify─▶ Monitored

Pure: the same files, package and clock give the same grams on any machine.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.coefficients import Coefficients, compile_coefficients
from carbonbank.mrv.discount import DiscountLine, discount_lines, discounts_of
from carbonbank.mrv.exact import exact_totals, shortfall_bound_g
from carbonbank.mrv.package import MethodologyPackage, check_eligible
from carbonbank.mrv.programme import rules_of
from carbonbank.mrv.quality import vehicle_months
from carbonbank.mrv.quantify import (
    VehicleMonth,
    columns_read,
    month_column,
    quantify,
    split_by_energy,
)
from carbonbank.mrv.trips import RawTrips, validate


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTotal:
    """A vehicle's UTC month: accepted trips, distance, and what it saved after the discount.

    `discount_lines` explain the discount, without a programme's fixed part.
    """

    vehicle_id: str
    month: int
    trips: int
    distance_m: int
    discount_bps: int
    discount_lines: tuple[DiscountLine, ...]
    baseline_ng: int
    project_ng: int
    reduction_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """Trips with baseline_ng, project_ng and reduction_g, all findings, and both totals.

    `exact_reduction_g` comes straight from the equations, before any rounding and discount;
    without discounts `reduction_g` falls short of it by at most `bound_g`.
    """

    trips: pa.Table
    issues: tuple[RowIssue, ...]
    rows_read: int
    months: tuple[MonthTotal, ...]
    coefficients: tuple[Coefficients, ...]
    reduction_g: int
    exact_reduction_g: Decimal
    bound_g: Decimal

    @property
    def issue_counts(self) -> dict[str, int]:
        """How many findings of each severity and code."""
        counts = Counter(f"{issue.severity} {issue.code}" for issue in self.issues)
        return dict(sorted(counts.items()))


def monitor(raw: RawTrips, package: MethodologyPackage, now_at: datetime) -> Monitored:
    """Run raw trips of one fleet through a package.

    Raises:
        VehicleNotEligible: the programme's conditions leave a vehicle out.
        YearBeforeBase: a trip is older than the programme's base year.
    """
    programme = package.programme
    valid = validate(raw, rules_of(programme), now_at)
    if valid.table.num_rows:
        _check_vehicles(valid.table, package)
    qualities = vehicle_months(raw, valid)
    discounts = discounts_of(programme, qualities)
    lines = {(q.vehicle_id, q.month): discount_lines(programme, q) for q in qualities}
    parts, issues, coefficients = [], list(valid.issues), []
    exact_g, bound_g = Decimal(0), Decimal(0)
    for year in sorted(pc.unique(pc.year(valid.table["start_at"])).to_pylist()):
        compiled = compile_coefficients(package, year)
        of_year = valid.table.filter(pc.equal(pc.year(valid.table["start_at"]), year))
        split = split_by_energy(of_year, compiled)
        parts.append(quantify(split.ready, compiled, discounts))
        issues.extend(split.issues)
        coefficients.append(compiled)
        exact_g += exact_totals(split.ready, package, year).reduction_g
        bound_g += shortfall_bound_g(split.ready, compiled)
    trips = pa.concat_tables(parts) if parts else _none_quantified(valid.table)
    months = _months(trips, discounts, lines)
    return Monitored(
        trips=trips,
        issues=tuple(issues),
        rows_read=raw.rows_read,
        months=months,
        coefficients=tuple(coefficients),
        reduction_g=sum(month.reduction_g for month in months),
        exact_reduction_g=exact_g,
        bound_g=bound_g,
    )


def _check_vehicles(trips: pa.Table, package: MethodologyPackage) -> None:
    vehicles = package.programme.vehicles
    first_year = pc.min(pc.year(trips["start_at"])).as_py()
    columns = columns_read(compile_coefficients(package, first_year))
    known = trips.group_by("vehicle_id").aggregate([(column, "count") for column in columns])
    for row in known.sort_by("vehicle_id").to_pylist():
        check_eligible(
            package,
            powertrain=vehicles.powertrain,
            category=vehicles.category,
            vehicle_id=row["vehicle_id"],
            has_energy=all(row[f"{column}_count"] for column in columns),
        )


def _none_quantified(trips: pa.Table) -> pa.Table:
    for name in ("baseline_ng", "project_ng", "reduction_g"):
        trips = trips.append_column(name, pa.array([], pa.int64()))
    return trips


def _months(
    trips: pa.Table,
    discounts: dict[VehicleMonth, int],
    lines: dict[VehicleMonth, tuple[DiscountLine, ...]],
) -> tuple[MonthTotal, ...]:
    # Sums of int64: 2^63 ng are 9,200 t and 2^63 g far more than a vehicle's month.
    names = ("distance_m", "baseline_ng", "project_ng", "reduction_g")
    sums = (
        trips.select(["vehicle_id", *names])
        .append_column("month", month_column(trips))
        .group_by(["vehicle_id", "month"])
        .aggregate([*((name, "sum") for name in names), ("distance_m", "count")])
    )
    totals = [
        MonthTotal(
            vehicle_id=row["vehicle_id"],
            month=row["month"],
            trips=row["distance_m_count"],
            distance_m=row["distance_m_sum"],
            discount_bps=discounts[row["vehicle_id"], row["month"]],
            discount_lines=lines[row["vehicle_id"], row["month"]],
            baseline_ng=row["baseline_ng_sum"],
            project_ng=row["project_ng_sum"],
            reduction_g=row["reduction_g_sum"],
        )
        for row in sums.to_pylist()
    ]
    return tuple(sorted(totals, key=lambda total: (total.month, total.vehicle_id)))
