"""Attacks that tell drives as they never were: wrong readings, wrong units, invented trips."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

from benchmarks.attacks.fleets import Fleet
from benchmarks.attacks.offers import Attack, Offer, Row, changed, false, honest_rows, in_csv
from carbonbank.domain.trip import Trip

_MILE_KM = 1.609344
Change = Callable[[Trip], object]


def odometer_rollback(fleet: Fleet, dice: Random) -> list[Offer]:
    """From some trip on the odometer shows less; the trip with the step is the false one."""
    rows, vehicle_id = _one_vehicle(fleet, dice)
    own = [place for place, row in enumerate(rows) if row.trip.vehicle_id == vehicle_id]
    step = dice.randrange(len(own) // 4, 3 * len(own) // 4)
    by_m = dice.randrange(20_000, 400_000)
    for place in own[step:]:
        rows[place] = replace(rows[place], trip=_read(rows[place].trip, -by_m))
    rows[own[step]] = replace(rows[own[step]], label="false")
    return [in_csv(rows)]


def odometer_jump(fleet: Fleet, dice: Random) -> list[Offer]:
    """Some trips tell many times their distance, and the odometer goes along."""
    rows, vehicle_id = _one_vehicle(fleet, dice)
    ahead_m = 0
    own = [place for place, row in enumerate(rows) if row.trip.vehicle_id == vehicle_id]
    chosen = set(dice.sample(own, max(1, len(own) // 12)))
    for place in own:
        row = replace(rows[place], trip=_read(rows[place].trip, ahead_m))
        if place in chosen:
            more_m = dice.randrange(150_000, 600_000)
            ahead_m += more_m
            end_m = row.trip.odometer_end_m
            row = false(
                row,
                distance_m=row.trip.distance_m + more_m,
                odometer_end_m=None if end_m is None else end_m + more_m,
            )
        rows[place] = row
    return [in_csv(rows)]


def distance_inflated(fleet: Fleet, dice: Random) -> list[Offer]:
    """A vehicle's distances are longer by a constant share; its odometer tells the truth."""
    by = dice.uniform(1.15, 1.6)
    return _of_one(fleet, dice, distance_m=lambda t: round(t.distance_m * by))


def km_taken_for_miles(fleet: Fleet, dice: Random) -> list[Offer]:
    """Kilometres read as miles: every distance times 1.609."""
    return _of_one(fleet, dice, distance_m=lambda t: round(t.distance_m * _MILE_KM))


def miles_taken_for_km(fleet: Fleet, dice: Random) -> list[Offer]:
    """Miles read as kilometres: every distance, not the odometer, divided by 1.609."""
    return _of_one(fleet, dice, distance_m=lambda t: round(t.distance_m / _MILE_KM))


def km_taken_for_m(fleet: Fleet, dice: Random) -> list[Offer]:
    """Metres read as kilometres: every distance times 1,000."""
    return _of_one(fleet, dice, distance_m=lambda t: t.distance_m * 1000)


def kwh_taken_for_wh(fleet: Fleet, dice: Random) -> list[Offer]:
    """Kilowatt-hours in the column of watt-hours: a thousandth of the energy."""
    return _of_one(
        fleet, dice,
        energy_grid_wh=lambda t: t.energy_grid_wh // 1000,
        energy_battery_wh=lambda t: t.energy_battery_wh // 1000,
    )  # fmt: skip


def wh_taken_for_kwh(fleet: Fleet, dice: Random) -> list[Offer]:
    """Watt-hours read as kilowatt-hours: a thousand times the energy."""
    return _of_one(
        fleet, dice,
        energy_grid_wh=lambda t: t.energy_grid_wh * 1000,
        energy_battery_wh=lambda t: t.energy_battery_wh * 1000,
    )  # fmt: skip


def ms_taken_for_s(fleet: Fleet, dice: Random) -> list[Offer]:
    """Durations in milliseconds read as seconds: trips last days."""
    return _of_one(fleet, dice, end_at=lambda t: t.start_at + (t.end_at - t.start_at) * 1000)


def s_taken_for_ms(fleet: Fleet, dice: Random) -> list[Offer]:
    """Durations in seconds read as milliseconds: trips last a second or two."""
    return _of_one(
        fleet, dice,
        end_at=lambda t: t.start_at
        + timedelta(seconds=max(1, round((t.end_at - t.start_at).total_seconds() / 1000))),
    )  # fmt: skip


def night_trips(fleet: Fleet, dice: Random) -> list[Offer]:
    """Invented trips while the car stands, readings that the next honest trip does not know."""
    return _invented(fleet, dice, lambda trip: trip)


def night_trips_bare(fleet: Fleet, dice: Random) -> list[Offer]:
    """Invented trips without odometer, and with energy from thin air."""
    return _invented(
        fleet, dice, lambda trip: replace(trip, odometer_start_m=None, odometer_end_m=None)
    )


def night_trips_coherent(fleet: Fleet, dice: Random) -> list[Offer]:
    """Invented trips with energy, and the odometer of every later trip moved along."""
    return _invented(fleet, dice, lambda trip: trip, coherent=True)


def towed(fleet: Fleet, dice: Random) -> list[Offer]:
    """The car moves on a lorry: distance by satellite, no energy, the odometer stands still."""
    rows, vehicle_id = _one_vehicle(fleet, dice)
    own = [p for p, row in enumerate(rows) if row.trip.vehicle_id == vehicle_id]
    behind_m = 0
    chosen = set(dice.sample(own, max(2, len(own) // 10)))
    for place in own:
        row = replace(rows[place], trip=_read(rows[place].trip, -behind_m))
        if place in chosen:
            trip = row.trip
            if trip.odometer_start_m is not None and trip.odometer_end_m is not None:
                behind_m += trip.odometer_end_m - trip.odometer_start_m
            row = false(
                row,
                odometer_end_m=trip.odometer_start_m,
                energy_grid_wh=None if trip.energy_grid_wh is None else 0,
                energy_battery_wh=None if trip.energy_battery_wh is None else 0,
                soc_end_bps=trip.soc_start_bps,
                distance_source="gps",
            )
        rows[place] = row
    return [in_csv(rows)]


READINGS = ("odometer_rollback", "odometer_jump", "distance_inflated", "km_taken_for_miles",
            "miles_taken_for_km", "night_trips")  # fmt: skip
ENERGIES = ("kwh_taken_for_wh", "wh_taken_for_kwh", "towed")
MADE_UP: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        odometer_rollback, odometer_jump, distance_inflated, km_taken_for_miles,
        miles_taken_for_km, km_taken_for_m, kwh_taken_for_wh, wh_taken_for_kwh, ms_taken_for_s,
        s_taken_for_ms, night_trips, night_trips_bare, night_trips_coherent, towed,
    )
}  # fmt: skip


def _one_vehicle(fleet: Fleet, dice: Random) -> tuple[list[Row], str]:
    """Return the rows in the order of time, and a vehicle that has the most trips or so."""
    rows = honest_rows(sorted(fleet.trips, key=lambda t: (t.start_at, t.vehicle_id)))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.trip.vehicle_id] = counts.get(row.trip.vehicle_id, 0) + 1
    busy = sorted(v for v, count in counts.items() if 2 * count >= max(counts.values()))
    return rows, dice.choice(busy)


def _of_one(fleet: Fleet, dice: Random, **changes: Change) -> list[Offer]:
    rows, vehicle_id = _one_vehicle(fleet, dice)
    told = [false(row, **changes) if row.trip.vehicle_id == vehicle_id else row for row in rows]
    return [in_csv(told)]


def _read(trip: Trip, by_m: int) -> Trip:
    """Return a trip with its readings moved, where it has any."""
    return changed(
        trip,
        {
            name: None if getattr(trip, name) is None else getattr(trip, name) + by_m
            for name in ("odometer_start_m", "odometer_end_m")
        },
    )


def _invented(
    fleet: Fleet, dice: Random, then: Callable[[Trip], Trip], *, coherent: bool = False
) -> list[Offer]:
    """Drive home and out again where a car stands for four hours and more, in a tenth of them."""
    rows, vehicle_id = _one_vehicle(fleet, dice)
    others = [row for row in rows if row.trip.vehicle_id != vehicle_id]
    own = [row for row in rows if row.trip.vehicle_id == vehicle_id]
    stands = [
        place for place, (one, two) in enumerate(pairwise(own))
        if two.trip.start_at - one.trip.end_at > timedelta(hours=4)
    ]  # fmt: skip
    chosen = set(dice.sample(stands, max(1, len(stands) // 3)))
    told, ahead_m = [], 0
    for place, row in enumerate(own):
        told.append(replace(row, trip=_read(row.trip, ahead_m)))
        if place in chosen:
            trip = _after(told[-1].trip, dice)
            number = len(rows) + place
            told.append(Row(trip=then(trip), label="false", halves=((number, 2),)))
            if coherent:
                ahead_m += trip.distance_m
    told = sorted([*others, *told], key=lambda row: (row.trip.start_at, row.trip.vehicle_id))
    return [in_csv(told)]


def _after(trip: Trip, dice: Random) -> Trip:
    """Return a round trip an hour or two after a trip: plausible in speed, energy and place."""
    start_at = trip.end_at + timedelta(seconds=dice.randint(3_000, 7_000))
    distance_m = dice.randrange(12_000, 45_000)
    lasts = timedelta(seconds=round(distance_m / dice.uniform(9, 15)))
    per_m = (trip.energy_grid_wh or 0) / trip.distance_m
    grid_wh = None if trip.energy_grid_wh is None else round(distance_m * per_m)
    battery_wh = None if grid_wh is None else round(grid_wh * 0.88)
    end_m = None if trip.odometer_end_m is None else trip.odometer_end_m + distance_m
    return replace(
        trip,
        start_at=start_at,
        end_at=start_at + lasts,
        distance_m=distance_m,
        odometer_start_m=trip.odometer_end_m,
        odometer_end_m=end_m,
        energy_grid_wh=grid_wh,
        energy_battery_wh=battery_wh,
        soc_start_bps=None,
        soc_end_bps=None,
        start_cell=trip.end_cell,
        end_cell=trip.end_cell,
        source_record_id=f"{trip.source_record_id}-n",
    )
