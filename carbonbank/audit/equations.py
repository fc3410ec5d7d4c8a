"""AMS-III.C version 16.0 evaluated from package.json in exact fractions, without the bank's code.

In one line per vehicle and kilometre, in grams:

    baseline = SFC [L/100km] · ρ [kg/L] · NCV [MJ/kg] · EF [kg/TJ] · IR^t · 1e-5      (equation 3)
    project  = EF_elect [g/kWh] / (1 − TDL) / charger efficiency · kWh
               + ρ [kg/L] · NCV [MJ/kg] · EF [kg/TJ] · 1e-3 · litres                  (equation 6)

Approach 2 puts energy charged / SEC in the place of kilometres (equations 2 and 5). The year of
the trips gives t = year - base year. Distance enters with N = 1 (equation 1), LE = 0 (equation 7).
Compiled coefficients are µg per km, kWh and litre, the baseline rounded down and the project up.
"""

from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from carbonbank.audit.outcome import Refuted, require, require_equal
from carbonbank.audit.reading import exact, whole

METHOD = {"method": "ams_iii_c_v16", "version": "1"}
UG_PER_G = 10**6
BPS = 10**4
YEARS_MAX = 200
# The unit every declared value must have; a wrong one is the main way to be wrong by 1000.
_DECLARED = {
    "specific_fuel_consumption": "L/100km",
    "improvement_rate": "1/year",
    "transmission_loss": "1",
    "charger_efficiency": "1",
    "usable_capacity": "kWh",
    "specific_energy_consumption": "kWh/km",
    "distance_share": "1",
    "biofuel_blend": "1",
}
# What a factor's unit makes of its value: ρ in kg/L, NCV in MJ/kg, EF in kg/TJ, grid in g/kWh.
_FUEL_UNITS = {
    "fuel_density": {"kg/L": 1},
    "net_calorific_value": {"TJ/Gg (= MJ/kg)": 1, "MJ/kg (net)": 1},
    "emission_factor": {"kgCO2/TJ(NCV)": 1},
}
_GRID_UNITS = {"gCO2/kWh": 1, "gCO2e/kWh": 1, "kgCO2/kWh": 1000, "kgCO2e/kWh": 1000}
_FACTOR_UNITS = {
    **_FUEL_UNITS,
    **{f"project_{role}": units for role, units in _FUEL_UNITS.items()},
    "grid": _GRID_UNITS,
    "grid_hours": _GRID_UNITS,
}


class Factors(NamedTuple):
    """Exact grams per km and per kWh of the energy that is read, and the capacity in kWh."""

    energy_source: str
    baseline_g_per_km: Fraction
    project_g_per_km: Fraction
    project_g_per_kwh: Fraction
    capacity_kwh: Fraction
    baseline_g_per_kwh: Fraction = Fraction(0)
    project_g_per_l: Fraction = Fraction(0)


class Mass(NamedTuple):
    """A trip as compiled: grams as exact fractions, energy in Wh as it was counted."""

    energy_wh: int
    baseline_g: Fraction
    project_g: Fraction


def factors_of(methodology: Any, year: int, grid: Fraction | None = None) -> Factors:
    """Evaluate equations 2, 3, 5 and 6 for trips of one calendar year.

    `grid` is the electricity's g per kWh where it is not the package's own: that of the year, or
    of the dirtiest hour where the programme chose hours and nobody knows them.
    """
    require_equal("code of package.json", methodology["code"], METHOD)
    programme = methodology["programme"]
    t = year - whole(programme["base_year"])
    require(0 <= t <= YEARS_MAX, f"trips of {year} are {t} years after the base year")
    baseline, project = programme["baseline"], programme["project"]
    source = project["energy_source"]
    per_km = _fuel_g_per_l(methodology, "") / 100
    per_km *= _declared(baseline, "specific_fuel_consumption")
    per_km *= _declared(baseline, "improvement_rate") ** t
    monitoring = programme.get("monitoring") or {}
    if "distance_share" in monitoring:
        per_km *= _declared(monitoring, "distance_share")
    nothing, g_per_kwh = Fraction(0), Fraction(0)
    if source != "none":
        if grid is None:
            by_hour = ("grid_hours",) if "grid_hours" in methodology["factors"] else ()
            grid = max(grid_g_per_kwh(methodology, role) for role in ("grid", *by_hour))
        g_per_kwh = grid / (1 - _declared(project, "transmission_loss"))
    if source in {"battery", "soc"}:
        g_per_kwh /= _declared(project, "charger_efficiency")
    burned_per_km, burned_per_l = _burned(methodology, project)
    capacity_kwh = _declared(project, "usable_capacity") if source == "soc" else nothing
    if source not in {"sec", "charged"}:
        return Factors(
            source,
            per_km,
            burned_per_km,
            g_per_kwh,
            capacity_kwh,
            project_g_per_l=burned_per_l,
        )
    sec = _declared(project, "specific_energy_consumption")
    if source == "sec":
        project_per_km = g_per_kwh * sec + burned_per_km
        return Factors(
            source, per_km, project_per_km, nothing, nothing, project_g_per_l=burned_per_l
        )
    return Factors(
        source,
        nothing,
        nothing,
        g_per_kwh + burned_per_km / sec,
        nothing,
        baseline_g_per_kwh=per_km / sec,
        project_g_per_l=burned_per_l,
    )


def compiled(factors: Factors) -> Factors:
    """Return the same factors rounded against the claimant: µg steps, capacity to whole Wh."""
    return Factors(
        energy_source=factors.energy_source,
        baseline_g_per_km=Fraction(floor(factors.baseline_g_per_km * UG_PER_G), UG_PER_G),
        project_g_per_km=Fraction(ceil(factors.project_g_per_km * UG_PER_G), UG_PER_G),
        project_g_per_kwh=Fraction(ceil(factors.project_g_per_kwh * UG_PER_G), UG_PER_G),
        capacity_kwh=Fraction(ceil(factors.capacity_kwh * 1000), 1000),
        baseline_g_per_kwh=Fraction(floor(factors.baseline_g_per_kwh * UG_PER_G), UG_PER_G),
        project_g_per_l=Fraction(ceil(factors.project_g_per_l * UG_PER_G), UG_PER_G),
    )


def coefficients_of(factors: Factors, year: int) -> dict[str, int]:
    """Return compiled factors as the report names them; the last two only where there are any."""
    rare = {
        "baseline_ug_per_kwh": int(factors.baseline_g_per_kwh * UG_PER_G),
        "project_ug_per_l": int(factors.project_g_per_l * UG_PER_G),
    }
    return {name: value for name, value in rare.items() if value} | {
        "year": year,
        "baseline_ug_per_km": int(factors.baseline_g_per_km * UG_PER_G),
        "project_ug_per_km": int(factors.project_g_per_km * UG_PER_G),
        "project_ug_per_kwh": int(factors.project_g_per_kwh * UG_PER_G),
        "capacity_wh": int(factors.capacity_kwh * 1000),
    }


def mass_of(record: dict[str, Any], factors: Factors) -> Mass:
    """Evaluate a trip with compiled factors: its counted energy is in whole Wh, rounded up."""
    energy_wh = ceil(1000 * energy_kwh(record, factors))
    km, kwh = Fraction(whole(record["distance_m"]), 1000), Fraction(energy_wh, 1000)
    return Mass(
        energy_wh=energy_wh,
        baseline_g=factors.baseline_g_per_km * km + factors.baseline_g_per_kwh * kwh,
        project_g=factors.project_g_per_km * km
        + factors.project_g_per_kwh * kwh
        + factors.project_g_per_l * Fraction(fuel_ml(record, factors), 1000),
    )


def exact_reduction_g(record: dict[str, Any], factors: Factors) -> Fraction:
    """Evaluate a trip without any rounding and discount."""
    km, kwh = Fraction(whole(record["distance_m"]), 1000), energy_kwh(record, factors)
    project_g = factors.project_g_per_km * km + factors.project_g_per_kwh * kwh
    project_g += factors.project_g_per_l * Fraction(fuel_ml(record, factors), 1000)
    return factors.baseline_g_per_km * km + factors.baseline_g_per_kwh * kwh - project_g


def kept_share(mass: Mass, discount_bps: int) -> Fraction:
    """Return what the discount leaves of a trip: all of a loss, less of a gain."""
    return Fraction(BPS - discount_bps, BPS) if mass.baseline_g > mass.project_g else Fraction(1)


def energy_kwh(record: dict[str, Any], factors: Factors) -> Fraction:
    """Return a trip's energy in kWh of the programme's source; 0 where it is assumed per km."""
    match factors.energy_source:
        case "sec" | "none":
            return Fraction(0)
        case "charged":
            return Fraction(whole(record["energy_grid_wh"]), 1000)
        case "grid" | "battery" as source:
            return Fraction(whole(record[f"energy_{source}_wh"]), 1000)
        case "soc":
            drop_bps = whole(record["soc_start_bps"]) - whole(record["soc_end_bps"])
            return factors.capacity_kwh * Fraction(max(drop_bps, 0), BPS)
        case other:
            raise Refuted(f"no method of the package reads energy from {other!r}")


def fuel_ml(record: dict[str, Any], factors: Factors) -> int:
    """Return a trip's fuel in ml where it is metered, 0 otherwise."""
    return whole(record["fuel_ml"]) if factors.project_g_per_l else 0


def grid_g_per_kwh(methodology: Any, role: str) -> Fraction:
    """Return a grid's g per kWh: of the year (`grid`), or of its dirtiest hour (`grid_hours`)."""
    return _factor(methodology, role)


def blend_bps(methodology: Any) -> int:
    """Return the share of biofuel in the baseline fuel, which every gain loses, in bps."""
    baseline = methodology["programme"]["baseline"]
    if "biofuel_blend" not in baseline:
        return 0
    blend_bps = _declared(baseline, "biofuel_blend") * BPS
    require(0 <= blend_bps <= 2000, f"a blend of {blend_bps} bps, 2000 are the most")
    return whole(str(blend_bps))


def _burned(methodology: Any, project: Any) -> tuple[Fraction, Fraction]:
    """Return what project vehicles burn, in g per km if declared or g per litre if metered."""
    if "fuel" not in project:
        return Fraction(0), Fraction(0)
    per_l = _fuel_g_per_l(methodology, "project_")
    if project["fuel"]["source"] == "metered":
        return Fraction(0), per_l
    return per_l / 100 * _declared(project["fuel"], "specific_fuel_consumption"), Fraction(0)


def _fuel_g_per_l(methodology: Any, prefix: str) -> Fraction:
    """ρ [kg/L] · NCV [MJ/kg] · EF [kg/TJ] is mg per litre."""
    mg_per_l = Fraction(1)
    for role in _FUEL_UNITS:
        mg_per_l *= _factor(methodology, prefix + role)
    return mg_per_l / 1000


def _declared(part: Any, name: str) -> Fraction:
    value = part[name]
    require_equal(f"unit of {name}", value["unit"], _DECLARED[name])
    return exact(value["value"])


def _factor(methodology: Any, role: str) -> Fraction:
    row = methodology["factors"][role]
    units = _FACTOR_UNITS[role]
    require(row["unit"] in units, f"factor {role} is in {row['unit']}")
    return exact(row["value"]) * units[row["unit"]]
