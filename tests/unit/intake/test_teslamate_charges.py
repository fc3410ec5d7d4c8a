"""Charges of TeslaMate (columns of its table `charging_processes`): the grid's side counts."""

import random

from carbonbank.domain.trip import iso_at
from carbonbank.errors import InputError
from carbonbank.intake import read_charges
from tests.unit.intake.test_damaged_files import damaged

TABLE = b"""\
id,start_date,end_date,charge_energy_added,start_battery_level,car_id,charge_energy_used,cost
7,2024-05-06 20:00:00.412,2024-05-07 04:00:00,40.10,20,1,44.1234,9.5
8,2024-05-08 20:00:00,2024-05-08 20:40:00,30.00,40,1,29.5,
9,2024-05-09 20:00:00,,1.0,40,1,,
10,2024-05-10 20:00:00,2024-05-10 21:00:00,5.0,40,1,,
"""


def test_what_the_grid_gave_counts_and_never_less_than_the_battery_got():
    raw = read_charges(TABLE, "charges.csv", {"1": "car-1"})
    first, second = raw.table.to_pylist()
    assert (first["energy_grid_wh"], first["vehicle_id"]) == (44_124, "car-1")
    assert iso_at(first["start_at"]) == "2024-05-06T20:00:00Z"
    assert second["energy_grid_wh"] == 30_000
    assert [(i.row, i.code) for i in raw.issues] == [
        (3, "charge_below_battery"),
        (4, "charge_ongoing"),
        (5, "charge_not_metered"),
    ]
    assert (raw.left_out, raw.format) == (1, "teslamate_charges")


def test_a_car_outside_the_book_keeps_its_id():
    raw = read_charges(TABLE, "charges.csv", {})
    assert set(raw.table["vehicle_id"].to_pylist()) == {"1"}


def test_damage_is_an_issue_or_a_typed_error():
    rng, refused = random.Random(8), 0
    for _ in range(200):
        try:
            raw = read_charges(damaged(TABLE, rng), "charges.csv", {})
        except InputError as error:
            refused += bool(str(error))
        else:
            assert raw.table.num_rows <= raw.rows_read
    assert refused > 0
