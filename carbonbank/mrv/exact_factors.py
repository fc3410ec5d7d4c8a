"""The equations of a package for one calendar year, as exact fractions before any rounding.

Every method is linear in what a trip brings: kilometres, kWh, litres of fuel, person-kilometres.
One function a method says how its equations give the grams of each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from carbonbank.errors import ComplianceYearOther, YearBeforeBase
from carbonbank.mrv.electric_programme import (
    ChargedProject,
    ElectricProgramme,
    ElectricProject,
    Project,
    SecProject,
    SocProject,
)
from carbonbank.mrv.grid_hours import untimed_grid
from carbonbank.mrv.methods import (
    ams_iii_c_v16,
    lcfs_ca_v1,
    shared_transport_v1,
    vm0038_v1,
)
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.programme_base import Programme
from carbonbank.mrv.shown_programmes import (
    BritishColumbiaProgramme,
    CaliforniaProgramme,
    ChargingProgramme,
    SharedProgramme,
)
from carbonbank.units import G_PER_T

ONE, ZERO = Fraction(1), Fraction(0)
MJ_PER_KWH = Fraction("3.6")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactFactors:
    """Grams per km, kWh, litre and person-kilometre, exactly.

    A kWh is one of the programme's own energy source; charger's loss and TDL are inside.
    """

    baseline_g_per_km: Fraction = ZERO
    baseline_g_per_kwh: Fraction = ZERO
    baseline_g_per_person_km: Fraction = ZERO
    project_g_per_km: Fraction = ZERO
    project_g_per_kwh: Fraction = ZERO
    project_g_per_l: Fraction = ZERO
    capacity_kwh: Fraction = ZERO


def exact_factors(package: MethodologyPackage, year: int) -> ExactFactors:
    """Evaluate a package's equations for trips of one calendar year, exactly.

    Raises:
        YearBeforeBase: the year is older than the programme's base year (t would be negative).
        ComplianceYearOther: compliance units are reckoned for one year.
    """
    programme = package.programme
    if year < programme.base_year:
        raise YearBeforeBase(programme=programme.handle, year=year, base_year=programme.base_year)
    return _EVALUATE[type(programme)](package, programme, year - programme.base_year)


def at_grid(package: MethodologyPackage, exact: ExactFactors, grid: Fraction) -> ExactFactors:
    """Return the factors of a programme that meters energy, for a grid of `grid` kg per kWh."""
    project = package.programme.project
    assert isinstance(project, ElectricProject)
    usual = _grid_g_per_kwh(project, untimed_grid(package))
    moved = _grid_g_per_kwh(project, grid) - usual
    return replace(exact, project_g_per_kwh=exact.project_g_per_kwh + moved)


def _grid_g_per_kwh(project: ElectricProject, grid: Fraction) -> Fraction:
    """Equation 6, its first term per kWh of the programme's own energy source."""
    return G_PER_T * ams_iii_c_v16.eq6_project_factor_t_per_km(
        1 / project.efficiency, grid, project.transmission_loss.exact, ZERO
    )


def _electric(package: MethodologyPackage, programme: Programme, t: int) -> ExactFactors:
    """AMS-III.C: equations 3 and 6, by distance (1 and 4) or by energy charged (2 and 5)."""
    assert isinstance(programme, ElectricProgramme)
    baseline, project = programme.baseline, programme.project
    # SFC in g/km from litres per 100 km: L/100km · 10 · density in kg/L.
    per_km = ams_iii_c_v16.eq3_baseline_factor_g_per_km(
        baseline.specific_fuel_consumption.exact * 10 * package.factor("fuel_density"),
        package.factor("net_calorific_value"),
        package.factor("emission_factor"),
        baseline.improvement_rate.exact,
        t,
    )
    if programme.monitoring is not None and programme.monitoring.distance_share is not None:
        per_km *= programme.monitoring.distance_share.exact
    own = _project(package, project)
    if not isinstance(project, ChargedProject):
        return ExactFactors(baseline_g_per_km=per_km, **own)
    sec = project.specific_energy_consumption.exact
    per_kwh = ams_iii_c_v16.eq2_baseline_by_energy_t([per_km], [ONE], [sec])
    # What is burned per kilometre is burned on the EC / SEC kilometres that were charged.
    burned = ams_iii_c_v16.eq5_project_by_energy_t([own.pop("project_g_per_km")], [ONE], [sec])
    own["project_g_per_kwh"] += burned
    return ExactFactors(baseline_g_per_kwh=per_kwh * G_PER_T, **own)


def _project(package: MethodologyPackage, project: Project) -> dict[str, Fraction]:
    """Equation 6, its two terms per kilometre, kWh and litre."""
    grid_g_per_kwh = ZERO
    if isinstance(project, ElectricProject):
        grid_g_per_kwh = _grid_g_per_kwh(project, untimed_grid(package))
    is_assumed = isinstance(project, SecProject)
    sec = project.specific_energy_consumption.exact if isinstance(project, SecProject) else ZERO
    per_km, per_l = grid_g_per_kwh * sec, ZERO
    fuel = project.fuel
    if fuel is not None:
        per_l = ams_iii_c_v16.eq3_baseline_factor_g_per_km(
            1000 * package.factor("project_fuel_density"),
            package.factor("project_net_calorific_value"),
            package.factor("project_emission_factor"),
            ONE,
            0,
        )
        if fuel.specific_fuel_consumption is not None:
            per_km += fuel.specific_fuel_consumption.exact / 100 * per_l
            per_l = ZERO
    return {
        "project_g_per_km": per_km,
        "project_g_per_kwh": ZERO if is_assumed else grid_g_per_kwh,
        "project_g_per_l": per_l,
        "capacity_kwh": project.usable_capacity.exact if isinstance(project, SocProject) else ZERO,
    }


def _charging(package: MethodologyPackage, programme: Programme, t: int) -> ExactFactors:
    """VM0038: equations 1, 4 and 10, D inside; per kWh where the charger is metered."""
    assert isinstance(programme, ChargingProgramme)
    project = programme.project
    efficiency = project.charger_efficiency.exact
    is_drawn = project.energy_source == "grid"
    delivered = efficiency if is_drawn else ONE
    consumed = ONE if is_drawn else vm0038_v1.energy_consumed_kwh(ONE, efficiency)
    be_t = vm0038_v1.eq1_baseline_t(
        ed_kwh=delivered,
        ef_t_per_gal=package.factor("fuel_emission_factor"),
        ir=programme.baseline.improvement_rate.exact,
        year=t + 1,
        afec_kwh_per_100mi=package.factor("electricity_consumption"),
        mpg=package.factor("mileage"),
    )
    pe_t = vm0038_v1.eq4_project_t([consumed], [package.factor("grid") / vm0038_v1.KWH_PER_MWH])
    d = (
        vm0038_v1.eq11_discount(project.claims.charger.exact, project.claims.fleet.exact)
        if project.claims is not None
        else ONE
    )
    return ExactFactors(
        baseline_g_per_kwh=vm0038_v1.eq10_reduction_t(be_t, ZERO, ZERO, d) * G_PER_T,
        project_g_per_kwh=-vm0038_v1.eq10_reduction_t(ZERO, pe_t, ZERO, d) * G_PER_T,
    )


def _british_columbia(package: MethodologyPackage, programme: Programme, t: int) -> ExactFactors:
    """CU = (TCI · EER − (RCI + UCI)) · Q · ED / 1e6, its two terms per kWh."""
    assert isinstance(programme, BritishColumbiaProgramme)
    _refuse_other_year(programme, t)
    mj = package.factor("energy_density")
    supplied = package.factor("carbon_intensity") + programme.project.use_intensity.exact
    target = package.factor("target_intensity") * package.factor("energy_economy_ratio")
    return ExactFactors(baseline_g_per_kwh=target * mj, project_g_per_kwh=supplied * mj)


def _california(package: MethodologyPackage, programme: Programme, t: int) -> ExactFactors:
    """Credits = (CI_std − CI / EER) · E · EER · 1e-6, its two terms per kWh."""
    assert isinstance(programme, CaliforniaProgramme)
    _refuse_other_year(programme, t)
    eer = package.factor("energy_economy_ratio")
    benchmark = programme.baseline.benchmark.exact
    intensity = package.factor("carbon_intensity")
    return ExactFactors(
        baseline_g_per_kwh=lcfs_ca_v1.credits_t(benchmark, eer, ZERO, MJ_PER_KWH) * G_PER_T,
        project_g_per_kwh=-lcfs_ca_v1.credits_t(ZERO, eer, intensity, MJ_PER_KWH) * G_PER_T,
    )


def _shared(package: MethodologyPackage, programme: Programme, t: int) -> ExactFactors:
    """Substituted person-kilometres against what the shared vehicles take."""
    assert isinstance(programme, SharedProgramme)
    baseline = programme.baseline
    mode_g = shared_transport_v1.mode_factor_g(
        [mode.share.exact for mode in baseline.modes],
        [mode.emissions.exact for mode in baseline.modes],
    )
    person_km = shared_transport_v1.substituted_person_km(ONE, ONE, baseline.detour.exact)
    return ExactFactors(
        baseline_g_per_person_km=shared_transport_v1.baseline_g(
            person_km, mode_g, baseline.improvement_rate.exact, t
        ),
        **_project(package, programme.project),
    )


def _refuse_other_year(programme: Programme, t: int) -> None:
    if t:
        raise ComplianceYearOther(
            programme=programme.handle,
            year=programme.base_year + t,
            compliance_year=programme.base_year,
        )


_EVALUATE: Mapping[
    type[Programme], Callable[[MethodologyPackage, Programme, int], ExactFactors]
] = {
    ElectricProgramme: _electric,
    ChargingProgramme: _charging,
    BritishColumbiaProgramme: _british_columbia,
    CaliforniaProgramme: _california,
    SharedProgramme: _shared,
}
