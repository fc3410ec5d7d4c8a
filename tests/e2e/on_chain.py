"""What the chain of a demo tells, in the words of its papers."""

import hashlib
from typing import Any

from eth_utils.crypto import keccak

from tests.e2e.demo_run import DemoRun


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fleet_id(handle: str) -> str:
    return "0x" + keccak(f"carbonbank.fleet:{handle}".encode()).hex()


def month_text(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


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


def words(padded: str) -> str:
    return bytes.fromhex(padded.removeprefix("0x")).rstrip(b"\0").decode()


def serial(demo: DemoRun, fleet: str) -> str:
    fields = retirement(demo)["fields"]
    batch = f"{fields['batch_id']:064x}"
    claim = issued(demo)[batch]["fields"]["claim"]
    assert claim["fleet_id"] == fleet_id(fleet)
    month = month_text(claim["month"]).replace("-", "")
    return f"CB-{fleet}-{month}-{batch[:8]}-{fields['from_serial']}-{fields['to_serial']}"
