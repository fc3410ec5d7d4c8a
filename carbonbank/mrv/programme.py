"""A programme: which method, for which fleet, with which declared values, factors and shares.

Numbers are decimal strings and stay exact. Every declared value names its unit and its evidence;
evidence that begins with `none` is no evidence. docs/reference/programme.md lists the fields.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from carbonbank.errors import ProgrammeInvalid
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.mrv.rules import RULES_BY_VEHICLE_KIND, Rules
from carbonbank.units import BPS, capacity_wh_ceil

FORMAT = "carbonbank-programme/1"
METHODS: Mapping[str, str] = {ams_iii_c_v16.NAME: ams_iii_c_v16.VERSION}
COMPARABILITY_PCT_MAX = 20  # capacity and power of the baseline vehicle (AMS-III.C, conditions)

Powertrain = Literal["battery_electric", "plug_in_hybrid", "petrol", "diesel", "lpg", "cng"]
# A plug-in hybrid needs the fuel term of equation 6, which no energy source here carries yet.
Creditable = Literal["battery_electric"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _decimal_text(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or len(text) > 40 or abs(value.adjusted()) > 20:
        message = f"{text[:40]!r} is not a decimal of reasonable size"
        raise ValueError(message)
    return text


class Declared(_Part):
    """A value of the project, with its unit and where the verifier finds it proven.

    `factor` names a row of the library that holds the same number, when there is one.
    """

    value: Annotated[str, AfterValidator(_decimal_text)]
    unit: str
    evidence: Annotated[str, Field(min_length=1)]
    factor: str | None = None

    @property
    def exact(self) -> Fraction:
        """The value as an exact fraction, in `unit`."""
        return Fraction(self.value)

    @property
    def has_evidence(self) -> bool:
        """Whether a reference is given that a verifier can look up."""
        return not self.evidence.lower().startswith("none")


def _declared(unit: str, rule: str, holds: Callable[[Fraction], bool]) -> AfterValidator:
    def check(declared: Declared) -> Declared:
        if declared.unit != unit:
            message = f"the unit is {unit}, not {declared.unit}"
            raise ValueError(message)
        if not holds(declared.exact):
            message = f"{declared.value} is not {rule}"
            raise ValueError(message)
        return declared

    return AfterValidator(check)


def _not_empty(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        message = "the list is empty"
        raise ValueError(message)
    return values


_SOME = AfterValidator(_not_empty)


def _above_zero(unit: str) -> AfterValidator:
    return _declared(unit, "above 0", lambda v: v > 0)


Efficiency = Annotated[Declared, _declared("1", "above 0 and at most 1", lambda v: 0 < v <= 1)]
LossShare = Annotated[Declared, _declared("1", "at least 0 and below 1", lambda v: 0 <= v < 1)]
Comparability = Annotated[
    Declared,
    _declared(
        "percent",
        f"within {COMPARABILITY_PCT_MAX} percent",
        lambda v: 0 <= v <= COMPARABILITY_PCT_MAX,
    ),
]
LitresPer100Km = Annotated[Declared, _above_zero("L/100km")]
KwhPerKm = Annotated[Declared, _above_zero("kWh/km")]
Kwh = Annotated[Declared, _above_zero("kWh")]
Handle = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
Bps = Annotated[int, Field(ge=0, le=BPS)]


class Fleet(_Part):
    """Whose trips these are."""

    handle: Handle
    title: str


class Vehicles(_Part):
    """What the fleet's vehicles are, as enrolled."""

    powertrain: Powertrain
    category: Annotated[str, Field(min_length=1)]
    kind: Literal["car", "microcar", "bus", "truck"]


class Baseline(_Part):
    """The vehicle that would have driven: equation 3. Factors are named by id."""

    vehicle: str
    specific_fuel_consumption: LitresPer100Km
    fuel_density: str
    net_calorific_value: str
    emission_factor: str
    improvement_rate: Annotated[Declared, _declared("1/year", "in (0, 1]", lambda v: 0 < v <= 1)]


class _Project(_Part):
    grid_factor: str
    transmission_loss: LossShare

    @property
    def efficiency(self) -> Fraction:
        """Energy in the battery per energy from the charger's meter; 1 where that is metered."""
        return Fraction(1)


class GridProject(_Project):
    """Energy is metered at the charging point, trip by trip."""

    energy_source: Literal["grid"]


class _BatterySide(_Project):
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


class SecProject(_Project):
    """Energy is the declared consumption at the charging point times distance (approach 1)."""

    energy_source: Literal["sec"]
    specific_energy_consumption: KwhPerKm


Project = Annotated[
    GridProject | BatteryProject | SocProject | SecProject, Field(discriminator="energy_source")
]


class Additionality(_Part):
    """Box 1 (market share of the last three years) or a barrier analysis on record."""

    route: Literal["market_share", "barrier_analysis"]
    evidence: Annotated[str, Field(min_length=1)]

    @property
    def has_evidence(self) -> bool:
        """Whether a reference is given that a verifier can look up."""
        return not self.evidence.lower().startswith("none")


class Eligibility(_Part):
    """What a vehicle must be. `assumed_electric` runs combustion cars as if; DEMO alone."""

    powertrains: Annotated[tuple[Creditable, ...], Field(strict=False), _SOME]
    categories: Annotated[tuple[str, ...], Field(strict=False), _SOME]
    comparability: Comparability
    additionality: Additionality
    assumed_electric: bool = False


class Shares(_Part):
    """Basis points of a batch; the operator gets what is left."""

    drivers: Bps
    buffer: Bps

    @model_validator(mode="after")
    def _fit(self) -> "Shares":
        if self.drivers + self.buffer > BPS:
            message = f"drivers and buffer are {self.drivers + self.buffer} bps, over {BPS}"
            raise ValueError(message)
        return self


class DiscountStep(_Part):
    """A vehicle-month whose `measure` (a share in bps) lies below `below_bps` loses `discount_bps`.

    Of the steps of one measure the largest that applies counts; measures add up.
    """

    measure: Literal["odometer_share", "measured_energy_share", "gap_free_share", "accepted_share"]
    below_bps: Annotated[int, Field(ge=1, le=BPS)]
    discount_bps: Bps


class Reading(_Part):
    """What an importer has to know that the files do not say."""

    vehicle_id: str | None = None
    driver_pattern: str | None = None
    zone: str | None = None


class Programme(_Part):
    """A whole programme file."""

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
    base_year: Annotated[int, Field(ge=1990, le=2100)]
    baseline: Baseline
    project: Project
    eligibility: Eligibility
    shares_bps: Shares
    rules: dict[str, int] = Field(default_factory=dict)
    discounts: Annotated[tuple[DiscountStep, ...], Field(strict=False)] = ()
    reading: Reading = Reading()
    claims_valid_until: date

    @field_validator("method")
    @classmethod
    def _known_method(cls, method: str) -> str:
        if method not in METHODS:
            message = f"{method!r} is none of {', '.join(METHODS)}"
            raise ValueError(message)
        return method

    @field_validator("rules")
    @classmethod
    def _known_rules(cls, rules: dict[str, int]) -> dict[str, int]:
        known = {f.name for f in fields(Rules) if f.type in (int, "int")}
        unknown = sorted(set(rules) - known)
        if unknown:
            message = f"no rule is called {', '.join(unknown)}"
            raise ValueError(message)
        return rules

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
        return {
            f"{part}.{name}": value
            for part, model in (
                ("baseline", self.baseline),
                ("project", self.project),
                ("eligibility", self.eligibility),
            )
            for name, value in model
            if isinstance(value, Declared)
        }


def parse_programme(content: bytes | str | Mapping[str, Any]) -> Programme:
    """Read a programme file, or the same as a JSON value.

    Raises:
        ProgrammeInvalid: with every bad field, not only the first.
    """
    text = json.dumps(content) if isinstance(content, Mapping) else content
    try:
        return Programme.model_validate_json(text)
    except ValidationError as error:
        problems = [f"{_place(e['loc'])}: {e['msg']}" for e in error.errors(include_url=False)]
        raise ProgrammeInvalid(
            programme=_handle(text), count=len(problems), problems="; ".join(problems)
        ) from error


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "file"


def _handle(text: bytes | str) -> str:
    """The handle of a programme that did not parse, if it has one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "(unreadable)"
    handle = document.get("handle") if isinstance(document, dict) else None
    return handle[:64] if isinstance(handle, str) else "(unnamed)"


def rules_of(programme: Programme) -> Rules:
    """Return the thresholds of a programme: those of its kind of vehicle, then its own."""
    rules = replace(RULES_BY_VEHICLE_KIND[programme.vehicles.kind], **programme.rules)  # type: ignore[arg-type]
    if isinstance(programme.project, SocProject) and rules.usable_battery_wh is None:
        return replace(rules, usable_battery_wh=programme.project.capacity_wh)
    return rules


def rules_document(rules: Rules) -> dict[str, Any]:
    """Return thresholds as a JSON value."""
    return {k: _json(v) for k, v in asdict(rules).items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [str(part) for part in value] if isinstance(value, tuple) else value
