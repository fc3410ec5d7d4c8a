"""How a guardian acts: with its own key, for a reason that everyone can read."""

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import Command
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding, batch_status
from carbonbank.service.sync_chain import sync_chain

GUARDIAN = "role/guardian"
RELAYER = "role/relayer"


def reasoned(reason: str) -> str:
    """Return a reason; it stands on the chain for ever.

    Raises:
        FieldInvalid: it is empty.
    """
    if not reason.strip():
        raise FieldInvalid(field="reason", value=reason, expected="a reason in words")
    return reason


def guard(bank: Bank, command: Command, sender: str = GUARDIAN) -> None:
    """Send a guardian's act and follow it. `bank` carries the guardian's signer."""
    bank.chain.submit(command, sender)
    sync_chain(bank)


def numbers(batches: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    """Return batch ids as the chain names them."""
    return tuple(batch_number(batch) for batch in batches)


def stands(bank: Bank, batch: str) -> BatchStanding:
    """Return where a batch stands now, the newest block included."""
    sync_chain(bank)
    return batch_status(bank, batch)
