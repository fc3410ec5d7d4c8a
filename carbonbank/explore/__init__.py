"""The door for analysts: what the bank does with real logs, as DataFrames and plain values.

Everything here calls the bank's own functions and adds no arithmetic to them. Columns and keys
carry their unit as a suffix (`_m`, `_ng`, `_g`); only `_kmh` and `_pct` of raw samples are floats.
"""

from carbonbank.explore.logs import logs, raw_rows, read, samples
from carbonbank.explore.measure import coefficients, declared, quantify, validate
from carbonbank.explore.month import OneMonth, open_month

__all__ = [
    "OneMonth",
    "coefficients",
    "declared",
    "logs",
    "open_month",
    "quantify",
    "raw_rows",
    "read",
    "samples",
    "validate",
]
