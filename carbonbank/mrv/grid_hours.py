"""Energy at the hours it was drawn in: the dirtiest it may have been, never below the year's.

docs/methodology/grid-hours.md tells the rule, and why it can only make a claim smaller.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from carbonbank.domain.factor import hours_of_document
from carbonbank.mrv.package import MethodologyPackage

ROLE = "grid_hours"
SECONDS_PER_HOUR = 3600


class Drawn(NamedTuple):
    """Energy from the grid in Wh, drawn at some time from `start_at` to before `end_at`."""

    start_at: datetime
    end_at: datetime
    energy_wh: int


@dataclass(frozen=True, slots=True)
class HourlyGrid:
    """A grid's kg per kWh hour by hour; hours count from 1970.

    `dirtiest` is the largest of the year's factor and all hours.
    """

    yearly: Fraction
    dirtiest: Fraction
    first_hour: int
    values: tuple[Fraction | None, ...]

    def of(self, start_at: datetime, end_at: datetime) -> Fraction:
        """Return kg per kWh of energy drawn from `start_at` to before `end_at`, whole seconds.

        It is the dirtiest hour that is touched and at least the year's factor. Without a duration,
        or where an hour is not in the table, it is the dirtiest hour of all.
        """
        start_s, end_s = int(start_at.timestamp()), int(end_at.timestamp())
        first = start_s // SECONDS_PER_HOUR - self.first_hour
        last = (end_s - 1) // SECONDS_PER_HOUR - self.first_hour
        if end_s <= start_s or first < 0 or last >= len(self.values):
            return self.dirtiest
        known = [value for value in self.values[first : last + 1] if value is not None]
        if len(known) <= last - first:
            return self.dirtiest
        return max(self.yearly, *known)

    def mean(self, drawn: Iterable[Drawn], energy_wh: int) -> Fraction:
        """Return kg per kWh of `energy_wh` in all; what was not drawn at a known time is dirtiest.

        Args:
            drawn: energy with its times, no more than there is in all.
            energy_wh: above 0.
        """
        timed = [(one.energy_wh, self.of(one.start_at, one.end_at)) for one in drawn]
        untimed_wh = energy_wh - sum(part_wh for part_wh, _ in timed)
        timed.append((untimed_wh, self.dirtiest))
        return sum((part_wh * factor for part_wh, factor in timed), Fraction(0)) / energy_wh


def untimed_grid(package: MethodologyPackage) -> Fraction:
    """Return a grid's kg per kWh for energy whose hours nobody knows."""
    yearly = package.factor("grid")
    return max(yearly, package.factor(ROLE)) if ROLE in package.document["factors"] else yearly


def hourly_grid(package: MethodologyPackage) -> HourlyGrid | None:
    """Return the hours that a programme chose, None if it chose none."""
    if ROLE not in package.document["factors"]:
        return None
    row = package.document["factors"][ROLE]
    hours = hours_of_document(row["hours"])
    scale = package.scale(ROLE)
    return HourlyGrid(
        yearly=package.factor("grid"),
        dirtiest=untimed_grid(package),
        first_hour=int(hours.first_at.timestamp()) // SECONDS_PER_HOUR,
        values=tuple(None if v is None else Fraction(v) * scale for v in hours.values),
    )
