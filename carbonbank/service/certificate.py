"""The certificate of a retirement: a document whose every number can be found on the chain."""

from dataclasses import dataclass
from typing import Any

from carbonbank.service.bank import Bank
from carbonbank.service.batch_view import batch_view
from carbonbank.service.retirement_view import retirement_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as PDF, with the facts printed on it."""

    retirement_id: int
    serial: str
    facts: dict[str, Any]
    pdf: bytes


def certificate(bank: Bank, retirement_id: int, url: str | None = None) -> Certificate:
    """Render the certificate of a retirement; the same facts give the same bytes.

    Args:
        bank: the bank.
        retirement_id: the chain's number of the retirement.
        url: the public page of the batch, if there is one.

    Raises:
        NotFound: no such retirement among what was synced.
    """
    retired = retirement_view(bank, retirement_id)
    view = batch_view(bank, retired.batch_id)
    identity = bank.chain.identity
    facts: dict[str, Any] = {
        "beneficiary": retired.beneficiary,
        "purpose": retired.purpose,
        "amount_g": retired.amount_g,
        "serial": retired.serial,
        "batch_id": retired.batch_id,
        # As the chain has it: the contract puts the mark before the class of a demonstration.
        "methodology_class": f"DEMO {view.class_label}" if view.demo else view.class_label,
        "methodology_id": view.methodology_id,
        "fleet": view.fleet,
        "month": view.month,
        "retirement_id": retired.retirement_id,
        "holder": retired.holder,
        "tx_hash": retired.tx_hash,
        "block_number": retired.block_number,
        "chain_id": identity.chain_id,
        "contract": identity.bank,
        "demo": view.demo,
        "url": url,
    }
    if retired.batch_status != "active":  # else the paper says nothing of it
        facts |= {
            "batch_status": retired.batch_status,
            "replaced": [[one.serial, one.replaced_by] for one in retired.replaced],
            "unreplaced_g": retired.unreplaced_g or None,
        }
    return Certificate(
        retirement_id=retirement_id,
        serial=retired.serial,
        facts=facts,
        pdf=bank.press.certificate(facts),
    )
