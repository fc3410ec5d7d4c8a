"""Put grams of other batches' buffers in place of those retired from a cancelled batch."""

from collections.abc import Sequence

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import ReplaceFromBuffer
from carbonbank.domain.records import ChainBatch
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.guardian import guard, numbers, stands


def replace_retired(bank: Bank, batch: str, sources: Sequence[str] = ()) -> BatchStanding:
    """Retire buffers in place of a cancelled batch's retired grams; takes what is there.

    Args:
        bank: the bank, with the guardian's signer.
        batch: id of the cancelled batch as hex.
        sources: ids of the batches that give, in this order; without any, all that have a buffer,
            the oldest first.

    Raises:
        NotFound: no such batch was issued.
        BatchNotCancelled: nothing of it is to be replaced.
        NothingToReplace: everything is replaced already.
        EventMissing: none of the sources has a buffer left.
    """
    stands(bank, batch)
    command = ReplaceFromBuffer(
        batch_id=batch_number(batch), sources=numbers(list(sources) or with_buffer(bank, batch))
    )
    guard(bank, command)
    return stands(bank, batch)


def with_buffer(bank: Bank, batch: str) -> list[str]:
    """Return the active batches other than `batch` that have a buffer, the oldest first."""
    with bank.store.read() as session:
        active = session.find(ChainBatch, status=BatchStatus.ACTIVE.name, order="block_number")
        return [one.batch_id for one in active if one.buffer_g and one.batch_id != batch]
