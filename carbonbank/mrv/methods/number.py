"""The numbers that equations are written for: exact rationals or decimals, never floats."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TypeVar

Number = TypeVar("Number", Decimal, Fraction)


def total(terms: Iterable[Number]) -> Number:
    """Return the sum over the vehicle types i of an equation; there is at least one."""
    return reduce(add, terms)
