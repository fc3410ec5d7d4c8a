"""Projections follow the chain and survive re-organisations; reconcile tells what differs."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from carbonbank.domain.records import (
    PROJECTIONS,
    ChainBatch,
    ChainHolding,
    ChainLog,
    ChainMoney,
    ChainPayout,
    Intent,
    Issuance,
    SealedBatch,
    VehicleMonth,
    Verification,
)
from carbonbank.service.account_balance import account_balance
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.sync_chain import drop_projections, sync_chain
from carbonbank.service.transfer_credits import transfer_credits
from tests.stage import Stage, trip


def tables(stage: Stage) -> dict[str, list[Any]]:
    return {kind.__name__: stage.all(kind) for kind in PROJECTIONS}


@pytest.fixture
def lively(stage: Stage) -> Stage:
    """A bank in which something of everything happened."""
    stage.certify()
    batch = stage.verified([trip()]).batch_id
    issue_batch(stage.bank, batch)
    claim_payout(stage.bank, "anna")
    transfer_credits(stage.bank, "olga", "ben", batch, 50)
    retire_credits(stage.bank, "ben", batch, 20, beneficiary="b", purpose="p")
    open_account(stage.bank, handle="tina", kind="trader", person="T.")
    fund_account(stage.bank, "tina", 500)
    return stage


def batch_of(stage: Stage) -> str:
    return str(stage.all(SealedBatch)[0].batch_id)


def test_dropped_projections_fold_to_equal_tables(lively: Stage) -> None:
    before = tables(lively)
    assert len(before["ChainHolding"]) == 3
    drop_projections(lively.bank)
    assert not any(tables(lively).values())
    sync_chain(lively.bank)
    assert tables(lively) == before


def test_sync_again_reads_nothing(lively: Stage) -> None:
    sync_chain(lively.bank)
    done = sync_chain(lively.bank)
    assert (done.blocks_read, done.blocks_undone, done.events_read) == (0, 0, 0)


def test_a_reorganisation_rolls_back_to_the_fork(lively: Stage) -> None:
    chain: Any = lively.bank.chain
    fork, before = chain.head().number, tables(lively)
    fund_account(lively.bank, "tina", 1, "lost")
    transfer_credits(lively.bank, "olga", "ben", batch_of(lively), 9, "lost")
    chain.rewind(fork)
    done = sync_chain(lively.bank)
    assert (done.blocks_undone, done.blocks_read) == (2, 0)
    assert tables(lively) == before


def test_a_longer_other_chain_replaces_what_was_synced(lively: Stage) -> None:
    chain: Any = lively.bank.chain
    fork = chain.head().number
    fund_account(lively.bank, "tina", 1, "lost")
    chain.rewind(fork)
    fund_account(lively.bank, "tina", 20, "kept")
    fund_account(lively.bank, "tina", 300, "kept")
    assert account_balance(lively.bank, "tina").money_units == 820
    assert reconcile(lively.bank).findings == ()


def test_an_act_lost_in_a_reorganisation_happens_again_on_asking(lively: Stage) -> None:
    chain: Any = lively.bank.chain
    fork = chain.head().number
    fund_account(lively.bank, "tina", 7, "k")
    chain.rewind(fork)
    assert fund_account(lively.bank, "tina", 7, "k").held_units == 507
    assert fund_account(lively.bank, "tina", 7, "k").held_units == 507


def test_an_issue_lost_in_a_reorganisation_is_issued_again(stage: Stage) -> None:
    chain: Any = stage.bank.chain
    stage.certify()
    batch = stage.verified([trip()]).batch_id
    fork = chain.head().number
    issue_batch(stage.bank, batch)
    chain.rewind(fork)
    assert {one.code for one in reconcile(stage.bank).findings} >= {"ISSUANCE_DIFFERS"}
    assert not issue_batch(stage.bank, batch).repeated
    assert reconcile(stage.bank).findings == ()


def test_blocks_without_confirmations_wait(lively: Stage) -> None:
    chain: Any = lively.bank.chain
    chain._confirmations = 1
    fund_account(lively.bank, "tina", 1, "k")
    assert account_balance(lively.bank, "tina").money_units == 500
    assert fund_account(lively.bank, "tina", 1, "k").repeated
    chain._confirmations = 0
    sync_chain(lively.bank)
    assert account_balance(lively.bank, "tina").money_units == 501


# --- reconcile ----------------------------------------------------------------------------------

Change = Callable[[Any], dict[str, Any]]


ALTERED: list[tuple[type[Any], Change, str]] = [
    (ChainBatch, lambda row: {"issued_g": row.issued_g + 1}, "BATCH_DIFFERS"),
    (ChainBatch, lambda row: {"claimable_g": row.claimable_g + 1}, "PROJECTION_DIFFERS"),
    (ChainHolding, lambda row: {"held_g": row.held_g + 1}, "HOLDING_DIFFERS"),
    (ChainMoney, lambda row: {"held_units": row.held_units + 1}, "MONEY_DIFFERS"),
    (ChainPayout, lambda row: {"amount_g": row.amount_g + 1}, "PROJECTION_DIFFERS"),
    (VehicleMonth, lambda _: {"state": "closed"}, "MONTH_DIFFERS"),
    (SealedBatch, lambda row: {"total_g": row.total_g + 1}, "EVIDENCE_DIFFERS"),
    (SealedBatch, lambda row: {"report": row.report + " "}, "EVIDENCE_DIFFERS"),
    (SealedBatch, lambda row: {"leaves": row.leaves[:-1] + b"\7"}, "EVIDENCE_DIFFERS"),
    (SealedBatch, lambda row: {"payouts": '{"values":[]}'}, "EVIDENCE_DIFFERS"),
    (SealedBatch, lambda _: {"state": "verified"}, "ISSUANCE_DIFFERS"),
    (Issuance, lambda _: {"block_hash": "0x00"}, "ISSUANCE_DIFFERS"),
    (Issuance, lambda _: {"block_number": 1}, "ISSUANCE_DIFFERS"),
]


@pytest.mark.parametrize(("kind", "change", "code"), ALTERED)
def test_reconcile_tells_what_was_altered(
    lively: Stage, kind: type[Any], change: Change, code: str
) -> None:
    assert reconcile(lively.bank).findings == ()
    with lively.bank.store.begin() as session:
        row: Any = session.find(kind)[0]
        session.put(replace(row, **change(row)))
    found = reconcile(lively.bank).findings
    assert code in {one.code for one in found}
    assert all(one.found != one.expected for one in found)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ChainPayout, "PAYOUT_DIFFERS"),
        (Issuance, "ISSUANCE_DIFFERS"),
        (Verification, "ISSUANCE_DIFFERS"),
        (SealedBatch, "ISSUANCE_DIFFERS"),
        (ChainLog, "PROJECTION_DIFFERS"),
    ],
)
def test_reconcile_tells_what_is_missing(lively: Stage, kind: type[Any], code: str) -> None:
    with lively.bank.store.begin() as session:
        session.remove(kind)
    assert code in {one.code for one in reconcile(lively.bank).findings}


def test_reconcile_tells_an_act_that_was_never_finished(lively: Stage) -> None:
    content = json.dumps({"command": {}, "key": ""})
    with lively.bank.store.begin() as session:
        session.add(
            Intent(
                intent_id="1",
                kind="Retire",
                sender="account/ben",
                nonce=9,
                content=content,
                tx_hash=None,
            )
        )
    assert [one.code for one in reconcile(lively.bank).findings] == ["ACT_UNFINISHED"]
