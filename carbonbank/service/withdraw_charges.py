"""Withdraw a file of charges: its sessions go, unless a batch counts them or another file has them.

A charge that is missing makes a claim larger, so a withdrawn file stays on record and every later
report of the fleet names it.
"""

import json
from dataclasses import dataclass, replace

from carbonbank.domain.records import (
    ChargeFile,
    ChargeSession,
    ChargeTelling,
    SealedBatch,
    StoredTrip,
)
from carbonbank.errors import UploadInBatch
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.import_charges import only_credited
from carbonbank.service.judge_trips import judge_trips


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesWithdrawn:
    """What withdrawing did; `sessions_kept` are told, or taken back, by another file."""

    file_hash: str
    sessions_removed: int
    sessions_kept: int
    repeated: bool


def withdraw_charges(bank: Bank, *, fleet: str, file_hash: str) -> ChargesWithdrawn:
    """Withdraw a file of charges; the same file can be imported again later.

    Raises:
        NotFound: there is no such file.
        UploadInBatch: a session of it is in a sealed or issued batch.
    """
    with bank.store.begin() as session:
        file = session.need(ChargeFile, fleet, file_hash)
        if file.withdrawn:
            return ChargesWithdrawn(
                file_hash=file_hash, sessions_removed=0, sessions_kept=0, repeated=True
            )
        told = session.find(ChargeTelling, fleet=fleet, file_hash=file_hash)
        ids = sorted({one.session_id for one in told})
        _refuse_sealed(session, file, set(ids))
        session.put(replace(file, withdrawn=True))
        session.remove(ChargeTelling, fleet=fleet, file_hash=file_hash)
        before = session.find(ChargeSession, session_id=ids)
        kept = [one for one in before if _kept(session, one)]
        vehicle_ids = sorted({one.vehicle_id for one in before} - {""})
        driven = session.find(StoredTrip, fleet=fleet, vehicle_id=vehicle_ids)
        judge_trips(bank, session, fleet=fleet, vehicle_ids=sorted({t.vehicle_id for t in driven}))
    return ChargesWithdrawn(
        file_hash=file_hash,
        sessions_removed=len(before) - len(kept),
        sessions_kept=len(kept),
        repeated=False,
    )


def _refuse_sealed(session: Session, file: ChargeFile, ids: set[str]) -> None:
    batches = [
        batch.batch_id
        for batch in session.find(SealedBatch, fleet=file.fleet)
        if ids & {json.loads(line)["session_id"] for line in batch.charges.split("\n") if line}
    ]
    if batches:
        raise UploadInBatch(file_hash=file.file_hash, batch_ids=sorted(batches))


def _kept(session: Session, one: ChargeSession) -> bool:
    """Leave of a session what the other files say of it; False if that is nothing."""
    others = session.find(ChargeTelling, session_id=one.session_id)
    charges = [telling for telling in others if not telling.credit]
    if not others:
        session.remove(ChargeSession, session_id=one.session_id)
        return False
    if not charges:
        (credit, *_) = others
        left = only_credited(one.session_id, one.fleet, one.source_record_id, credit.file_hash)
    else:
        state = "counted" if len(charges) == len(others) else "credited"
        (first, *_) = charges
        left = replace(one, state=state, file_hash=first.file_hash, row=first.row)
    session.put(left)
    return True
