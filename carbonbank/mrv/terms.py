"""The terms of a programme that every method shares: whose, for whom, how long, how watched."""

from fractions import Fraction
from math import floor
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from carbonbank.mrv.declared import (
    DecimalText,
    Declared,
    Evidenced,
    Handle,
    Kwh,
    MonthLabel,
    Part,
    declared,
    not_empty,
    share,
)
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.units import BPS, month_from_label

COMPARABILITY_PCT_MAX = 20  # capacity and power of the baseline vehicle (AMS-III.C, conditions)
CAP_T_PER_YEAR = 60_000  # small-scale limit of a programme (AMS-III.C, conditions)
SURVIVAL = Fraction("0.9")  # of a year's sales, per year, where nobody counted the vehicles

Powertrain = Literal[
    "battery_electric", "plug_in_hybrid", "hybrid", "petrol", "diesel", "lpg", "cng"
]
Creditable = Literal["battery_electric", "plug_in_hybrid", "hybrid"]
Bps = Annotated[int, Field(ge=0, le=BPS)]
Year = Annotated[int, Field(ge=1990, le=2100)]

_SOME = AfterValidator(not_empty)
Comparability = Annotated[
    Declared,
    declared(
        "percent",
        f"within {COMPARABILITY_PCT_MAX} percent",
        lambda v: 0 <= v <= COMPARABILITY_PCT_MAX,
    ),
]
TonnesPerYear = Annotated[
    Declared,
    declared("t/year", f"above 0 and at most {CAP_T_PER_YEAR}", lambda v: 0 < v <= CAP_T_PER_YEAR),
]
DistanceShare = Annotated[
    Declared, share("above 0 and at most 1", lambda v: 0 < v <= 1, side="lower")
]


class Fleet(Part):
    """Whose trips these are."""

    handle: Handle
    title: str


class Vehicles(Part):
    """What the fleet's vehicles are, as enrolled."""

    powertrain: Powertrain
    category: Annotated[str, Field(min_length=1)]
    kind: Literal["car", "microcar", "bus", "truck"]


class MarketShare(Part):
    """The share of the project's kind of vehicle in a year's sales, in percent."""

    year: Year
    percent: DecimalText


class Additionality(Evidenced):
    """Box 1 (mean market share of the last three years) or a barrier analysis on record."""

    LATER: ClassVar[frozenset[str]] = frozenset({"market_shares"})
    route: Literal["market_share", "barrier_analysis"]
    market_shares: Annotated[tuple[MarketShare, ...] | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _passes_box1(self) -> "Additionality":
        if self.route != "market_share":
            return self
        shares = self.market_shares or ()
        years = [one.year for one in shares]
        if len(years) != 3 or years != list(range(years[0], years[0] + 3)):
            message = f"market_shares are those of three years in a row, not of {years}"
            raise ValueError(message)
        mean = ams_iii_c_v16.box1_mean_share_pct([Fraction(one.percent) for one in shares])
        limit = Fraction(ams_iii_c_v16.AUTOMATIC_ADDITIONALITY_PCT)
        if mean > limit or min(Fraction(one.percent) for one in shares) < 0:
            message = f"the mean market share is {float(mean):.4f} %, Box 1 allows 0 to 2.5 %"
            raise ValueError(message)
        return self


class Comparison(Evidenced):
    """A property of project and baseline vehicle, which may differ by 20 % of the baseline's."""

    what: Literal["passengers", "payload", "power"]
    unit: Annotated[str, Field(min_length=1)]
    baseline: DecimalText
    project: DecimalText

    @model_validator(mode="after")
    def _is_within(self) -> "Comparison":
        baseline, project = Fraction(self.baseline), Fraction(self.project)
        if baseline <= 0 or abs(project - baseline) * 100 > baseline * COMPARABILITY_PCT_MAX:
            message = (
                f"{self.what} {self.project} {self.unit} is not within"
                f" {COMPARABILITY_PCT_MAX} percent of {self.baseline} {self.unit}"
            )
            raise ValueError(message)
        return self


class Eligibility(Part):
    """What a vehicle must be. `assumed_electric` runs combustion cars as if; DEMO alone."""

    LATER: ClassVar[frozenset[str]] = frozenset({"comparisons", "expected_reduction"})
    powertrains: Annotated[tuple[Creditable, ...], Field(strict=False), _SOME]
    categories: Annotated[tuple[str, ...], Field(strict=False), _SOME]
    comparability: Comparability
    additionality: Additionality
    assumed_electric: bool = False
    comparisons: Annotated[tuple[Comparison, ...] | None, Field(strict=False)] = None
    expected_reduction: TonnesPerYear | None = None


class Shares(Part):
    """Basis points of a batch; the operator gets what is left."""

    drivers: Bps
    buffer: Bps

    @model_validator(mode="after")
    def _fit(self) -> "Shares":
        if self.drivers + self.buffer > BPS:
            message = f"drivers and buffer are {self.drivers + self.buffer} bps, over {BPS}"
            raise ValueError(message)
        return self


class DiscountStep(Part):
    """A vehicle-month whose `measure` (a share in bps) lies below `below_bps` loses `discount_bps`.

    Of the steps of one measure the largest that applies counts; measures add up.
    """

    measure: Literal["odometer_share", "measured_energy_share", "gap_free_share", "accepted_share"]
    below_bps: Annotated[int, Field(ge=1, le=BPS)]
    discount_bps: Bps


class Reading(Part):
    """What an importer has to know that the files do not say."""

    vehicle_id: str | None = None
    driver_pattern: str | None = None
    zone: str | None = None


class CreditingPeriod(Evidenced):
    """The months that may be credited, first and last included."""

    first_month: MonthLabel
    last_month: MonthLabel

    @model_validator(mode="after")
    def _is_in_order(self) -> "CreditingPeriod":
        if self.last_month < self.first_month:
            message = f"it ends in {self.last_month}, before {self.first_month}"
            raise ValueError(message)
        return self

    def covers(self, month: int) -> bool:
        """Whether a month number lies in the period."""
        return month_from_label(self.first_month) <= month <= month_from_label(self.last_month)


class Deviation(Evidenced):
    """A departure from the plan, on record for whoever verifies these months."""

    first_month: MonthLabel
    last_month: MonthLabel
    what: Annotated[str, Field(min_length=1)]


class BatteryReplacement(Evidenced):
    """A replaced battery; the capacity of a state-of-charge programme must cover it."""

    vehicle_id: Annotated[str, Field(min_length=1)]
    month: MonthLabel
    usable_capacity: Kwh


class Sale(Evidenced):
    """Project vehicles sold in a year, for programmes that count their fleet by sales."""

    year: Year
    vehicles: Annotated[int, Field(ge=1)]


class Monitoring(Evidenced):
    """The monitoring plan (`evidence`) and what bears on how trips are counted.

    `distance_share` is the share of the recorded distance that a sampled comparison confirms.
    """

    LATER: ClassVar[frozenset[str]] = frozenset(
        {"distance_share", "deviations", "battery_replacements", "sales"}
    )
    cross_check: Annotated[str, Field(min_length=1)]
    distance_share: DistanceShare | None = None
    deviations: Annotated[tuple[Deviation, ...] | None, Field(strict=False)] = None
    battery_replacements: Annotated[tuple[BatteryReplacement, ...] | None, Field(strict=False)] = (
        None
    )
    sales: Annotated[tuple[Sale, ...] | None, Field(strict=False)] = None

    def vehicles_max(self, year: int) -> int | None:
        """Vehicles that can still be on the road: Σ sold · 0.9^(years since); None if counted."""
        if self.sales is None:
            return None
        return sum(
            floor(ams_iii_c_v16.fleet_size(Fraction(one.vehicles), SURVIVAL, year - one.year + 1))
            for one in self.sales
            if one.year <= year
        )


class Succession(Part):
    """The version before this one; from `from_month` on months are sealed under this."""

    replaces: Handle
    from_month: MonthLabel
