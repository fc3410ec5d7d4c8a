"""What the chain did with the batch, as the package tells it."""

from itertools import pairwise
from typing import Any

from carbonbank.audit.claim import FIELDS, claim_fields, total_g
from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import octets, whole


def receipt_of(package: Package) -> Any:
    """Return receipt.json."""
    return package.document("receipt.json", "carbonbank.receipt/1")


def check_receipt(package: Package) -> str:
    """The receipt's `BatchIssued` event carries the claim as signed, and its vehicles."""
    receipt, document = receipt_of(package), package.claim
    fields = receipt["fields"]
    contract = document["domain"]["verifying_contract"]
    require_equal("event", receipt["name"], "BatchIssued")
    require_equal("contract", octets(receipt["contract"], 20), octets(contract, 20))
    require_equal("batch id", f"{whole(fields['batch_id']):064x}", document["batch_id"])
    require_equal("fields of the event's claim", set(fields["claim"]), {key for *_, key in FIELDS})
    require_equal("claim", claim_fields(fields["claim"]), claim_fields(document["claim"]))
    for name in ("fleet_id", "methodology_id"):
        require_equal(name, octets(fields[name], 32), octets(document["claim"][name], 32))
    require_equal("demo flag", fields["demo"], package.demo)
    require_equal("bitmap words", fields["word_index"], document["word_index"])
    bits = [int(one, 16) for one in document["bits"]]
    require_equal("bitmap", [whole(one) for one in fields["bits"]], bits)
    octets(receipt["tx_hash"], 32)
    octets(receipt["block_hash"], 32)
    return f"transaction {receipt['tx_hash']} in block {receipt['block_number']}"


def check_retirements(package: Package) -> str:
    """Retired serials follow each other from 1 and never pass what was issued."""
    listed = package.document("retirements.json", "carbonbank.retirements/1")["retirements"]
    issued_g = total_g(package.claim["claim"])
    last = 0
    for one in listed:
        what = f"retirement {one['retirement_id']}"
        require_equal(f"batch of {what}", one["batch_id"], package.claim["batch_id"])
        require_equal(f"first serial of {what}", one["serial_first"], last + 1)
        require_equal(f"last serial of {what}", one["serial_last"], last + one["amount_g"])
        require(one["amount_g"] > 0, f"{what} retires {one['amount_g']} g")
        last = one["serial_last"]
    require(last <= issued_g, f"{last} g retired of {issued_g} g")
    ids = [one["retirement_id"] for one in listed]
    require(all(a < b for a, b in pairwise(ids)), f"retirement ids {ids} do not ascend")
    return f"{len(listed)} retirements, {last} g of {issued_g} g"
