"""What one trip saved, exact in nanograms and floored once to grams."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Baseline minus project of one trip; `reduction_g` is after the discount, perhaps negative."""

    trip_id: str
    baseline_ng: int
    project_ng: int
    reduction_g: int
