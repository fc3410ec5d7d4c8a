"""One batch for anyone to see: what was sealed, signed, issued, moved and retired."""

import json
from dataclasses import dataclass

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.records import (
    ChainBatch,
    ChainHolding,
    ChainRetirement,
    Issuance,
    Programme,
    SealedBatch,
    Verification,
)
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import full_batch_id
from carbonbank.service.batch_status import BatchStanding, standing_in
from carbonbank.units import month_label


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """A batch in grams. `state`: sealed, verified, or its status on the chain in lower case."""

    batch_id: str
    fleet: str
    programme: str
    methodology_id: str
    class_label: str
    demo: bool
    month: str
    state: str
    trips: int
    vehicles: int
    total_g: int
    operator_g: int
    drivers_g: int
    buffer_g: int
    held_g: int
    claimable_g: int
    retired_g: int
    cancelled_g: int
    verifier: str
    verified_at: str | None
    tx_hash: str | None
    block_number: int | None
    evidence_root: str
    report_hash: str
    payout_root: str
    retirements: tuple[ChainRetirement, ...]
    standing: BatchStanding | None


def batch_view(bank: Bank, batch: str) -> BatchView:
    """Return a batch by its id, or by as many leading digits as tell it apart.

    Raises:
        NotFound: no such batch.
        PrefixAmbiguous: more than one begins so.
    """
    with bank.store.read() as session:
        sealed = session.need(SealedBatch, full_batch_id(session, batch))
        return _view(session, sealed, int(bank.clock.now_at().timestamp()))


def _view(session: Session, sealed: SealedBatch, now_s: int) -> BatchView:
    claim = from_text(BatchClaim, sealed.claim)
    verification = session.get(Verification, sealed.batch_id)
    issuance = session.get(Issuance, sealed.batch_id)
    chain = session.get(ChainBatch, sealed.batch_id)
    programme = session.need(Programme, sealed.programme)
    holdings = session.find(ChainHolding, batch_id=sealed.batch_id)
    is_dead = chain is not None and chain.status == BatchStatus.CANCELLED.name
    return BatchView(
        batch_id=sealed.batch_id,
        fleet=sealed.fleet,
        programme=sealed.programme,
        methodology_id=claim.methodology_id.hex(),
        class_label=json.loads(programme.package)["class_label"],
        demo=programme.demo,
        month=month_label(sealed.month),
        state=chain.status.lower() if chain else sealed.state,
        trips=claim.trip_count,
        vehicles=len(json.loads(sealed.vehicles)["vehicles"]),
        total_g=claim.total_g,
        operator_g=claim.operator_g,
        drivers_g=claim.drivers_g,
        buffer_g=claim.buffer_g,
        held_g=0 if is_dead else sum(holding.held_g for holding in holdings),
        claimable_g=chain.claimable_g if chain else 0,
        retired_g=chain.retired_g if chain else 0,
        cancelled_g=chain.cancelled_g if chain else 0,
        verifier=claim.verifier,
        verified_at=verification.verified_at.isoformat() if verification else None,
        tx_hash=issuance.tx_hash if issuance else None,
        block_number=issuance.block_number if issuance else None,
        evidence_root=claim.evidence_root.hex(),
        report_hash=claim.report_hash.hex(),
        payout_root=claim.payout_root.hex(),
        retirements=tuple(session.find(ChainRetirement, batch_id=sealed.batch_id)),
        standing=standing_in(session, chain, now_s) if chain else None,
    )
