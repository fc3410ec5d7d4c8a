"""A package compiled to integers for one calendar year, every rounding against the claimant.

µg per km is ng per metre and µg per kWh is ng per Wh, so a trip is exact in nanograms:
`baseline_ng = baseline_ug_per_km · distance_m`, and project_ng is the sum of
`project_ug_per_km · distance_m` and `project_ug_per_kwh · energy_wh`, one of which is zero.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from carbonbank.errors import YearBeforeBase
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.programme import Programme, SecProject, SocProject
from carbonbank.units import G_PER_T, baseline_ug_floor, project_ug_ceil

EnergySource = Literal["grid", "battery", "soc", "sec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactFactors:
    """The same as exact fractions in g per km and g per kWh, before rounding.

    `project_g_per_kwh` counts per kWh of the programme's own energy source, charger loss included.
    """

    baseline_g_per_km: Fraction
    project_g_per_km: Fraction
    project_g_per_kwh: Fraction
    capacity_kwh: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """What a trip is multiplied with. `capacity_wh` is 0 unless the energy source is `soc`."""

    year: int
    energy_source: EnergySource
    baseline_ug_per_km: int
    project_ug_per_km: int
    project_ug_per_kwh: int
    capacity_wh: int = 0


def exact_factors(package: MethodologyPackage, year: int) -> ExactFactors:
    """Evaluate equations 3 and 6 of a package for trips of one calendar year, exactly.

    Raises:
        YearBeforeBase: the year is older than the programme's base year (t would be negative).
    """
    programme = package.programme
    project = programme.project
    grid_g_per_kwh = Fraction(G_PER_T) * ams_iii_c_v16.eq6_project_factor_t_per_km(
        1 / project.efficiency, package.factor("grid"), project.transmission_loss.exact, Fraction(0)
    )
    is_declared = isinstance(project, SecProject)
    sec = project.specific_energy_consumption.exact if isinstance(project, SecProject) else 0
    capacity = project.usable_capacity.exact if isinstance(project, SocProject) else Fraction(0)
    return ExactFactors(
        baseline_g_per_km=_baseline_g_per_km(package, _years_since_base(programme, year)),
        project_g_per_km=grid_g_per_kwh * sec,
        project_g_per_kwh=Fraction(0) if is_declared else grid_g_per_kwh,
        capacity_kwh=capacity,
    )


def compile_coefficients(package: MethodologyPackage, year: int) -> Coefficients:
    """Compile a package for trips of one calendar year: baseline down, project up.

    Raises:
        YearBeforeBase: the year is older than the programme's base year.
    """
    exact = exact_factors(package, year)
    project = package.programme.project
    return Coefficients(
        year=year,
        energy_source=project.energy_source,
        baseline_ug_per_km=baseline_ug_floor(exact.baseline_g_per_km),
        project_ug_per_km=project_ug_ceil(exact.project_g_per_km),
        project_ug_per_kwh=project_ug_ceil(exact.project_g_per_kwh),
        capacity_wh=project.capacity_wh if isinstance(project, SocProject) else 0,
    )


def _years_since_base(programme: Programme, year: int) -> int:
    if year < programme.base_year:
        raise YearBeforeBase(programme=programme.handle, year=year, base_year=programme.base_year)
    return year - programme.base_year


def _baseline_g_per_km(package: MethodologyPackage, t: int) -> Fraction:
    """Equation 3, with SFC in g/km from litres per 100 km: L/100km · 10 · density in kg/L."""
    baseline = package.programme.baseline
    return ams_iii_c_v16.eq3_baseline_factor_g_per_km(
        baseline.specific_fuel_consumption.exact * 10 * package.factor("fuel_density"),
        package.factor("net_calorific_value"),
        package.factor("emission_factor"),
        baseline.improvement_rate.exact,
        t,
    )
