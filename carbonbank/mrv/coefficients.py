"""A package compiled to integers for one calendar year, every rounding against the claimant.

µg per km is ng per metre, µg per kWh is ng per Wh, µg per litre is ng per ml and µg per
person-kilometre is ng per person-metre, so a trip is exact in nanograms: the baseline and the
project are each the sum of what the trip brings times its coefficient.
"""

from dataclasses import dataclass

from carbonbank.mrv.electric_programme import SocProject
from carbonbank.mrv.exact_factors import ExactFactors, exact_factors
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.programme_base import EnergySource
from carbonbank.units import baseline_ug_floor, project_ug_ceil

# Coefficients that the first methods did not have: a report leaves them out where they are 0.
LATER = ("baseline_ug_per_kwh", "baseline_ug_per_person_km", "project_ug_per_l")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """What a trip is multiplied with. `capacity_wh` is 0 unless the energy source is `soc`."""

    year: int
    energy_source: EnergySource
    baseline_ug_per_km: int
    project_ug_per_km: int
    project_ug_per_kwh: int
    capacity_wh: int = 0
    baseline_ug_per_kwh: int = 0
    baseline_ug_per_person_km: int = 0
    project_ug_per_l: int = 0

    @property
    def integers(self) -> dict[str, int]:
        """The integers as a report names them."""
        named = {name: getattr(self, name) for name in self.__slots__}
        del named["energy_source"]
        return {k: v for k, v in named.items() if v or k not in LATER}


def compile_coefficients(package: MethodologyPackage, year: int) -> Coefficients:
    """Compile a package for trips of one calendar year: baseline down, project up.

    Raises:
        YearBeforeBase: the year is older than the programme's base year.
        ComplianceYearOther: compliance units are reckoned for one year.
    """
    return compile_exact(package, year, exact_factors(package, year))


def compile_exact(package: MethodologyPackage, year: int, exact: ExactFactors) -> Coefficients:
    """Round a package's exact factors of a calendar year: baseline down, project up."""
    project = package.programme.project
    return Coefficients(
        year=year,
        energy_source=project.energy_source,
        baseline_ug_per_km=baseline_ug_floor(exact.baseline_g_per_km),
        baseline_ug_per_kwh=baseline_ug_floor(exact.baseline_g_per_kwh),
        baseline_ug_per_person_km=baseline_ug_floor(exact.baseline_g_per_person_km),
        project_ug_per_km=project_ug_ceil(exact.project_g_per_km),
        project_ug_per_kwh=project_ug_ceil(exact.project_g_per_kwh),
        project_ug_per_l=project_ug_ceil(exact.project_g_per_l),
        capacity_wh=project.capacity_wh if isinstance(project, SocProject) else 0,
    )
