"""Correct a disproven batch: cancel what it has too much, and let it move again."""

from collections.abc import Sequence

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import CorrectBatch
from carbonbank.errors import AmountNotPositive
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.guardian import guard, numbers, reasoned, stands


def correct_batch(
    bank: Bank, batch: str, excess_g: int, reason: str, sources: Sequence[str] = ()
) -> BatchStanding:
    """Cancel the excess out of the batch's own buffer, then out of the buffers of `sources`.

    Args:
        bank: the bank, with the guardian's signer.
        batch: batch id as hex.
        excess_g: grams that were issued too much.
        reason: why, in words.
        sources: ids of batches whose buffers give the rest, in this order.

    Raises:
        AmountNotPositive, FieldInvalid: nothing is asked for, or for no reason.
        BatchNotDisproven: there is nothing to correct.
        ExcessNotCovered: all these buffers together hold less.
    """
    if excess_g <= 0:
        raise AmountNotPositive(field="excess_g", value=excess_g)
    command = CorrectBatch(
        batch_id=batch_number(batch),
        excess_g=excess_g,
        sources=numbers(list(sources)),
        reason=reasoned(reason),
    )
    guard(bank, command)
    return stands(bank, batch)
