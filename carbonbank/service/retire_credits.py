"""Retire held grams for ever, for a beneficiary and a purpose, once."""

from dataclasses import dataclass

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import Retire
from carbonbank.domain.records import Account
from carbonbank.errors import AmountNotPositive, NotEnoughHeld, TextTooLong
from carbonbank.service.act import act_once, act_was_asked
from carbonbank.service.bank import Bank

WORD_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A retirement with its serial range; `repeated` if this very one had happened before."""

    retirement_id: int
    batch_id: str
    amount_g: int
    serial_first: int
    serial_last: int
    tx_hash: str
    block_number: int
    repeated: bool


def retire_credits(
    bank: Bank,
    account: str,
    batch: str,
    amount_g: int,
    *,
    beneficiary: str,
    purpose: str,
    key: str = "",
) -> Retired:
    """Retire grams of a batch that an account holds.

    Args:
        bank: the bank.
        account: handle of the holder.
        batch: batch id as hex.
        amount_g: grams.
        beneficiary: for whom, at most 32 bytes of UTF-8.
        purpose: what for, at most 32 bytes of UTF-8.
        key: the client's name for this act; the same key is the same retirement.

    Raises:
        AmountNotPositive: nothing is asked for.
        TextTooLong: a text does not fit its 32 bytes.
        NotEnoughHeld: the account holds less.
    """
    if amount_g <= 0:
        raise AmountNotPositive(field="amount_g", value=amount_g)
    with bank.store.read() as session:
        holder = session.need(Account, account)
    command = Retire(
        holder=holder.address,
        batch_id=batch_number(batch),
        amount_g=amount_g,
        beneficiary=text_word("beneficiary", beneficiary),
        purpose=text_word("purpose", purpose),
    )
    if not act_was_asked(bank, command, holder.key, key):
        held_g = bank.chain.held_g(holder.address, command.batch_id)
        if held_g < amount_g:
            raise NotEnoughHeld(account=account, batch_id=batch, held_g=held_g, needed_g=amount_g)
    act = act_once(bank, command, holder.key, key)
    fields = act.fields("CreditsRetired")
    return Retired(
        retirement_id=int(fields["retirement_id"]),
        batch_id=batch,
        amount_g=int(fields["amount_g"]),
        serial_first=int(fields["from_serial"]),
        serial_last=int(fields["to_serial"]),
        tx_hash=act.tx_hash,
        block_number=act.block_number,
        repeated=act.repeated,
    )


def text_word(field: str, text: str) -> bytes:
    """Return a text as the 32 bytes it has on the chain: UTF-8, padded with zeros."""
    data = text.encode()
    if len(data) > WORD_BYTES:
        raise TextTooLong(field=field, size_bytes=len(data), size_bytes_max=WORD_BYTES)
    return data.ljust(WORD_BYTES, b"\0")
