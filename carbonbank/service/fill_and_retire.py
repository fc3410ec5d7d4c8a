"""Buy from a signed sell order and retire at once: what is bought is never held."""

from dataclasses import dataclass

from carbonbank.domain.commands import FillAndRetire
from carbonbank.service.act import act_once
from carbonbank.service.bank import Bank
from carbonbank.service.fill_order import Filled, filled, filling, give_leave, take
from carbonbank.service.market_leave import let_deliver
from carbonbank.service.retire_credits import text_word


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledAndRetired:
    """What was bought and retired, with its serial range."""

    filled: Filled
    retirement_id: int
    serial_first: int
    serial_last: int


def fill_and_retire(
    bank: Bank,
    account: str,
    order_hash: str,
    amount_g: int,
    batch: str | None = None,
    *,
    beneficiary: str,
    purpose: str,
    key: str = "",
) -> FilledAndRetired:
    """Take grams of a sell order and retire them in the same transaction.

    Args:
        bank: the bank.
        account: handle of who buys and retires.
        order_hash: the sell order, as hex.
        amount_g: grams.
        batch: which batch; a class order needs it.
        beneficiary: for whom, at most 32 bytes of UTF-8.
        purpose: what for, at most 32 bytes of UTF-8.
        key: the client's name for this act: two equal ones need two.

    Raises:
        NotFound: no such account or order.
        AmountNotPositive, FieldInvalid, TextTooLong: it is not told right.
        RuleError: the market refuses, such as a buy order; nothing is bought or retired.
    """
    for_whom = text_word("beneficiary", beneficiary)
    what_for = text_word("purpose", purpose)
    taking = take(bank, account, order_hash, amount_g, batch)
    give_leave(bank, taking, f"retire:{key}")
    # The market retires in the taker's name.
    let_deliver(bank, taking.taker, taking.taker.address)
    command = FillAndRetire(**filling(taking), beneficiary=for_whom, purpose=what_for)
    act = act_once(bank, command, taking.taker.key, key)
    fields = act.fields("CreditsRetired")
    return FilledAndRetired(
        filled=filled(taking, act),
        retirement_id=int(fields["retirement_id"]),
        serial_first=int(fields["from_serial"]),
        serial_last=int(fields["to_serial"]),
    )
