"""Freeze a batch while doubts are looked into: 30 days, unless the guardian renews it."""

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import FreezeBatch
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.guardian import guard, reasoned, stands


def freeze_batch(bank: Bank, batch: str, reason: str, *, renew: bool = False) -> BatchStanding:
    """Stop every move, claim and retirement of a batch. `bank` carries the guardian's signer.

    A batch that is frozen already stays as it is, unless its freeze is to be renewed: then 30 days
    begin now, under the new reason.

    Raises:
        FieldInvalid: no reason.
        NotFound: no such batch was issued.
        BatchNotActive: it is disproven or cancelled.
    """
    command = FreezeBatch(batch_id=batch_number(batch), reason=reasoned(reason))
    if renew or stands(bank, batch).status != BatchStatus.FROZEN.name.lower():
        guard(bank, command)
    return stands(bank, batch)
