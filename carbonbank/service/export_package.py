"""Export a batch's audit package: everything to check it without the bank."""

import json

from carbonbank.domain.chain_facts import ChainEvent
from carbonbank.domain.claim import BatchClaim, batch_number, vehicle_words
from carbonbank.domain.codec import from_text
from carbonbank.domain.documents import (
    claim_document,
    receipt_document,
    retirements_document,
)
from carbonbank.domain.records import (
    ChainLog,
    ChainRetirement,
    Issuance,
    Programme,
    SealedBatch,
    Verification,
)
from carbonbank.ports import Session
from carbonbank.service.bank import Bank


def export_package(bank: Bank, batch: str) -> bytes:
    """Return the audit package of a sealed, verified or issued batch as a zip.

    The same state of a batch gives the same bytes. Where a driver of it was erased,
    trips.ndjson is left out; the leaves that commit to the trips stay, and every root still holds.

    Raises:
        NotFound: no such batch.
    """
    with bank.store.read() as session:
        members = package_members(bank, session, batch)
    return bank.press.package(members)


def package_members(bank: Bank, session: Session, batch: str) -> dict[str, bytes]:
    """Return all members of a batch's package by name.

    Raises:
        NotFound: no such batch.
    """
    sealed = session.need(SealedBatch, batch)
    members = _sealed_members(bank, session, sealed)
    verification = session.get(Verification, batch)
    if verification is not None:
        members["verification.json"] = verification.document.encode()
        receipt = _receipt(bank, session, batch)
        if receipt is not None:
            members["receipt.json"] = receipt
    retirements = session.find(ChainRetirement, batch_id=batch)
    if retirements:
        members["retirements.json"] = retirements_document(retirements)
    return members


def _sealed_members(bank: Bank, session: Session, sealed: SealedBatch) -> dict[str, bytes]:
    identity = bank.chain.identity
    listed = json.loads(sealed.vehicles)["vehicles"]
    word_index, bits = vehicle_words([one["vehicle_index"] for one in listed])
    claim = from_text(BatchClaim, sealed.claim)
    members = {
        "package.json": session.need(Programme, sealed.programme).package.encode(),
        "report.json": sealed.report.encode(),
        "claim.json": claim_document(
            claim,
            chain_id=identity.chain_id,
            contract=identity.bank,
            word_index=word_index,
            bits=bits,
        ),
        "leaves.bin": sealed.leaves,
        "payouts.json": sealed.payouts.encode(),
        "vehicles.json": sealed.vehicles.encode(),
    }
    if sealed.trips.count("\n") == claim.trip_count:  # else some were erased
        members["trips.ndjson"] = sealed.trips.encode()
    if sealed.charges:
        members["charges.ndjson"] = sealed.charges.encode()
    return members


def _receipt(bank: Bank, session: Session, batch: str) -> bytes | None:
    """Return the issue event as it was synced, None before that."""
    issuance = session.get(Issuance, batch)
    if issuance is None:
        return None
    number = batch_number(batch)
    logs = session.find(ChainLog, name="BatchIssued", block_number=issuance.block_number)
    for log in logs:
        fields = json.loads(log.fields)
        if int(fields["batch_id"]) == number:
            event = ChainEvent(
                block_number=log.block_number,
                block_hash=issuance.block_hash,
                tx_hash=log.tx_hash,
                log_index=log.log_index,
                contract=bank.chain.identity.bank,
                name=log.name,
                fields=fields,
                actor=log.actor,
                nonce=log.nonce,
            )
            return receipt_document(event)
    return None
