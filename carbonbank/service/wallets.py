"""Whose wallet is linked: what counts now, and what is on its way."""

from dataclasses import dataclass
from datetime import datetime

from carbonbank.domain.records import Account, WalletLink
from carbonbank.ports import Session
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletView:
    """The wallet payouts go to now, and the one on its way with the moment it takes effect."""

    account: str
    address: str
    wallet: str | None
    coming_wallet: str | None
    coming_at: str | None


def wallets(bank: Bank, account: str) -> WalletView:
    """Return what is linked to an account.

    Raises:
        NotFound: no such account.
    """
    now_at = bank.clock.now_at()
    with bank.store.read() as session:
        owner = session.need(Account, account)
        links = links_of(session, account)
        current = wallet_of(session, account, now_at)
    coming = [one for one in links if one.effective_at > now_at]
    return WalletView(
        account=account,
        address=owner.address,
        wallet=current,
        coming_wallet=coming[-1].wallet if coming else None,
        coming_at=coming[-1].effective_at.isoformat() if coming else None,
    )


def links_of(session: Session, account: str) -> list[WalletLink]:
    """Return the links of an account that were not withdrawn, the oldest first."""
    return session.find(WalletLink, account=account, withdrawn=False, order="nonce")


def wallet_of(session: Session, account: str, now_at: datetime) -> str | None:
    """Return the wallet that counts at a moment, None if the bank's own address does."""
    counting = [one for one in links_of(session, account) if one.effective_at <= now_at]
    return counting[-1].wallet if counting else None


def payee(session: Session, owner: Account, now_at: datetime) -> str:
    """Return the address an account's payouts go to."""
    return wallet_of(session, owner.handle, now_at) or owner.address


def addresses_of(session: Session, owner: Account) -> set[str]:
    """Return every address that payouts of an account ever went to."""
    linked = session.find(WalletLink, account=owner.handle)
    return {owner.address, *(one.wallet for one in linked)}
