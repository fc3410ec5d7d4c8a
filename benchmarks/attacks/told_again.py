"""Attacks that would credit a kilometre twice: a drive that was driven once is told again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.attacks.fleets import Fleet
from benchmarks.attacks.offers import (
    SECOND,
    WHOLE,
    Attack,
    Offer,
    Row,
    again,
    honest_rows,
    in_csv,
    in_ndjson,
    in_parquet,
    in_workbook,
)
from carbonbank.domain.trip import Trip

Changes = dict[str, Any]
_NO_READINGS: Changes = {"odometer_start_m": None, "odometer_end_m": None}


def _odometer_m(vehicle_id: str) -> int:
    return Random(vehicle_id).randrange(3_000_000, 9_000_000)


def _moved_m(reading_m: int | None, by_m: int) -> int | None:
    return None if reading_m is None else reading_m + by_m


_FRESH: Changes = {"source_record_id": lambda t: f"n{t.source_record_id}"}
_OTHER_NAMES: Changes = _FRESH | {
    "vehicle_id": lambda t: f"other-{t.vehicle_id}",
    "driver_id": lambda t: t.driver_id and f"other-{t.driver_id}",
    "odometer_start_m": lambda t: _moved_m(t.odometer_start_m, _odometer_m(t.vehicle_id)),
    "odometer_end_m": lambda t: _moved_m(t.odometer_end_m, _odometer_m(t.vehicle_id)),
}


def replay_identical(fleet: Fleet, _: Random) -> list[Offer]:
    """The same file again, byte for byte."""
    first = in_csv(honest_rows(fleet.trips))
    return [first, _retold(first)]


def replay_renamed(fleet: Fleet, _: Random) -> list[Offer]:
    """The same bytes under another file name."""
    first = in_csv(honest_rows(fleet.trips))
    return [first, replace(_retold(first), filename="corrected-final.csv")]


def replay_resaved(fleet: Fleet, dice: Random) -> list[Offer]:
    """The same trips saved in another format."""
    rows = honest_rows(fleet.trips)
    save = dice.choice([in_parquet, in_ndjson, in_workbook])
    return [in_csv(rows), save(again(rows))]


def replay_reworded(fleet: Fleet, _: Random) -> list[Offer]:
    """The same drives from another system: other source, record numbers and driver names."""
    rows = honest_rows(fleet.trips)
    told = again(
        rows,
        source="export",
        source_record_id=lambda t: f"x{t.source_record_id}",
        driver_id=lambda t: t.driver_id and f"{t.driver_id}-b",
    )
    return [in_csv(rows), in_csv(told, "export.csv")]


def replay_jittered(fleet: Fleet, dice: Random) -> list[Offer]:
    """The same vehicles' drives again, times off by seconds and distances by up to 1 %."""
    rows = honest_rows(fleet.trips)
    return [in_csv(rows), in_csv(_jittered(dice, again(rows, **_FRESH)), "second-box.csv")]


def split_reordered(fleet: Fleet, dice: Random) -> list[Offer]:
    """The file again, shuffled and cut into three."""
    rows = honest_rows(fleet.trips)
    told = again(rows)
    dice.shuffle(told)
    parts = [in_csv(told[place::3], f"part-{place}.csv") for place in range(3)]
    return [in_csv(rows), *parts]


def split_overlapping(fleet: Fleet, dice: Random) -> list[Offer]:
    """Shuffled files that never were one, with rows in common."""
    rows = honest_rows(fleet.trips)
    dice.shuffle(rows)
    third = len(rows) // 3
    parts = [
        rows[: third + third // 4],
        again(rows[third : third + third // 4]) + rows[third + third // 4 :],
    ]
    return [in_csv(part, f"part-{place}.csv") for place, part in enumerate(parts)]


def recut(fleet: Fleet, _: Random) -> list[Offer]:
    """The same drives cut elsewhere: longer ones told again as two halves."""
    rows = honest_rows(fleet.trips)
    told = [half for row in rows if row.trip.distance_m > 4_000 for half in _halves(row)]
    return [in_csv(rows), in_csv(told, "recut.csv")]


def copy_next_month(fleet: Fleet, dice: Random) -> list[Offer]:
    """A month's trips told again some weeks later, readings as they were."""
    return _later(fleet, dice, {})


def copy_without_readings(fleet: Fleet, dice: Random) -> list[Offer]:
    """A month's trips told again some weeks later, without odometer."""
    return _later(fleet, dice, _NO_READINGS)


def copy_with_readings(fleet: Fleet, dice: Random) -> list[Offer]:
    """A month's trips told again some weeks later, the odometer carried on: nothing else tells."""
    return _later(fleet, dice, _carried_on(fleet.trips))


def copy_earlier(fleet: Fleet, dice: Random) -> list[Offer]:
    """A month's trips told again as of some weeks before, without odometer."""
    rows = honest_rows(fleet.trips)
    by = timedelta(days=-_span_days(fleet) - dice.randint(1, 9))
    return [in_csv(rows), in_csv(again(rows, **_FRESH, **_moved(by), **_NO_READINGS), "before.csv")]


def copy_same_month(fleet: Fleet, dice: Random) -> list[Offer]:
    """Trips told again a few days off, among the others, without odometer."""
    rows = honest_rows(fleet.trips)
    by = timedelta(days=dice.randint(1, 6), minutes=dice.choice([0, 13, 240]))
    return [in_csv(rows), in_csv(again(rows, **_FRESH, **_moved(by), **_NO_READINGS), "more.csv")]


def copy_partial(fleet: Fleet, dice: Random) -> list[Offer]:
    """A third of the trips told again some weeks later, the odometer carried on."""
    return _later(fleet, dice, _carried_on(fleet.trips), lambda rows: _third(dice, rows))


def copy_jittered(fleet: Fleet, dice: Random) -> list[Offer]:
    """Told again some weeks later, times off by seconds, distances by up to 1 %."""
    return _later(fleet, dice, _NO_READINGS, lambda rows: _jittered(dice, rows))


def copy_scaled(fleet: Fleet, dice: Random) -> list[Offer]:
    """Told again some weeks later, all distances longer by the same some percent."""
    by = dice.uniform(1.02, 1.12)
    return _later(fleet, dice, _NO_READINGS, lambda rows: _scaled(by, rows))


def clone(fleet: Fleet, dice: Random) -> list[Offer]:
    """A second vehicle that drives as the first, with an odometer and driver of its own."""
    return _cloned(fleet, dice, lambda rows: rows)


def clone_jittered(fleet: Fleet, dice: Random) -> list[Offer]:
    """The same, times off by seconds and distances by up to 1 %."""
    return _cloned(fleet, dice, lambda rows: _jittered(dice, rows))


def clone_partial(fleet: Fleet, dice: Random) -> list[Offer]:
    """A second vehicle with a third of the first one's trips."""
    return _cloned(fleet, dice, lambda rows: _third(dice, rows))


def clone_scaled(fleet: Fleet, dice: Random) -> list[Offer]:
    """The same, all distances longer or shorter by the same some percent."""
    by = dice.choice([dice.uniform(0.88, 0.98), dice.uniform(1.02, 1.12)])
    return _cloned(fleet, dice, lambda rows: _scaled(by, rows))


def clone_shifted(fleet: Fleet, dice: Random) -> list[Offer]:
    """A second vehicle that drives as the first did days before."""
    by = timedelta(days=dice.randint(1, 9), minutes=dice.choice([0, 7, 95]))
    return _cloned(fleet, dice, lambda rows: again(rows, **_moved(by)))


def two_fleets(fleet: Fleet, _: Random) -> list[Offer]:
    """The same bytes offered by a second fleet."""
    first = in_csv(honest_rows(fleet.trips))
    return [first, replace(_retold(first), fleet=SECOND)]


def two_fleets_renamed(fleet: Fleet, _: Random) -> list[Offer]:
    """A second fleet with other names for vehicles and drivers, and other odometers."""
    rows = honest_rows(fleet.trips)
    return [in_csv(rows), in_csv(again(rows, **_OTHER_NAMES), fleet=SECOND)]


def two_fleets_jittered(fleet: Fleet, dice: Random) -> list[Offer]:
    """The same, times off by seconds and distances by up to 1 %."""
    rows = honest_rows(fleet.trips)
    told = _jittered(dice, again(rows, **_OTHER_NAMES))
    return [in_csv(rows), in_csv(told, fleet=SECOND)]


def two_fleets_partial(fleet: Fleet, dice: Random) -> list[Offer]:
    """A second fleet with a third of the first one's trips, renamed."""
    rows = honest_rows(fleet.trips)
    return [in_csv(rows), in_csv(_third(dice, again(rows, **_OTHER_NAMES)), fleet=SECOND)]


def two_fleets_shifted(fleet: Fleet, dice: Random) -> list[Offer]:
    """A second fleet that drives as the first did days before, renamed."""
    rows = honest_rows(fleet.trips)
    by = timedelta(days=dice.randint(1, 12))
    return [in_csv(rows), in_csv(again(rows, **(_OTHER_NAMES | _moved(by))), fleet=SECOND)]


def clock_change_month(fleet: Fleet, dice: Random) -> list[Offer]:
    """All trips after the clocks were put back, told again an hour off."""
    assert fleet.change_at is not None
    rows = honest_rows(fleet.trips)
    after = [row for row in rows if row.trip.start_at >= fleet.change_at]
    by = timedelta(hours=dice.choice([-1, 1]))
    return [in_csv(rows), in_csv(again(after, **_FRESH, **_moved(by)), "summer-time.csv")]


def clock_change_night(fleet: Fleet, _: Random) -> list[Offer]:
    """The trips of the hour that comes twice, told for both."""
    assert fleet.change_at is not None
    rows = honest_rows(fleet.trips)
    hour = timedelta(hours=1)
    twice = [r for r in rows if fleet.change_at - hour <= r.trip.start_at < fleet.change_at]
    return [in_csv(rows), in_csv(again(twice, **_FRESH, **_moved(hour)), "night.csv")]


WITH_CHANGE = ("clock_change_month", "clock_change_night")
TOLD_AGAIN: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        replay_identical, replay_renamed, replay_resaved, replay_reworded, replay_jittered,
        split_reordered, split_overlapping, recut,
        copy_next_month, copy_without_readings, copy_with_readings, copy_earlier,
        copy_same_month, copy_partial, copy_jittered, copy_scaled,
        clone, clone_jittered, clone_partial, clone_scaled, clone_shifted,
        two_fleets, two_fleets_renamed, two_fleets_jittered, two_fleets_partial,
        two_fleets_shifted, clock_change_month, clock_change_night,
    )
}  # fmt: skip


def _retold(offer: Offer) -> Offer:
    return replace(offer, rows=tuple(again(offer.rows)))


def _moved(by: timedelta) -> Changes:
    return {"start_at": lambda t: t.start_at + by, "end_at": lambda t: t.end_at + by}


def _carried_on(trips: Sequence[Trip]) -> Changes:
    """Let the readings go on from where each vehicle's last one stood."""
    driven: dict[str, list[int]] = {}
    for trip in trips:
        if trip.odometer_start_m is not None and trip.odometer_end_m is not None:
            driven.setdefault(trip.vehicle_id, []).extend(
                (trip.odometer_start_m, trip.odometer_end_m)
            )
    by_m = {vehicle_id: max(told) - min(told) for vehicle_id, told in driven.items()}
    return {
        "odometer_start_m": lambda t: _moved_m(t.odometer_start_m, by_m.get(t.vehicle_id, 0)),
        "odometer_end_m": lambda t: _moved_m(t.odometer_end_m, by_m.get(t.vehicle_id, 0)),
    }


def _span_days(fleet: Fleet) -> int:
    starts = [trip.start_at for trip in fleet.trips]
    return (max(starts) - min(starts)).days + 1


def _later(
    fleet: Fleet,
    dice: Random,
    changes: Changes,
    then: Callable[[list[Row]], list[Row]] = lambda rows: rows,
) -> list[Offer]:
    rows = honest_rows(fleet.trips)
    by = timedelta(days=_span_days(fleet) + dice.randint(0, 9))
    told = then(again(rows, **(_FRESH | _moved(by) | changes)))
    return [in_csv(rows), in_csv(told, "later.csv")]


def _cloned(fleet: Fleet, dice: Random, then: Callable[[list[Row]], list[Row]]) -> list[Offer]:
    rows = honest_rows(fleet.trips)
    vehicles = sorted({trip.vehicle_id for trip in fleet.trips})
    copied = dice.sample(vehicles, max(1, len(vehicles) // 3))
    of_one = [row for row in rows if row.trip.vehicle_id in copied]
    return [in_csv(rows), in_csv(then(again(of_one, **_OTHER_NAMES)), "new-car.csv")]


def _jittered(dice: Random, rows: list[Row]) -> list[Row]:
    """Move every start by up to 45 s, every length by up to 20 s, every distance by up to 1 %."""
    told = []
    for row in rows:
        by = timedelta(seconds=dice.randint(-45, 45))
        trip = row.trip
        lasts = trip.end_at - trip.start_at + timedelta(seconds=dice.randint(-20, 20))
        told.append(
            replace(
                row,
                trip=replace(
                    trip,
                    start_at=trip.start_at + by,
                    end_at=trip.start_at + by + max(lasts, timedelta(seconds=30)),
                    distance_m=round(trip.distance_m * dice.uniform(0.99, 1.01)),
                ),
            )
        )
    return told


def _scaled(by: float, rows: list[Row]) -> list[Row]:
    return again(rows, distance_m=lambda t: round(t.distance_m * by))


def _third(dice: Random, rows: list[Row]) -> list[Row]:
    kept = set(dice.sample(range(len(rows)), max(6, len(rows) // 3)))
    return [row for place, row in enumerate(rows) if place in kept]


def _halves(row: Row) -> list[Row]:
    """Tell a drive as two: cut in the middle of its time, distance, readings and energy."""
    trip, ((number, _),) = row.trip, row.halves
    middle_at = trip.start_at + (trip.end_at - trip.start_at) / 2
    middle_at = middle_at.replace(microsecond=0)
    first_m = trip.distance_m // 2
    reading = _moved_m(trip.odometer_start_m, first_m)
    spent = None
    if trip.soc_start_bps is not None and trip.soc_end_bps is not None:
        spent = (trip.soc_start_bps + trip.soc_end_bps) // 2
    half: Changes = {
        name: getattr(trip, name) and getattr(trip, name) // 2
        for name in ("energy_grid_wh", "energy_battery_wh")
    }
    one = replace(
        trip, end_at=middle_at, distance_m=first_m, odometer_end_m=reading, soc_end_bps=spent,
        end_cell=None, source_record_id=f"{trip.source_record_id}-a", **half,
    )  # fmt: skip
    two = replace(
        trip, start_at=middle_at, distance_m=trip.distance_m - first_m, odometer_start_m=reading,
        soc_start_bps=spent, start_cell=None, source_record_id=f"{trip.source_record_id}-b", **half,
    )  # fmt: skip
    return [Row(trip=t, label="again", halves=((number, WHOLE // 2),)) for t in (one, two)]
