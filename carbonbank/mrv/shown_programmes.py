"""Programmes whose method is quantified and shown, and never issued."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from carbonbank.mrv.declared import Declared, Efficiency, Evidenced, Part, declared, share
from carbonbank.mrv.electric_programme import ImprovementRate, Project, fuel_roles
from carbonbank.mrv.programme_base import Programme, ProjectPart

Intensity = Annotated[Declared, declared("gCO2e/MJ", "at least 0", lambda v: v >= 0)]
Tonnes = Annotated[Declared, declared("t", "at least 0", lambda v: v >= 0)]


class Claims(Part):
    """Reductions that charger and fleet claim of the same kilometres: equation 11."""

    charger: Tonnes
    fleet: Tonnes

    @property
    def kept(self) -> Fraction:
        """The charger's share D of the reductions."""
        return self.charger.exact / (self.charger.exact + self.fleet.exact)

    @model_validator(mode="after")
    def _is_not_nothing(self) -> "Claims":
        if self.charger.exact + self.fleet.exact == 0:
            message = "neither charger nor fleet claims anything"
            raise ValueError(message)
        return self


class ChargingBaseline(Part):
    """VM0038's comparable fleet: consumption, mileage and fuel, named by factor id."""

    vehicle: str
    electricity_consumption: str
    mileage: str
    fuel_emission_factor: str
    improvement_rate: ImprovementRate


class ChargingProject(ProjectPart):
    """A charger, metered where it draws (`grid`) or where it delivers (`battery`)."""

    LATER: ClassVar[frozenset[str]] = frozenset({"claims"})
    energy_source: Literal["grid", "battery"]
    grid_factor: str
    charger_efficiency: Efficiency
    claims: Claims | None = None


class ChargingProgramme(Programme):
    """VM0038 v1.0: charging of electric vehicles."""

    NEVER_ISSUED: ClassVar[str] = (
        "charging sessions have no guard on the chain, so charger and fleet could both be credited"
    )
    method: Literal["vm0038_v1"]
    baseline: ChargingBaseline
    project: ChargingProject

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role -> factor id of equations 1 and 4."""
        return {
            "electricity_consumption": self.baseline.electricity_consumption,
            "mileage": self.baseline.mileage,
            "fuel_emission_factor": self.baseline.fuel_emission_factor,
            "grid": self.project.grid_factor,
        }


class ComplianceProject(ProjectPart):
    """Electricity supplied as a transport fuel, metered at the charging point."""

    energy_source: Literal["grid"]
    carbon_intensity: str
    energy_economy_ratio: str


class BritishColumbiaBaseline(Part):
    """The target of one compliance year."""

    target_intensity: str
    energy_density: str


class BritishColumbiaProject(ComplianceProject):
    """As supplied, with the intensity that the use adds."""

    use_intensity: Intensity


class CaliforniaBaseline(Part):
    """The benchmark of one compliance year, declared from the regulation's table."""

    benchmark: Intensity


class _Compliance(Programme):
    NEVER_ISSUED: ClassVar[str] = (
        "compliance units are a regulator's; the bank does not mint them as reductions"
    )


class BritishColumbiaProgramme(_Compliance):
    """British Columbia's Low Carbon Fuels Act, for the compliance year `base_year`."""

    method: Literal["lcfs_bc_v1"]
    baseline: BritishColumbiaBaseline
    project: BritishColumbiaProject

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role -> factor id of the compliance unit."""
        return {
            "target_intensity": self.baseline.target_intensity,
            "energy_density": self.baseline.energy_density,
            "carbon_intensity": self.project.carbon_intensity,
            "energy_economy_ratio": self.project.energy_economy_ratio,
        }


class CaliforniaProgramme(_Compliance):
    """California's Low Carbon Fuel Standard, for the compliance year `base_year`."""

    method: Literal["lcfs_ca_v1"]
    baseline: CaliforniaBaseline
    project: ComplianceProject

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role -> factor id of the credit."""
        return {
            "carbon_intensity": self.project.carbon_intensity,
            "energy_economy_ratio": self.project.energy_economy_ratio,
        }


class Mode(Evidenced):
    """A mode that passengers would have taken: its share of person-kilometres and emissions."""

    name: Annotated[str, Field(min_length=1)]
    share: Annotated[Declared, share("0 to 1", lambda v: 0 <= v <= 1)]
    emissions: Annotated[Declared, declared("g/(person km)", "at least 0", lambda v: v >= 0)]


def _whole(modes: tuple[Mode, ...]) -> tuple[Mode, ...]:
    together = sum((mode.share.exact for mode in modes), Fraction(0))
    if together != 1:
        message = f"the shares of the modes add up to {float(together)}, not to 1"
        raise ValueError(message)
    return modes


class SharedBaseline(Part):
    """What the passengers would have taken, and how much longer the shared way is."""

    modes: Annotated[tuple[Mode, ...], Field(strict=False), AfterValidator(_whole)]
    detour: Annotated[Declared, declared("1", "at least 1", lambda v: v >= 1)]
    improvement_rate: ImprovementRate


class SharedProgramme(Programme):
    """Large buses and shared trips, in the form of AMS-III.S: substituted person-kilometres."""

    NEVER_ISSUED: ClassVar[str] = (
        "the text of AMS-III.S was not to be had; its form is shown, its conditions are not held"
    )
    method: Literal["shared_transport_v1"]
    baseline: SharedBaseline
    project: Project

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role -> factor id of what the project vehicles take."""
        return fuel_roles(self.project)
