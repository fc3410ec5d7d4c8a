"""Charging sessions of OCPI: credits netted, records unique, and what is missing said."""

import random
from datetime import UTC, datetime

import pytest

from carbonbank.errors import ChargesNotTrips, InputError, NoRows, UnknownColumns
from carbonbank.intake import read_charges, read_trips
from tests.unit.intake.test_damaged_files import damaged
from tests.unit.intake.vendor_samples import as_json, as_lines

BOOK = {"012345678": "van-1", "card-2": "van-2"}
CDR = {
    "country_code": "BE",
    "party_id": "BEC",
    "id": "12345",
    "start_date_time": "2024-12-05T17:39:09Z",
    "end_date_time": "2024-12-05T19:37:32Z",
    "cdr_token": {"country_code": "DE", "party_id": "TNM", "uid": "012345678", "type": "RFID"},
    "auth_method": "WHITELIST",
    "cdr_location": {"id": "LOC1", "city": "Gent"},
    "currency": "EUR",
    "charging_periods": [{"start_date_time": "2024-12-05T17:39:09Z", "dimensions": []}],
    "total_cost": {"before_taxes": 4.0},
    "total_energy": 15.3421,
    "total_time": 1.973,
    "last_updated": "2024-12-05T20:00:00Z",
}
CREDIT = {
    **CDR,
    "id": "12345-C",
    "credit": True,
    "credit_reference_id": "12345",
    "total_cost": {"before_taxes": -4.0},
}


def read(*records, book=BOOK):
    return read_charges(as_json({"data": records, "status_code": 1000}), "cdrs.json", book)


def found(raw):
    return [(issue.row, issue.code) for issue in raw.issues]


def energies(raw):
    return raw.table["energy_grid_wh"].to_pylist()


def test_a_charge_is_whole_watt_hours_upward_of_a_vehicle():
    raw = read(CDR)
    (charge,) = raw.table.to_pylist()
    assert charge == {
        "vehicle_id": "van-1",
        "start_at": datetime(2024, 12, 5, 17, 39, 9, tzinfo=UTC),
        "end_at": datetime(2024, 12, 5, 19, 37, 32, tzinfo=UTC),
        "energy_grid_wh": 15_343,  # 15.3421 kWh
        "source": "ocpi_cdrs",
        "source_record_id": "be/bec/12345",
        "row": 2,
    }
    assert (raw.format, raw.rows_read, raw.left_out, raw.issues) == ("ocpi_cdrs", 1, 0, ())


def test_lines_and_times_without_a_zone_are_read_the_same():
    bare = {**CDR, "start_date_time": "2024-12-05T17:39:09", "end_date_time": "2024-12-05T19:37:32"}
    raw = read_charges(as_lines([bare]), "cdrs", BOOK)
    expected = read(CDR).table.drop_columns(["row"])
    assert raw.table.drop_columns(["row"]).equals(expected)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_credit_takes_its_charge_back_though_its_energy_is_not_negative(order):
    corrected = {**CDR, "id": "12346", "total_energy": 10}
    records = [CDR, CREDIT, corrected]
    raw = read(*[records[place] for place in order])
    assert energies(raw) == [10_000]  # neither 15.3 + 15.3 + 10 nor 15.3 - 15.3 + 15.3
    assert [issue.code for issue in raw.issues] == ["charge_credited"]
    assert raw.left_out == 0


def test_a_credit_of_another_party_takes_nothing_back():
    raw = read(CDR, {**CREDIT, "party_id": "XYZ"})
    assert energies(raw) == [15_343]
    assert found(raw) == [(3, "credit_without_charge")]


def test_a_credit_without_a_reference_takes_nothing_back():
    raw = read(CDR, {**CREDIT, "credit_reference_id": None})
    assert energies(raw) == [15_343]
    assert found(raw) == [(3, "unreadable_value")]


def test_the_same_record_twice_counts_once_in_any_case_of_its_letters():
    raw = read(CDR, {**CDR, "party_id": "bec", "last_updated": "2024-12-06T00:00:00Z"})
    assert energies(raw) == [15_343]
    assert found(raw) == [(3, "duplicate_charge")]


@pytest.mark.parametrize("changes", [{"total_energy": 1}, {"credit": True}])
def test_one_id_with_two_meanings_is_left_out_and_said(changes):
    raw = read(CDR, {**CDR, **changes}, {**CDR, "party_id": "OTH"})
    assert energies(raw) == [15_343]
    assert found(raw) == [(2, "conflicting_charges")]
    assert raw.left_out == 1


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"start_date_time": "1970-01-01T00:00:00Z"}, "start_date_time", "impossible_date"),
        ({"end_date_time": "1970-1-1T00:00:00Z"}, "end_date_time", "unreadable_value"),
        ({"end_date_time": None}, "end_date_time", "unreadable_value"),
        ({"total_energy": None}, "total_energy", "unreadable_value"),
        ({"total_energy": -1}, "total_energy", "unreadable_value"),
        ({"cdr_token": {"uid": "stranger"}}, "cdr_token.uid", "charge_of_no_vehicle"),
        ({"id": None}, "id", "unreadable_value"),
    ],
)
def test_a_charge_that_can_not_be_read_is_counted_as_left_out(changes, column, code):
    raw = read({**CDR, **changes}, {**CDR, "id": "2"})
    assert [(issue.row, issue.column, issue.code) for issue in raw.issues] == [(2, column, code)]
    assert (energies(raw), raw.left_out, raw.rows_read) == ([15_343], 1, 2)


def test_charges_are_no_trips_and_trips_no_charges():
    with pytest.raises(ChargesNotTrips) as caught:
        read_trips(as_json([CDR]), "cdrs.json")
    assert caught.value.format == "ocpi_cdrs"
    with pytest.raises(UnknownColumns) as unknown:
        read({"id": 1, "distance": 2})
    assert "total_energy" in unknown.value.missing
    with pytest.raises(NoRows):
        read()


def test_damage_is_an_issue_or_a_typed_error():
    whole, rng, refused = as_json({"data": [CDR, CREDIT, {**CDR, "id": "3"}]}), random.Random(7), 0
    for _ in range(200):
        try:
            raw = read_charges(damaged(whole, rng), "damaged", BOOK)
        except InputError:
            refused += 1
        else:
            assert raw.left_out <= raw.rows_read
    assert refused > 0
