"""Let a frozen batch move again: the guardian at any time, anyone once its 30 days are over."""

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import UnfreezeBatch
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding
from carbonbank.service.guardian import GUARDIAN, RELAYER, guard, stands


def unfreeze_batch(bank: Bank, batch: str) -> BatchStanding:
    """End a freeze. While it runs, `bank` carries the guardian's signer; after, anyone's will do.

    Raises:
        NotFound: no such batch was issued.
        BatchNotFrozen: it is not frozen; a disproven batch can not be unfrozen.
        KeyMissing: the freeze still runs, and the guardian's key is not here.
    """
    sender = RELAYER if stands(bank, batch).days_left == 0 else GUARDIAN
    guard(bank, UnfreezeBatch(batch_id=batch_number(batch)), sender)
    return stands(bank, batch)
