"""Move held grams from one account to another, once."""

from dataclasses import dataclass

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import Transfer
from carbonbank.domain.records import Account
from carbonbank.errors import AmountNotPositive, NotEnoughHeld, NotFound
from carbonbank.service.act import act_once, act_was_asked
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """Grams that moved; `repeated` if this very transfer had happened before."""

    batch_id: str
    sender: str
    recipient: str
    amount_g: int
    tx_hash: str
    repeated: bool


def transfer_credits(
    bank: Bank, account: str, recipient: str, batch: str, amount_g: int, key: str = ""
) -> Transferred:
    """Transfer grams of a batch. `recipient` is an account's handle or an address.

    Args:
        bank: the bank.
        account: handle of the account that gives.
        recipient: handle or `0x` address that receives.
        batch: batch id as hex.
        amount_g: grams.
        key: the client's name for this act; the same key is the same transfer.

    Raises:
        AmountNotPositive: nothing is asked for.
        NotEnoughHeld: the account holds less.
    """
    if amount_g <= 0:
        raise AmountNotPositive(field="amount_g", value=amount_g)
    with bank.store.read() as session:
        giver = session.need(Account, account)
        found = session.get(Account, recipient)
    if found is None and not recipient.startswith("0x"):
        raise NotFound(kind="Account", key=recipient)
    command = Transfer(
        sender=giver.address,
        recipient=found.address if found else recipient,
        batch_id=batch_number(batch),
        amount_g=amount_g,
    )
    if not act_was_asked(bank, command, giver.key, key):
        held_g = bank.chain.held_g(giver.address, command.batch_id)
        if held_g < amount_g:
            raise NotEnoughHeld(account=account, batch_id=batch, held_g=held_g, needed_g=amount_g)
    act = act_once(bank, command, giver.key, key)
    return Transferred(
        batch_id=batch,
        sender=command.sender,
        recipient=command.recipient,
        amount_g=amount_g,
        tx_hash=act.tx_hash,
        repeated=act.repeated,
    )
