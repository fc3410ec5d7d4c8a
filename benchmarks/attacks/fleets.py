"""Honest fleets: what people do with vehicles that a rule might take for a lie.

Every kind is a seeded month of about `rows` trips. Real ones are the two sets the package ships.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from benchmarks.attacks.drives import ALL, Car, Place, local, near
from carbonbank.domain.trip import Trip
from carbonbank.intake.reader import FileReader
from carbonbank.intake.shipped import shipped_files
from carbonbank.mrv.trips import to_trips


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A month of a fleet in the order of its file.

    Attributes:
        kind: which of `KINDS` or `REAL`.
        zone: where its clocks are.
        rules: the vehicle kind whose thresholds hold.
        metered: whether every trip tells its energy.
        change_at: the moment at which its clocks are put back, if they are in that month.
        trips: what is offered.
    """

    kind: str
    zone: str
    rules: str = "car"
    metered: bool = True
    change_at: datetime | None = None
    trips: tuple[Trip, ...]


def cars(dice: Random, rows: int) -> Fleet:
    """Commuters with homes and work places, errands, charging at night, the clocks put back."""
    zone, first, days = "Europe/Bratislava", datetime(2024, 10, 1), 31  # noqa: DTZ001
    town = (48.15, 17.11)
    fleet = []
    for number in range(max(2, rows // 75)):
        home, work = near(dice, town, 25_000), near(dice, town, 8_000)
        car = _car(dice, "car", number, home, odometer_grain_m=dice.choice([1, 100, 1000]))
        driver = f"person-{number:03}"
        shops = [near(dice, home, 6_000) for _ in range(3)]
        leaves, returns = dice.uniform(6.2, 8.5), dice.uniform(15.5, 18)
        for day in _days(first, days):
            if day.weekday() < 5:
                car.drive(driver, local(zone, day, leaves + dice.gauss(0, 0.12)), work)
                if dice.random() < 0.3:
                    car.drive(driver, local(zone, day, returns - 0.6), dice.choice(shops))
                car.drive(driver, local(zone, day, returns + dice.gauss(0, 0.4)), home)
            else:
                for hour in sorted(dice.uniform(9, 20) for _ in range(dice.randint(0, 2))):
                    car.drive(driver, local(zone, day, hour), dice.choice(shops))
                    car.drive(driver, local(zone, day, hour + 1.2), home)
            if day.day == 27:  # the night in which 02:30 comes twice
                car.drive(driver, datetime(2024, 10, 27, 0, 10 + number % 9, tzinfo=UTC), shops[0])
                car.drive(driver, datetime(2024, 10, 27, 0, 55, tzinfo=UTC), home)
                car.drive(driver, datetime(2024, 10, 27, 1, 40, tzinfo=UTC), shops[1])
                car.drive(driver, datetime(2024, 10, 27, 2, 20, tzinfo=UTC), home)
            if dice.random() < 0.6:
                car.charge(dice.uniform(0.75, 0.98))
        fleet.append(car)
    change_at = datetime(2024, 10, 27, 1, tzinfo=UTC)
    return Fleet(kind="cars", zone=zone, change_at=change_at, trips=_in_time(fleet))


def vans(dice: Random, rows: int) -> Fleet:
    """Deliveries on regular rounds; two vans drive some days one behind the other."""
    zone, first = "America/Chicago", datetime(2024, 6, 1)  # noqa: DTZ001
    depot = (41.88, -87.65)
    count = max(2, rows // 220)
    fleet = [_car(dice, "van", n, depot, wh_per_km=230.0, capacity_wh=68_000) for n in range(count)]
    rounds = [[near(dice, depot, 14_000) for _ in range(9)] for _ in range(count)]
    for day in _days(first, 30):
        if day.weekday() == 6:
            continue
        drivers = dice.sample(range(count), count)  # vans have no fixed drivers
        behind = dice.random() < 0.15
        for number, car in enumerate(fleet):
            leader = 0 if behind and number == 1 else number
            at = local(zone, day, 7.5 + (0.01 if behind and number == 1 else dice.gauss(0, 0.1)))
            for stop in (*rounds[leader], depot):
                car.drive(f"courier-{drivers[number]}", at, stop)
                at = car.free_at + timedelta(minutes=dice.uniform(3, 25))
            car.charge(0.95)
    return Fleet(kind="vans", zone=zone, trips=_in_time(fleet))


def buses(dice: Random, rows: int) -> Fleet:
    """One line by timetable: whole minutes, the same route all day, in two directions at once."""
    zone, first = "Asia/Kolkata", datetime(2024, 6, 1)  # noqa: DTZ001
    here, there = (12.97, 77.59), near(dice, (13.05, 77.68), 3_000)
    fleet, count = [], max(2, rows // 240)
    for number in range(count):
        ends = (here, there) if number % 2 == 0 else (there, here)
        bus = _car(
            dice, "bus", number, ends[0], wh_per_km=1250.0, capacity_wh=350_000, clock_grain_s=60,
            distance_source="odometer",
        )  # fmt: skip
        for day in _days(first, 30):
            for turn in range(8):
                at = local(zone, day, 5.5 + (number // 2) * 0.25 + turn * 1.5)
                crew = f"crew-{number}-{'am' if turn < 4 else 'pm'}"
                bus.drive(crew, at, ends[(turn + 1) % 2], speed_kmh=dice.uniform(17, 22))
            bus.charge(0.97)
        fleet.append(bus)
    return Fleet(kind="buses", zone=zone, rules="bus", trips=_in_time(fleet))


def taxis(dice: Random, rows: int) -> Fleet:
    """Two drivers share a taxi day and night; the clocks are put back on a busy night."""
    zone, first = "America/New_York", datetime(2024, 11, 1)  # noqa: DTZ001
    town = (40.74, -73.97)
    fleet, count = [], max(2, rows // 150)
    days = max(4, rows // (count * 24))
    for number in range(count):
        car = _car(dice, "taxi", number, near(dice, town, 5_000))
        for day in _days(first, min(days, 29)):
            for shift, hour in (("day", 6.0), ("night", 18.0)):
                at = local(zone, day, hour + dice.uniform(0, 0.5))
                over_at = local(zone, day, hour + 10.5)
                while at < over_at and at < datetime(2024, 12, 1, tzinfo=UTC):
                    car.drive(f"cabby-{number}-{shift}", at, near(dice, town, 7_000))
                    at = car.free_at + timedelta(minutes=dice.uniform(2, 70))
                car.charge(0.9)
        fleet.append(car)
    change_at = datetime(2024, 11, 3, 6, tzinfo=UTC)
    return Fleet(kind="taxis", zone=zone, change_at=change_at, trips=_in_time(fleet))


def nights(dice: Random, rows: int) -> Fleet:
    """Night nurses with few, regular trips over midnight, in the night clocks go forward too."""
    zone, first = "Pacific/Auckland", datetime(2024, 9, 2)  # noqa: DTZ001
    town = (-36.85, 174.76)
    fleet = []
    for number in range(max(2, rows // 90)):
        home = near(dice, town, 15_000)
        car = _car(dice, "nurse", number, home, tells=ALL - {"soc"})
        for day in _days(first, 28):
            at = local(zone, day, 21.5 + dice.gauss(0, 0.1))
            for patient in [near(dice, town, 9_000) for _ in range(dice.randint(2, 3))]:
                car.drive(f"nurse-{number}", at, patient)
                at = car.free_at + timedelta(minutes=dice.uniform(30, 110))
            car.drive(f"nurse-{number}", at, home)
        fleet.append(car)
    return Fleet(kind="nights", zone=zone, trips=_in_time(fleet))


def sparse(dice: Random, rows: int) -> Fleet:
    """A paper log typed in: whole kilometres, whole five minutes, some trips, no instruments."""
    zone, first = "Africa/Nairobi", datetime(2024, 6, 1)  # noqa: DTZ001
    town = (-1.29, 36.82)
    fleet = []
    for number in range(max(3, rows // 26)):
        car = _car(
            dice, "log", number, near(dice, town, 9_000), tells=frozenset(),
            distance_grain_m=1000, clock_grain_s=300, distance_source="wheel",
        )  # fmt: skip
        places = [near(dice, town, 30_000) for _ in range(5)]
        for day in _days(first, 30):
            if dice.random() < 0.45:
                for hour in (dice.uniform(7, 10), dice.uniform(14, 19)):
                    car.drive(None, local(zone, day, hour), dice.choice(places))
        fleet.append(car)
    return Fleet(kind="sparse", zone=zone, metered=False, trips=_in_time(fleet))


def islands(dice: Random, rows: int) -> Fleet:
    """Cars that take the ferry: they start where no trip brought them."""
    zone, first = "Europe/Athens", datetime(2024, 6, 1)  # noqa: DTZ001
    ports: tuple[Place, Place] = ((37.44, 24.94), (37.08, 25.15))
    fleet = []
    for number in range(max(2, rows // 110)):
        here = number % 2
        homes = (near(dice, ports[0], 9_000), near(dice, ports[1], 9_000))
        car = _car(dice, "isle", number, homes[here])
        driver = f"islander-{number}"
        for day in _days(first, 30):
            if dice.random() < 0.35:
                car.drive(driver, local(zone, day, 7 + dice.uniform(0, 0.8)), ports[here])
                here = 1 - here
                sailed_at = car.free_at + timedelta(minutes=dice.uniform(75, 160))
                car.sail(ports[here], sailed_at)
                car.drive(driver, sailed_at + timedelta(minutes=9), homes[here])
            for hour in (11.5, 16.0):
                car.drive(driver, local(zone, day, hour + dice.uniform(0, 2)),
                          near(dice, ports[here], 8_000))  # fmt: skip
            car.drive(driver, local(zone, day, 20 + dice.uniform(0, 1)), homes[here])
            car.charge(0.9)
        fleet.append(car)
    return Fleet(kind="islands", zone=zone, trips=_in_time(fleet))


def pool(dice: Random, rows: int) -> Fleet:
    """Pool cars: many drivers, odometers in whole kilometres, one reading spikes by +636 km."""
    zone, first = "Europe/London", datetime(2024, 6, 1)  # noqa: DTZ001
    yard = (51.51, -0.12)
    fleet = []
    for number in range(max(2, rows // 130)):
        car = _car(dice, "pool", number, yard, odometer_grain_m=1000)
        for day in _days(first, 30):
            for hour in (8.0, 12.5, 16.5)[: dice.randint(0, 3)]:
                driver = f"staff-{number}-{dice.randrange(8)}"  # a car is booked within a team
                car.drive(driver, local(zone, day, hour + dice.uniform(0, 1)),
                          near(dice, yard, 25_000))  # fmt: skip
                car.drive(driver, car.free_at + timedelta(minutes=dice.uniform(10, 80)), yard)
            car.charge(0.97)
        fleet.append(car)
    spiked = fleet[0].trips
    place = dice.randrange(5, len(spiked) - 5)
    reading_m = spiked[place].odometer_end_m
    assert reading_m is not None
    spiked[place] = replace(spiked[place], odometer_end_m=reading_m + 636_000)
    return Fleet(kind="pool", zone=zone, trips=_in_time(fleet))


@cache
def _real_trips(name: str) -> tuple[Trip, ...]:
    options = {"driver_pattern": "driver-of-{vehicle_id}"}
    if name == "twizy":
        options |= {"vehicle_id": "twizy-1", "zone": "Africa/Casablanca"}
    else:
        options |= {"zone": "America/Chicago"}
    found: list[Trip] = []
    for filename, data in shipped_files(name):
        found += to_trips(FileReader().read(data, filename, options).table)
    return tuple(found)


def chicago(_: Random, __: int) -> Fleet:
    """The Chicago household survey: 22 cars of 2007, few days each."""
    trips = _real_trips("chicago")
    return Fleet(kind="chicago", zone="America/Chicago", metered=False, trips=trips)


def twizy(_: Random, __: int) -> Fleet:
    """One electric quadricycle in Morocco, 2021."""
    trips = _real_trips("twizy")
    return Fleet(kind="twizy", zone="Africa/Casablanca", rules="microcar", metered=False,
                 trips=trips)  # fmt: skip


Make = Callable[[Random, int], Fleet]
MADE: dict[str, Make] = {
    make.__name__: make for make in (cars, vans, buses, taxis, nights, sparse, islands, pool)
}
REAL: dict[str, Make] = {make.__name__: make for make in (chicago, twizy)}
KINDS: dict[str, Make] = MADE | REAL


def fleet_of(kind: str, seed: int, rows: int) -> Fleet:
    """Return an honest fleet; kind, seed and size decide every byte of it."""
    return KINDS[kind](Random(f"{kind}/{seed}"), rows)


def _car(dice: Random, name: str, number: int, place: Place, **rest: object) -> Car:
    return Car(dice, f"{name}-{number:03}", place, **rest)  # type: ignore[arg-type]


def _days(first: datetime, count: int) -> list[datetime]:
    return [first + timedelta(days=number) for number in range(count)]


def _in_time(fleet: list[Car]) -> tuple[Trip, ...]:
    told = [trip for car in fleet for trip in car.trips]
    return tuple(sorted(told, key=lambda trip: (trip.start_at, trip.vehicle_id)))
