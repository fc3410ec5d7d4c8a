"""Bounds of the 95 % confidence interval of a sampled mean, by Student's t. Frozen.

A sampled parameter counts at the side of its two-sided 95 % interval that is against the claimant:
mean ∓ t · sd / √n. Compared in squares, so that no root is rounded.
"""

from carbonbank.mrv.methods.number import Number

NAME = "confidence_v1"
# t of the 97.5 % quantile in thousandths, rounded up, by degrees of freedom; between two rows the
# smaller count of degrees holds, beyond the last row the last.
T_THOUSANDTHS = {
    1: 12707, 2: 4303, 3: 3183, 4: 2777, 5: 2571, 6: 2447, 7: 2365, 8: 2307, 9: 2263, 10: 2229,
    11: 2201, 12: 2179, 13: 2161, 14: 2145, 15: 2132, 16: 2120, 17: 2110, 18: 2101, 19: 2094,
    20: 2086, 21: 2080, 22: 2074, 23: 2069, 24: 2064, 25: 2060, 26: 2056, 27: 2052, 28: 2049,
    29: 2046, 30: 2043, 40: 2022, 60: 2001, 120: 1980,
}  # fmt: skip


def t_thousandths(size: int) -> int:
    """Return t for a sample of `size` in thousandths, never too small."""
    if size < 2:
        message = f"a bound needs 2 samples, not {size}"
        raise ValueError(message)
    return T_THOUSANDTHS[max(row for row in T_THOUSANDTHS if row <= size - 1)]


def is_beyond_bound(away: Number, sd: Number, size: int) -> bool:
    """Whether a value that lies `away` from the mean, on its conservative side, reaches the bound.

    away ≥ t · sd / √n, as away ≥ 0 and away² · n · 10^6 ≥ (1000 t)² · sd².
    """
    t = t_thousandths(size)
    return away >= 0 and away**2 * size * 10**6 >= t**2 * sd**2
