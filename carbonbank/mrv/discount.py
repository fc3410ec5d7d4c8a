"""The uncertainty discount: from the quality of a vehicle-month to basis points, by a table.

The table is part of the package. Of the steps of one measure the largest that applies counts,
measures add up with what the programme loses anyway (a biofuel blend), and a whole month is the
most that can be lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from carbonbank.mrv.discount_table import MEASURES
from carbonbank.mrv.programme_base import Programme
from carbonbank.mrv.quality import VehicleMonthQuality
from carbonbank.mrv.quantify import VehicleMonth
from carbonbank.mrv.terms import DiscountStep
from carbonbank.units import BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountLine:
    """One measure of a vehicle-month: its share, what it costs, and what would raise it.

    `below_bps` is the limit of the step that applied, None where none did: at or above it the step
    no longer counts. `remedy` is empty where nothing is lost.
    """

    measure: str
    what: str
    share_bps: int
    below_bps: int | None
    discount_bps: int
    remedy: str


def discount_lines(programme: Programme, quality: VehicleMonthQuality) -> tuple[DiscountLine, ...]:
    """Explain a vehicle-month's discount, one line for every measure the programme looks at."""
    applied = {step.measure: step for step in applying_steps(programme, quality)}
    lines = []
    for measure in sorted({step.measure for step in programme.discounts}):
        step = applied.get(measure)
        lines.append(
            DiscountLine(
                measure=measure,
                what=MEASURES[measure].what,
                share_bps=getattr(quality, measure),
                below_bps=step.below_bps if step else None,
                discount_bps=step.discount_bps if step else 0,
                remedy=MEASURES[measure].remedy if step and step.discount_bps else "",
            )
        )
    return tuple(lines)


def applying_steps(programme: Programme, quality: VehicleMonthQuality) -> list[DiscountStep]:
    """Return the steps that count, at most one per measure: what to improve to lose less."""
    largest: dict[str, DiscountStep] = {}
    for step in sorted(programme.discounts, key=lambda step: step.discount_bps):
        if getattr(quality, step.measure) < step.below_bps:
            largest[step.measure] = step
    return [largest[measure] for measure in sorted(largest)]


def discount_bps_of(programme: Programme, quality: VehicleMonthQuality) -> int:
    """Return the discount of one vehicle-month in basis points, 0 to 10,000."""
    applying = sum(step.discount_bps for step in applying_steps(programme, quality))
    return min(BPS, programme.fixed_discount_bps + applying)


def discounts_of(
    programme: Programme, months: Iterable[VehicleMonthQuality]
) -> dict[VehicleMonth, int]:
    """Return the discount of every vehicle-month, as `quantify` takes it."""
    return {(q.vehicle_id, q.month): discount_bps_of(programme, q) for q in months}
