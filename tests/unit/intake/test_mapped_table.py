"""Tables nobody has seen: proposed, asked about, confirmed, and read exactly."""

import random

import pytest

from carbonbank.domain.mapping import parse_mapping
from carbonbank.domain.trip import iso_at
from carbonbank.errors import (
    ChargesNotTrips,
    FormatKnown,
    InputError,
    MappingInvalid,
    UnknownColumns,
)
from carbonbank.intake import ReadOptions, propose_mapping, read_charges, read_trips
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.test_damaged_files import damaged
from tests.unit.intake.vendor_samples import TESLAMATE

TRIPS = b"""\
Car,Start time,End time,Distance (mi),Energy kWh
a,27/10/2024 00:30,27/10/2024 01:40,10,2.5
a,31/03/2024 01:30,31/03/2024 03:00,10,2.5
a,05/06/2024 08:00,05/06/2024 08:30,10.5,"2,5"
"""
LOG = b"""\
vehicle;date;odometer km;kWh from wallbox
b;2024-05-01 08:00;1000,4;30
b;2024-05-03 08:00;1200,2;31,5
b;2024-05-04 08:00;;9
b;2024-05-05 08:00;1300;10
b;2024-05-06 08:00;1400;12
"""
CHARGES = b"""\
Session ID,RFID,Plugged in,Unplugged,Metered kWh
s1,card-1,2024-05-01T20:00:00+02:00,2024-05-02T04:00:00+02:00,12.3456
s1,card-1,2024-05-01T20:00:00+02:00,2024-05-02T04:00:00+02:00,12.3456
s2,other,2024-05-01T20:00:00+02:00,2024-05-02T04:00:00+02:00,5
"""
ANSWERS = {"zone": "Europe/Lisbon", "distance_source": "odometer"}


def proposal(data):
    return propose_mapping(data, "file.csv", "mine")


def confirmed(data, **answers):
    mapping = proposal(data).mapping | answers
    return parse_mapping(mapping)


def read(data, mapping):
    return read_trips(data, "file.csv", options=ReadOptions(mappings=(mapping,)))


def trips_mapping():
    columns = dict(proposal(TRIPS).mapping["columns"])
    columns["energy_grid"] = columns.pop("energy")
    return confirmed(TRIPS, columns=columns, **ANSWERS)


def test_what_a_file_does_not_say_is_asked():
    found = proposal(TRIPS)
    assert found.mapping["kind"] == "trips"
    assert found.mapping["time_format"] == "day_first"  # 27 is no month
    assert found.mapping["columns"]["distance"] == {"column": "Distance (mi)", "unit": "mi"}
    asked = " ".join(found.questions)
    assert "energy_grid (the charger's meter) or energy_battery" in asked
    assert "zone" in asked
    assert "distance_source" in asked
    with pytest.raises(MappingInvalid, match="zone of the local times"):
        parse_mapping(found.mapping)


def test_a_unit_that_no_name_says_is_never_guessed():
    data = b"Car,Start,End,Distance\na,2024-05-06 07:00,2024-05-06 07:30,10\n"
    assert "'Distance': which unit, m or km or mi?" in proposal(data).questions
    with pytest.raises(MappingInvalid, match="unit of 'Distance'"):
        parse_mapping(proposal(data).mapping | ANSWERS)


def test_day_and_month_that_can_not_be_told_apart_are_asked():
    data = b"Car,Start,End,km\na,05/06/2024 07:00,05/06/2024 07:30,10\n"
    assert proposal(data).mapping["time_format"] is None
    for order, month in (("day_first", 6), ("month_first", 5)):
        mapping = confirmed(data, time_format=order, **ANSWERS)
        (trip,) = to_trips(read(data, mapping).table)
        assert trip.start_at.month == month


def test_miles_clocks_and_marks_are_read_as_confirmed():
    raw = read(TRIPS, trips_mapping())
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 16_093  # 10 * 1609.344, downward
    assert trip.energy_grid_wh == 2_500
    assert iso_at(trip.start_at) == "2024-10-26T23:30:00Z"
    assert iso_at(trip.end_at) == "2024-10-27T00:40:00Z"  # the first 01:40 of two
    assert [(i.row, i.code) for i in raw.issues] == [
        (2, "ambiguous_local_time"),
        (3, "impossible_date"),  # the clock went from 01:00 to 02:00
        (4, "unreadable_value"),  # a comma where points were confirmed
    ]
    assert raw.format == "mapped:mine"


def test_the_same_header_in_any_order_is_recognised_and_another_is_not():
    mapping = trips_mapping()
    turned = b"\n".join(b",".join(line.split(b",")[::-1]) for line in TRIPS.splitlines()[:2])
    assert read(turned, mapping).table.num_rows == 1
    with pytest.raises(UnknownColumns):
        read(TRIPS.replace(b"Car,", b"Vehicle,"), mapping)


def test_a_log_of_charges_with_odometers_is_the_way_between_its_rows():
    columns = proposal(LOG).mapping["columns"]
    mapping = confirmed(LOG, zone="UTC")
    assert (mapping.kind, mapping.decimal) == ("odometer_log", ",")
    assert columns["energy_grid"]["unit"] == "kWh"
    raw = read(LOG, mapping)
    legs = to_trips(raw.table)
    # 1000.4 up to 1200.2 down; across the row without a reading nothing is known.
    assert [(t.distance_m, t.energy_grid_wh) for t in legs] == [
        (199_800, 31_500),
        (100_000, 12_000),
    ]
    assert [(i.row, i.code) for i in raw.issues] == [(4, "unreadable_value")]


def test_charges_are_read_by_their_own_door():
    mapping = confirmed(CHARGES)
    options = ReadOptions(mappings=(mapping,))
    with pytest.raises(ChargesNotTrips):
        read_trips(CHARGES, "c.csv", options=options)
    raw = read_charges(CHARGES, "c.csv", {"card-1": "car-1"}, options=options)
    (charge,) = raw.table.to_pylist()
    assert (charge["vehicle_id"], charge["energy_grid_wh"]) == ("car-1", 12_346)
    assert iso_at(charge["start_at"]) == "2024-05-01T18:00:00Z"
    assert [i.code for i in raw.issues] == ["duplicate_charge", "charge_of_no_vehicle"]
    assert raw.left_out == 1


def test_a_known_format_needs_no_mapping():
    with pytest.raises(FormatKnown):
        proposal(TESLAMATE)


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {"name": "x", "kind": "dances", "header": ["a"], "columns": {}},
        {"name": "x", "kind": "trips", "header": ["a", "a"], "columns": {"start": {"column": "b"}}},
        {"name": "x", "kind": "trips", "header": "a", "columns": {"start": 1}, "more": 1},
    ],
)
def test_a_broken_mapping_is_told_whole(broken):
    with pytest.raises(MappingInvalid):
        parse_mapping(broken)


def test_damage_is_an_issue_or_a_typed_error():
    mapping, rng, refused = trips_mapping(), random.Random(2), 0
    log = confirmed(LOG, zone="UTC")
    for n in range(300):
        data, by = ((TRIPS, mapping), (LOG, log))[n % 2]
        try:
            read(damaged(data, rng), by)
        except InputError as error:
            refused += bool(str(error))
    assert refused > 0
