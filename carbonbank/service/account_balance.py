"""What an account has: grams held and claimable by batch, grams retired, money."""

import json
from dataclasses import dataclass

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.payout import payouts_of_dump
from carbonbank.domain.records import (
    Account,
    ChainBatch,
    ChainHolding,
    ChainMoney,
    ChainPayout,
    ChainRetirement,
    SealedBatch,
)
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.wallets import addresses_of, wallet_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchBalance:
    """Grams of one batch: held, still to be claimed, retired by this account."""

    batch_id: str
    fleet: str | None
    month: int
    status: str
    held_g: int
    claimable_g: int
    retired_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account's grams and micro-units of money, as of the newest synced block.

    `wallet_g` are the grams in the wallet that is linked, whose key the bank does not have.
    """

    account: str
    address: str
    held_g: int
    claimable_g: int
    retired_g: int
    money_units: int
    wallet: str | None
    wallet_g: int
    batches: tuple[BatchBalance, ...]


def account_balance(bank: Bank, account: str) -> Balance:
    """Return an account's balance from the projections.

    Raises:
        NotFound: no such account.
    """
    with bank.store.read() as session:
        owner = session.need(Account, account)
        address = owner.address
        money = session.get(ChainMoney, address)
        rows = [_row(session, owner, batch) for batch in session.find(ChainBatch)]
        wallet = wallet_of(session, account, bank.clock.now_at())
        wallet_g = _moving_g(session, wallet) if wallet else 0
    batches = tuple(row for row in rows if row.held_g or row.claimable_g or row.retired_g)
    return Balance(
        account=account,
        address=address,
        held_g=sum(row.held_g for row in batches),
        claimable_g=sum(row.claimable_g for row in batches),
        retired_g=sum(row.retired_g for row in batches),
        money_units=money.held_units if money else 0,
        wallet=wallet,
        wallet_g=wallet_g,
        batches=batches,
    )


def _moving_g(session: Session, address: str) -> int:
    """Return the grams of batches that are not cancelled at an address."""
    held = session.find(ChainHolding, address=address)
    dead = session.find(ChainBatch, status=BatchStatus.CANCELLED.name)
    gone = {batch.batch_id for batch in dead}
    return sum(one.held_g for one in held if one.batch_id not in gone)


def _row(session: Session, owner: Account, batch: ChainBatch) -> BatchBalance:
    address = owner.address
    held = session.get(ChainHolding, address, batch.batch_id)
    sealed = session.get(SealedBatch, batch.batch_id)
    retired = session.find(ChainRetirement, batch_id=batch.batch_id, holder=address)
    is_dead = batch.status == BatchStatus.CANCELLED.name
    return BatchBalance(
        batch_id=batch.batch_id,
        fleet=sealed.fleet if sealed else None,
        month=batch.month,
        status=batch.status.lower(),
        held_g=held.held_g if held and not is_dead else 0,
        claimable_g=_claimable_g(session, owner, sealed) if sealed and not is_dead else 0,
        retired_g=sum(one.amount_g for one in retired),
    )


def _claimable_g(session: Session, owner: Account, sealed: SealedBatch) -> int:
    addresses = addresses_of(session, owner)
    due_g = sum(
        payout.amount_g
        for payout in payouts_of_dump(json.loads(sealed.payouts))
        if payout.account in addresses
    )
    paid = session.find(ChainPayout, batch_id=sealed.batch_id, address=sorted(addresses))
    return due_g - sum(one.amount_g for one in paid)
