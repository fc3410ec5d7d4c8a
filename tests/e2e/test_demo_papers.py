"""Every gram, hash and id on the demo's papers is on the chain, opened again by a new process."""

import hashlib
import io
import json
import re
import zipfile
from typing import Any

import pypdf
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.e2e.chain_facts import NOBODY
from tests.e2e.demo_run import DemoRun

pytestmark = pytest.mark.xdist_group("demo")

# What may stand on the certificate with a digit in it and is no figure.
WORDS = ("CO2e",)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fleet_id(handle: str) -> str:
    return "0x" + keccak(f"carbonbank.fleet:{handle}".encode()).hex()


def month_text(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def rfc9162_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    halves = rfc9162_root(leaves[:split]) + rfc9162_root(leaves[split:])
    return hashlib.sha256(b"\1" + halves).digest()


def issued(demo: DemoRun) -> dict[str, dict[str, Any]]:
    """The BatchIssued events by batch id."""
    return {f"{e['fields']['batch_id']:064x}": e for e in demo.events("BatchIssued")}


def total_g(event: dict[str, Any]) -> int:
    claim = event["fields"]["claim"]
    return sum(claim[f"{part}_g"] for part in ("operator", "drivers", "buffer"))


def vehicle_months(event: dict[str, Any]) -> int:
    return sum(word.bit_count() for word in event["fields"]["bits"])


def retirement(demo: DemoRun) -> dict[str, Any]:
    (event,) = demo.events("CreditsRetired")
    return event


# --- the log -------------------------------------------------------------------------------------


def test_the_logs_months_are_the_chains(demo: DemoRun) -> None:
    for fleet, months in demo.log["3"].items():
        on_chain = {
            month_text(event["fields"]["claim"]["month"]): {
                "trips": event["fields"]["claim"]["trip_count"],
                "vehicles": vehicle_months(event),
                "reduction_g": total_g(event),
            }
            for event in issued(demo).values()
            if event["fields"]["fleet_id"] == fleet_id(fleet)
        }
        # Metres are not on the chain: the report has them, whose hash is.
        told = {
            label: {name: value for name, value in month.items() if name != "distance_m"}
            for label, month in months.items()
        }
        assert told == on_chain


def test_the_logs_batches_are_the_chains(demo: DemoRun) -> None:
    events = issued(demo)
    (verifier,) = {event["fields"]["claim"]["verifier"] for event in events.values()}
    assert set(demo.log["4"]["batches"]) == set(events) == set(demo.chain["batches"])
    assert demo.log["4"]["vehicle_months"] == sum(map(vehicle_months, events.values()))
    assert demo.log["5"]["verifier"] == verifier
    assert demo.log["5"]["verified"] == {batch: total_g(event) for batch, event in events.items()}
    assert demo.log["5"]["refused"]["batch_id"] in events
    assert demo.log["6"] == {
        "batches": {
            batch: {
                "issued_g": demo.chain["batches"][batch]["issued_g"],
                "operator_g": event["fields"]["claim"]["operator_g"],
                "drivers_g": event["fields"]["claim"]["drivers_g"],
                "buffer_g": event["fields"]["claim"]["buffer_g"],
                "tx_hash": event["tx_hash"],
                "block_number": event["block_number"],
            }
            for batch, event in events.items()
        },
        "total_g": sum(batch["issued_g"] for batch in demo.chain["batches"].values()),
    }


def test_the_logs_payouts_are_the_chains(demo: DemoRun) -> None:
    told = demo.log["7"]
    first = max(event["block_number"] for event in issued(demo).values())
    paid = {
        f"{event['fields']['id']:064x}": event["fields"]["value"]
        for event in demo.events("TransferSingle")
        if event["fields"]["from"] == NOBODY
        and event["fields"]["to"] == told["address"]
        and event["block_number"] > first
    }
    assert told["payouts"] == paid
    assert told["held_g"] == sum(paid.values())
    assert told["held_g"] == sum(
        batch["held_g"].get(told["address"], 0) for batch in demo.chain["batches"].values()
    )
    for batch, amount_g in paid.items():  # the bank's own issue paid nobody twice
        claim = issued(demo)[batch]["fields"]["claim"]
        left_g = demo.chain["batches"][batch]["claimable_g"]
        assert left_g == claim["drivers_g"] - amount_g


def test_the_logs_trade_is_the_chains(demo: DemoRun) -> None:
    (event,) = demo.events("CreditsTraded")
    (paid,) = [
        e
        for e in demo.events("Transfer")
        if e["tx_hash"] == event["tx_hash"] and e["fields"]["from"] != NOBODY
    ]
    fields, told = event["fields"], demo.log["8"]
    assert told == {
        "batch_id": f"{fields['batch_id']:064x}",
        "amount_g": fields["amount_g"],
        "paid_units": fields["paid_units"],
        "fee_units": fields["fee_units"],
        "tx_hash": event["tx_hash"],
        "sell_hash": fields["sell_hash"].removeprefix("0x"),
        "buy_hash": fields["buy_hash"].removeprefix("0x"),
        # People have handles in the bank alone; the next lines tie them to addresses.
        "seller": told["seller"],
        "buyer": told["buyer"],
    }
    assert paid["fields"]["value"] == told["paid_units"]
    claim = issued(demo)[told["batch_id"]]["fields"]["claim"]
    assert fields["seller"] == claim["operator"] == paid["fields"]["to"]
    assert fields["buyer"] == demo.log["9"]["holder"] == paid["fields"]["from"]
    assert demo.chain["money_units"][fields["seller"]] == told["paid_units"]


def test_the_logs_retirement_is_the_chains(demo: DemoRun) -> None:
    event = retirement(demo)
    fields, told = event["fields"], demo.log["9"]
    assert told == {
        "retirement_id": fields["retirement_id"],
        "batch_id": f"{fields['batch_id']:064x}",
        "amount_g": fields["amount_g"],
        "serial_first": fields["from_serial"],
        "serial_last": fields["to_serial"],
        "beneficiary": words(fields["beneficiary"]),
        "purpose": words(fields["purpose"]),
        "tx_hash": event["tx_hash"],
        "holder": fields["holder"],
        "held_g": sum(
            batch["held_g"].get(fields["holder"], 0) for batch in demo.chain["batches"].values()
        ),
        "money_units": demo.chain["money_units"][fields["holder"]],
    }
    assert demo.chain["batches"][told["batch_id"]]["retired_g"] == told["amount_g"]


def test_the_logs_papers_are_the_files_beside_it(demo: DemoRun) -> None:
    told = demo.log["10"]
    assert told == {
        "certificate": told["certificate"],
        "certificate_sha256": sha256((demo.papers / told["certificate"]).read_bytes()),
        "package": told["package"],
        "package_sha256": sha256((demo.papers / told["package"]).read_bytes()),
        "serial": serial(demo, "chicago-2007"),
        "batch_id": f"{retirement(demo)['fields']['batch_id']:064x}",
    }


def test_the_log_holds_nothing_else(demo: DemoRun) -> None:
    # Steps 1, 2 and 11 tell of files, rows and checks: what was read, not what was credited.
    assert set(demo.log) == {str(number) for number in range(1, 12)}
    for number in ("1", "2", "11"):
        text = json.dumps(demo.log[number])
        assert not re.search(r"[0-9a-f]{16}|_g\"|_units\"", text)


def words(padded: str) -> str:
    return bytes.fromhex(padded.removeprefix("0x")).rstrip(b"\0").decode()


def serial(demo: DemoRun, fleet: str) -> str:
    fields = retirement(demo)["fields"]
    batch = f"{fields['batch_id']:064x}"
    claim = issued(demo)[batch]["fields"]["claim"]
    assert claim["fleet_id"] == fleet_id(fleet)
    month = month_text(claim["month"]).replace("-", "")
    return f"CB-{fleet}-{month}-{batch[:8]}-{fields['from_serial']}-{fields['to_serial']}"


# --- the certificate -----------------------------------------------------------------------------


def test_every_figure_on_the_certificate_is_on_the_chain(demo: DemoRun) -> None:
    (paper,) = demo.papers.glob("certificate-*.pdf")
    text = " ".join(
        line for page in pypdf.PdfReader(paper).pages for line in page.extract_text().splitlines()
    )
    event = retirement(demo)
    fields = event["fields"]
    batch = f"{fields['batch_id']:064x}"
    claim = issued(demo)[batch]["fields"]["claim"]
    (certified,) = [
        e["fields"]
        for e in demo.events("MethodologyCertified")
        if e["fields"]["methodology_id"] == claim["methodology_id"]
    ]
    (fleet,) = [handle for handle in demo.log["3"] if fleet_id(handle) == claim["fleet_id"]]
    tonnes = f"{fields['amount_g'] / 1_000_000:.6f}"
    expected = [
        f"Certificate no. {fields['retirement_id']} ",
        f" {fields['amount_g']:,} g of carbon dioxide equivalent, {tonnes} t ",
        f" {words(fields['beneficiary'])} ",
        f" {words(fields['purpose'])} ",
        f"Serial range {serial(demo, fleet)} ",
        f"Fleet, month {fleet}, {month_text(claim['month'])} ",
        f"Methodology {certified['class_label']} ",
        f"Methodology id {claim['methodology_id'].removeprefix('0x')} ",
        f"Batch id {batch} ",
        f"Retired by {fields['holder']} ",
        f"Transaction {event['tx_hash']} ",
        f"Block {event['block_number']} ",
        f"Chain {demo.chain['identity']['chain_id']} ",
        f"Contract {demo.chain['identity']['bank']} ",
    ]
    rest = text
    for line in expected:
        assert line in text
        rest = rest.replace(line.strip(), "")
    for word in WORDS:
        rest = rest.replace(word, "")
    assert not re.search(r"\d", rest), rest
    assert text.count("DEMO") >= 2


# --- the audit package ---------------------------------------------------------------------------


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
