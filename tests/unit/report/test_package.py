"""Packages: deterministic bytes, and what the bank measures holds before the audit."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from io import BytesIO

import pytest
from eth_account import Account
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import State
from carbonbank.audit.verify import AFTER_VERIFICATION, verify_and_sign
from carbonbank.domain.claim import BatchClaim, batch_id, vehicle_words, vehicles_hash
from carbonbank.domain.documents import (
    ListedVehicle,
    ReportedDriver,
    ReportedVehicle,
    SealedTrip,
    claim_document,
    payouts_document,
    report_document,
    trips_document,
    vehicles_document,
    verification_document,
)
from carbonbank.domain.evidence import LeafRow, build_leaves, cut_overlaps, encode_leaf, leaf_file
from carbonbank.domain.hashing import sha256
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.payout import Shares, payout_tree, split_batch
from carbonbank.domain.salt import record_hash, salt_of
from carbonbank.domain.trip import Trip, trip_id, trip_record_bytes
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.exact import exact_totals
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.quantify import energy_wh_of, reduction_of
from carbonbank.mrv.trips import from_trips
from carbonbank.report.package import write_package
from carbonbank.report.press import TypstPress

VERIFIER = Account.from_key("0x" + "11" * 32)
ADDRESSES = {who: Account.from_key(sha256(who.encode())).address for who in ("ann", "ben")}
FLEET, MONTH = "fleet-x", 2022 * 12 + 4
INDEX = {"v1": 7, "v2": 255, "v3": 256}
MAY = datetime(2022, 5, 1, tzinfo=UTC)
JUNE_S = int(datetime(2022, 6, 1, tzinfo=UTC).timestamp())


def declared(value, unit):
    return {"value": value, "unit": unit, "evidence": "none (DEMO)"}


PROJECTS = {
    "grid": {"energy_source": "grid"},
    "battery": {"energy_source": "battery", "charger_efficiency": declared("0.87", "1")},
    "soc": {
        "energy_source": "soc",
        "charger_efficiency": declared("0.87", "1"),
        "usable_capacity": declared("6.1234", "kWh"),
    },
    "sec": {
        "energy_source": "sec",
        "specific_energy_consumption": declared("0.207041", "kWh/km"),
    },
}


def factor(value, unit):
    return {"factor_id": "f", "value": value, "unit": unit, "state": "single_copy"}


def methodology(source):
    shares = {"drivers": 6000, "buffer": 1000}
    programme = {
        "format": "carbonbank-programme/1",
        "handle": "prog",
        "title": "t",
        "statement": "s",
        "demo": True,
        "retroactive": False,
        "fleet": {"handle": FLEET, "title": "X"},
        "vehicles": {"powertrain": "battery_electric", "category": "M1", "kind": "car"},
        "method": "ams_iii_c_v16",
        "class_label": "AMS-III.C/16",
        "base_year": 2019,
        "baseline": {
            "vehicle": "petrol car",
            "specific_fuel_consumption": declared("7.864", "L/100km"),
            "fuel_density": "a",
            "net_calorific_value": "b",
            "emission_factor": "c",
            "improvement_rate": declared("0.99", "1/year"),
        },
        "project": {
            "grid_factor": "d",
            "transmission_loss": declared("0.07", "1"),
            **PROJECTS[source],
        },
        "eligibility": {
            "powertrains": ["battery_electric"],
            "categories": ["M1"],
            "comparability": declared("20", "percent"),
            "additionality": {"route": "barrier_analysis", "evidence": "none"},
        },
        "shares_bps": shares,
        "discounts": [{"measure": "odometer_share", "below_bps": 9000, "discount_bps": 250}],
        "claims_valid_until": "2036-12-31",
    }
    return MethodologyPackage(
        {
            "format": "carbonbank-methodology/1",
            "code": {"method": "ams_iii_c_v16", "version": "1"},
            "class_label": "AMS-III.C/16",
            "demo": True,
            "programme": programme,
            "factors": {
                "fuel_density": factor("0.74", "kg/L"),
                "net_calorific_value": factor("44.3", "TJ/Gg (= MJ/kg)"),
                "emission_factor": factor("69300", "kgCO2/TJ(NCV)"),
                "grid": factor("0.4163", "kgCO2/kWh"),
            },
            "shares_bps": shares,
        }
    )


def exact_after_discount(own, package, discount_bps):
    gains = [trip for trip, grams in own if grams.baseline_ng > grams.project_ng]
    losses = [trip for trip, grams in own if grams.baseline_ng <= grams.project_ng]
    gain, loss = (exact_totals(from_trips(t), package, 2022).reduction_g for t in (gains, losses))
    with localcontext(prec=50):
        return gain * (10_000 - discount_bps) / 10_000 + loss


def sealed(trips, source, discounts):
    """Go the bank's way from trips to the members of a package; None if nothing is to issue."""
    package = methodology(source)
    coefficients = compile_coefficients(package, 2022)
    by_hash, rows = {}, []
    for trip in trips:
        grams = reduction_of(
            trip, coefficients, fleet=FLEET, discount_bps=discounts[trip.vehicle_id]
        )
        salt = salt_of(b"k" * 32, grams.trip_id)
        record = trip_record_bytes(trip)
        committed = record_hash(salt, record)
        by_hash[committed] = (
            trip,
            grams,
            SealedTrip(trip_id=grams.trip_id, salt=salt, record=record),
        )
        rows.append(
            LeafRow(
                vehicle_index=INDEX[trip.vehicle_id],
                start_at=int(trip.start_at.timestamp()),
                end_at=int(trip.end_at.timestamp()),
                reduction_g=grams.reduction_g,
                record_hash=committed,
            )
        )
    leaves = build_leaves(cut_overlaps(rows, month_end=JUNE_S)[0])
    ours = [by_hash[leaf.record_hash] for leaf in leaves]
    if not leaves or leaves[-1].running_g <= 0:
        return None
    by_driver = dict.fromkeys(ADDRESSES, 0)
    undriven_g = 0
    for trip, grams, _ in ours:
        if trip.driver_id in by_driver:
            by_driver[trip.driver_id] += grams.reduction_g
        else:
            undriven_g += grams.reduction_g
    accounts = {ADDRESSES[who]: grams for who, grams in by_driver.items()}
    shares = Shares(drivers_bps=6000, buffer_bps=1000)
    split = split_batch(leaves[-1].running_g, shares, accounts, undriven_g)
    tree = payout_tree(split.payouts)
    vehicles = []
    for name in sorted({trip.vehicle_id for trip, *_ in ours}):
        own = [(trip, grams) for trip, grams, _ in ours if trip.vehicle_id == name]
        vehicles.append(
            ReportedVehicle(
                vehicle_id=name,
                vehicle_index=INDEX[name],
                trips=len(own),
                distance_m=sum(trip.distance_m for trip, _ in own),
                energy_wh=sum(energy_wh_of(trip, coefficients) for trip, _ in own),
                discount_bps=discounts[name],
                baseline_ng=sum(grams.baseline_ng for _, grams in own),
                project_ng=sum(grams.project_ng for _, grams in own),
                reduction_g=sum(grams.reduction_g for _, grams in own),
                exact_g=exact_after_discount(own, package, discounts[name]),
            )
        )
    report = report_document(
        fleet=FLEET,
        fleet_id=sha256(FLEET.encode()),
        programme="prog",
        methodology_id=package.methodology_id,
        month=MONTH,
        demo=True,
        retroactive=False,
        coefficients=coefficients.integers,
        vehicles=vehicles,
        left_out=[],
        drivers=[
            ReportedDriver(driver_id=who, account=ADDRESSES[who], reduction_g=grams)
            for who, grams in by_driver.items()
        ],
        undriven_g=undriven_g,
        shares=shares,
        split=split,
        leaves=leaf_file(leaves),
        source_files=[],
    )
    word_index, bits = vehicle_words([vehicle.vehicle_index for vehicle in vehicles])
    claim = BatchClaim(
        fleet_id=sha256(FLEET.encode()),
        operator=ADDRESSES["ann"],
        verifier=VERIFIER.address,
        valid_until=2093558400,
        methodology_id=package.methodology_id,
        month=MONTH,
        trip_count=len(leaves),
        evidence_root=evidence_root(map(encode_leaf, leaves)),
        report_hash=sha256(report),
        payout_root=tree.root,
        operator_g=split.operator_g,
        drivers_g=split.drivers_g,
        buffer_g=split.buffer_g,
        vehicles_hash=vehicles_hash(word_index, bits),
    )
    return {
        "package.json": package.canonical,
        "report.json": report,
        "claim.json": claim_document(
            claim,
            chain_id=2**200,
            contract=ADDRESSES["ben"],
            word_index=word_index,
            bits=bits,
        ),
        "trips.ndjson": trips_document([trip for *_, trip in ours]),
        "leaves.bin": leaf_file(leaves),
        "payouts.json": payouts_document(tree),
        "vehicles.json": vehicles_document(
            [
                ListedVehicle(
                    vehicle_id=vehicle.vehicle_id,
                    vehicle_index=vehicle.vehicle_index,
                    commitment=sha256(vehicle.vehicle_id.encode()).hex(),
                )
                for vehicle in vehicles
            ]
        ),
    }, claim


def a_trip(vehicle, driver, start_s, length_s, metres, energy, number):
    return Trip(
        vehicle_id=vehicle,
        driver_id=driver,
        start_at=MAY + timedelta(seconds=start_s),
        end_at=MAY + timedelta(seconds=start_s + length_s),
        distance_m=metres,
        distance_source="gps",
        energy_grid_wh=energy,
        energy_battery_wh=energy,
        soc_start_bps=9000,
        soc_end_bps=9000 - energy % 9000,
        source="s",
        source_record_id=f"é\u2028{number}",
    )


@st.composite
def trip_lists(draw):
    return [
        a_trip(
            draw(st.sampled_from(sorted(INDEX))),
            draw(st.sampled_from(["ann", "ben", "cat", None])),
            number * 3600 + draw(st.integers(0, 20)),
            3600 + draw(st.integers(-900, 20)),
            draw(st.integers(0, 80_000)),
            draw(st.integers(0, 30_000)),
            number,
        )
        for number in range(draw(st.integers(1, 8)))
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    trip_lists(),
    st.sampled_from(sorted(PROJECTS)),
    st.fixed_dictionaries({name: st.sampled_from([0, 250]) for name in INDEX}),
)
def test_whatever_the_bank_seals_holds_before_the_audit(trips, source, discounts):
    made = sealed(trips, source, discounts)
    assume(made is not None)  # a batch without a positive total is never sealed
    members, claim = made
    checks = check_package(write_package(members))
    assert [check for check in checks if not check.ok] == []
    unchecked = {check.name for check in checks if check.state is State.NOT_CHECKED}
    assert unchecked == AFTER_VERIFICATION
    assert json.loads(members["claim.json"])["batch_id"] == f"{batch_id(claim):064x}"


@pytest.fixture(scope="module")
def members():
    trips = [
        a_trip("v1", "ann", 0, 900, 12_000, 2_000, 0),
        a_trip("v3", None, 0, 900, 30_000, 4_000, 1),
    ]
    return sealed(trips, "grid", dict.fromkeys(INDEX, 0))[0]


def test_equal_members_give_equal_bytes_in_any_order(members):
    first = write_package(members)
    assert write_package(dict(reversed(members.items()))) == first
    assert TypstPress().package(members) == first
    with zipfile.ZipFile(BytesIO(first)) as archive:
        names = archive.namelist()
        assert names == sorted([*members, "manifest.json"])
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(archive.read(name) == content for name, content in members.items())
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["stage"], manifest["demo"]) == ("sealed", True)


def test_the_bank_rebuilds_the_verifier_s_document_from_what_it_keeps(members):
    said = verify_and_sign(
        write_package(members), lambda digest: VERIFIER.unsafe_sign_hash(digest).signature
    )
    told = json.loads(said)
    claimed, worded = (bytes.fromhex(told[n][2:]) for n in ("signature", "statement_signature"))
    again = verification_document(
        told["batch_id"],
        told["verifier"],
        claimed,
        told["statement"],
        statement_signature=worded,
    )
    assert again == said


def test_totals_are_the_sums_of_the_vehicles(members):
    report = json.loads(members["report.json"])
    assert report["totals"]["trips"] == 2
    assert report["totals"]["distance_m"] == 42_000
    assert report["totals"]["energy_wh"] == 6_000
    exact = sum(Decimal(row["exact_g"]) for row in report["vehicles"])
    assert Decimal(report["totals"]["exact_g"]) == exact


def test_a_trip_s_id_in_the_package_is_the_bank_s(members):
    first = json.loads(members["trips.ndjson"].splitlines()[0])
    trip = a_trip("v1", "ann", 0, 900, 12_000, 2_000, 0)
    assert first["trip_id"] == trip_id(FLEET, trip)
