"""A programme by AMS-III.C v16.0: baseline vehicles, project vehicles and where energy is read."""

from fractions import Fraction
from math import ceil
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from carbonbank.mrv.declared import (
    Declared,
    Efficiency,
    Evidenced,
    Kwh,
    LossShare,
    Part,
    above_zero,
    declared,
    share,
)
from carbonbank.mrv.grid_choice import GridChoice
from carbonbank.mrv.programme_base import Programme, ProjectPart
from carbonbank.units import BPS, capacity_wh_ceil

MeteredBy = Literal["charging_records"]
BLEND_MAX = Fraction("0.2")  # biofuel in the fuel of the baseline vehicle


def _is_blend(value: Fraction) -> bool:
    return 0 <= value <= BLEND_MAX and (value * BPS).denominator == 1


BaselineLitres = Annotated[Declared, above_zero("L/100km", side="lower")]
ProjectLitres = Annotated[Declared, above_zero("L/100km", side="upper")]
KwhPerKm = Annotated[Declared, above_zero("kWh/km", side="upper")]
Blend = Annotated[Declared, share("0 to 0.2 in steps of 0.0001", _is_blend)]
ImprovementRate = Annotated[Declared, declared("1/year", "in (0, 1]", lambda v: 0 < v <= 1)]


def not_below_urban(value: Declared, urban: Declared | None) -> None:
    """Refuse a project consumption below the manufacturer's urban figure."""
    if urban is not None and value.exact < urban.exact:
        message = (
            f"{value.value} {value.unit} is below the manufacturer's urban figure"
            f" of {urban.value} {urban.unit}"
        )
        raise ValueError(message)


class ConsumptionBasis(Evidenced):
    """How the baseline consumption was found."""

    way: Literal["sample", "own_history", "national_statistics", "manufacturer", "published"]


class Baseline(Part):
    """The vehicle that would have driven: equation 3. Factors are named by id."""

    LATER: ClassVar[frozenset[str]] = frozenset({"consumption_basis", "biofuel_blend"})
    vehicle: str
    specific_fuel_consumption: BaselineLitres
    fuel_density: str
    net_calorific_value: str
    emission_factor: str
    improvement_rate: ImprovementRate
    consumption_basis: ConsumptionBasis | None = None
    biofuel_blend: Blend | None = None

    @model_validator(mode="after")
    def _sample_is_told(self) -> "Baseline":
        basis, sample = self.consumption_basis, self.specific_fuel_consumption.sample
        if basis is not None and (basis.way == "sample") != (sample is not None):
            message = f"the consumption is found by {basis.way}, its sample is {sample}"
            raise ValueError(message)
        return self


class ProjectFuel(Part):
    """The fuel that project vehicles burn: metered trip by trip, or declared per kilometre."""

    LATER: ClassVar[frozenset[str]] = frozenset({"specific_fuel_consumption", "manufacturer_urban"})
    source: Literal["metered", "declared"]
    fuel_density: str
    net_calorific_value: str
    emission_factor: str
    specific_fuel_consumption: ProjectLitres | None = None
    manufacturer_urban: Annotated[Declared, above_zero("L/100km")] | None = None

    @model_validator(mode="after")
    def _consumption_is_told(self) -> "ProjectFuel":
        consumption = self.specific_fuel_consumption
        if (self.source == "declared") != (consumption is not None):
            message = f"fuel is {self.source}, specific_fuel_consumption is {consumption}"
            raise ValueError(message)
        if consumption is not None:
            not_below_urban(consumption, self.manufacturer_urban)
        return self


class _Burning(ProjectPart):
    LATER: ClassVar[frozenset[str]] = frozenset({"fuel"})
    fuel: ProjectFuel | None = None

    @property
    def efficiency(self) -> Fraction:
        """Energy in the battery per energy from the charger's meter; 1 where that is metered."""
        return Fraction(1)


class ElectricProject(_Burning):
    """A project vehicle that takes electricity from a grid."""

    LATER: ClassVar[frozenset[str]] = frozenset({"fuel", "grid_choice", "grid_hours"})
    grid_factor: str
    transmission_loss: LossShare
    grid_choice: GridChoice | None = None
    grid_hours: str | None = None


class GridProject(ElectricProject):
    """Energy is metered at the charging point: told with each trip, or by charging records."""

    LATER: ClassVar[frozenset[str]] = frozenset({"fuel", "grid_hours", "metered_by"})
    energy_source: Literal["grid"]
    metered_by: MeteredBy | None = None


class _BatterySide(ElectricProject):
    charger_efficiency: Efficiency

    @property
    def efficiency(self) -> Fraction:
        """The declared efficiency of the charger."""
        return self.charger_efficiency.exact


class BatteryProject(_BatterySide):
    """Energy is read at the battery; the charger's loss is added."""

    energy_source: Literal["battery"]


class SocProject(_BatterySide):
    """Energy is the drop of the state of charge times the usable capacity; loss added."""

    energy_source: Literal["soc"]
    usable_capacity: Kwh

    @property
    def capacity_wh(self) -> int:
        """Usable capacity in whole Wh, rounded up."""
        return capacity_wh_ceil(self.usable_capacity.exact)


class _Consuming(ElectricProject):
    LATER: ClassVar[frozenset[str]] = frozenset(
        {"fuel", "grid_choice", "grid_hours", "manufacturer_urban"}
    )
    specific_energy_consumption: KwhPerKm
    manufacturer_urban: Annotated[Declared, above_zero("kWh/km")] | None = None

    @model_validator(mode="after")
    def _is_not_below_urban(self) -> "_Consuming":
        not_below_urban(self.specific_energy_consumption, self.manufacturer_urban)
        return self


class SecProject(_Consuming):
    """Energy is the declared consumption at the charging point times distance (approach 1)."""

    energy_source: Literal["sec"]


class ChargedProject(_Consuming):
    """Energy is what was charged; distance is that energy by the consumption (approach 2)."""

    LATER: ClassVar[frozenset[str]] = _Consuming.LATER | {"metered_by"}
    energy_source: Literal["charged"]
    metered_by: MeteredBy | None = None


class HybridProject(_Burning):
    """No electricity from a grid: fuel alone (a hybrid without a plug)."""

    LATER: ClassVar[frozenset[str]] = frozenset()
    energy_source: Literal["none"]
    fuel: ProjectFuel


Project = Annotated[
    GridProject | BatteryProject | SocProject | SecProject | ChargedProject | HybridProject,
    Field(discriminator="energy_source"),
]


def fuel_roles(project: _Burning) -> dict[str, str]:
    """Return the factor roles of the fuel and the grid a project uses."""
    roles = {}
    if isinstance(project, ElectricProject):
        roles["grid"] = project.grid_factor
        if project.grid_hours is not None:
            roles["grid_hours"] = project.grid_hours
    if project.fuel is not None:
        roles |= {
            "project_fuel_density": project.fuel.fuel_density,
            "project_net_calorific_value": project.fuel.net_calorific_value,
            "project_emission_factor": project.fuel.emission_factor,
        }
    return roles


def _carriers(project: _Burning) -> str:
    """Return the one powertrain whose carriers a project counts."""
    if project.fuel is None:
        return "battery_electric"
    return "hybrid" if isinstance(project, HybridProject) else "plug_in_hybrid"


class ElectricProgramme(Programme):
    """AMS-III.C v16.0: battery-electric, plug-in hybrid and hybrid vehicles."""

    method: Literal["ams_iii_c_v16"]
    baseline: Baseline
    project: Project

    @model_validator(mode="after")
    def _counts_every_carrier(self) -> "ElectricProgramme":
        counted = _carriers(self.project)
        others = sorted(set(self.eligibility.powertrains) - {counted})
        if others:
            message = (
                f"eligibility.powertrains: the project counts the carriers of {counted} vehicles,"
                f" not of {', '.join(others)}"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _covers_replaced_batteries(self) -> "ElectricProgramme":
        replaced = (self.monitoring and self.monitoring.battery_replacements) or ()
        if isinstance(self.project, SocProject):
            for one in replaced:
                if one.usable_capacity.exact > self.project.usable_capacity.exact:
                    message = (
                        f"vehicle {one.vehicle_id} has a battery of {one.usable_capacity.value} kWh"
                        f" since {one.month}, declared are {self.project.usable_capacity.value} kWh"
                    )
                    raise ValueError(message)
        return self

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role -> factor id of equations 3 and 6."""
        return {
            "fuel_density": self.baseline.fuel_density,
            "net_calorific_value": self.baseline.net_calorific_value,
            "emission_factor": self.baseline.emission_factor,
        } | fuel_roles(self.project)

    @property
    def fixed_discount_bps(self) -> int:
        """The share of biofuel in the baseline fuel, in basis points."""
        blend = self.baseline.biofuel_blend
        return ceil(blend.exact * BPS) if blend is not None else 0
