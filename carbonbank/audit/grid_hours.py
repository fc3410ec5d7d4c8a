"""Grid factors by the hour: the table in package.json, and the hours in which sessions drew.

A session counts at the dirtiest hour that it touches, and no hour below the year's factor. What has
no duration, or touches an hour without a value, counts at the dirtiest of all; so does energy that
trips tell beyond their sessions. A vehicle-month has one factor: the mean by energy.
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from carbonbank.audit.charges import charges_by_vehicle, is_metered_by_charges
from carbonbank.audit.equations import Factors, compiled, factors_of, grid_g_per_kwh
from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package, SealedCharge
from carbonbank.audit.reading import canonical, exact, unix, whole

HOUR_S = 3600
UG_PER_G = 10**6
OWN = "project_ug_per_kwh"


class Hours(NamedTuple):
    """A grid's g per kWh: of the year, of the dirtiest hour, and hour by hour since 1970."""

    yearly: Fraction
    dirtiest: Fraction
    by_hour: dict[int, Fraction]

    def of(self, charge: SealedCharge) -> Fraction:
        """Return g per kWh of a session."""
        start, end = (unix(charge.record[name]) for name in ("start_at", "end_at"))
        first, after = start // HOUR_S, -(-end // HOUR_S)
        if start >= end or after - first > len(self.by_hour):
            return self.dirtiest
        touched = [self.by_hour.get(hour, self.dirtiest) for hour in range(first, after)]
        return max(self.yearly, *touched)


def check_grid_hours(package: Package) -> str:
    """The table is the one its hash says, and every vehicle-month has the factor of its hours."""
    methodology = package.methodology
    hours = hours_of(methodology)
    if hours is None or not is_metered_by_charges(methodology):
        own = [] if package.withholds("report.json") else package.report["vehicles"]
        require(not any(OWN in row for row in own), f"{OWN} where no hours of charging decide")
        if hours is None:
            return "the programme chose no hours"
        told = f"hours of energy are not known: {float(hours.dirtiest)} g per kWh"
        return f"{len(hours.by_hour)} hours, {told}"
    by_vehicle = charges_by_vehicle(package.charges)
    factors = vehicle_factors(package)
    for row in package.report["vehicles"]:
        vehicle = row["vehicle_id"]
        ours = int(compiled(factors[vehicle]).project_g_per_kwh * UG_PER_G)
        require_equal(f"{OWN} of {vehicle}", row[OWN], ours)
    dirtiest = sum(hours.of(c) == hours.dirtiest for own in by_vehicle.values() for c in own)
    return f"{len(hours.by_hour)} hours, {dirtiest} of {len(package.charges)} sessions at the worst"


def decide(package: Package) -> bool:
    """Tell whether a vehicle-month's factor depends on the hours in which it charged."""
    methodology = package.methodology
    return "grid_hours" in methodology["factors"] and is_metered_by_charges(methodology)


def vehicle_factors(package: Package) -> dict[str, Factors]:
    """Return the exact factors of every vehicle of the report, by the hours of its sessions."""
    methodology, year = package.methodology, whole(package.claim["claim"]["month"]) // 12
    hours, vehicles = hours_of(methodology), package.report["vehicles"]
    if hours is None or not is_metered_by_charges(methodology):
        usual = factors_of(methodology, year)
        return {row["vehicle_id"]: usual for row in vehicles}
    by_vehicle = charges_by_vehicle(package.charges)
    return {
        row["vehicle_id"]: factors_of(
            methodology, year, _mean(hours, by_vehicle.get(row["vehicle_id"], ()), row["energy_wh"])
        )
        for row in vehicles
    }


def hours_of(methodology: Any) -> Hours | None:
    """Read the table of package.json, None where the programme chose none."""
    if "grid_hours" not in methodology["factors"]:
        return None
    row = methodology["factors"]["grid_hours"]
    table = row["hours"]
    require_equal("fields of the hours", set(table), {"first_hour", "values", "sha256"})
    told = canonical({"first_hour": table["first_hour"], "values": table["values"]})
    require_equal("SHA-256 of the hours", table["sha256"], hashlib.sha256(told).hexdigest())
    require_equal("region of the hours", row["region"], methodology["factors"]["grid"]["region"])
    first, rest = divmod(unix(table["first_hour"]), HOUR_S)
    require(rest == 0, f"{table['first_hour']} is not the beginning of an hour")
    values = {first + n: exact(v) for n, v in enumerate(table["values"]) if v is not None}
    require(min(values.values(), default=-1) >= 0, "the hours have no value, or one below 0")
    require_equal("value of the hours", exact(row["value"]), max(values.values()))
    yearly, dirtiest = (grid_g_per_kwh(methodology, role) for role in ("grid", "grid_hours"))
    scale = dirtiest / max(values.values()) if dirtiest else Fraction(1)
    by_hour = {hour: value * scale for hour, value in values.items()}
    return Hours(yearly, max(yearly, dirtiest), by_hour)


def _mean(hours: Hours, charges: Sequence[SealedCharge], energy_wh: Any) -> Fraction:
    """Return g per kWh of a vehicle-month: its sessions by their hours, the rest at the worst."""
    parts = [(whole(one.record["energy_grid_wh"]), hours.of(one)) for one in charges]
    left_wh = whole(energy_wh) - sum(part_wh for part_wh, _ in parts)
    require(left_wh >= 0 < whole(energy_wh), f"{energy_wh} Wh count, more was charged")
    weighed = sum((part_wh * grid for part_wh, grid in parts), left_wh * hours.dirtiest)
    return weighed / whole(energy_wh)
