"""The bank's published table of uncertainty discounts, and what each measure means.

A programme takes the table by writing `"discounts": "carbonbank/1"`; its package then holds the
steps themselves. docs/methodology/discount.md prints it. A table is never changed: a better one
gets another number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from carbonbank.mrv.terms import DiscountStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a share tells of a vehicle-month, and what would raise it."""

    what: str
    remedy: str


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "odometer_share": Measure(
            what="distance with odometer readings at both ends",
            remedy="record the odometer at the start and the end of every trip",
        ),
        "measured_energy_share": Measure(
            what="distance whose energy or fuel is metered",
            remedy="import energy at the grid, at the battery or at the pump for every trip",
        ),
        "gap_free_share": Measure(
            what="distance of trips without a gap in which nothing is counted",
            remedy="keep the logger on for the whole trip",
        ),
        "accepted_share": Measure(
            what="trips that came and count",
            remedy="mend the rows that were kept out; their issues say how",
        ),
    }
)


def _steps(measure: str, *steps: tuple[int, int]) -> tuple[DiscountStep, ...]:
    return tuple(
        DiscountStep.model_validate(
            {"measure": measure, "below_bps": below_bps, "discount_bps": discount_bps}
        )
        for below_bps, discount_bps in steps
    )


TABLES: Mapping[str, tuple[DiscountStep, ...]] = MappingProxyType(
    {
        "carbonbank/1": (
            *_steps("odometer_share", (9_000, 100), (5_000, 300), (1_000, 500)),
            *_steps("measured_energy_share", (9_000, 100), (5_000, 300), (1_000, 500)),
            *_steps("gap_free_share", (9_900, 50), (9_500, 200), (8_000, 500)),
            *_steps("accepted_share", (9_900, 100), (9_500, 500), (8_000, 2_000)),
        )
    }
)
