"""A package worked out by hand holds; every lie in one is caught under its own name."""

import json
import random
import zipfile
from io import BytesIO

import pytest

from carbonbank.audit.check import NAMES, check_package, holds
from carbonbank.audit.outcome import State
from carbonbank.errors import PackageUnreadable
from tests.unit.audit.by_hand import changed, package_files, zipped
from tests.unit.audit.worked_out import (
    ANN,
    BEN,
    COEFFICIENTS,
    EXACT_G,
    PACKAGE,
    RECORDS,
    STARTS,
    STRANGER,
    VERIFIER,
    jcs,
)

CHAIN = {name for name in NAMES if name.startswith("chain ")}


def states(package):
    checks = check_package(package)
    assert [check.name for check in checks] == list(NAMES)
    return {check.name: check for check in checks}


def failed(package):
    return {name for name, check in states(package).items() if not check.ok}


def unchecked(package):
    return {n for n, check in states(package).items() if check.state is State.NOT_CHECKED}


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("sealed", {"signature", "statement", "work", "receipt", "retirements"}),
        ("verified", {"statement", "work", "receipt", "retirements"}),
        ("issued", {"statement", "work"}),
    ],
)
def test_the_package_by_hand_holds_and_says_what_it_could_not_check(stage, missing):
    package = zipped(package_files(stage=stage))
    assert failed(package) == set()
    assert unchecked(package) == missing | CHAIN


def test_both_totals_and_the_bound_are_told():
    told = states(zipped(package_files()))
    # 766.979616941… + 1326.252212352… = 2093.231829294…; the bound is 4 g for the trips, 8 times
    # 804411765 ng for their energy, 36000 + 1465 ng for the steps of the coefficients.
    assert told["totals"].detail == (
        "integer 2091 g, exact 2093.231829294 g, short by 2.231829294 g of at most 10.435331585 g"
    )
    assert told["split"].detail == "operator 1423 g, drivers 458 g, buffer 210 g, together 2091 g"
    assert told["signature"].detail == f"signed by {VERIFIER.address}"


def test_outsiders_get_no_trips_and_are_told_what_that_costs():
    package = zipped(package_files(stage="issued", with_trips=False))
    assert failed(package) == set()
    assert unchecked(package) - CHAIN == {
        "statement",
        "work",
        "records",
        "trip times",
        "grams",
        "vehicle-months",
        "totals",
        "drivers",
    }


# --- an altered gram, trip, signature, factor and payout ------------------------------------------


def test_an_altered_gram_is_caught_though_everything_above_it_was_made_again():
    # 1 g more for trip 0: leaves, root, report, shares, claim and signature all follow it.
    files = package_files(grams=[419, -57, 405, 1325], paid=((ANN, 251), (BEN, 208)))
    assert failed(zipped(files)) == {"grams"}


def test_a_total_raised_by_a_gram_is_caught():
    files = package_files(on_claim=lambda c: changed(c, "operator_g", value=1424))
    assert failed(zipped(files)) == {"running totals", "split"}


def test_an_altered_trip_is_caught_by_its_leaf():
    records = changed(RECORDS, 0, "distance_m", value=10001)
    files = package_files(records=records, leaf_records=RECORDS)
    assert "records" in failed(zipped(files))


def test_an_altered_trip_with_a_new_leaf_is_caught_by_its_grams():
    records = changed(RECORDS, 0, "distance_m", value=20000)
    assert failed(zipped(package_files(records=records))) == {"grams", "vehicle-months", "totals"}


def test_an_altered_trip_that_changes_no_gram_is_caught_by_its_leaf():
    records = changed(RECORDS, 2, "source_record_id", value="r9")
    files = package_files(records=records, leaf_records=RECORDS)
    assert failed(zipped(files)) == {"records"}


def test_a_signature_by_another_key_is_caught():
    files = package_files(signer=STRANGER)
    assert failed(zipped(files)) == {"signature"}


def test_a_signature_over_another_claim_is_caught():
    other = package_files(on_claim=lambda c: changed(c, "valid_until", value=1))
    said = json.loads(other["verification.json"])["signature"]
    files = package_files()
    verification = changed(json.loads(files["verification.json"]), "signature", value=said)
    assert failed(zipped(files | {"verification.json": jcs(verification)})) == {"signature"}


def test_a_signature_for_another_chain_is_caught():
    files = package_files(chain_id=5)
    elsewhere = json.loads(package_files(chain_id=6)["verification.json"])["signature"]
    verification = changed(json.loads(files["verification.json"]), "signature", value=elsewhere)
    assert failed(zipped(files | {"verification.json": jcs(verification)})) == {"signature"}


def test_an_altered_factor_is_caught_by_the_coefficients():
    package = changed(PACKAGE, "factors", "grid", "value", value="546")
    assert "coefficients" in failed(zipped(package_files(package=package)))


def test_an_altered_factor_with_new_coefficients_is_caught_by_the_grams():
    # 546 / 0.8 / 0.85 = 802.941176470… g/kWh
    package = changed(PACKAGE, "factors", "grid", "value", value="546")
    coefficients = COEFFICIENTS | {"project_ug_per_kwh": 802941177}
    files = package_files(package=package, coefficients=coefficients)
    assert failed(zipped(files)) >= {"vehicle-months"}
    assert "coefficients" not in failed(zipped(files))


def test_a_factor_in_another_unit_is_refused():
    package = changed(PACKAGE, "factors", "grid", "unit", value="gCO2/MJ")
    assert "coefficients" in failed(zipped(package_files(package=package)))


def test_an_altered_payout_is_caught_though_the_tree_was_made_again():
    files = package_files(paid=((ANN, 251), (BEN, 207)))
    assert failed(zipped(files)) == {"payouts"}


def test_a_payout_taken_from_the_operator_is_caught():
    files = package_files(paid=((ANN, 251), (BEN, 208)))
    assert failed(zipped(files)) == {"payouts", "split"}


# --- other lies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "caught"),
    [
        ({"coefficients": COEFFICIENTS | {"baseline_ug_per_km": 90871705}}, {"coefficients"}),
        ({"parts": (1424, 458, 209)}, {"split"}),
        ({"exact": EXACT_G | {"car-a": "766.9796169411765"}}, {"vehicle-months"}),
        ({"starts": [*STARTS[:2], STARTS[2] - 1, STARTS[3]]}, {"trip times"}),
        # The cut of 45 s left out: leaves 0 and 1 overlap.
        ({"starts": [STARTS[0], STARTS[1] - 45, *STARTS[2:]]}, {"leaf order"}),
        # 2021-04-01T00:00:00Z is another month.
        ({"starts": [*STARTS[:3], 1617235200]}, {"leaf order", "trip times"}),
        ({"on_report": lambda r: changed(r, "demo", value=False)}, {"programme", "manifest"}),
        ({"on_report": lambda r: changed(r, "retroactive", value=False)}, {"programme"}),
        ({"on_report": lambda r: changed(r, "month", value="2021-04")}, {"report hash"}),
        (
            {"on_report": lambda r: changed(r, "shares", "drivers_bps", value=6100)},
            {"programme", "split", "payouts"},
        ),
        (
            {"on_report": lambda r: changed(r, "drivers", 0, "reduction_g", value=500)},
            {"drivers", "split", "payouts"},
        ),
        (
            {"on_report": lambda r: changed(r, "vehicles", 0, "discount_bps", value=1)},
            {"discounts", "grams", "vehicle-months"},
        ),
        (
            {"on_report": lambda r: changed(r, "vehicles", 1, "vehicle_index", value=261)},
            {"vehicles"},
        ),
        ({"on_report": lambda r: changed(r, "totals", "trips", value=5)}, {"totals"}),
        ({"on_claim": lambda c: changed(c, "trip_count", value=5)}, {"leaf file"}),
        ({"on_claim": lambda c: changed(c, "evidence_root", value="0x" + "00" * 32)},
         {"evidence root"}),
        ({"on_claim": lambda c: changed(c, "payout_root", value="0x" + "00" * 32)}, {"payouts"}),
        ({"on_claim": lambda c: changed(c, "report_hash", value="0x" + "00" * 32)},
         {"report hash"}),
        ({"on_claim": lambda c: changed(c, "methodology_id", value="0x" + "00" * 32)},
         {"methodology id"}),
        ({"on_claim": lambda c: changed(c, "vehicles_hash", value="0x" + "00" * 32)},
         {"vehicles"}),
    ],
)  # fmt: skip
def test_a_lie_is_caught_under_its_name(changes, caught):
    assert failed(zipped(package_files(**changes))) - {"signature"} == caught


@pytest.mark.parametrize(
    ("member", "path", "value", "caught"),
    [
        ("receipt.json", ("fields", "claim", "operator_g"), 1424, "receipt"),
        ("receipt.json", ("name",), "TransferSingle", "receipt"),
        ("retirements.json", ("retirements", 0, "serial_first"), 2, "retirements"),
        ("retirements.json", ("retirements", 0, "amount_g"), 251, "retirements"),
        ("claim.json", ("batch_id",), "00" * 32, "claim"),
        ("vehicles.json", ("vehicles", 0, "vehicle_index"), 4, "vehicles"),
    ],
)
def test_an_altered_document_is_caught_under_its_name(member, path, value, caught):
    files = package_files(stage="issued")
    files[member] = jcs(changed(json.loads(files[member]), *path, value=value))
    assert caught in failed(zipped(files))


def test_any_single_byte_of_any_member_is_guarded():
    files = package_files(stage="issued")
    with zipfile.ZipFile(BytesIO(zipped(files))) as archive:
        manifest = archive.read("manifest.json")
    members = files | {"manifest.json": manifest}
    dice = random.Random(20)
    for name in sorted(members):
        for _ in range(6):
            content = bytearray(members[name])
            content[dice.randrange(len(content))] ^= dice.randrange(1, 256)
            altered = members | {name: bytes(content)}
            kept = altered.pop("manifest.json")
            told = states(zipped(altered, manifest=kept)).values()
            assert any(name in check.detail for check in told if not check.ok), name


# --- archives no careful writer makes -------------------------------------------------------------


def archive_of(entries):
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in entries:
            archive.writestr(name, b"{}")
    return target.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (["manifest.json", "manifest.json"], "twice"),
        (["../claim.json"], "do not belong"),
        (["/etc/passwd"], "do not belong"),
        (None, "not a readable zip"),
    ],
)
def test_a_wild_archive_is_not_unpacked(entries, reason):
    told = states(archive_of(entries) if entries else b"PK\x03\x04 no zip at all")
    assert reason in told["archive"].detail
    assert {check.state for name, check in told.items() if name != "archive"} == {State.NOT_CHECKED}
    assert not holds(list(told.values()))


def test_a_cut_package_is_caught():
    package = zipped(package_files())
    assert "archive" in failed(package[: len(package) // 2])


@pytest.mark.parametrize("member", ["claim.json", "leaves.bin", "report.json", "package.json"])
def test_a_missing_member_is_caught(member):
    files = package_files()
    kept = json.loads(files["claim.json"])["batch_id"]
    manifest = jcs({"schema": "carbonbank.audit/1", "batch_id": kept, "members": []})
    del files[member]
    assert "members" in failed(zipped(files, manifest=manifest))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"\xff\xfe", b'{"a":1.5}', b"[" * 100_000, b'{"schema":"x"}', b"NaN"],
)
@pytest.mark.parametrize("member", ["claim.json", "report.json", "package.json", "payouts.json"])
def test_malformed_documents_fail_and_never_crash(member, content):
    good = package_files()
    batch = json.loads(good["claim.json"])["batch_id"]
    manifest = jcs({"schema": "carbonbank.audit/1", "batch_id": batch, "members": []})
    assert failed(zipped(good | {member: content}, manifest=manifest))


def test_numbers_that_never_end_are_refused():
    package = changed(PACKAGE, "factors", "grid", "value", value="1e999999999")
    assert "coefficients" in failed(zipped(package_files(package=package)))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PackageUnreadable, match="No such file"):
        check_package(tmp_path / "none.zip")
