"""Sample sizes of the CDM guideline on sampling (EB 67, annex 6, appendix 1). Frozen.

`z` is the normal quantile of the confidence (1.645 for 90 %), `e` the relative precision.
"""

from carbonbank.mrv.methods.number import Number

NAME = "sampling_v1"


def proportion_size(population: Number, p: Number, z: Number, e: Number) -> Number:
    """Size for a proportion p: z²·N·p(1−p) / ((N−1)·e²·p² + z²·p(1−p)), before rounding up."""
    spread = z**2 * p * (1 - p)
    return spread * population / ((population - 1) * e**2 * p**2 + spread)


def mean_size(population: Number, mean: Number, sd: Number, z: Number, e: Number) -> Number:
    """Size for a mean: z²·N·V / ((N−1)·e² + z²·V) with V = (sd / mean)², before rounding up."""
    spread = z**2 * (sd / mean) ** 2
    return spread * population / ((population - 1) * e**2 + spread)
