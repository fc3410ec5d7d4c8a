"""The codes of what trips are held against, by themselves and beside each other."""

from carbonbank.mrv.rules.issue_code import IssueCode, dropped, mended, quarantined, warned

TRIP_CODES: dict[str, IssueCode] = {
    # --- said while validating, one row at a time ---------------------------------------------
    "end_not_after_start": quarantined(
        "a trip ends when or before it starts",
        "end_at > start_at",
        "check the time zone of the columns",
    ),
    "date_too_early": quarantined(
        "a trip starts before the first date the programme can have",
        "first_start_at",
        "check the clock of the logger",
    ),
    "future_date": quarantined(
        "a trip ends after now",
        "the bank's clock",
        "check the clock of the logger and the time zone",
    ),
    "distance_sentinel": quarantined(
        "a distance that is a device's way to say not available, or below zero",
        "sentinels_m",
        "send the distance of another source",
    ),
    "speed_too_high": quarantined(
        "distance over time is faster than vehicles of this kind drive on average",
        "speed_kmh_max",
        "check the unit of the distance: metres",
    ),
    "speed_too_low": quarantined(
        "distance over time is so slow that the distance is in another unit",
        "speed_m_per_h_min",
        "check the unit of the distance: metres, not kilometres",
    ),
    "below_great_circle": quarantined(
        "the distance is shorter than the straight line between the cells of start and end",
        "great_circle_bps_min",
        "check the unit of the distance and the cells",
    ),
    "soc_out_of_range": quarantined(
        "a state of charge outside 0 to 100 %",
        "0 to 10000 basis points",
        "send the state of charge in basis points: 8754 is 87.54 %",
    ),
    "soc_rises": quarantined(
        "the state of charge rises during a trip: it contains a charge and must be split",
        "soc_rise_bps_max",
        "split the trip at the charge",
    ),
    "negative_value": quarantined(
        "energy, fuel or passengers below zero",
        "0",
        "send what was used as a positive number",
    ),
    # --- said while validating, rows beside each other ----------------------------------------
    "duplicate_trip": dropped(
        "the same trip stands more than once; it counts once",
        "one row a trip",
        "none needed",
    ),
    "conflicting_copies": quarantined(
        "the same vehicle, times and distance with other energy, driver or source",
        "one row a trip",
        "decide which of the rows is right and send it alone",
    ),
    "hour_told_twice": quarantined(
        "a trip told again one hour later: the local hour that clocks show twice, or the same "
        "odometer readings; the later one is kept out",
        "clock_zones",
        "send times in UTC, or with their offset",
    ),
    "copied_trips": quarantined(
        "a row of trips told again, all shifted alike in time or under another vehicle; the "
        "earlier ones count, at the same time those of the vehicle first by name",
        "copied_trips_min, copied_share_bps_min",
        "send each trip once, under the vehicle that drove it",
    ),
    "metered_twice": quarantined(
        "a row of trips that metered the same energies as another row, all shifted about alike: "
        "told again with other times or distances; the earlier ones count",
        "copied_trips_min, copied_share_bps_min, overlap_s_max",
        "send each trip once, as its instruments told it",
    ),
    "retold_trips": quarantined(
        "a row of trips that goes along another row at one shift in time, within what two "
        "instruments differ by: told again with small changes; the earlier ones count",
        "retold_trips_min, retold_share_bps_min, retold_bps_max, overlap_s_max",
        "send each trip once; if these were drives of their own, send what was metered on them: "
        "energy, fuel, charge or odometer",
    ),
    "not_told_apart": quarantined(
        "a vehicle with few trips, all of which go along trips told before, or some that do at a "
        "shift at which other vehicles were told again",
        "retold_share_bps_min, retold_bps_max, overlap_s_max",
        "send what was metered on these trips: energy, fuel, charge or odometer",
    ),
    "driver_in_two_vehicles": quarantined(
        "a driver can not be in two vehicles; the trip that starts later is kept out",
        "driver_overlap_s_max",
        "check the driver of both rows; leave the driver empty where none is known",
    ),
    "teleport": quarantined(
        "the trip starts where the vehicle can not have come to since its trip before",
        "teleport_kmh_max, teleport_m_max",
        "check vehicle id and cells; two vehicles may share one id",
    ),
    "overlap_mended": mended(
        "a trip starts before the vehicle's trip before it has ended; its start is moved",
        "overlap_s_max",
        "none needed",
    ),
    "overlap": quarantined(
        "a vehicle can not be on two trips; the later one is kept out",
        "overlap_s_max",
        "check vehicle id and times of both rows",
    ),
    "odometer_sentinel": mended(
        "an odometer reading that is a device's way to say not available; set aside",
        "sentinels_m, 0",
        "none needed: the distance comes from another source",
    ),
    "odometer_set_aside": mended(
        "an odometer that runs back or jumps beside its neighbours; set aside",
        "odometer_rollback_m_max, odometer_jump_kmh_max, odometer_jump_m_per_day_max",
        "none needed: the distance comes from another source",
    ),
    "odometer_unusable": quarantined(
        "the distance comes from an odometer that is a sentinel, runs back or jumps",
        "as odometer_sentinel and odometer_set_aside",
        "send the distance of another source",
    ),
    "trips_exceed_odometer": quarantined(
        "the trips of a vehicle's month are longer together than its odometer moved; where single "
        "trips that exceed their own odometer, or tell no reading, explain it, they fall alone",
        "odometer_sum_bps_max",
        "look for trips told twice, or for distances in another unit",
    ),
    "trips_differ_from_odometer": warned(
        "the trips of a vehicle's month and its odometer differ",
        "odometer_sum_bps_warn",
        "look for missing trips",
    ),
    "energy_too_low": quarantined(
        "a window of trips used less energy than vehicles of this kind can",
        "energy_wh_per_100km_min over window_m",
        "look for missing charges, or a wrong battery capacity or unit",
    ),
    "energy_too_high": warned(
        "a window of trips used more energy than vehicles of this kind do",
        "energy_wh_per_100km_max over window_m",
        "look for missing trips, or a wrong unit",
    ),
    "charge_exceeds_energy": quarantined(
        "over a window of trips the battery lost more charge than the energy that was metered",
        "charge_balance_bps_max, charge_reading_bps, usable_battery_wh",
        "look for missing energy, a wrong unit, or a wrong battery capacity",
    ),
    "energy_exceeds_charge": warned(
        "over a window of trips more energy was metered than the battery lost charge",
        "charge_balance_bps_max, charge_reading_bps, usable_battery_wh",
        "look for charges inside trips, a wrong unit, or a wrong battery capacity",
    ),
    "energy_missing": quarantined(
        "the trip has no energy of the source that the programme measures with",
        "energy on every trip",
        "send the trip again with its energy, or use a programme with another source",
    ),
}
