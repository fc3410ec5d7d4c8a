"""Every gram, hash and id of log and certificate is on the chain, opened by a new process."""

import json
import re

import pypdf
import pytest

from tests.e2e.chain_facts import NOBODY
from tests.e2e.demo_run import DemoRun
from tests.e2e.on_chain import (
    fleet_id,
    issued,
    month_text,
    retirement,
    serial,
    sha256,
    total_g,
    vehicle_months,
    words,
)

pytestmark = pytest.mark.xdist_group("demo")

# What may stand on the certificate with a digit in it and is no figure.
WORDS = ("CO2e",)


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
