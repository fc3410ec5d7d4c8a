"""A verifier's sources: every format that the importers know, and files of charges."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from carbonbank.audit.compare import rows_of
from carbonbank.audit.compare_charges import compare_charges
from carbonbank.audit.findings import new_findings
from carbonbank.audit.package import Package, open_archive
from carbonbank.chain.keystore import Keystore
from carbonbank.cli.main import carbonbank
from carbonbank.cli.sources import charges_in, trips_by
from carbonbank.domain.mapping import parse_mapping
from carbonbank.domain.trip import trip_record
from carbonbank.errors import MappingInvalid, ReadingsUnusable
from carbonbank.intake import propose_mapping, read_trips
from carbonbank.intake.canonical import write_csv, write_ndjson, write_parquet
from carbonbank.intake.recognise import FORMATS
from carbonbank.intake.shipped import shipped_files
from carbonbank.intake.upload import ReadOptions
from carbonbank.mrv.trips import to_trips
from carbonbank.service.export_package import export_package
from carbonbank.service.import_charges import import_charges
from carbonbank.service.map_columns import assign_token
from tests.stage import FLEET, Stage, bank_on_fakes
from tests.unit.audit.charges_made import SESSIONS, TRIPS, by_charges, cdr
from tests.unit.audit.worked_out import jcs, sha
from tests.unit.intake.test_gpx_tracks import gpx, line
from tests.unit.intake.test_mapped_table import ANSWERS
from tests.unit.intake.test_mapped_table import TRIPS as MAPPED
from tests.unit.intake.test_samsara_stats import HISTORY
from tests.unit.intake.test_workbook import HEADER, ROW, book
from tests.unit.intake.vendor_samples import CAR_SCANNER, SAMPLES, TORQUE, as_json

OWN = {"vehicle_id": "v1"}
SOURCES: dict[str, tuple[bytes, dict[str, str]]] = {
    **{
        name: (content, OWN if name == "samsara_trips" else {}) for name, content in SAMPLES.items()
    },
    "canonical_csv": (write_csv(TRIPS), {}),
    "canonical_json": (write_ndjson(TRIPS), {}),
    "canonical_parquet": (write_parquet(TRIPS), {}),
    "twizy_log": (shipped_files("twizy")[0][1], OWN),
    "cmap_table": (shipped_files("chicago")[0][1], {}),
    "torque_log": (TORQUE, OWN | {"zone": "Europe/Paris"}),
    "car_scanner_log": (CAR_SCANNER, OWN | {"day": "2024-05-06", "zone": "UTC"}),
    "gpx_tracks": (gpx(line(0, 11)), OWN),
    "samsara_stats": (as_json(HISTORY), {}),
    "canonical_xlsx": (book(("Trips", [HEADER, ROW])), {}),
}


def sealed_from(
    content: bytes, options: dict[str, Any], format_name: str = ""
) -> tuple[Package, list[dict[str, Any]]]:
    """As much of a package as a comparison reads, over the trips of a file called as at import."""
    raw = read_trips(content, "at-import.bin", options=ReadOptions(**options))
    records = [trip_record(one) for one in to_trips(raw.table)]
    salt = "0x" + "00" * 32
    told = [{"trip_id": "00", "salt": salt, "record": one} for one in records]
    source = {
        "filename": "at-import.bin",
        "format": format_name or raw.format,
        "sha256": sha(content).hex(),
    }
    report = {"schema": "carbonbank.report/1", "source_files": [source]}
    files = {
        "manifest.json": b"{}",
        "package.json": jcs({"programme": {"reading": {}, "project": {}}}),
        "report.json": jcs(report),
        "leaves.bin": bytes(68 * len(records)),
        "trips.ndjson": b"".join(jcs(one) + b"\n" for one in told),
    }
    return Package(files), records


def test_every_format_of_the_importers_is_among_the_sources() -> None:
    assert set(SOURCES) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_drawn_trips_are_found_in_a_file_of_any_format(name: str) -> None:
    content, options = SOURCES[name]
    package, records = sealed_from(content, options)
    assert records
    plan = {"leaves": list(range(len(records)))}
    read = rows_of(package, plan, "renamed.bin", content, trips_by(options))
    assert [one.fields for one in read] == records
    digest = sha(content).hex()
    assert all(one.read_from.endswith(f"SHA-256 {digest}") for one in read)
    assert read[0].read_from.startswith("renamed.bin ")


def test_a_table_of_no_known_format_is_read_by_its_mapping() -> None:
    mapping = propose_mapping(MAPPED, "file.csv", "mine").mapping | ANSWERS
    mapping["columns"]["energy_grid"] = mapping["columns"].pop("energy")
    options = {"mappings": [mapping]}
    package, records = sealed_from(MAPPED, {"mappings": (parse_mapping(mapping),)})
    read = rows_of(package, {"leaves": [0]}, "t.csv", MAPPED, trips_by(options))
    assert read[0].fields == records[0]


def test_without_an_importer_other_formats_go_to_the_worksheet() -> None:
    content, options = SOURCES["traccar_trips"]
    package, _ = sealed_from(content, options)
    with pytest.raises(ReadingsUnusable, match="is traccar_trips; read it yourself"):
        rows_of(package, {"leaves": [0]}, "t.json", content)


# --- a verifier's day --------------------------------------------------------------------------


class Desk:
    def __init__(self, folder: Path, stage: Stage, batch: str) -> None:
        self.folder, self.package = folder, folder / "package.zip"
        self.package.write_bytes(export_package(stage.bank, batch))

    def run(self, name: str, *words: str, as_json: bool = True) -> Any:
        where = ["verify", name, str(self.package), *words, "--desk", str(self.folder)]
        done = CliRunner().invoke(carbonbank, [*where, *(["--json"] if as_json else [])])
        if done.exception is not None:
            raise done.exception
        return json.loads(done.stdout) if as_json else done.stdout

    def plan(self) -> Any:
        terms = "--materiality-bps", "500", "--materiality-source", "our contract"
        return self.run("plan", "--kind", "proportion", *terms)

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keystore:
    monkeypatch.setenv("CARBONBANK_PASSPHRASE", "a verifier's own")
    monkeypatch.setenv("CARBONBANK_DATA", str(tmp_path / "no bank here"))
    return Keystore.create(tmp_path / "keystore.json", "a verifier's own", cost=2**4)


def test_a_day_with_trips_of_a_vendor_ends_with_a_signature(tmp_path: Path, keys: Keystore) -> None:
    stage = Stage(verifier=keys)
    told = [
        {
            "deviceId": "car-1", "deviceName": "one", "distance": 15_000.0, "averageSpeed": 20.0,
            "maxSpeed": 40.0, "duration": 1_800_000, "startLat": 0, "startLon": 0, "endLat": 0,
            "endLon": 0, "startOdometer": 0, "endOdometer": 0, "driverUniqueId": "anna",
            "startTime": f"2024-06-{day:02d}T08:00:00Z", "endTime": f"2024-06-{day:02d}T08:30:00Z",
        }
        for day in (3, 4)
    ]  # fmt: skip
    content = json.dumps(told).encode()
    done = stage.offer_bytes(content, "traccar.json")
    assert (done.upload.format, done.upload.trips_accepted) == ("traccar_trips", 2)
    stage.close()
    desk = Desk(tmp_path, stage, stage.seal().batch_id)
    assert desk.plan()["leaves"] == [0, 1]
    record = desk.run("compare", "--source", desk.write("from-the-operator.json", content))
    assert [one["claimed_g"] == one["recomputed_g"] for one in record["compared"]] == [True, True]
    assert record["findings"] == []
    signed = desk.run("sign", "--keystore", str(tmp_path / "keystore.json"))
    assert signed["verifier"] == stage.verifier


def by_charges_stage(told: list[dict[str, Any]]) -> tuple[Stage, str]:
    stage = Stage(change=by_charges, bank=bank_on_fakes())
    for vehicle in ("car-1", "car-2"):
        assign_token(stage.bank, fleet=FLEET, token=vehicle, vehicle_id=vehicle)
    assign_token(stage.bank, fleet=FLEET, token="stranger", vehicle_id="")
    data = json.dumps(told).encode()
    import_charges(stage.bank, fleet=FLEET, filename="cdrs.json", data=data)
    return stage, stage.sealed(TRIPS).batch_id


CDRS = [cdr(one) for one in SESSIONS]


def test_charges_are_held_against_their_file(tmp_path: Path, keys: Keystore) -> None:
    stage, batch = by_charges_stage(CDRS)
    desk = Desk(tmp_path, stage, batch)
    desk.plan()
    charges = desk.write("cdrs.json", json.dumps(CDRS).encode())
    trips = desk.write("june.csv", write_csv(TRIPS))
    told = desk.run("compare", "--source", charges, "--source", trips, as_json=False)
    assert told.splitlines() == [
        "3 of 3 drawn trips compared",
        "3 sessions compared with their files",
    ]
    # Shares of charges stand in no file of trips, so their absence there is no finding.
    assert json.loads((tmp_path / "findings.json").read_bytes())["findings"] == []


def test_a_session_that_the_batch_does_not_count_is_a_finding_once(
    tmp_path: Path, keys: Keystore
) -> None:
    nobodys = cdr(("9", "stranger", "2024-06-11T10:00:00Z", "2024-06-11T11:00:00Z", 3))
    other_month = cdr(("10", "stranger", "2024-07-11T10:00:00Z", "2024-07-11T11:00:00Z", 3))
    stage, batch = by_charges_stage([*CDRS, nobodys, other_month])
    desk = Desk(tmp_path, stage, batch)
    desk.plan()
    file = desk.write("x.json", json.dumps([*CDRS, nobodys, other_month]).encode())
    for _ in range(2):
        (finding,) = desk.run("compare", "--source", file)["findings"]
    assert (finding["reason"], finding["leaf"], finding["effect_g"]) == ("source_differs", None, 0)
    assert finding["text"] == "cdrs.json has 1 sessions of the month more: be/bec/9"


@pytest.mark.parametrize(
    ("changes", "reason", "effect_g"),
    [
        # 3 kWh at 416 / 0.8 = 520 g/kWh.
        ({"total_energy": 10.5}, "energy_differs", 1560),
        ({"total_energy": 4.5}, "energy_differs", -1560),
        ({"end_date_time": "2024-06-03T23:30:00Z"}, "times_differ", 0),
    ],
)
def test_a_file_that_says_otherwise_is_a_finding_with_its_grams(
    tmp_path: Path, keys: Keystore, changes: dict[str, Any], reason: str, effect_g: int
) -> None:
    stage, batch = by_charges_stage(CDRS)
    desk = Desk(tmp_path, stage, batch)
    package = Package(open_archive(desk.package.read_bytes()))
    told = [CDRS[0], CDRS[1] | changes, CDRS[2]]
    source = {"filename": "cdrs.json", "format": "ocpi_cdrs"}
    read = charges_in("cdrs.json", json.dumps(told).encode(), {})
    record, found = compare_charges(package, new_findings(desk.plan()), source, read)
    assert found == 3
    (finding,) = record["findings"]
    assert (finding["reason"], finding["effect_g"]) == (reason, effect_g)
    assert "session be/bec/2 in cdrs.json" in finding["text"]


def test_what_can_not_be_read_is_a_typed_error(tmp_path: Path, keys: Keystore) -> None:
    stage, batch = by_charges_stage(CDRS)
    desk = Desk(tmp_path, stage, batch)
    desk.plan()
    file = desk.write("x.json", b"[]")
    with pytest.raises(ReadingsUnusable, match="unknown to the report"):
        desk.run("compare", "--source", file)
    mapping = desk.write("m.json", b"{")
    with pytest.raises(MappingInvalid):
        desk.run("compare", "--mapping", mapping)
