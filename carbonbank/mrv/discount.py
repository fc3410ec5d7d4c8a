"""The uncertainty discount: from the quality of a vehicle-month to basis points, by a table.

The table is part of the package. Of the steps of one measure the largest that applies counts,
measures add up with what the programme loses anyway (a biofuel blend), and a whole month is the
most that can be lost.
"""

from collections.abc import Iterable

from carbonbank.mrv.programme_base import Programme
from carbonbank.mrv.quality import VehicleMonthQuality
from carbonbank.mrv.quantify import VehicleMonth
from carbonbank.mrv.terms import DiscountStep
from carbonbank.units import BPS


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
