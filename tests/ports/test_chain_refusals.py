"""The Chain port refuses by name, with the values; a refused act changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from carbonbank import errors
from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import batch_id, vehicles_hash
from carbonbank.domain.commands import (
    AllowMoney,
    CancelOrders,
    EnrolFleet,
    FillOrder,
    FreezeBatch,
    MintMoney,
    Retire,
    SettleOrders,
    Transfer,
    UnfreezeBatch,
)
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.order import Side, class_id, order_struct_hash
from carbonbank.errors import InvariantBroken, RuleError
from tests.ports.chain_fixtures import MARCH_2021, Corner, new_id
from tests.ports.test_chain_acts import Trading, payout_of


@contextmanager
def refused(name: str, **values: Any) -> Iterator[None]:
    """Expect the ledger's error of this name with these values among its fields."""
    with pytest.raises(RuleError) as caught:
        yield
    assert caught.value.code == name
    assert {k: caught.value.fields[k] for k in values} == values
    assert isinstance(caught.value, getattr(errors, name))


def test_a_role_act_needs_the_role(corner: Corner) -> None:
    outsider = "role/relayer"
    acts = [
        (MintMoney(account=corner.at("account/x"), amount_units=1), "MINTER"),
        (EnrolFleet(fleet_id=corner.fleet_id, operator=corner.at("account/x")), "REGISTRAR"),
        (FreezeBatch(batch_id=1, reason=""), "GUARDIAN"),
        (corner.batch().issue, "ISSUER"),
    ]
    for command, role in acts:
        with refused(
            "AccessControlUnauthorizedAccount",
            account=corner.at(outsider),
            needed_role=keccak256(role.encode()),
        ):
            corner.chain.submit(command, outsider)


def test_what_exists_is_not_enrolled_again(corner: Corner) -> None:
    corner.prepare()
    with refused("MethodologyExists", methodology_id=corner.methodology_id):
        corner.certify()
    with refused("FleetExists", fleet_id=corner.fleet_id):
        corner.enrol_fleet()
    with refused("VehicleExists", commitment=corner.commitment, vehicle_index=corner.vehicle_index):
        corner.enrol_vehicle()


def test_a_label_that_does_not_fit_a_word_is_refused(corner: Corner) -> None:
    with refused("StringTooLong", str="DEMO " + "x" * 27):
        corner.certify(label="x" * 27, demo=True)


def test_who_holds_a_role_operates_no_fleet(corner: Corner) -> None:
    command = EnrolFleet(fleet_id=corner.fleet_id, operator=corner.at("role/verifier"))
    with refused("RoleConflict", account=corner.at("role/verifier")):
        corner.chain.submit(command, "role/registrar")


def test_a_vehicle_needs_a_fleet(corner: Corner) -> None:
    with refused("FleetNotFound", fleet_id=corner.fleet_id):
        corner.enrol_vehicle()


def test_a_claim_is_issued_once(corner: Corner) -> None:
    made = corner.prepare().issued(operator_g=600)
    with refused("BatchAlreadyIssued", batch_id=batch_id(made.claim)):
        corner.chain.submit(made.issue, "role/issuer")
    assert corner.chain.held_g(corner.at(corner.operator), batch_id(made.claim)) == 600


def test_a_vehicle_month_is_credited_once(corner: Corner) -> None:
    corner.prepare().issued()
    with refused(
        "VehicleMonthAlreadyCredited", vehicle_index=corner.vehicle_index, month=MARCH_2021
    ):
        corner.issued()
    # The next month is another one.
    assert corner.issued(month=MARCH_2021 + 1).claim.month == MARCH_2021 + 1


def test_only_the_named_verifiers_signature_counts(corner: Corner) -> None:
    corner.prepare()
    made = corner.batch()
    forged = corner.signer.sign_digest("role/issuer", corner.chain.claim_digest(made.claim))
    altered = replace(made.claim, operator_g=made.claim.operator_g + 1)
    for claim, signature in ((made.claim, forged), (altered, made.signature)):
        with refused("BadVerifierSignature", batch_id=batch_id(claim), verifier=claim.verifier):
            corner.chain.submit(
                replace(made.issue, claim=claim, signature=signature), "role/issuer"
            )
    with refused("NotVerifier", verifier=corner.at("account/x")):
        corner.issued(verifier=corner.at("account/x"))


def test_a_claim_must_fit_the_ledger(corner: Corner) -> None:
    corner.prepare()
    with refused("FleetNotFound"):
        corner.issued(fleet_id=new_id("fleet"))
    with refused("OperatorMismatch", claimed_operator=corner.at("account/x")):
        corner.issued(operator=corner.at("account/x"))
    with refused("MethodologyNotFound"):
        corner.issued(methodology_id=new_id("methodology"))
    with refused("ClaimExpired", valid_until=1_600_000_000):
        corner.issued(valid_until=1_600_000_000)
    with refused("MonthStillRunning", month=9000 * 12):
        corner.issued(month=9000 * 12)
    with refused("MonthOutOfRange", month=1999 * 12, first_month=2000 * 12):
        corner.issued(month=1999 * 12)
    with refused("NoEvidence"):
        corner.issued(trip_count=0)
    with refused("NothingToIssue"):
        corner.issued(operator_g=0, buffer_g=0)
    # 1000 basis points of 600 + 66 are 66.6, so 67.
    with refused("BufferTooSmall", buffer_g=66, needed_g=67):
        corner.issued(operator_g=600, buffer_g=66)
    with refused("PayoutRootMismatch", drivers_g=0):
        corner.issued(payout_root=new_id("root"))


def test_a_claim_names_its_own_vehicles(corner: Corner) -> None:
    corner.prepare()
    made = corner.batch()
    with refused("VehiclesHashMismatch"):
        corner.chain.submit(replace(made.issue, bits=(made.bits[0] ^ 1,)), "role/issuer")
    word, bit = corner.vehicle_index // 256, 1 << corner.vehicle_index % 256
    for words, bits, name in (
        ((), (), "BadWordCount"),
        ((word, word), (bit, bit), "WordsNotAscending"),
        ((word + 9,), (0,), "EmptyWord"),
        ((word + 9,), (2,), "VehicleNotInFleet"),
    ):
        made = corner.batch(vehicles_hash=vehicles_hash(list(words), list(bits)))
        with refused(name):
            corner.chain.submit(replace(made.issue, word_index=words, bits=bits), "role/issuer")
    with refused("VehicleNotInFleet", vehicle_index=corner.vehicle_index, month=MARCH_2021 - 2):
        corner.issued(month=MARCH_2021 - 2)


def test_a_payout_is_paid_once_and_only_as_the_tree_has_it(corner: Corner) -> None:
    one, two = corner.new_account("one"), corner.new_account("two")
    made = corner.prepare().issued(payouts=((one, 250), (two, 50)))
    number = batch_id(made.claim)
    corner.chain.submit(payout_of(made, 0), "role/relayer")
    with refused("PayoutAlreadyClaimed", batch_id=number, index=0):
        corner.chain.submit(payout_of(made, 0), "role/relayer")
    with refused("BadPayoutProof", batch_id=number, index=1):
        corner.chain.submit(replace(payout_of(made, 1), amount_g=51), "role/relayer")
    with refused("BatchNotFound"):
        never = replace(made.claim, trip_count=99)
        corner.chain.submit(replace(payout_of(made, 1), claim=never), "role/relayer")
    assert corner.chain.batch(number).claimable_g == 50


def test_nobody_spends_what_is_not_held(corner: Corner) -> None:
    number = batch_id(corner.prepare().issued(operator_g=600).claim)
    holder, friend = corner.at(corner.operator), corner.at("account/friend")
    too_much = Transfer(sender=holder, recipient=friend, batch_id=number, amount_g=601)
    with refused(
        "ERC1155InsufficientBalance", sender=holder, balance=600, needed=601, token_id=number
    ):
        corner.chain.submit(too_much, corner.operator)
    words = bytes(32)
    retire = Retire(holder=holder, batch_id=number, amount_g=601, beneficiary=words, purpose=words)
    with refused("ERC1155InsufficientBalance", balance=600, needed=601):
        corner.chain.submit(retire, corner.operator)
    with refused("ZeroAmount"):
        corner.chain.submit(replace(retire, amount_g=0), corner.operator)
    assert corner.chain.held_g(holder, number) == 600


def test_an_act_of_one_account_is_not_signed_by_another(corner: Corner) -> None:
    with pytest.raises(InvariantBroken):
        corner.chain.submit(
            AllowMoney(owner=corner.at("account/one"), amount_units=1), "account/two"
        )


def test_nothing_of_a_frozen_batch_moves(corner: Corner) -> None:
    one = corner.new_account("one")
    made = corner.prepare().issued(payouts=((one, 250),))
    number, holder = batch_id(made.claim), corner.at(corner.operator)
    with refused("BatchNotFrozen", batch_id=number, status=BatchStatus.ACTIVE):
        corner.chain.submit(UnfreezeBatch(batch_id=number), "role/guardian")
    corner.chain.submit(FreezeBatch(batch_id=number, reason="why"), "role/guardian")
    words = bytes(32)
    for command, sender in (
        (payout_of(made, 0), "role/relayer"),
        (
            Transfer(sender=holder, recipient=corner.at(one), batch_id=number, amount_g=1),
            corner.operator,
        ),
        (
            Retire(holder=holder, batch_id=number, amount_g=1, beneficiary=words, purpose=words),
            corner.operator,
        ),
    ):
        with refused("BatchNotActive", batch_id=number, status=BatchStatus.FROZEN):
            corner.chain.submit(command, sender)  # type: ignore[arg-type]
    with refused("AccessControlUnauthorizedAccount"):
        corner.chain.submit(UnfreezeBatch(batch_id=number), "role/relayer")


def test_an_order_trades_only_as_it_was_signed(corner: Corner) -> None:
    trade = Trading(corner)

    def fill(amount_g: int = 10, signer: str = trade.seller, **changes: Any) -> None:
        order = corner.order(trade.seller, Side.SELL, trade.number)
        signature = corner.sign(signer, replace(order, **changes))
        command = FillOrder(
            taker=corner.at(trade.buyer),
            order=replace(order, **changes),
            signature=signature,
            batch_id=trade.number,
            amount_g=amount_g,
        )
        corner.chain.submit(command, trade.buyer)

    with refused("BadOrderSignature", maker=corner.at(trade.seller)):
        fill(signer=trade.buyer)
    with refused("OrderExpired", valid_until=1_600_000_001):
        fill(valid_until=1_600_000_001)
    with refused("OrderFromFuture", signed_at=2**40):
        fill(signed_at=2**40)
    with refused("BatchOrClass"):
        fill(class_id=new_id("class"))
    with refused("WrongBatch", batch_id=trade.number):
        fill(batch_id=trade.number ^ 1)
    with refused("WrongClass", batch_class_id=class_id("DEMO TEST/1", 2021)):
        fill(batch_id=0, class_id=class_id("DEMO TEST/1", 2022))
    with refused("BatchTooYoung", min_age_s=7 * 86400):
        fill(batch_id=0, class_id=class_id("DEMO TEST/1", 2021), min_age_s=7 * 86400)
    with refused("FillTooLarge", amount_g=101, rest_g=100):
        fill(amount_g=101)
    with refused("FillTooSmall", amount_g=10, min_fill_g=11):
        fill(min_fill_g=11)
    with refused("ZeroAmount"):
        fill(amount_g=0)
    assert trade.held() == (600, 0, 0, 1_000_000)
    fill(batch_id=0, class_id=class_id("DEMO TEST/1", 2021))
    assert trade.held() == (590, 10, 200, 999_800)


def test_orders_that_do_not_meet_do_not_settle(corner: Corner) -> None:
    trade = Trading(corner)
    sell = corner.order(trade.seller, Side.SELL, trade.number)
    buy = corner.order(trade.buyer, Side.BUY, trade.number, price_units_per_t=19_999_999)

    def settle(**changes: Any) -> None:
        pair = {"sell": sell, "buy": buy} | changes
        command = SettleOrders(
            **pair,
            sell_signature=corner.sign(trade.seller, pair["sell"]),
            buy_signature=corner.sign(trade.buyer, pair["buy"]),
            batch_id=trade.number,
            amount_g=10,
        )
        corner.chain.submit(command, "role/relayer")

    with refused(
        "PricesDoNotCross", sell_price_units_per_t=20_000_000, buy_price_units_per_t=19_999_999
    ):
        settle()
    with refused("MoneyMismatch"):
        settle(buy=replace(buy, money=corner.chain.identity.bank))
    with refused("WrongSide", side=Side.SELL):
        settle(buy=replace(buy, side=Side.SELL))
    maker = corner.at(trade.seller)
    corner.chain.submit(CancelOrders(maker=maker, orders=(sell,)), trade.seller)
    with refused("OrderIsCancelled", order_hash=order_struct_hash(sell)):
        settle(buy=replace(buy, price_units_per_t=20_000_000))
    assert trade.held() == (600, 0, 0, 1_000_000)


def test_a_trade_needs_both_shores(corner: Corner) -> None:
    trade = Trading(corner)
    order = corner.order(trade.seller, Side.SELL, trade.number)

    def fill(taker: str) -> None:
        command = FillOrder(
            taker=corner.at(taker),
            order=order,
            signature=corner.sign(trade.seller, order),
            batch_id=trade.number,
            amount_g=10,
        )
        corner.chain.submit(command, taker)

    with refused("SelfTrade", account=corner.at(trade.seller)):
        fill(trade.seller)
    poor = corner.new_account("poor")
    with refused("ERC20InsufficientAllowance", allowance=0, needed=200):
        fill(poor)
    corner.chain.submit(AllowMoney(owner=corner.at(poor), amount_units=200), poor)
    with refused("ERC20InsufficientBalance", sender=corner.at(poor), balance=0, needed=200):
        fill(poor)
    other = corner.new_account("other")
    corner.chain.submit(
        Transfer(
            sender=corner.at(trade.seller),
            recipient=corner.at(other),
            batch_id=trade.number,
            amount_g=50,
        ),
        trade.seller,
    )
    order = corner.order(other, Side.SELL, trade.number)
    command = FillOrder(
        taker=corner.at(trade.buyer),
        order=order,
        signature=corner.sign(other, order),
        batch_id=trade.number,
        amount_g=10,
    )
    with refused("ERC1155MissingApprovalForAll", owner=corner.at(other)):
        corner.chain.submit(command, trade.buyer)
    assert trade.held() == (550, 0, 0, 1_000_000)
