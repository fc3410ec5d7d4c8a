"""How many trips a verifier looks at, and which: exact sizes, and a draw that anyone repeats.

Sizes are those of the CDM guideline on sampling (EB 67, annex 6, appendix 1) as the design of this
bank carries them; `population` makes them the finite ones. A relative precision e, a quantile z.
"""

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

SEED_MARK = b"carbonbank.sampling/1"
# Two-sided normal quantiles as the guideline writes them, by confidence in percent.
QUANTILES = {90: Fraction("1.645"), 95: Fraction("1.96")}


class Stratum(NamedTuple):
    """A part of the population: its size, and mean and variance of what is measured in it."""

    population: int
    mean: Fraction
    variance: Fraction


def proportion_size(population: int, p: Fraction, z: Fraction, e: Fraction) -> int:
    """Size for a proportion p: z²·N·p(1−p) / ((N−1)·e²·p² + z²·p(1−p)), rounded up."""
    return mean_size(population, (1 - p) / p, z, e)  # V = p(1−p) / p²


def mean_size(population: int, v: Fraction, z: Fraction, e: Fraction) -> int:
    """Size for a mean with V = variance / mean²: z²·N·V / ((N−1)·e² + z²·V), rounded up."""
    spread = z**2 * v
    return max(1, ceil(spread * population / ((population - 1) * e**2 + spread))) if spread else 1


def pooled_v(strata: Sequence[Stratum]) -> Fraction:
    """Return V of a stratified population: Σ g·variance / N over the squared mean Σ g·mean / N.

    For proportions a stratum has mean p and variance p(1−p).
    """
    population = sum(one.population for one in strata)
    mean = sum((one.population * one.mean for one in strata), Fraction(0)) / population
    variance = sum((one.population * one.variance for one in strata), Fraction(0)) / population
    return variance / mean**2


def allocate(size: int, strata: Sequence[Stratum]) -> list[int]:
    """Share a size out in proportion, rounded up, so that no stratum goes unseen."""
    population = sum(one.population for one in strata)
    return [ceil(Fraction(size * one.population, population)) for one in strata]


def stratum_of(values: Sequence[int]) -> Stratum:
    """Return size, mean and variance (over N: the values are all there are) of a stratum."""
    n = len(values)
    mean = Fraction(sum(values), n)
    return Stratum(n, mean, Fraction(sum(value * value for value in values), n) - mean**2)


def seed_of(report_hash: bytes) -> bytes:
    """Return the seed that the sealed report fixes: SHA-256(mark ‖ report hash)."""
    return hashlib.sha256(SEED_MARK + report_hash).digest()


def draw(seed: bytes, leaves: Iterable[int], size: int) -> list[int]:
    """Return the `size` leaves of the smallest SHA-256(seed ‖ uint64 index), ascending.

    A larger sample of the same report contains every smaller one, so a size chosen afterwards
    leaves out no trip that an earlier one had drawn.
    """
    ranked = sorted(leaves, key=lambda n: hashlib.sha256(seed + n.to_bytes(8, "big")).digest())
    return sorted(ranked[:size])
