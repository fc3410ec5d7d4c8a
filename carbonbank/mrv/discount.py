"""The uncertainty discount: from the quality of a vehicle-month to basis points, by a table.

The table is part of the package. Of the steps of one measure the largest that applies counts,
measures add up, and a whole month is the most that can be lost.
"""

from collections.abc import Iterable, Sequence

from carbonbank.mrv.programme import DiscountStep
from carbonbank.mrv.quality import VehicleMonthQuality
from carbonbank.mrv.quantify import VehicleMonth
from carbonbank.units import BPS


def applying_steps(
    steps: Sequence[DiscountStep], quality: VehicleMonthQuality
) -> list[DiscountStep]:
    """Return the steps that count, at most one per measure: what to improve to lose less."""
    largest: dict[str, DiscountStep] = {}
    for step in sorted(steps, key=lambda step: step.discount_bps):
        if getattr(quality, step.measure) < step.below_bps:
            largest[step.measure] = step
    return [largest[measure] for measure in sorted(largest)]


def discount_bps_of(steps: Sequence[DiscountStep], quality: VehicleMonthQuality) -> int:
    """Return the discount of one vehicle-month in basis points, 0 to 10,000."""
    return min(BPS, sum(step.discount_bps for step in applying_steps(steps, quality)))


def discounts_of(
    steps: Sequence[DiscountStep], months: Iterable[VehicleMonthQuality]
) -> dict[VehicleMonth, int]:
    """Return the discount of every vehicle-month, as `quantify` takes it."""
    return {(q.vehicle_id, q.month): discount_bps_of(steps, q) for q in months}
