"""End a batch for ever: what is not retired is cancelled."""

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import CancelBatch
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.guardian import guard, reasoned, stands


def cancel_batch(bank: Bank, batch: str, reason: str) -> BatchStanding:
    """Cancel a disproven batch, or one frozen for 7 days. `bank` carries the guardian's signer.

    Cancelling it again changes nothing.

    Raises:
        FieldInvalid: no reason.
        NotFound: no such batch was issued.
        BatchNotCancellable: it is neither disproven nor frozen for long enough.
    """
    command = CancelBatch(batch_id=batch_number(batch), reason=reasoned(reason))
    if stands(bank, batch).status != BatchStatus.CANCELLED.name.lower():
        guard(bank, command)
    return stands(bank, batch)
