"""Which grid factor counts: chosen by region, year and margin, so that nobody picks the best.

Of the factors of a region with a margin, those of the newest data year that is not after the year
asked for; of several the highest. The choice stands in the package beside the factor.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from carbonbank.domain.factor import Factor
from carbonbank.errors import NoFactorFits
from carbonbank.mrv.declared import Part
from carbonbank.mrv.terms import Year

Margin = Literal[
    "average", "om", "cm_consumption", "cm_energy_efficiency", "cm_firm", "cm_intermittent"
]
MARGINS: tuple[str, ...] = get_args(Margin)


class GridChoice(Part):
    """What a grid factor was asked for; the library's region names are those of its tables."""

    region: Annotated[str, Field(min_length=1)]
    year: Year
    margin: Margin


def margin_of(factor: Factor) -> str | None:
    """Return the margin of a grid factor, None for a factor that is none."""
    table, _, rest = factor.factor_id.partition(".")
    if table == "ember":
        return "average"
    margin = rest.split(".")[0]
    return margin if table.startswith("ifi") and margin in MARGINS else None


def data_year(factor: Factor) -> int:
    """Return the calendar year that a factor's data are of."""
    found = re.match(r"[0-9]{4}", factor.year)
    return int(found.group()) if found else 0


def choose_grid(factors: Mapping[str, Factor], *, region: str, year: int, margin: str) -> Factor:
    """Return the one grid factor that the rule gives.

    Raises:
        NoFactorFits: the library has none of that region and margin up to that year.
    """
    fitting = [
        one
        for one in factors.values()
        if one.region == region and margin_of(one) == margin and data_year(one) <= year
    ]
    if not fitting:
        raise NoFactorFits(region=region, year=year, margin=margin)
    return max(fitting, key=lambda one: (data_year(one), one.value, one.factor_id))
