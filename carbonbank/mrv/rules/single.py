"""Rules that need one trip alone."""

from collections.abc import Iterator

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.cells import apart_m_about, cell_boxes, cells_apart_m
from carbonbank.mrv.rules.frame import MISSING, Frame, Ints, Mask, moment_text
from carbonbank.mrv.rules.thresholds import Rules

# No trip of a vehicle lasts longer than the products below can bear: 2^62 / 36,000 metres.
_DISTANCE_M_SAFE = 10**14


def _found(trips: Frame, bad: Mask) -> Ints:
    return np.flatnonzero(bad & trips.alive)


def end_not_after_start(trips: Frame, _: Rules) -> Iterator[RowIssue]:
    """A trip takes time."""
    for i in _found(trips, trips.end_s <= trips.start_s):
        yield trips.flag(
            i,
            "end_not_after_start",
            "end_at",
            moment_text(trips.end_s[i]),
            f"> {moment_text(trips.start_s[i])}",
        )


def date_too_early(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A trip of a programme starts after its first possible date."""
    first_s = int(rules.first_start_at.timestamp())
    for i in _found(trips, trips.start_s < first_s):
        yield trips.flag(
            i,
            "date_too_early",
            "start_at",
            moment_text(trips.start_s[i]),
            f">= {moment_text(first_s)}",
        )


def future_date(trips: Frame, now_s: int) -> Iterator[RowIssue]:
    """A trip has ended by now."""
    for i in _found(trips, trips.end_s > now_s):
        yield trips.flag(
            i, "future_date", "end_at", moment_text(trips.end_s[i]), f"<= {moment_text(now_s)}"
        )


def distance_sentinel(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A distance is a number of metres, not a device's word for nothing."""
    bad = np.isin(trips.distance_m, rules.sentinels_m) | (trips.distance_m < 0)
    for i in _found(trips, bad):
        yield trips.flag(
            i, "distance_sentinel", "distance_m", f"{trips.distance_m[i]} m", ">= 0 m, no sentinel"
        )


def speed_too_high(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """Average speed has an upper bound: m * 3600 > km/h * 1000 * s."""
    duration_s = trips.end_s - trips.start_s
    distance_m = np.minimum(trips.distance_m, _DISTANCE_M_SAFE)
    bad = distance_m * 3_600 > rules.speed_kmh_max * 1_000 * duration_s
    for i in _found(trips, bad):
        kmh = int(trips.distance_m[i]) * 36 // (int(duration_s[i]) * 10)
        value = f"{trips.distance_m[i]} m in {duration_s[i]} s = {kmh} km/h"
        yield trips.flag(i, "speed_too_high", "distance_m", value, f"<= {rules.speed_kmh_max} km/h")


def speed_too_low(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A distance other than 0 implies a speed that a vehicle has: else its unit is wrong."""
    duration_s = trips.end_s - trips.start_s
    slow = trips.distance_m < rules.speed_m_per_h_min * duration_s // 3_600
    for i in _found(trips, slow & (trips.distance_m > 0)):
        m_per_h = int(trips.distance_m[i]) * 3_600 // int(duration_s[i])
        value = f"{trips.distance_m[i]} m in {duration_s[i]} s = {m_per_h} m/h"
        yield trips.flag(
            i, "speed_too_low", "distance_m", value, f">= {rules.speed_m_per_h_min} m/h, or 0 m"
        )


def below_great_circle(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """No way is shorter than the straight one; cells count from their nearest corners."""
    starts, ends = (trips.numbered(column) for column in ("start_cell", "end_cell"))
    known = trips.alive & (starts[0] >= 0) & (ends[0] >= 0)
    places = np.flatnonzero(known)
    least_m = apart_m_about(cell_boxes(starts[1]), cell_boxes(ends[1]), starts[0], ends[0], places)
    near = least_m * rules.great_circle_bps_min > trips.distance_m[places].astype(float) * 10_000
    for i in places[near].tolist():
        apart_m = cells_apart_m(starts[1][starts[0][i]], ends[1][ends[0][i]])
        if apart_m * rules.great_circle_bps_min > int(trips.distance_m[i]) * 10_000:
            share = f"{rules.great_circle_bps_min / 100:g} % of {apart_m} m"
            yield trips.flag(
                i, "below_great_circle", "distance_m", f"{trips.distance_m[i]} m", f">= {share}"
            )


def soc_out_of_range(trips: Frame, _: Rules) -> Iterator[RowIssue]:
    """A battery is between empty and full."""
    for column in ("soc_start_bps", "soc_end_bps"):
        soc = trips.integers(column)
        for i in _found(trips, (soc != MISSING) & ((soc < 0) | (soc > 10_000))):
            yield trips.flag(i, "soc_out_of_range", column, f"{soc[i]} bps", "0 to 10000 bps")


def soc_rises(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A trip that contains a charge is split, never netted."""
    start, end = trips.integers("soc_start_bps"), trips.integers("soc_end_bps")
    both = (start != MISSING) & (end != MISSING)
    for i in _found(trips, both):
        rise_bps = int(end[i]) - int(start[i])
        if rise_bps > rules.soc_rise_bps_max:
            limit = f"<= {rules.soc_rise_bps_max} bps"
            yield trips.flag(i, "soc_rises", "soc_end_bps", f"+{rise_bps} bps", limit)


def negative_value(trips: Frame, _: Rules) -> Iterator[RowIssue]:
    """What a trip used is not negative: recuperation is netted inside a trip, never beyond it."""
    units = {"energy_grid_wh": "Wh", "energy_battery_wh": "Wh", "fuel_ml": "ml", "passengers": ""}
    for column, unit in units.items():
        values = trips.integers(column)
        for i in _found(trips, (values != MISSING) & (values < 0)):
            yield trips.flag(i, "negative_value", column, f"{values[i]} {unit}".strip(), ">= 0")
