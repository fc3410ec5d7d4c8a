"""Where a batch stands: its status with the reason, the days left of a freeze, what replaced it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.records import ChainBatch, ChainLog
from carbonbank.domain.replacement import REPLACED, Replacement, replacements_of
from carbonbank.domain.standing import CANCEL_AFTER_S, STOPS, standing_of
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import full_batch_id
from carbonbank.units import ceil_div

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """A batch in grams, and why it does not move where it does not.

    A freeze without a proof ends by itself: `days_left` counts down to the moment from which
    anyone may end it. `unreplaced_g` of the grams retired from a cancelled batch have no others in
    their place yet.
    """

    batch_id: str
    status: str
    reason: str
    frozen_since_at: str | None
    frozen_until_at: str | None
    days_left: int | None
    cancellable_from_at: str | None
    proof_id: str | None
    buffer_g: int
    retired_g: int
    cancelled_g: int
    unreplaced_g: int
    replacements: tuple[Replacement, ...]


def batch_status(bank: Bank, batch: str) -> BatchStanding:
    """Return where an issued batch stands, by its id or its first digits.

    Raises:
        NotFound: no such batch was issued.
        PrefixAmbiguous: more than one begins so.
    """
    with bank.store.read() as session:
        chain = session.need(ChainBatch, full_batch_id(session, batch))
        return standing_in(session, chain, int(bank.clock.now_at().timestamp()))


def standing_in(session: Session, chain: ChainBatch, now_s: int) -> BatchStanding:
    """Return where a batch stands at a Unix second, from the synced events."""
    stands = standing_of(chain.batch_id, session.find(ChainLog, name=list(STOPS)))
    replaced = replacements_in(session, chain.batch_id)
    frozen = stands.frozen_until > 0
    left_s = max(0, stands.frozen_until - now_s)
    return BatchStanding(
        batch_id=chain.batch_id,
        status=chain.status.lower(),
        reason=stands.reason,
        frozen_since_at=_moment(stands.frozen_since) if frozen else None,
        frozen_until_at=_moment(stands.frozen_until) if frozen else None,
        days_left=ceil_div(left_s, DAY_S) if frozen else None,
        cancellable_from_at=_moment(stands.frozen_since + CANCEL_AFTER_S) if frozen else None,
        proof_id=stands.proof_id or None,
        buffer_g=chain.buffer_g,
        retired_g=chain.retired_g,
        cancelled_g=chain.cancelled_g,
        unreplaced_g=unreplaced_g(chain, replaced),
        replacements=replaced,
    )


def replacements_in(session: Session, batch_id: str) -> tuple[Replacement, ...]:
    """Return what stands in for serials retired from a cancelled batch, in their order."""
    found = replacements_of(session.find(ChainLog, name=REPLACED))
    return tuple(one for one in found if one.batch_id == batch_id)


def unreplaced_g(chain: ChainBatch, replaced: tuple[Replacement, ...]) -> int:
    """Return the grams retired from a cancelled batch that nothing stands in for."""
    is_dead = chain.status == BatchStatus.CANCELLED.name
    return chain.retired_g - sum(one.amount_g for one in replaced) if is_dead else 0


def _moment(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat()
