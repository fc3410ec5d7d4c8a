"""Put settlement money into an account, once: the bank's own e-money for the embedded default."""

from dataclasses import dataclass

from carbonbank.domain.commands import MintMoney
from carbonbank.domain.records import Account
from carbonbank.errors import AmountNotPositive
from carbonbank.service.act import act_once
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """Money paid in, in micro-units; `repeated` if this very payment had happened before."""

    account: str
    amount_units: int
    held_units: int
    tx_hash: str
    repeated: bool


def fund_account(bank: Bank, account: str, amount_units: int, key: str = "") -> Funded:
    """Pay micro-units of money into an account. `key` names the payment: the same is the same.

    Raises:
        AmountNotPositive: nothing is paid in.
    """
    if amount_units <= 0:
        raise AmountNotPositive(field="amount_units", value=amount_units)
    with bank.store.read() as session:
        address = session.need(Account, account).address
    act = act_once(
        bank, MintMoney(account=address, amount_units=amount_units), "role/treasurer", key
    )
    return Funded(
        account=account,
        amount_units=amount_units,
        held_units=bank.chain.money_units(address),
        tx_hash=act.tx_hash,
        repeated=act.repeated,
    )
