"""Issue a verified batch: its grams come into being on the chain, once.

The money law is checked on both shores: before sending, against what is sealed and what the chain
says of fleet and methodology; after reading back, against the claim.
"""

import json
from dataclasses import dataclass, replace

from carbonbank.domain.chain_facts import BatchStatus, ChainEvent
from carbonbank.domain.claim import BatchClaim, batch_id, batch_number, vehicle_words, vehicles_hash
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import IssueBatch
from carbonbank.domain.payout import payouts_of_dump
from carbonbank.domain.records import (
    ChainLog,
    Issuance,
    Programme,
    SealedBatch,
    VehicleMonth,
    Verification,
)
from carbonbank.errors import (
    ActNotConfirmed,
    BatchAlreadyIssued,
    BatchNotVerified,
    ClaimDiffers,
    InvariantBroken,
    MethodologyNotCertified,
    NotIssuable,
    OperatorChanged,
)
from carbonbank.mrv.package import issuable, parse_package
from carbonbank.service.act import unconfirmed
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain

ISSUER = "role/issuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A batch on the chain, in grams; `repeated` if it had been issued before."""

    batch_id: str
    issued_g: int
    operator_g: int
    drivers_g: int
    buffer_g: int
    tx_hash: str
    block_number: int
    repeated: bool


def issue_batch(bank: Bank, batch: str) -> Issued:
    """Issue a sealed and verified batch; issuing it again changes nothing.

    Raises:
        NotFound: no such batch is sealed.
        BatchNotVerified: no verifier signed it.
        ClaimDiffers: what is stored does not belong together.
        OperatorChanged: the claim pays another than the fleet's operator.
        MethodologyNotCertified: the chain does not know the methodology, or it was withdrawn.
        NotIssuable: factors or declared values are not good enough for this chain.
        RuleError: the contract refuses; the error bears the contract's name for it.
    """
    with bank.store.read() as session:
        sealed = session.need(SealedBatch, batch)
        verification = session.get(Verification, batch)
        programme = session.need(Programme, sealed.programme)
    if verification is None:
        raise BatchNotVerified(batch_id=batch)
    claim = from_text(BatchClaim, sealed.claim)
    repeated = bank.chain.batch(batch_number(batch)).status is not BatchStatus.NONE
    if not repeated:
        command = _command(sealed, claim, verification)
        _check_before(bank, claim, programme)
        try:
            bank.chain.submit(command, ISSUER)
        except BatchAlreadyIssued:  # sent before a kill, mined after we looked
            repeated = True
    return _record(bank, sealed, claim, repeated=repeated)


def _command(sealed: SealedBatch, claim: BatchClaim, verification: Verification) -> IssueBatch:
    indices = [row["vehicle_index"] for row in json.loads(sealed.vehicles)["vehicles"]]
    word_index, bits = vehicle_words(indices)
    paid_g = sum(payout.amount_g for payout in payouts_of_dump(json.loads(sealed.payouts)))
    for what, found, expected in (
        ("batch id", batch_id(claim), batch_number(sealed.batch_id)),
        ("total", claim.total_g, sealed.total_g),
        ("drivers' share", paid_g, claim.drivers_g),
        ("vehicles hash", vehicles_hash(word_index, bits).hex(), claim.vehicles_hash.hex()),
        ("verifier", verification.verifier, claim.verifier),
    ):
        if found != expected:
            raise ClaimDiffers(
                batch_id=sealed.batch_id, what=what, found=str(found), expected=str(expected)
            )
    return IssueBatch(
        claim=claim,
        signature=bytes.fromhex(verification.signature.removeprefix("0x")),
        word_index=tuple(word_index),
        bits=tuple(bits),
    )


def _check_before(bank: Bank, claim: BatchClaim, programme: Programme) -> None:
    operator = bank.chain.operator_of(claim.fleet_id)
    if operator != claim.operator:
        raise OperatorChanged(
            fleet_id=claim.fleet_id.hex(), operator=str(operator), claimed_operator=claim.operator
        )
    methodology = bank.chain.methodology(claim.methodology_id)
    if methodology is None or methodology.withdrawn:
        raise MethodologyNotCertified(
            methodology_id=claim.methodology_id.hex(),
            state="withdrawn" if methodology else "not certified",
        )
    package = parse_package(programme.package.encode())
    reasons = issuable(package, embedded=bank.chain.identity.embedded)
    if package.methodology_id != claim.methodology_id:
        reasons.append(f"the package of {programme.handle} is not the one claimed")
    if reasons:
        raise NotIssuable(programme=programme.handle, reasons="; ".join(reasons))


def _record(bank: Bank, sealed: SealedBatch, claim: BatchClaim, *, repeated: bool) -> Issued:
    """Read the batch back, check it against the claim and keep where it was issued."""
    batch = sealed.batch_id
    amounts = bank.chain.batch(batch_number(batch))
    if (amounts.issued_g, amounts.month) != (claim.total_g, claim.month):
        raise InvariantBroken(f"batch {batch} was issued as {amounts}, claimed as {claim}")
    sync_chain(bank)
    event = _issue_event(bank, batch)
    if event is None:
        raise ActNotConfirmed(kind="IssueBatch", sender=bank.signer.address(ISSUER), nonce=0)
    with bank.store.begin() as session:
        session.put(
            Issuance(
                batch_id=batch,
                tx_hash=event.tx_hash,
                block_number=event.block_number,
                block_hash=event.block_hash,
            )
        )
        session.put(replace(session.need(SealedBatch, batch), state="issued"))
        for month in session.find(VehicleMonth, batch_id=batch):
            session.put(replace(month, state="issued"))
    return Issued(
        batch_id=batch,
        issued_g=amounts.issued_g,
        operator_g=claim.operator_g,
        drivers_g=claim.drivers_g,
        buffer_g=claim.buffer_g,
        tx_hash=event.tx_hash,
        block_number=event.block_number,
        repeated=repeated,
    )


def _issue_event(bank: Bank, batch: str) -> ChainEvent | None:
    """Return the event that issued a batch, from its block on the chain."""
    number = batch_number(batch)
    with bank.store.read() as session:
        blocks = [
            log.block_number
            for log in session.find(ChainLog, name="BatchIssued")
            if int(json.loads(log.fields)["batch_id"]) == number
        ]
    found = bank.chain.events(blocks[-1], blocks[-1]) if blocks else unconfirmed(bank)
    return next(
        (
            event
            for event in found
            if event.name == "BatchIssued" and event.fields["batch_id"] == number
        ),
        None,
    )
