"""Where a vehicle and its driver are: a start must be in reach, and no driver drives two."""

from collections.abc import Iterator

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.cells import apart_m_about, cell_boxes, cells_apart_m
from carbonbank.mrv.rules.frame import Frame, Ints, in_order, moment_text
from carbonbank.mrv.rules.thresholds import Rules


def driver_in_two_vehicles(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A driver is in one vehicle at a time; of two trips the one that starts later falls."""
    driver, names = trips.numbered("driver_id")
    mine = trips.order[(trips.alive & (driver >= 0))[trips.order]]
    if not len(mine):
        return
    mine = mine[in_order(driver[mine], trips.start_s[mine])[0]]
    # Each driver on a line of time of its own, so that one running maximum serves all.
    base_s = int(trips.start_s[mine].min())
    line = driver[mine] * (int(trips.end_s[mine].max()) - base_s + 1)
    starts, ends = trips.start_s[mine] - base_s + line, trips.end_s[mine] - base_s + line
    busy = np.maximum.accumulate(ends)
    apart = np.append(True, starts[1:] >= busy[:-1])
    over = np.append(False, busy[:-1] - starts[1:] > rules.driver_overlap_s_max)
    cluster = np.cumsum(apart) - 1
    firsts = np.append(np.flatnonzero(apart), len(mine))
    for number in np.unique(cluster[over]).tolist():
        together = mine[firsts[number] : firsts[number + 1]]
        if len(np.unique(trips.vehicle[together])) > 1:
            name = names[driver[together[0]]]
            yield from _one_vehicle(trips, together.tolist(), name, rules.driver_overlap_s_max)


def _one_vehicle(trips: Frame, together: list[int], name: str, limit_s: int) -> Iterator[RowIssue]:
    kept: list[int] = [i for i in together if trips.fixed[i]]
    for i in (i for i in together if not trips.fixed[i]):
        for other in reversed(kept):
            shared_s = int(min(trips.end_s[i], trips.end_s[other])) - int(
                max(trips.start_s[i], trips.start_s[other])
            )
            if trips.vehicle[other] != trips.vehicle[i] and shared_s > limit_s:
                until = moment_text(int(trips.end_s[other]))
                vehicle = trips.vehicle_names[trips.vehicle[other]]
                value = f"{name} drives {vehicle} until {until}"
                limit = f"<= {limit_s} s in two vehicles"
                yield trips.flag(i, "driver_in_two_vehicles", "driver_id", value, limit)
                break
        else:
            kept.append(i)


def teleports(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A trip starts where its vehicle can be; what is out of reach of its neighbours falls alone.

    After a fall the next trips are held against the last that stands: with time any place comes
    into reach, so that a car on a train is believed, and a vehicle never falls as a whole.
    """
    starts, ends = (trips.numbered(column) for column in ("start_cell", "end_cell"))
    known = trips.alive & (starts[0] >= 0) & (ends[0] >= 0)
    mine = trips.order[known[trips.order]]
    if len(mine) < 2:
        return
    before, after = mine[:-1], mine[1:]
    boxes = cell_boxes(ends[1]), cell_boxes(starts[1])
    elapsed_s = np.maximum(trips.start_s[after] - trips.end_s[before], 0)
    reach_m = elapsed_s * rules.teleport_kmh_max * 1_000 // 3_600 + rules.teleport_m_max
    numbers = ends[0][before], starts[0][after]
    about_m = apart_m_about(*boxes, *numbers, np.arange(len(before)))
    same = trips.vehicle[before] == trips.vehicle[after]
    stood = -1  # the place of the last trip that was looked at after a fall
    for place in np.flatnonzero(same & (about_m > reach_m)).tolist():
        if place + 1 > stood:
            walk = _Walk(trips, rules, mine, (ends, starts))
            stood = place + 1
            yield from walk.fall(place)
            stood = walk.place


class _Walk:
    """From one impossible step on, hold trips against the last that stands."""

    def __init__(
        self,
        trips: Frame,
        rules: Rules,
        mine: Ints,
        cells: tuple[tuple[Ints, list[str]], tuple[Ints, list[str]]],
    ) -> None:
        self.trips, self.rules, self.mine, self.cells, self.place = trips, rules, mine, cells, 0

    def fall(self, last: int) -> Iterator[RowIssue]:
        """Flag what can not be reached from the trip at place `last`, up to the first that can."""
        self.place = last + 1
        if not self._far(last, self.place):
            return
        if self._first_is_wrong(last):
            yield self._flag(last, self.place)
            return
        while self._beside(last, self.place) and self._far(last, self.place):
            yield self._flag(self.place, last)
            self.place += 1

    def _first_is_wrong(self, last: int) -> bool:
        alone = not self._beside(last - 1, last)
        follows = self._beside(last, last + 2) and not self._far(last + 1, last + 2)
        return alone and follows and self._far(last, last + 2)

    def _beside(self, one: int, other: int) -> bool:
        if one < 0 or other >= len(self.mine):
            return False
        vehicle = self.trips.vehicle
        return bool(vehicle[self.mine[one]] == vehicle[self.mine[other]])

    def _apart_m(self, one: int, other: int) -> int:
        (ends, end_cells), (starts, start_cells) = self.cells
        a, b = (one, other) if one < other else (other, one)
        return cells_apart_m(end_cells[ends[self.mine[a]]], start_cells[starts[self.mine[b]]])

    def _gap_s(self, one: int, other: int) -> int:
        a, b = self.mine[min(one, other)], self.mine[max(one, other)]
        return max(0, int(self.trips.start_s[b]) - int(self.trips.end_s[a]))

    def _far(self, one: int, other: int) -> bool:
        reach_m = self._gap_s(one, other) * self.rules.teleport_kmh_max * 1_000 // 3_600
        return self._apart_m(one, other) > reach_m + self.rules.teleport_m_max

    def _flag(self, place: int, other: int) -> RowIssue:
        value = f"{self._apart_m(place, other)} m in {self._gap_s(place, other)} s"
        limit = f"<= {self.rules.teleport_kmh_max} km/h and {self.rules.teleport_m_max} m"
        return self.trips.flag(int(self.mine[place]), "teleport", "start_cell", value, limit)
