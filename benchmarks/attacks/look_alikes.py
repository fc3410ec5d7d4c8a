"""Honest drives that resemble copies: `python -m benchmarks.attacks.look_alikes`.

How regular may people and timetables be before their drives can not be told from copies? Each line
makes one fleet more and more regular, and prints which share of its rows is kept out, by code.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa

from benchmarks.attacks.drives import ALL, Car, crow_m, local, near
from carbonbank.domain.trip import Trip
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips, from_trips, validate

_ZONE, _TOWN = "Europe/Bratislava", (48.15, 17.11)
_FIRST = datetime(2024, 4, 1)  # noqa: DTZ001
_NONE, _ODOMETER = frozenset[str](), frozenset({"odometer"})


def commuters(
    dice: Random, start_min: float, speed: float, tells: frozenset[str], grain: tuple[int, int]
) -> list[Trip]:
    """Sixty people drive to work and back for 13 weeks; standard deviations of start and speed."""
    trips = []
    for number in range(60):
        home, work = near(dice, _TOWN, 25_000), near(dice, _TOWN, 8_000)
        car = Car(
            dice,
            f"car-{number}",
            home,
            tells=tells,
            clock_grain_s=grain[0],
            distance_grain_m=grain[1],
        )
        leaves, returns = dice.uniform(6, 8.5), dice.uniform(15, 18)
        for day in range(91):
            if day % 7 < 5:
                for hour, to in ((leaves, work), (returns, home)):
                    at = local(
                        _ZONE, _FIRST + timedelta(days=day), hour + dice.gauss(0, start_min / 60)
                    )
                    usual = min(95, 22 + crow_m(car.place, to) * 1.3 / 700)
                    car.drive(f"person-{number}", at, to, usual * dice.gauss(1, speed))
                car.charge(0.9)
        trips += car.trips
    return trips


def outings(dice: Random, sd_min: float) -> list[Trip]:
    """Five hundred cars go to one place and back every other week, and nowhere else."""
    trips = []
    for number in range(500):
        home, place = near(dice, _TOWN, 25_000), near(dice, _TOWN, 25_000)
        car = Car(dice, f"car-{number}", home, tells=_NONE)
        for week in range(8):
            if dice.random() < 0.5:
                day = _FIRST + timedelta(days=7 * week)
                car.drive(None, local(_ZONE, day, 10 + dice.gauss(0, sd_min / 60)), place)
                car.drive(None, car.free_at + timedelta(minutes=60 + dice.gauss(0, sd_min)), home)
        trips += car.trips
    return trips


def buses(dice: Random, spread_kmh: float, tells: frozenset[str], clock_s: int) -> list[Trip]:
    """Twenty buses on one line for 60 days, by timetable."""
    ends = (_TOWN, near(dice, (48.25, 17.2), 3_000))
    trips = []
    for number in range(20):
        bus = Car(
            dice,
            f"bus-{number}",
            ends[number % 2],
            tells=tells,
            clock_grain_s=clock_s,
            capacity_wh=350_000,
        )
        for day in range(60):
            for turn in range(8):
                hour = 5.5 + (number // 2) * 0.25 + turn * 1.5
                at = local(_ZONE, _FIRST + timedelta(days=day), hour)
                speed_kmh = 19.5 + dice.uniform(-spread_kmh, spread_kmh)
                bus.drive(f"crew-{number}", at, ends[(number + turn + 1) % 2], speed_kmh)
            bus.charge(0.97)
        trips += bus.trips
    return trips


def convoy(dice: Random, tells: frozenset[str]) -> list[Trip]:
    """Six lorries one behind the other for 20 days, 20 s apart."""
    lorries = [Car(dice, f"lorry-{number}", _TOWN, tells=tells) for number in range(6)]
    for day in range(20):
        at = local(_ZONE, _FIRST + timedelta(days=day), 7)
        for stop in [*(near(dice, _TOWN, 30_000) for _ in range(6)), _TOWN]:
            speed_kmh = dice.uniform(30, 60)
            for number, lorry in enumerate(lorries):
                behind = timedelta(seconds=20 * number + dice.gauss(0, 10))
                lorry.drive(f"driver-{number}", at + behind, stop, speed_kmh * dice.gauss(1, 0.01))
            at = max(lorry.free_at for lorry in lorries) + timedelta(minutes=20)
        for lorry in lorries:
            lorry.charge(0.95)
    return [trip for lorry in lorries for trip in lorry.trips]


Make = Callable[[Random], list[Trip]]
LOOK_ALIKES: dict[str, Make] = {
    **{
        f"commuters, start within {start:g} min, speed {100 * speed:g} %{told}": (
            lambda dice, start=start, speed=speed, tells=tells, grain=grain: commuters(
                dice, start, speed, tells, grain
            )
        )
        for told, tells, grain in (
            ("", _NONE, (1, 1)),
            (", five minutes and km", _NONE, (300, 1000)),
            (", odometer", _ODOMETER, (1, 1)),
            (", energy", ALL, (1, 1)),
        )
        for start, speed in ((10, 0.1), (5, 0.07), (2, 0.05), (1, 0.03), (0.5, 0.02))
    },
    **{
        f"outings, start within {sd:g} min": lambda dice, sd=sd: outings(dice, sd)
        for sd in (20, 10, 5, 2)
    },
    **{
        f"buses, speed ± {spread:g} km/h, {clock}{told}": (
            lambda dice, spread=spread, tells=tells, clock_s=clock_s: buses(
                dice, spread, tells, clock_s
            )
        )
        for clock, clock_s in (("minutes", 60), ("seconds", 1))
        for told, tells in (("", _NONE), (", odometer", _ODOMETER), (", energy", ALL))
        for spread in (2.5, 1, 0.2)
    },
    "convoy": lambda dice: convoy(dice, _NONE),
    "convoy, odometer": lambda dice: convoy(dice, _ODOMETER),
    "convoy, energy": lambda dice: convoy(dice, ALL),
}


def kept_out(trips: list[Trip]) -> Counter[str]:
    """Return how many trips each code of copies keeps out."""
    rows = pa.array(range(2, len(trips) + 2), pa.int64())
    table = from_trips(trips).append_column("row", rows).cast(RAW_SCHEMA)
    raw = RawTrips(table=table, issues=(), format="made", rows_read=len(trips))
    valid = validate(raw, CAR, datetime(2027, 1, 1, tzinfo=UTC))
    codes = ("copied_trips", "metered_twice", "retold_trips", "not_told_apart")
    return Counter(issue.code for issue in valid.issues if issue.code in codes)


def main() -> None:
    """Print the table."""
    print("| fleet | rows | kept out | by |\n| --- | --: | --: | --- |")
    for name, make in LOOK_ALIKES.items():
        trips = make(Random(name))
        found = kept_out(trips)
        by = ", ".join(f"{code} {count}" for code, count in found.most_common()) or "–"
        print(f"| {name} | {len(trips):,} | {100 * found.total() / len(trips):.1f} % | {by} |")


if __name__ == "__main__":
    main()
