"""Every gram, hash and id of the demo's audit package is on the chain, opened by a new process."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.e2e.demo_run import DemoRun
from tests.e2e.on_chain import (
    fleet_id,
    issued,
    month_text,
    retirement,
    sha256,
    total_g,
    vehicle_months,
    words,
)

pytestmark = pytest.mark.xdist_group("demo")


def rfc9162_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    halves = rfc9162_root(leaves[:split]) + rfc9162_root(leaves[split:])
    return hashlib.sha256(b"\1" + halves).digest()


@pytest.fixture(scope="module")
def package(demo: DemoRun) -> dict[str, bytes]:
    (paper,) = demo.papers.glob("batch-*.zip")
    with zipfile.ZipFile(io.BytesIO(paper.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def event(demo: DemoRun, package: dict[str, bytes]) -> dict[str, Any]:
    """The BatchIssued event of the batch that the package says it is of."""
    return issued(demo)[json.loads(package["manifest.json"])["batch_id"]]


@pytest.fixture(scope="module")
def claim(event: dict[str, Any]) -> dict[str, Any]:
    return event["fields"]["claim"]


def test_the_packages_members_are_all_looked_at_here(package: dict[str, bytes]) -> None:
    assert set(package) == {
        "manifest.json",
        "package.json",
        "report.json",
        "claim.json",
        "leaves.bin",
        "trips.ndjson",
        "payouts.json",
        "vehicles.json",
        "verification.json",
        "receipt.json",
        "retirements.json",
    }
    listed = {m["name"]: m for m in json.loads(package["manifest.json"])["members"]}
    assert {name: (m["sha256"], m["size_bytes"]) for name, m in listed.items()} == {
        name: (sha256(content), len(content))
        for name, content in package.items()
        if name != "manifest.json"
    }


def test_the_claim_is_the_one_on_the_chain(
    demo: DemoRun, package: dict[str, bytes], event: dict[str, Any]
) -> None:
    told = json.loads(package["claim.json"])
    assert told["claim"] == event["fields"]["claim"]
    assert int(told["batch_id"], 16) == event["fields"]["batch_id"]
    assert told["word_index"] == event["fields"]["word_index"]
    assert [int(word, 16) for word in told["bits"]] == event["fields"]["bits"]
    assert told["domain"]["chain_id"] == str(demo.chain["identity"]["chain_id"])
    assert told["domain"]["verifying_contract"] == demo.chain["identity"]["bank"]


def test_methodology_and_report_hash_to_what_the_chain_has(
    package: dict[str, bytes], claim: dict[str, Any]
) -> None:
    assert "0x" + sha256(package["package.json"]) == claim["methodology_id"]
    assert "0x" + sha256(package["report.json"]) == claim["report_hash"]
    report = json.loads(package["report.json"])
    assert report["methodology_id"] == claim["methodology_id"]
    assert report["fleet_id"] == claim["fleet_id"] == fleet_id(report["fleet"])
    assert report["month"] == month_text(claim["month"])
    assert report["leaves_sha256"] == sha256(package["leaves.bin"])
    assert report["split"] == {f"{p}_g": claim[f"{p}_g"] for p in ("operator", "drivers", "buffer")}
    total = sum(report["split"].values())
    assert report["totals"]["reduction_g"] == total
    assert sum(one["reduction_g"] for one in report["vehicles"]) == total
    assert sum(one["reduction_g"] for one in report["drivers"]) + report["undriven_g"] == total


def test_the_leaves_have_the_root_and_the_grams_on_the_chain(
    package: dict[str, bytes], event: dict[str, Any], claim: dict[str, Any]
) -> None:
    held = package["leaves.bin"]
    leaves = [held[at : at + 68] for at in range(0, len(held), 68)]
    assert "0x" + rfc9162_root(leaves).hex() == claim["evidence_root"]
    assert len(leaves) == claim["trip_count"] == package["trips.ndjson"].count(b"\n")
    assert int.from_bytes(leaves[-1][28:36], "big", signed=True) == total_g(event)
    for leaf, line in zip(leaves, package["trips.ndjson"].splitlines(), strict=True):
        trip = json.loads(line)
        assert leaf[36:] == record_hash(trip)


def record_hash(trip: dict[str, Any]) -> bytes:
    """docs/reference/audit-package.md: SHA-256 of the salt, then the canonical record."""
    record = json.dumps(trip["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(bytes.fromhex(trip["salt"][2:]) + record.encode()).digest()


def test_the_payouts_have_the_root_and_the_grams_on_the_chain(
    package: dict[str, bytes], claim: dict[str, Any]
) -> None:
    told = json.loads(package["payouts.json"])
    assert told["tree"][0] == claim["payout_root"]
    values = [one["value"] for one in told["values"]]
    report = json.loads(package["report.json"])
    assert {account for _, account, _, _ in values} == {d["account"] for d in report["drivers"]}
    assert sum(int(amount_g) for *_, amount_g in values) == claim["drivers_g"]
    for one in told["values"]:
        index, account, from_g, amount_g = one["value"]
        words = b"".join(
            int(word, base).to_bytes(32, "big")
            for word, base in ((index, 10), (account, 16), (from_g, 10), (amount_g, 10))
        )
        assert told["tree"][one["treeIndex"]] == "0x" + keccak(keccak(words)).hex()
    for at in range(len(told["tree"]) // 2):
        pair = sorted(bytes.fromhex(told["tree"][2 * at + side][2:]) for side in (1, 2))
        assert told["tree"][at] == "0x" + keccak(b"".join(pair)).hex()


def test_the_vehicles_are_enrolled_on_the_chain(
    demo: DemoRun, package: dict[str, bytes], event: dict[str, Any]
) -> None:
    enrolled = {e["fields"]["vehicle_index"]: e["fields"] for e in demo.events("VehicleEnrolled")}
    listed = json.loads(package["vehicles.json"])["vehicles"]
    assert len(listed) == vehicle_months(event)
    for one in listed:
        on_chain = enrolled[one["vehicle_index"]]
        assert on_chain["commitment"] == "0x" + one["commitment"]
        assert on_chain["fleet_id"] == event["fields"]["fleet_id"]


def test_the_signature_is_the_named_verifiers_over_the_batch(
    package: dict[str, bytes], claim: dict[str, Any], demo: DemoRun
) -> None:
    told = json.loads(package["verification.json"])
    assert told["batch_id"] == json.loads(package["claim.json"])["batch_id"]
    assert told["verifier"] == claim["verifier"]
    fields = (
        ("fleetId", "bytes32", claim["fleet_id"]),
        ("operator", "address", claim["operator"]),
        ("verifier", "address", claim["verifier"]),
        ("validUntil", "uint64", claim["valid_until"]),
        ("methodologyId", "bytes32", claim["methodology_id"]),
        ("month", "uint32", claim["month"]),
        ("tripCount", "uint64", claim["trip_count"]),
        ("evidenceRoot", "bytes32", claim["evidence_root"]),
        ("reportHash", "bytes32", claim["report_hash"]),
        ("payoutRoot", "bytes32", claim["payout_root"]),
        ("operatorG", "uint64", claim["operator_g"]),
        ("driversG", "uint64", claim["drivers_g"]),
        ("bufferG", "uint64", claim["buffer_g"]),
        ("vehiclesHash", "bytes32", claim["vehicles_hash"]),
    )
    domain = {
        "name": "CarbonBank",
        "version": "1",
        "chainId": demo.chain["identity"]["chain_id"],
        "verifyingContract": demo.chain["identity"]["bank"],
    }
    types = {"BatchClaim": [{"name": name, "type": kind} for name, kind, _ in fields]}
    message = encode_typed_data(domain, types, {name: value for name, _, value in fields})
    assert Account.recover_message(message, signature=told["signature"]) == claim["verifier"]


def test_receipt_and_retirements_are_the_chains(
    demo: DemoRun, package: dict[str, bytes], event: dict[str, Any]
) -> None:
    receipt = json.loads(package["receipt.json"])
    assert {name: receipt[name] for name in event if name != "fields"} == {
        name: event[name] for name in event if name != "fields"
    }
    assert receipt["fields"] == event["fields"] | {"batch_id": str(event["fields"]["batch_id"])}
    (told,) = json.loads(package["retirements.json"])["retirements"]
    burnt = retirement(demo)
    fields = burnt["fields"]
    assert told == {
        "retirement_id": fields["retirement_id"],
        "batch_id": f"{fields['batch_id']:064x}",
        "holder": fields["holder"],
        "amount_g": fields["amount_g"],
        "serial_first": fields["from_serial"],
        "serial_last": fields["to_serial"],
        "beneficiary": words(fields["beneficiary"]),
        "purpose": words(fields["purpose"]),
        "tx_hash": burnt["tx_hash"],
        "block_number": burnt["block_number"],
    }
