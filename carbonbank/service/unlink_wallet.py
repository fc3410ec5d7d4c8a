"""Take a linked wallet back: later payouts go to the address whose key the bank keeps."""

from dataclasses import replace

from carbonbank.domain.records import Account
from carbonbank.service.bank import Bank
from carbonbank.service.wallets import WalletView, links_of, wallets


def unlink_wallet(bank: Bank, account: str) -> WalletView:
    """Withdraw every link of an account, those on their way too; what was paid out stays there.

    Raises:
        NotFound: no such account.
    """
    with bank.store.begin() as session:
        session.need(Account, account)
        for link in links_of(session, account):
            session.put(replace(link, withdrawn=True))
    return wallets(bank, account)
