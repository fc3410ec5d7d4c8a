"""The limits a trip is held against; part of a programme, overridable field by field."""

from dataclasses import dataclass
from datetime import UTC, datetime

UINT32_MAX = 2**32 - 1
INT64_MAX = 2**63 - 1
# One zone for each instant at which clocks are set back where electric fleets are.
CLOCK_ZONES = (
    "Europe/Berlin",
    "Africa/Casablanca",
    "America/Halifax",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Sydney",
    "Pacific/Auckland",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Thresholds of validation. Defaults are those of a passenger car.

    Attributes:
        speed_kmh_max: average speed of a trip above which it is kept out (bus, truck: 110).
        speed_m_per_h_min: average speed below which the distance is in another unit. A distance
            in kilometres taken for metres gives at most 300 m/h for any car below 300 km/h.
        overlap_s_max: an overlap up to this is mended, a longer one keeps the later trip out.
        driver_overlap_s_max: how long one driver may be told in two vehicles at once.
        copied_trips_min: how many trips of other lengths or durations, told again with one and
            the same shift in time or under another vehicle, are a copy and no coincidence.
        copied_share_bps_min: share of the vehicle's trips between the first and the last of the
            copies that are copies; rounded times and distances coincide here and there.
        retold_trips_min: how many different trips that agree within what two instruments differ by,
            at one shift, are told again.
        retold_share_bps_min: share of the trips between the first and the last of them.
        retold_bps_max: what two instruments differ by in distance, energy and fuel; in time it is
            `overlap_s_max`, in charge `charge_reading_bps`.
        clock_zones: where the clock may have shown an hour twice; the programme's zone first.
        teleport_kmh_max: how fast a vehicle may get from the end of a trip to the next start.
        teleport_m_max: how far cells may lie apart besides, for receivers that wake up late.
        sentinels_m: distances and readings that mean "not available". 4294967295 m is the
            4294967.295 km of a 32-bit counter of metres; 0 is a sentinel for odometers alone.
        odometer_rollback_m_max: how far a reading may run back, or jump without time passing.
        odometer_jump_kmh_max: how fast an odometer may run between two trips.
        odometer_jump_m_per_day_max: how far it may run in a day (a part of a day counts as one).
        odometer_sum_bps_warn: difference of trips and odometer in a month that is shown.
        odometer_sum_bps_max: excess of trips over the odometer that keeps the month's trips out.
        great_circle_bps_min: share of the straight line that a distance must reach.
        soc_rise_bps_max: rise of the state of charge inside one trip (recuperation downhill).
        window_m: distance over which energy per distance and the sum of trips are judged.
        energy_wh_per_100km_min: lower bound (car 8 kWh, bus 80, truck 60).
        energy_wh_per_100km_max: upper bound (car 35 kWh, bus 250, truck 200).
        charge_balance_bps_max: how far metered energy may lie from the drop of the state of
            charge times the capacity (age of the battery, loss of the charger, heating).
        charge_reading_bps: how exact a state of charge is, each trip.
        usable_battery_wh: declared capacity, to judge trips that tell state of charge.
        first_start_at: no trip is older.
    """

    speed_kmh_max: int = 130
    speed_m_per_h_min: int = 300
    overlap_s_max: int = 60
    driver_overlap_s_max: int = 60
    copied_trips_min: int = 4
    copied_share_bps_min: int = 3_000
    retold_trips_min: int = 8
    retold_share_bps_min: int = 6_000
    retold_bps_max: int = 200
    clock_zones: tuple[str, ...] = CLOCK_ZONES
    teleport_kmh_max: int = 300
    teleport_m_max: int = 5_000
    sentinels_m: tuple[int, ...] = (UINT32_MAX, INT64_MAX)
    odometer_rollback_m_max: int = 5_000
    odometer_jump_kmh_max: int = 120
    odometer_jump_m_per_day_max: int = 1_000_000
    odometer_sum_bps_warn: int = 200
    odometer_sum_bps_max: int = 600
    great_circle_bps_min: int = 9_800
    soc_rise_bps_max: int = 200
    window_m: int = 50_000
    energy_wh_per_100km_min: int = 8_000
    energy_wh_per_100km_max: int = 35_000
    charge_balance_bps_max: int = 3_000
    charge_reading_bps: int = 100
    usable_battery_wh: int | None = None
    first_start_at: datetime = datetime(1990, 1, 1, tzinfo=UTC)


CAR = Rules()
BUS = Rules(speed_kmh_max=110, energy_wh_per_100km_min=80_000, energy_wh_per_100km_max=250_000)
TRUCK = Rules(speed_kmh_max=110, energy_wh_per_100km_min=60_000, energy_wh_per_100km_max=200_000)
# Quadricycles (L7e): a Renault Twizy is rated 6 to 8 kWh per 100 km at the battery.
MICROCAR = Rules(energy_wh_per_100km_min=4_000, energy_wh_per_100km_max=25_000)

RULES_BY_VEHICLE_KIND: dict[str, Rules] = {
    "car": CAR,
    "microcar": MICROCAR,
    "bus": BUS,
    "truck": TRUCK,
}
