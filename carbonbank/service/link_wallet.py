"""Link an own wallet to an account: it takes effect after 48 hours, in a demo at once."""

from datetime import timedelta

from eth_utils.address import is_checksum_address

from carbonbank.domain.records import Account, Programme, WalletLink
from carbonbank.domain.wallet import WalletMessage
from carbonbank.errors import (
    FieldInvalid,
    WalletDidNotSign,
    WalletMessageExpired,
    WalletMessageUsed,
    WalletTaken,
    WalletTakesNoCredits,
)
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.signed_by import signature_octets, signed_by
from carbonbank.service.wallets import WalletView, wallets

DELAY = timedelta(hours=48)
VALID_S = 3600


def offer_wallet_message(bank: Bank, account: str, wallet: str) -> WalletMessage:
    """Return the message that the wallet is to sign, valid for an hour.

    Raises:
        NotFound: no such account.
        FieldInvalid: the wallet is no address.
    """
    _check_address(wallet)
    with bank.store.read() as session:
        session.need(Account, account)
        nonce = session.count(WalletLink, account=account)
    expiry = int(bank.clock.now_at().timestamp()) + VALID_S
    return WalletMessage(account=account, wallet=wallet, nonce=nonce, expiry=expiry)


def link_wallet(
    bank: Bank, account: str, wallet: str, *, nonce: int, expiry: int, signature: str
) -> WalletView:
    """Link a wallet by its own signature as hex: 65 bytes of a key, or what its contract takes.

    A contract is asked on the chain whether it signed (ERC-1271), and whether it takes credits.
    What linked already and was not withdrawn since changes nothing and answers the same.

    Raises:
        FieldInvalid, NotFound: no address, no such account.
        WalletMessageExpired, WalletMessageUsed, WalletDidNotSign: the message does not count.
        WalletTakesNoCredits: it is a contract to which nothing could be paid.
        WalletTaken: it is an address of another account.
    """
    _check_address(wallet)
    message = WalletMessage(account=account, wallet=wallet, nonce=nonce, expiry=expiry)
    now_at = bank.clock.now_at()
    now_s = int(now_at.timestamp())
    signed = signature_octets(signature)
    if _is_linked(bank, message, signed):
        return wallets(bank, account)
    if not now_s <= expiry <= now_s + VALID_S:
        raise WalletMessageExpired(expiry=expiry, now=now_s, valid_s_max=VALID_S)
    if not signed_by(bank, wallet, message.digest(bank.chain.identity), signed):
        raise WalletDidNotSign(wallet=wallet, account=account)
    if not bank.chain.takes_credits(wallet):
        raise WalletTakesNoCredits(wallet=wallet)
    with bank.store.begin() as session:
        session.need(Account, account)
        expected = session.count(WalletLink, account=account)
        if nonce != expected:
            raise WalletMessageUsed(account=account, nonce=nonce, expected=expected)
        if _is_taken(session, wallet, account):
            raise WalletTaken(wallet=wallet)
        # In a demo nothing is worth a thief's while, and a player does not wait two days.
        is_demo = bank.chain.identity.embedded and session.count(Programme, demo=True) > 0
        session.add(
            WalletLink(
                account=account,
                nonce=nonce,
                wallet=wallet,
                signature=signature,
                linked_at=now_at,
                effective_at=now_at if is_demo else now_at + DELAY,
                withdrawn=False,
            )
        )
    return wallets(bank, account)


def _check_address(wallet: str) -> None:
    if not is_checksum_address(wallet):
        raise FieldInvalid(field="wallet", value=wallet, expected="an EIP-55 address")


def _is_linked(bank: Bank, message: WalletMessage, signed: bytes) -> bool:
    """Say whether this very message linked its wallet."""
    with bank.store.read() as session:
        link = session.get(WalletLink, message.account, message.nonce)
    return (
        link is not None
        and link.wallet == message.wallet
        and signature_octets(link.signature) == signed
        and not link.withdrawn
    )


def _is_taken(session: Session, wallet: str, account: str) -> bool:
    linked = session.find(WalletLink, wallet=wallet)
    return session.count(Account, address=wallet) > 0 or any(
        one.account != account for one in linked
    )
