"""Packages for outsiders: what they show holds, what they hide is said, and nobody else is in."""

import json
import zipfile
from io import BytesIO

import pytest

from benchmarks.byteflip import flip
from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import State
from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.plan import Terms, make_plan
from carbonbank.audit.verify import verify_and_sign
from carbonbank.errors import NotFound, PackageDoesNotHold
from carbonbank.report.package import zip_of
from carbonbank.service.disclose_package import (
    package_for_anyone,
    package_for_auditor,
    package_for_driver,
)
from carbonbank.service.erase_person import erase_person
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.record_verification import record_verification
from tests.stage import Stage, trip

# Leaves by vehicle and time: anna 0 and 2, ben 1 and 3, nobody's 4. Leaf 1 is cut by 30 s.
TRIPS = [
    trip("2024-06-03T08:00:00", source_record_id="a\u2028b"),
    trip("2024-06-03T08:19:30", driver_id="ben", distance_m=9_000),
    trip("2024-06-04T08:00:00", distance_m=12_000),
    trip("2024-06-05T08:00:00", driver_id="ben", vehicle_id="car-2", distance_m=30_000),
    trip("2024-06-06T08:00:00", driver_id=None, vehicle_id="car-2", distance_m=8_000),
]
UNSEEN = {"vehicle-months", "totals", "drivers"}
WITHHELD = {
    "report hash", "programme", "leaf file", "leaf order", "running totals", "coefficients",
    "discounts", "split", "work", "retirements",
}  # fmt: skip
CHAIN = {"chain id", "chain event", "chain amounts", "chain vehicles"}


def members(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def told(package: bytes, state: State) -> dict[str, str]:
    return {one.name: one.detail for one in check_package(package) if one.state is state}


@pytest.fixture(scope="module")
def issued() -> tuple[Stage, str]:
    stage = Stage()
    stage.certify()
    batch = stage.sealed(TRIPS).batch_id
    record_verification(stage.bank, batch, stage.signed(batch))
    issue_batch(stage.bank, batch)
    return stage, batch


def test_an_auditor_sees_the_chosen_rows_and_every_leaf(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    package = package_for_auditor(stage.bank, batch, [3, 1, 1])
    assert told(package, State.FAILED) == {}
    assert told(package, State.NOT_CHECKED).keys() == UNSEEN | CHAIN | {"work", "retirements"}
    assert told(package, State.NOT_CHECKED)["totals"] == "3 trips are not disclosed"
    held = told(package, State.OK)
    assert held["grams"] == "2 of 5 trips recomputed, 3 are not disclosed"
    assert held["records"] == "2 of 5 records, 3 are not disclosed"
    assert held["trip times"].startswith("2 of 5 trips, 3 are not disclosed, 1 starts cut")
    assert "all leaves, and 2 of 5 leaves by their paths" in held["evidence root"]
    assert b'"anna"' not in members(package)["disclosed.ndjson"]
    none = package_for_auditor(stage.bank, batch)
    assert told(none, State.FAILED) == {}
    assert {"grams", "records"} <= told(none, State.NOT_CHECKED).keys()
    with pytest.raises(NotFound, match="trip to disclose at leaf 5"):
        package_for_auditor(stage.bank, batch, [1, 5])


def test_a_sample_is_drawn_before_any_row_is_seen(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    terms = Terms(kind="mean", materiality_bps=500, materiality_source="a test", precision_bps=9000)
    blind = Package(open_archive(package_for_auditor(stage.bank, batch)))
    drawn = make_plan(blind, terms)["leaves"]
    assert 0 < len(drawn) < len(TRIPS)
    shown = Package(open_archive(package_for_auditor(stage.bank, batch, drawn)))
    assert [row.number for row in shown.rows] == drawn
    assert make_plan(shown, terms)["leaves"] == drawn


def test_a_driver_sees_the_own_trips_and_the_own_payout(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    package = package_for_driver(stage.bank, batch, "anna")
    assert told(package, State.FAILED) == {}
    assert told(package, State.NOT_CHECKED).keys() == UNSEEN | WITHHELD | CHAIN
    held = told(package, State.OK)
    assert held["records"] == "2 of 5 records, 3 are not disclosed"
    assert "car-1 by [0] bps: the report, which says, is withheld" in held["grams"]
    assert "the others are withheld" in held["payouts"]
    assert held["members"].endswith("leaves.bin is withheld; payouts.json is withheld; "
                                    "report.json is withheld")  # fmt: skip


def test_a_driver_s_package_holds_nothing_of_another_person(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    everything = members(package_for_auditor(stage.bank, batch, range(5)))
    lines = [json.loads(line) for line in everything["disclosed.ndjson"].split(b"\n") if line]
    accounts = {one["driver_id"]: one["account"]
                for one in json.loads(everything["report.json"])["drivers"]}  # fmt: skip
    for who, other in (("anna", "ben"), ("ben", "anna")):
        package = package_for_driver(stage.bank, batch, who)
        content = b"\n".join(members(package).values())
        own = [n for n, line in enumerate(lines) if line["record"]["driver_id"] == who]
        for number, line in enumerate(lines):
            # Every part of a foreign row: its id, salt, leaf, hash of its record and its record.
            row = everything["leaves.bin"][68 * number :][:68]
            for part in (line["trip_id"], line["salt"], line["leaf"], line["leaf"][-64:]):
                assert (part.encode() in content) == (number in own)
            assert (row in content) is False
        for gone in (f'"{other}"', accounts[other], accounts[other].lower()):
            assert gone.encode() not in content
        assert accounts[who].encode() in content
    assert b"car-2" not in b"".join(members(package_for_driver(stage.bank, batch, "anna")).values())


def test_anyone_sees_no_trip_and_no_person(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    package = package_for_anyone(stage.bank, batch)
    assert told(package, State.FAILED) == {}
    unchecked = told(package, State.NOT_CHECKED).keys()
    assert unchecked >= UNSEEN | WITHHELD | {"records", "grams", "evidence root", "payouts"}
    held = told(package, State.OK).keys()
    assert held >= {"claim", "methodology id", "vehicles", "signature", "statement", "receipt"}
    content = b"".join(members(package).values())
    for gone in (b"anna", b"ben", b"car-1", b"car-2"):
        assert gone not in content
    # A driver of another fleet by the same name, a trader and the operator have no rows here.
    open_account(stage.bank, handle="nobody", kind="trader", person="N.")
    for handle in ("nobody", "olga"):
        assert package_for_driver(stage.bank, batch, handle) == package


def test_what_is_disclosed_in_part_is_never_signed(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    for package in (
        package_for_auditor(stage.bank, batch, range(5)),
        package_for_driver(stage.bank, batch, "anna"),
    ):
        with pytest.raises(PackageDoesNotHold):
            verify_and_sign(package, lambda digest: stage.verifier_keys.sign_digest("x", digest))


def test_an_erased_trip_is_not_disclosed_and_the_others_are() -> None:
    stage = Stage()
    batch = stage.verified(TRIPS).batch_id
    erase_person(stage.bank, person="anna of old")
    assert told(package_for_auditor(stage.bank, batch, [1]), State.FAILED) == {}
    with pytest.raises(NotFound):
        package_for_auditor(stage.bank, batch, [0])
    with pytest.raises(NotFound):
        package_for_driver(stage.bank, "00" * 32, "ben")


def test_lies_in_what_is_disclosed_are_caught(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    files = members(package_for_driver(stage.bank, batch, "anna"))

    def failed(change: dict[str, bytes]) -> set[str]:
        return set(told(zip_of(files | change), State.FAILED)) - {"members"}

    first, second, _ = files["disclosed.ndjson"].split(b"\n")
    line = json.loads(first)

    def with_line(**change: object) -> dict[str, bytes]:
        altered = json.dumps(line | change, sort_keys=True, separators=(",", ":"),
                             ensure_ascii=False).encode()  # fmt: skip
        return {"disclosed.ndjson": b"\n".join([altered, second, b""])}

    assert failed(with_line()) == set()
    longer = line["record"] | {"distance_m": 16_000}
    assert failed(with_line(record=longer)) == {"records", "grams"}
    assert failed(with_line(path=line["path"][:-1])) == {"evidence root"}
    assert failed(with_line(index=1)) >= {"evidence root"}
    assert failed(with_line(salt="0x" + "00" * 32)) == {"records"}
    payout = json.loads(files["payout.json"])
    payout["value"][3] = str(int(payout["value"][3]) - 1)
    lie = json.dumps(payout, sort_keys=True, separators=(",", ":")).encode()
    assert failed({"payout.json": lie}) == {"payouts"}
    manifest = json.loads(files["manifest.json"])
    manifest["withheld"] = ["claim.json", "report.json"]
    lie = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    assert (
        "manifest.json says that these are withheld: ['claim.json']"
        in (told(zip_of(files | {"manifest.json": lie}), State.FAILED)["members"])
    )


def test_any_single_byte_of_a_disclosed_package_is_guarded(issued: tuple[Stage, str]) -> None:
    stage, batch = issued
    for package in (
        package_for_driver(stage.bank, batch, "anna"),
        package_for_auditor(stage.bank, batch, [0, 2]),
    ):
        tallies = flip(package, flips=3, seed=4)
        assert {"disclosed.ndjson", "manifest.json"} <= {one.member for one in tallies}
        assert [one.member for one in tallies if one.named < one.flips] == []
