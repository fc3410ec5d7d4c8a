"""Move all that an account holds at the bank to the wallet its owner linked."""

from dataclasses import dataclass

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.records import Account, ChainBatch, ChainHolding
from carbonbank.errors import WalletNotLinked
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.transfer_credits import Transferred, transfer_credits
from carbonbank.service.wallets import wallet_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsMoved:
    """Grams by batch that went to the wallet; what is frozen or disproven stays behind."""

    account: str
    wallet: str
    moved: tuple[Transferred, ...]


def move_holdings(bank: Bank, account: str, key: str = "") -> HoldingsMoved:
    """Transfer every held gram of batches that move. Asked again, it moves what came since.

    Raises:
        NotFound: no such account.
        WalletNotLinked: no wallet is in effect.
    """
    sync_chain(bank)
    with bank.store.read() as session:
        owner = session.need(Account, account)
        wallet = wallet_of(session, account, bank.clock.now_at())
        held = session.find(ChainHolding, address=owner.address)
        active = {one.batch_id for one in session.find(ChainBatch, status=BatchStatus.ACTIVE.name)}
    if wallet is None:
        raise WalletNotLinked(account=account)
    head = bank.chain.head().number  # the same grams may come and go again: another act
    return HoldingsMoved(
        account=account,
        wallet=wallet,
        moved=tuple(
            transfer_credits(bank, account, wallet, one.batch_id, one.held_g, f"{key}:{head}")
            for one in held
            if one.held_g and one.batch_id in active
        ),
    )
