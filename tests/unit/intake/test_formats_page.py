"""docs/reference/formats.md names every format and what it is recognised by."""

import re
from pathlib import Path

from carbonbank.intake import (
    FORMATS,
    car_scanner_log,
    cmap_table,
    ocpi_cdrs,
    samsara_stats,
    teslamate_charges,
    torque_log,
    twizy_log,
)
from carbonbank.intake.recognise import RECORD_FORMATS
from carbonbank.mrv.rules import ISSUE_CODES
from carbonbank.mrv.trips import REQUIRED

PAGE = (Path(__file__).parents[3] / "docs/reference/formats.md").read_text()
TABLE, TRAPS, *_ = PAGE.split("\n## ")
CHARGES = PAGE.split("## Charging sessions")[1].split("\n## ")[0]
ROW = re.compile(r"^\| `(\w+)` \|(.*?)\|(.*)\|$", re.MULTILINE)


def test_the_table_has_every_format_and_its_columns():
    columns = {name: tuple(re.findall(r"`(.*?)`", cells)) for name, _, cells in ROW.findall(TABLE)}
    assert columns == {
        "canonical_csv": REQUIRED,
        "canonical_parquet": REQUIRED,
        "canonical_json": REQUIRED,
        "twizy_log": twizy_log.COLUMNS,
        "cmap_table": cmap_table.COLUMNS,
        "car_scanner_log": (*car_scanner_log.REQUIRED, *car_scanner_log.FURTHER[:3]),
        "torque_log": (*torque_log.REQUIRED, *(speed.column for speed in torque_log.SPEEDS)),
        "canonical_xlsx": REQUIRED,
        "samsara_stats": (*samsara_stats.REQUIRED, *samsara_stats.ODOMETERS),
        "gpx_tracks": ("gpx",),
        **{known.name: known.required for known in RECORD_FORMATS},
    }
    assert set(columns) == set(FORMATS)


def test_every_format_has_its_traps_and_every_code_named_exists():
    rows = ROW.findall(TRAPS)
    assert {name for name, *_ in rows} == set(FORMATS)
    done = " ".join(cells for *_, cells in rows)
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", done))
    codes = named - {"version", "vehicle_id", "zone", "day", "sheet"}
    assert codes == {
        "overlap", "speed_too_high", "date_too_early", "trip_ongoing", "header_changed",
        "speed_missing", "sample_out_of_range", "recording_split",
    }  # fmt: skip
    assert codes <= set(ISSUE_CODES)


def test_every_code_named_of_charges_exists():
    columns = set(ocpi_cdrs.REQUIRED) | set(teslamate_charges.REQUIRED)
    names = {"ocpi_cdrs", "teslamate_charges", "left_out", "charging_processes"} | columns
    codes = set(re.findall(r"`([a-z]+_[a-z_]+)`", CHARGES)) - names
    assert codes <= set(ISSUE_CODES)
    of_trips = {"charge_split", "charge_exceeds_energy"}
    told = {code for code in ISSUE_CODES if "charge_" in code or "charges_" in code}
    assert told - of_trips <= codes
