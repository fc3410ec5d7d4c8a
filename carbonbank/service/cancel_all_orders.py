"""Kill every order an account has signed up to now, in one act."""

from dataclasses import dataclass

from carbonbank.domain.commands import CancelAllOrders
from carbonbank.domain.records import Account
from carbonbank.service.act import finish_acts
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class AllCancelled:
    """Every order of the account signed up to this Unix second is dead."""

    account: str
    signed_up_to: int
    tx_hash: str


def cancel_all_orders(bank: Bank, account: str) -> AllCancelled:
    """Cancel all orders of an account; doing it again only moves the moment.

    Raises:
        NotFound: no such account.
    """
    with bank.store.read() as session:
        maker = session.need(Account, account)
    finish_acts(bank)
    receipt = bank.chain.submit(CancelAllOrders(maker=maker.address), maker.key)
    sync_chain(bank)
    (said,) = (event for event in receipt.events if event.name == "AllOrdersCancelled")
    return AllCancelled(
        account=account, signed_up_to=int(said.fields["signed_up_to"]), tx_hash=receipt.tx_hash
    )
