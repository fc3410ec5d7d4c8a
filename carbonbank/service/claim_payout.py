"""Pay a driver's share of issued batches. Anyone may send it; it can only reach the account."""

import json
from dataclasses import dataclass

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.commands import ClaimPayout
from carbonbank.domain.payout import Payout, PayoutTree, payout_tree, payouts_of_dump
from carbonbank.domain.records import Account, ChainBatch, SealedBatch
from carbonbank.errors import BatchNotIssued, PayoutAlreadyClaimed
from carbonbank.service.act import finish_acts
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.wallets import addresses_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """One payout in grams; `tx_hash` is None if it had been paid before."""

    batch_id: str
    amount_g: int
    tx_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All payouts of an account that are paid now; `amount_g` is what this call paid."""

    account: str
    amount_g: int
    payouts: tuple[PaidOut, ...]


def claim_payout(bank: Bank, account: str, batch: str | None = None) -> Claimed:
    """Pay an account what is claimable, of one batch or of all; what is paid stays as it is.

    Raises:
        NotFound: no such account or batch.
        BatchNotIssued: the batch is not on the chain yet.
        RuleError: the contract refuses, such as a frozen batch.
    """
    sync_chain(bank)
    with bank.store.read() as session:
        addresses = addresses_of(session, session.need(Account, account))
        issued = {found.batch_id for found in session.find(ChainBatch)}
        wanted = [session.need(SealedBatch, batch)] if batch else session.find(SealedBatch)
    if batch and batch not in issued:
        raise BatchNotIssued(batch_id=batch)
    finish_acts(bank)
    paid: list[PaidOut] = []
    for sealed in wanted:
        if sealed.batch_id in issued:
            tree = payout_tree(payouts_of_dump(json.loads(sealed.payouts)))
            paid += [
                _pay(bank, sealed, tree, payout)
                for payout in tree.payouts
                if payout.account in addresses
            ]
    sync_chain(bank)
    return Claimed(
        account=account,
        amount_g=sum(one.amount_g for one in paid if one.tx_hash is not None),
        payouts=tuple(paid),
    )


def _pay(bank: Bank, sealed: SealedBatch, tree: PayoutTree, payout: Payout) -> PaidOut:
    tx_hash: str | None = None
    claim = from_text(BatchClaim, sealed.claim)
    if not bank.chain.is_claimed(claim, payout.index):
        command = ClaimPayout(
            claim=claim,
            index=payout.index,
            account=payout.account,
            from_g=payout.from_g,
            amount_g=payout.amount_g,
            proof=tuple(tree.proof(payout.index)),
        )
        try:
            tx_hash = bank.chain.submit(command, "role/relayer").tx_hash
        except PayoutAlreadyClaimed:  # somebody else was faster; the account has its grams
            tx_hash = None
    return PaidOut(batch_id=sealed.batch_id, amount_g=payout.amount_g, tx_hash=tx_hash)
