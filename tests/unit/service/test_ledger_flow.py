"""The ledger half on fakes: issue, claim, move, trade, retire; each again changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from carbonbank.domain.order import Side
from carbonbank.domain.records import (
    ChainBatch,
    ChainRetirement,
    ChainTrade,
    Issuance,
    SealedBatch,
    StoredOrder,
    VehicleMonth,
    Verification,
)
from carbonbank.domain.serial import parse_serial
from carbonbank.errors import (
    AmountNotPositive,
    BatchNotIssued,
    BatchNotVerified,
    ClaimDiffers,
    MethodologyNotCertified,
    NotEnoughHeld,
    NotEnoughMoney,
    NotFound,
    NotYourOrder,
    OperatorChanged,
    OrderAmbiguous,
    OrdersDoNotMeet,
    PrefixAmbiguous,
    TextTooLong,
)
from carbonbank.service.account_balance import account_balance
from carbonbank.service.batch_view import batch_view
from carbonbank.service.cancel_order import cancel_order
from carbonbank.service.certificate import certificate
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.order_book import order_book
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.settle_trade import settle_trade
from carbonbank.service.transfer_credits import transfer_credits
from tests.stage import Stage, trip


@pytest.fixture
def batch(stage: Stage) -> str:
    """A verified batch of one 15 km trip of anna's."""
    stage.certify()
    return stage.verified([trip()]).batch_id


@pytest.fixture
def issued(stage: Stage, batch: str) -> str:
    issue_batch(stage.bank, batch)
    return batch


def trader(stage: Stage, handle: str, units: int = 0) -> None:
    open_account(stage.bank, handle=handle, kind="trader", person="T.")
    if units:
        fund_account(stage.bank, handle, units, "first")


# --- issue --------------------------------------------------------------------------------------


def test_issue_makes_the_claimed_grams_and_marks_everything(stage: Stage, batch: str) -> None:
    done = issue_batch(stage.bank, batch)
    # 15 km: (178.653770 - 107.661320) g/km = 1064.88… g, floored; shares 60 % / 10 % / rest.
    assert done.issued_g == 1064
    assert (done.drivers_g, done.buffer_g, done.operator_g) == (638, 107, 319)
    assert not done.repeated
    assert stage.all(SealedBatch)[0].state == "issued"
    assert {m.state for m in stage.all(VehicleMonth, batch_id=batch)} == {"issued"}
    assert reconcile(stage.bank).findings == ()


def test_issue_again_is_the_same(stage: Stage, issued: str) -> None:
    (before,) = stage.all(Issuance)
    again = issue_batch(stage.bank, issued)
    assert again.repeated
    assert stage.all(Issuance) == [before]
    assert (
        stage.bank.chain.held_g(stage.bank.signer.address("account/olga"), int(issued, 16)) == 319
    )


def test_issue_needs_a_verification(stage: Stage) -> None:
    sealed = stage.sealed([trip()])
    with pytest.raises(BatchNotVerified):
        issue_batch(stage.bank, sealed.batch_id)
    with pytest.raises(NotFound):
        issue_batch(stage.bank, "0" * 64)


def test_issue_needs_a_certified_methodology(stage: Stage) -> None:
    sealed = stage.verified([trip()])
    with pytest.raises(MethodologyNotCertified, match="not certified"):
        issue_batch(stage.bank, sealed.batch_id)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (SealedBatch, {"total_g": 1065}),
        (Verification, {"verifier": "0x" + "1" * 40}),
        (SealedBatch, {"vehicles": '{"vehicles":[{"vehicle_index":2}]}'}),
        (SealedBatch, {"payouts": '{"values":[]}'}),
    ],
)
def test_issue_refuses_what_was_altered_in_the_store(
    stage: Stage, batch: str, kind: type[Any], change: dict[str, Any]
) -> None:
    with stage.bank.store.begin() as session:
        session.put(replace(session.need(kind, batch), **change))
    with pytest.raises(ClaimDiffers):
        issue_batch(stage.bank, batch)


def test_issue_refuses_a_claim_that_pays_another_operator(
    stage: Stage, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.bank.chain, "operator_of", lambda _: "0x" + "2" * 40)
    with pytest.raises(OperatorChanged):
        issue_batch(stage.bank, batch)


# --- claim and balance --------------------------------------------------------------------------


def test_claim_pays_once(stage: Stage, issued: str) -> None:
    before = account_balance(stage.bank, "anna")
    assert (before.held_g, before.claimable_g) == (0, 638)
    assert claim_payout(stage.bank, "anna").amount_g == 638
    again = claim_payout(stage.bank, "anna", issued)
    assert again.amount_g == 0
    assert [one.amount_g for one in again.payouts] == [638]
    after = account_balance(stage.bank, "anna")
    assert (after.held_g, after.claimable_g) == (638, 0)
    assert claim_payout(stage.bank, "ben").payouts == ()
    assert reconcile(stage.bank).findings == ()


def test_claim_waits_for_the_issue(stage: Stage, batch: str) -> None:
    assert account_balance(stage.bank, "anna").batches == ()
    with pytest.raises(BatchNotIssued):
        claim_payout(stage.bank, "anna", batch)


# --- transfer, fund, retire ---------------------------------------------------------------------


def test_transfer_with_one_key_moves_once_and_with_two_keys_twice(
    stage: Stage, issued: str
) -> None:
    first = transfer_credits(stage.bank, "olga", "ben", issued, 100, "a")
    same = transfer_credits(stage.bank, "olga", "ben", issued, 100, "a")
    assert (first.repeated, same.repeated) == (False, True)
    assert first.tx_hash == same.tx_hash
    assert account_balance(stage.bank, "ben").held_g == 100
    transfer_credits(stage.bank, "olga", "ben", issued, 100, "b")
    assert account_balance(stage.bank, "ben").held_g == 200


def test_transfer_repeats_although_nothing_is_left(stage: Stage, issued: str) -> None:
    transfer_credits(stage.bank, "olga", "ben", issued, 319)
    assert transfer_credits(stage.bank, "olga", "ben", issued, 319).repeated
    with pytest.raises(NotEnoughHeld, match="holds 0 g"):
        transfer_credits(stage.bank, "olga", "ben", issued, 1)


def test_transfer_needs_someone_and_something(stage: Stage, issued: str) -> None:
    with pytest.raises(NotFound):
        transfer_credits(stage.bank, "olga", "nobody", issued, 1)
    with pytest.raises(AmountNotPositive):
        transfer_credits(stage.bank, "olga", "ben", issued, 0)


def test_fund_once_per_key(stage: Stage) -> None:
    trader(stage, "tina")
    assert not fund_account(stage.bank, "tina", 5, "a").repeated
    assert fund_account(stage.bank, "tina", 5, "a").repeated
    assert fund_account(stage.bank, "tina", 5, "b").held_units == 10
    assert account_balance(stage.bank, "tina").money_units == 10
    with pytest.raises(AmountNotPositive):
        fund_account(stage.bank, "tina", -5)


def test_retire_takes_the_next_serials_and_prints_them(stage: Stage, issued: str) -> None:
    terms = {"beneficiary": "Zoë", "purpose": "a test"}
    first = retire_credits(stage.bank, "olga", issued, 10, **terms)
    second = retire_credits(stage.bank, "olga", issued, 10, **terms, key="again")
    assert (first.serial_first, first.serial_last) == (1, 10)
    assert (second.serial_first, second.serial_last) == (11, 20)
    assert retire_credits(stage.bank, "olga", issued, 10, **terms) == replace(first, repeated=True)
    (one, two) = stage.all(ChainRetirement)
    assert (one.beneficiary, one.purpose, two.amount_g) == ("Zoë", "a test", 10)
    paper = certificate(stage.bank, second.retirement_id)
    assert parse_serial(paper.serial).first_g == 11
    assert paper.facts["beneficiary"] == "Zoë"
    assert paper.facts["demo"] is True
    assert paper.pdf.startswith(b"%PDF")
    assert reconcile(stage.bank).findings == ()


def test_retire_refuses_long_words_and_missing_grams(stage: Stage, issued: str) -> None:
    with pytest.raises(TextTooLong, match="34 bytes"):
        retire_credits(stage.bank, "olga", issued, 1, beneficiary="ß" * 17, purpose="")
    with pytest.raises(NotEnoughHeld):
        retire_credits(stage.bank, "olga", issued, 320, beneficiary="b", purpose="p")
    with pytest.raises(AmountNotPositive):
        retire_credits(stage.bank, "olga", issued, 0, beneficiary="b", purpose="p")
    with pytest.raises(NotFound):
        certificate(stage.bank, 1)


# --- orders -------------------------------------------------------------------------------------


def sell(batch: str, amount_g: int = 100, price: int = 30_000_000) -> Wanted:
    return Wanted(
        account="olga", side=Side.SELL, amount_g=amount_g, price_units_per_t=price, batch=batch
    )


def buy(batch: str, amount_g: int = 100, price: int = 40_000_000) -> Wanted:
    return Wanted(
        account="tina", side=Side.BUY, amount_g=amount_g, price_units_per_t=price, batch=batch
    )


def test_settle_moves_grams_one_way_and_money_the_other(stage: Stage, issued: str) -> None:
    trader(stage, "tina", 10_000)
    ask, bid = place_order(stage.bank, sell(issued)), place_order(stage.bank, buy(issued))
    done = settle_trade(stage.bank, ask.order_hash, bid.order_hash, issued, 60)
    # Both were signed in one second, so the sell order's price holds: 60 g at 30 money a tonne.
    assert (done.amount_g, done.paid_units) == (60, 1800)
    assert settle_trade(stage.bank, ask.order_hash, bid.order_hash, issued, 60) == replace(
        done, repeated=True
    )
    settle_trade(stage.bank, ask.order_hash, bid.order_hash, issued, 40)
    tina, olga = account_balance(stage.bank, "tina"), account_balance(stage.bank, "olga")
    assert (tina.held_g, tina.money_units) == (100, 10_000 - 3000)
    assert (olga.held_g, olga.money_units) == (219, 3000)
    assert [(one.state, one.filled_g) for one in order_book(stage.bank)] == [("filled", 100)] * 2
    assert sum(trade.amount_g for trade in stage.all(ChainTrade)) == 100
    assert reconcile(stage.bank).findings == ()


def test_placing_the_same_again_is_one_order(stage: Stage, issued: str) -> None:
    first = place_order(stage.bank, sell(issued))
    assert place_order(stage.bank, sell(issued)) == replace(first, repeated=True)
    place_order(stage.bank, sell(issued), "another")
    assert len(stage.all(StoredOrder)) == 2


def test_orders_are_covered_and_clear(stage: Stage, issued: str) -> None:
    trader(stage, "tina", 10)
    with pytest.raises(NotEnoughHeld):
        place_order(stage.bank, sell(issued, 320))
    with pytest.raises(NotEnoughMoney, match="4000 are needed"):
        place_order(stage.bank, buy(issued))
    with pytest.raises(OrderAmbiguous):
        place_order(stage.bank, replace(sell(issued), class_label="X", vintage_year=2024))
    with pytest.raises(OrderAmbiguous):
        place_order(stage.bank, replace(sell(issued), batch=None))
    with pytest.raises(AmountNotPositive, match="price_units_per_t"):
        place_order(stage.bank, sell(issued, price=0))


def test_a_class_order_takes_any_batch_of_its_class(stage: Stage, issued: str) -> None:
    trader(stage, "tina", 10_000)
    wanted = replace(
        buy(issued), batch=None, class_label="DEMO AMS-III.C/16", vintage_year=2024, min_age_s=0
    )
    ask, bid = place_order(stage.bank, sell(issued)), place_order(stage.bank, wanted)
    assert settle_trade(stage.bank, ask.order_hash, bid.order_hash, issued, 100).amount_g == 100


def test_orders_that_do_not_meet(stage: Stage, issued: str) -> None:
    trader(stage, "tina", 10_000)
    ask = place_order(stage.bank, sell(issued, price=50_000_000)).order_hash
    bid = place_order(stage.bank, buy(issued)).order_hash
    with pytest.raises(OrdersDoNotMeet, match="asks 50000000"):
        settle_trade(stage.bank, ask, bid, issued, 1)
    with pytest.raises(OrdersDoNotMeet, match="sides"):
        settle_trade(stage.bank, bid, ask, issued, 1)
    with pytest.raises(AmountNotPositive):
        settle_trade(stage.bank, ask, bid, issued, 0)


def test_cancel_kills_an_order_of_ones_own(stage: Stage, issued: str) -> None:
    placed = place_order(stage.bank, sell(issued)).order_hash
    with pytest.raises(NotYourOrder):
        cancel_order(stage.bank, "ben", placed)
    assert not cancel_order(stage.bank, "olga", placed).repeated
    assert cancel_order(stage.bank, "olga", placed).repeated
    assert [one.state for one in order_book(stage.bank, "olga")] == ["cancelled"]


# --- views --------------------------------------------------------------------------------------


def test_a_batch_is_found_by_its_first_digits(stage: Stage, issued: str) -> None:
    view = batch_view(stage.bank, issued[:8])
    assert (view.batch_id, view.state, view.demo) == (issued, "active", True)
    assert view.held_g + view.claimable_g + view.buffer_g == view.total_g == 1064
    with pytest.raises(NotFound):
        batch_view(stage.bank, "zz")
    with stage.bank.store.begin() as session:
        twin = issued[:8] + "0" * 56
        session.add(replace(session.need(SealedBatch, issued), batch_id=twin))
    with pytest.raises(PrefixAmbiguous, match="2 batches"):
        batch_view(stage.bank, issued[:8])


def test_the_projection_of_a_batch_is_the_chains(stage: Stage, issued: str) -> None:
    claim_payout(stage.bank, "anna")
    (row,) = stage.all(ChainBatch)
    amounts = stage.bank.chain.batch(int(issued, 16))
    assert (row.issued_g, row.claimable_g, row.buffer_g) == (1064, 0, 107)
    assert (row.issued_g, row.claimable_g, row.buffer_g) == (
        amounts.issued_g,
        amounts.claimable_g,
        amounts.buffer_g,
    )
