"""Energy per distance, judged over windows: single trips are too short for their sensors."""

from collections.abc import Iterator

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.frame import MISSING, Frame, Ints, Mask
from carbonbank.mrv.rules.thresholds import Rules

_WH_SAFE = 10**9


def energy_windows(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A vehicle's consumption lies where vehicles of its kind lie.

    Trips that tell energy are taken in order of time until they are `window_m` long together;
    what is left at the end of a month joins its last window, or is not judged when alone.
    Too little energy would be credit for nothing and keeps the window out; too much is shown.
    """
    energy_wh = energy_of_wh(trips, rules)
    # Clipped, a month of 90,000 trips stays inside 64 bits; what is clipped is too high anyway.
    clipped_wh = np.minimum(energy_wh, _WH_SAFE)
    odd = _odd_alone(trips, energy_wh, clipped_wh, rules)
    for mine in trips.by_vehicle_month():
        if not odd[mine].any():
            continue  # what no trip breaks, no window of them breaks
        told = mine[energy_wh[mine] != MISSING]
        cuts = _window_starts(trips.distance_m[told], rules.window_m)
        if not cuts:
            continue
        used_wh = np.add.reduceat(clipped_wh[told], cuts)
        driven_m = np.add.reduceat(trips.distance_m[told], cuts)
        wh_per_100km = used_wh * 100_000 // driven_m
        low = wh_per_100km < rules.energy_wh_per_100km_min
        high = wh_per_100km > rules.energy_wh_per_100km_max
        if (low | high).any():
            for window in np.split(told, cuts[1:]):
                yield from _judge(trips, window, energy_wh, rules)


def _odd_alone(trips: Frame, energy_wh: Ints, clipped_wh: Ints, rules: Rules) -> Mask:
    """Return which trips tell energy that lies outside the bounds by itself."""
    # Rules before have bound speeds, so that a distance times a bound stays inside 64 bits.
    metres = trips.distance_m
    low = clipped_wh * 100_000 < metres * rules.energy_wh_per_100km_min
    high = clipped_wh * 100_000 >= metres * (rules.energy_wh_per_100km_max + 1)
    high &= (metres > 0) | (energy_wh != 0)
    odd: Mask = (energy_wh != MISSING) & (low | high)
    return odd


def charge_balance(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """Energy that left the battery was in it: metered energy and the drop of the charge agree.

    Less metered than the charge says would be credit for nothing and keeps the window out; more
    is shown. Needs a declared capacity and trips that tell both.
    """
    capacity_wh = rules.usable_battery_wh
    if capacity_wh is None:
        return
    energy_wh = _metered_wh(trips)
    start, end = trips.integers("soc_start_bps"), trips.integers("soc_end_bps")
    both = (energy_wh != MISSING) & (start != MISSING) & (end != MISSING)
    energy_wh = np.minimum(energy_wh, _WH_SAFE)
    for mine in trips.by_vehicle_month():
        told = mine[both[mine]]
        cuts = _window_starts(trips.distance_m[told], rules.window_m)
        for window in np.split(told, cuts[1:]) if cuts else ():
            used_wh = int(energy_wh[window].sum())
            drop_bps = int((start[window] - end[window]).sum())
            # What the readings leave open counts for the vehicle, on either side.
            open_bps = len(window) * rules.charge_reading_bps
            least_bps = (drop_bps - open_bps) * (10_000 - rules.charge_balance_bps_max)
            most_bps = (drop_bps + open_bps) * (10_000 + rules.charge_balance_bps_max)
            value = f"{used_wh} Wh, charge {drop_bps * capacity_wh // 10_000} Wh"
            limit = f"within {rules.charge_balance_bps_max / 100:g} % and {open_bps / 100:g} points"
            if used_wh * 10**8 < least_bps * capacity_wh:
                for i in window:
                    yield trips.flag(i, "charge_exceeds_energy", "energy", value, limit)
            elif used_wh * 10**8 > most_bps * capacity_wh:
                yield trips.flag(window[0], "energy_exceeds_charge", "energy", value, limit)


def _metered_wh(trips: Frame) -> Ints:
    grid, battery = trips.integers("energy_grid_wh"), trips.integers("energy_battery_wh")
    return np.where(battery != MISSING, battery, grid)


def energy_of_wh(trips: Frame, rules: Rules) -> Ints:
    """Return the energy of each trip: at the grid, else at the battery, else from its charge."""
    grid, battery = trips.integers("energy_grid_wh"), trips.integers("energy_battery_wh")
    start, end = trips.integers("soc_start_bps"), trips.integers("soc_end_bps")
    known = (start != MISSING) & (end != MISSING)
    drop_bps = np.where(known, start, 0) - np.where(known, end, 0)
    capacity_wh = rules.usable_battery_wh
    from_soc = (
        np.full_like(grid, MISSING)
        if capacity_wh is None
        # At most 10^4 bps times a capacity below 10^9 Wh: far inside 64 bits.
        else np.where(known, drop_bps * capacity_wh // 10_000, MISSING)
    )
    return np.where(grid != MISSING, grid, np.where(battery != MISSING, battery, from_soc))


def _window_starts(distance_m: Ints, window_m: int) -> list[int]:
    """Return where windows begin; the rest that fills none belongs to the last; [] if none."""
    driven_m = np.concatenate([[0], np.cumsum(distance_m)])
    # For a window from each trip on: the trip after it, one beyond all where nothing fills it.
    after = np.searchsorted(driven_m, driven_m[:-1] + window_m).tolist()
    starts, place, trips = [], 0, len(after)
    while place < trips:
        starts.append(place)
        place = after[place]
    return starts if place == trips else starts[:-1]


def _judge(trips: Frame, window: Ints, energy_wh: Ints, rules: Rules) -> Iterator[RowIssue]:
    used_wh = sum(energy_wh[window].tolist())  # whole numbers of any size
    driven_m = int(trips.distance_m[window].sum())
    wh_per_100km = used_wh * 100_000 // driven_m
    value = f"{wh_per_100km} Wh/100 km over {driven_m} m"
    if wh_per_100km < rules.energy_wh_per_100km_min:
        limit = f">= {rules.energy_wh_per_100km_min} Wh/100 km"
        for i in window:
            yield trips.flag(i, "energy_too_low", "energy", value, limit)
    elif wh_per_100km > rules.energy_wh_per_100km_max:
        limit = f"<= {rules.energy_wh_per_100km_max} Wh/100 km"
        yield trips.flag(window[0], "energy_too_high", "energy", value, limit)
