"""What every programme has, whatever its method. docs/reference/programme.md lists the fields."""

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from carbonbank.mrv.declared import Declared, Handle, Part, parts_of
from carbonbank.mrv.discount_table import TABLES
from carbonbank.mrv.rules import Rules
from carbonbank.mrv.terms import (
    CreditingPeriod,
    DiscountStep,
    Eligibility,
    Fleet,
    Monitoring,
    Reading,
    Shares,
    Succession,
    Vehicles,
    Year,
)

EnergySource = Literal["grid", "battery", "soc", "sec", "charged", "none"]


class ProjectPart(Part):
    """How a programme measures its vehicles."""

    energy_source: EnergySource


class Programme(Part):
    """A whole programme file."""

    LATER: ClassVar[frozenset[str]] = frozenset({"crediting_period", "monitoring", "succession"})
    NEVER_ISSUED: ClassVar[str] = ""  # why the bank shows what it measures and issues nothing

    format: Literal["carbonbank-programme/1"] = "carbonbank-programme/1"
    handle: Handle
    title: str
    statement: str
    demo: bool
    retroactive: bool
    fleet: Fleet
    vehicles: Vehicles
    method: str
    class_label: Annotated[str, Field(min_length=1, max_length=64)]
    base_year: Year
    baseline: Part
    project: ProjectPart
    eligibility: Eligibility
    shares_bps: Shares
    rules: dict[str, int] = Field(default_factory=dict)
    discounts: Annotated[tuple[DiscountStep, ...], Field(strict=False)] = ()
    reading: Reading = Reading()
    claims_valid_until: date
    crediting_period: CreditingPeriod | None = None
    monitoring: Monitoring | None = None
    succession: Succession | None = None

    @field_validator("rules")
    @classmethod
    def _known_rules(cls, rules: dict[str, int]) -> dict[str, int]:
        known = {f.name for f in fields(Rules) if f.type in (int, "int")}
        unknown = sorted(set(rules) - known)
        if unknown:
            message = f"no rule is called {', '.join(unknown)}"
            raise ValueError(message)
        return rules

    @field_validator("discounts", mode="before")
    @classmethod
    def _published_table(cls, discounts: Any) -> Any:
        if isinstance(discounts, str):
            if discounts not in TABLES:
                message = f"no table of discounts is called {discounts}"
                raise ValueError(message)
            return TABLES[discounts]
        return discounts

    @model_validator(mode="after")
    def _assumption_is_demo(self) -> "Programme":
        if self.eligibility.assumed_electric and not self.demo:
            message = "eligibility.assumed_electric is for programmes flagged demo alone"
            raise ValueError(message)
        return self

    @property
    def document(self) -> dict[str, Any]:
        """The programme as a JSON value, every default written out."""
        return self.model_dump(mode="json")

    @property
    def declared(self) -> dict[str, Declared]:
        """Every declared value by its place in the file: `project.transmission_loss`."""
        return {place: part for place, part in parts_of(self) if isinstance(part, Declared)}

    @property
    def factor_roles(self) -> dict[str, str]:
        """Role of a factor in the equations -> its id in the library."""
        raise NotImplementedError

    @property
    def fixed_discount_bps(self) -> int:
        """Basis points that every gain of the programme loses, whatever its data are worth."""
        return 0
