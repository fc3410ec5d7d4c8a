"""Leave for the market to deliver and to be paid, given by accounts whose keys the bank keeps.

An order that a wallet of one's own made is of that wallet: it gives leave itself, and without it
the market refuses.
"""

from carbonbank.domain.commands import AllowMoney, ApproveMarket
from carbonbank.domain.records import Account
from carbonbank.service.act import act_once
from carbonbank.service.bank import Bank


def let_deliver(bank: Bank, account: Account, party: str) -> None:
    """Let the market deliver what `party` sells, if that is the account itself."""
    if account.address == party:
        act_once(bank, ApproveMarket(owner=account.address), account.key)


def let_pay(bank: Bank, account: Account, party: str, units: int, name: str) -> None:
    """Let the market take what `party` pays, if that is the account itself.

    `name` tells this payment from every other: each uses up its own allowance.
    """
    if account.address == party:
        act_once(bank, AllowMoney(owner=account.address, amount_units=units), account.key, name)
