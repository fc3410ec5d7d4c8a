"""A car that drives: true distances and energies, and what its instruments tell of them."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from carbonbank.domain.trip import Trip
from carbonbank.mrv.rules.cells import cell_of

Place = tuple[float, float]  # latitude, longitude in degrees
_EARTH_M = 6_371_000
ALL = frozenset({"odometer", "energy", "soc", "cells"})


def crow_m(here: Place, there: Place) -> float:
    """Return the great circle between two places, by the haversine formula."""
    lat_1, lon_1, lat_2, lon_2 = map(math.radians, (*here, *there))
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(math.sqrt(half))


def near(dice: Random, centre: Place, radius_m: float) -> Place:
    """Return a place at most so far from another."""
    angle, away_m = dice.uniform(0, 2 * math.pi), radius_m * math.sqrt(dice.random())
    latitude = centre[0] + math.degrees(away_m * math.cos(angle) / _EARTH_M)
    east = away_m * math.sin(angle) / (_EARTH_M * math.cos(math.radians(centre[0])))
    return latitude, centre[1] + math.degrees(east)


def local(zone: str, day: datetime, hour: float) -> datetime:
    """Return the UTC moment at which the clocks of a zone show an hour of a day."""
    wall = day.replace(tzinfo=None) + timedelta(hours=hour)
    moment_at = wall.replace(tzinfo=ZoneInfo(zone), microsecond=0)
    return moment_at.astimezone(UTC)


@dataclass
class Car:
    """A vehicle with its true state; `drive` appends what it tells."""

    dice: Random
    vehicle_id: str
    place: Place
    tells: frozenset[str] = ALL
    distance_source: str = "gps"
    odometer_grain_m: int = 100
    distance_grain_m: int = 1
    clock_grain_s: int = 1
    capacity_wh: int = 52_000
    wh_per_km: float = 165.0
    soc: float = 0.85
    free_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    trips: list[Trip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.odometer_m = self.dice.uniform(4e6, 150e6)

    def drive(
        self, driver: str | None, start_at: datetime, to: Place, speed_kmh: float | None = None
    ) -> None:
        """Drive to a place, no earlier than the last trip ended."""
        start_at = max(start_at, self.free_at + timedelta(seconds=self.dice.randint(40, 240)))
        start_at = self._clock(start_at)
        route = (self.place, to)
        detour = Random(repr(route)).uniform(1.18, 1.55)  # the road is the same for everybody
        true_m = max(400.0, crow_m(*route) * detour * self.dice.gauss(1, 0.008))
        usual = min(95.0, 22 + true_m / 700)
        speed = speed_kmh or usual * self.dice.uniform(0.75, 1.15)
        lasts = timedelta(seconds=max(90, round(true_m / speed * 3.6)))
        end_at = max(self._clock(start_at + lasts), start_at + timedelta(seconds=60))
        battery_wh = true_m / 1000 * self.wh_per_km * self.dice.gauss(1, 0.06)
        drop = battery_wh / self.capacity_wh
        if self.soc - drop < 0.12:
            self.charge(self.dice.uniform(0.7, 0.95))
        self._tell(driver, start_at, end_at, route, true_m, battery_wh, drop)
        self.odometer_m += true_m
        self.soc -= drop
        self.place, self.free_at = to, end_at

    def charge(self, to: float) -> None:
        """Charge while standing."""
        self.soc = max(self.soc, to)

    def sail(self, to: Place, until_at: datetime) -> None:
        """Be carried by a ferry: elsewhere later, and nothing driven."""
        self.place, self.free_at = to, until_at

    def _tell(
        self,
        driver: str | None,
        start_at: datetime,
        end_at: datetime,
        route: tuple[Place, Place],
        true_m: float,
        battery_wh: float,
        drop: float,
    ) -> None:
        before_m, after_m = self._reading(0), self._reading(true_m)
        gps_m = true_m * self.dice.gauss(1, 0.003)
        told_m = after_m - before_m if self.distance_source == "odometer" else gps_m
        grain_m = self.distance_grain_m
        odometer, energy = "odometer" in self.tells, "energy" in self.tells
        soc, cells = "soc" in self.tells, "cells" in self.tells
        self.trips.append(
            Trip(
                vehicle_id=self.vehicle_id,
                driver_id=driver,
                start_at=start_at,
                end_at=end_at,
                distance_m=max(grain_m, round(told_m / grain_m) * grain_m),
                distance_source=self.distance_source,  # type: ignore[arg-type]
                odometer_start_m=before_m if odometer else None,
                odometer_end_m=after_m if odometer else None,
                energy_grid_wh=round(battery_wh / 0.88) if energy else None,
                energy_battery_wh=round(battery_wh) if energy else None,
                soc_start_bps=round(self.soc * 10_000) if soc else None,
                soc_end_bps=round((self.soc - drop) * 10_000) if soc else None,
                start_cell=cell_of(*route[0]) if cells else None,
                end_cell=cell_of(*route[1]) if cells else None,
                source="telematics",
                source_record_id=f"{self.vehicle_id}-{len(self.trips):05}",
            )
        )

    def _reading(self, further_m: float) -> int:
        grain_m = self.odometer_grain_m
        return int((self.odometer_m + further_m) // grain_m * grain_m)

    def _clock(self, moment_at: datetime) -> datetime:
        second = int(moment_at.timestamp()) // self.clock_grain_s * self.clock_grain_s
        return datetime.fromtimestamp(second, UTC)
