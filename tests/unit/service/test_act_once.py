"""An act happens once, wherever the process dies between deciding, sending and recording."""

from dataclasses import replace
from typing import Any

import pytest

from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.commands import ApproveMarket, MintMoney, Transfer
from carbonbank.domain.records import Intent
from carbonbank.errors import ActNotConfirmed, ActOvertaken, BatchNotFound, NonceSpent
from carbonbank.service.account_balance import account_balance
from carbonbank.service.act import act_once, finish_acts
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.transfer_credits import transfer_credits
from tests.dying import Killed, dying
from tests.stage import Stage, trip

TREASURER = "role/treasurer"


@pytest.fixture
def funded(stage: Stage) -> Stage:
    open_account(stage.bank, handle="tina", kind="trader", person="T.")
    return stage


KILLS = [
    *(("chain", "submit", 0, after) for after in (False, True)),
    *(("chain", "next_nonce", 0, after) for after in (False, True)),
    *(("chain", "head", 0, after) for after in (False, True)),
    # begin: the intent, the transaction hash, the synced blocks, in the order they are written
    *(("store", "begin", number, False) for number in range(3)),
]


@pytest.mark.parametrize(("port", "method", "at", "after"), KILLS)
def test_money_is_paid_in_once_wherever_it_dies(
    funded: Stage, port: str, method: str, at: int, after: bool
) -> None:
    with pytest.raises(Killed):
        fund_account(dying(funded.bank, port, method, at, after=after), "tina", 7, "k")
    assert fund_account(funded.bank, "tina", 7, "k").held_units == 7
    assert fund_account(funded.bank, "tina", 7, "k").held_units == 7
    assert reconcile(funded.bank).findings == ()


@pytest.mark.parametrize(("port", "method", "at", "after"), KILLS)
def test_what_was_begun_is_finished_before_something_else(
    funded: Stage, port: str, method: str, at: int, after: bool
) -> None:
    with pytest.raises(Killed):
        fund_account(dying(funded.bank, port, method, at, after=after), "tina", 7, "k")
    begun = bool(funded.all(Intent))
    assert fund_account(funded.bank, "tina", 100, "other").held_units == (107 if begun else 100)
    assert fund_account(funded.bank, "tina", 7, "k").held_units == 107
    assert len({one.nonce for one in funded.all(Intent)}) == 2
    assert reconcile(funded.bank).findings == ()


@pytest.mark.parametrize("after", [False, True])
def test_retiring_survives_a_kill(stage: Stage, after: bool) -> None:
    stage.certify()
    batch = stage.verified([trip()]).batch_id
    issue_batch(stage.bank, batch)
    terms = {"beneficiary": "b", "purpose": "p"}
    with pytest.raises(Killed):
        retire_credits(
            dying(stage.bank, "chain", "submit", 0, after=after), "olga", batch, 319, **terms
        )
    done = retire_credits(stage.bank, "olga", batch, 319, **terms)
    assert (done.serial_first, done.serial_last) == (1, 319)
    assert account_balance(stage.bank, "olga").retired_g == 319
    assert reconcile(stage.bank).findings == ()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("port", "method"), [("chain", "submit"), ("store", "begin")])
def test_issuing_survives_a_kill(stage: Stage, port: str, method: str, after: bool) -> None:
    stage.certify()
    batch = stage.verified([trip()]).batch_id
    with pytest.raises(Killed):
        issue_batch(dying(stage.bank, port, method, 0, after=after), batch)
    done = issue_batch(stage.bank, batch)
    assert done.issued_g == 1064
    assert reconcile(stage.bank).findings == ()


def test_an_act_that_died_unsent_and_is_refused_now_is_forgotten(stage: Stage) -> None:
    stage.certify()
    batch = stage.verified([trip()]).batch_id
    issue_batch(stage.bank, batch)
    with pytest.raises(Killed):
        transfer_credits(
            dying(stage.bank, "chain", "submit", 0, after=False), "olga", "ben", batch, 300, "late"
        )
    # Somebody else's wallet could have moved the grams meanwhile.
    olga, ben = (stage.bank.signer.address(f"account/{name}") for name in ("olga", "ben"))
    spend = Transfer(sender=olga, recipient=ben, batch_id=int(batch, 16), amount_g=200)
    stage.bank.chain.submit(spend, "account/olga")
    with pytest.raises(ActOvertaken, match="did not happen"):
        transfer_credits(stage.bank, "olga", "ben", batch, 300, "late")
    assert stage.all(Intent) == []
    assert account_balance(stage.bank, "ben").held_g == 200


def test_a_refused_act_leaves_no_intent(stage: Stage) -> None:
    nobody = stage.bank.signer.address("account/nobody")
    command = Transfer(sender=nobody, recipient=nobody, batch_id=5, amount_g=1)
    with pytest.raises(BatchNotFound):
        act_once(stage.bank, command, "account/nobody")
    assert stage.all(Intent) == []


def test_finish_acts_does_what_was_decided(funded: Stage) -> None:
    with pytest.raises(Killed):
        fund_account(dying(funded.bank, "chain", "submit", 0, after=False), "tina", 7, "k")
    assert finish_acts(funded.bank) == 1
    assert account_balance(funded.bank, "tina").money_units == 7
    assert finish_acts(funded.bank) == 0


class Elsewhere:
    """The same chain seen as a real network: it may still hold what it has not mined."""

    def __init__(self, chain: Any) -> None:
        self._chain = chain

    @property
    def identity(self) -> ChainIdentity:
        return replace(self._chain.identity, embedded=False)

    def submit(self, _command: Any, sender: str, nonce: int | None = None) -> Any:
        raise NonceSpent(sender=sender, nonce=nonce or 0, next_nonce=1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)


def test_what_waits_in_a_memory_pool_is_not_given_up(funded: Stage) -> None:
    far: Any = replace(funded.bank, chain=Elsewhere(funded.bank.chain))
    with pytest.raises(ActNotConfirmed):
        fund_account(far, "tina", 7, "k")
    assert len(funded.all(Intent)) == 1


def test_the_same_words_are_the_same_act_for_one_sender_alone(funded: Stage) -> None:
    address = funded.bank.signer.address("account/tina")
    first = act_once(funded.bank, MintMoney(account=address, amount_units=1), TREASURER)
    assert act_once(funded.bank, MintMoney(account=address, amount_units=1), TREASURER) == replace(
        first, repeated=True
    )
    approve = ApproveMarket(owner=address)
    assert not act_once(funded.bank, approve, "account/tina").repeated
    assert act_once(funded.bank, approve, "account/tina").repeated
