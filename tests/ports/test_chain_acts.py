"""The Chain port, act by act: what changes, and which events say so."""

from dataclasses import asdict, replace

import pytest

from carbonbank.domain.chain_facts import (
    BatchAmounts,
    BatchStatus,
    ChainEvent,
    MethodologyOnChain,
    Receipt,
    VehicleOnChain,
)
from carbonbank.domain.claim import batch_id
from carbonbank.domain.commands import (
    ApproveMarket,
    CancelOrders,
    ClaimPayout,
    FillAndRetire,
    FillOrder,
    FreezeBatch,
    MintMoney,
    MoveVehicle,
    Retire,
    SettleOrders,
    Transfer,
    UnfreezeBatch,
)
from carbonbank.domain.order import Side, order_struct_hash
from carbonbank.errors import MoveNotAfterLast, MoveNotInFuture
from tests.ports.chain_fixtures import MARCH_2021, Batch, Corner, new_id

NOBODY = "0x" + "0" * 40
FOR_WHOM = b"Ville de Rabat".ljust(32, b"\0")
WHAT_FOR = b"fleet of 2021".ljust(32, b"\0")


def said(receipt: Receipt) -> list[str]:
    return [event.name for event in receipt.events]


def fields(receipt: Receipt, name: str) -> dict[str, object]:
    return next(event.fields for event in receipt.events if event.name == name)


def payout_of(made: Batch, index: int) -> ClaimPayout:
    payout = made.tree.payouts[index]
    return ClaimPayout(claim=made.claim, **asdict(payout), proof=tuple(made.tree.proof(index)))


def holdings_add_up(corner: Corner, made: Batch, *holders: str) -> bool:
    """BANK_A: everything issued is somewhere."""
    number = batch_id(made.claim)
    b = corner.chain.batch(number)
    held = sum(corner.chain.held_g(corner.at(holder), number) for holder in holders)
    return b.issued_g == held + b.claimable_g + b.buffer_g + b.retired_g + b.cancelled_g


def test_a_certified_methodology_reads_back(corner: Corner) -> None:
    assert corner.chain.methodology(corner.methodology_id) is None
    receipt = corner.certify(label="AMS-III.C/16", buffer_bps=1000, demo=True)
    assert said(receipt) == ["MethodologyCertified"]
    found = fields(receipt, "MethodologyCertified")
    assert found.pop("number") >= 1  # type: ignore[operator]
    assert found == {
        "methodology_id": corner.methodology_id,
        "class_label": "DEMO AMS-III.C/16",
        "buffer_bps": 1000,
        "demo": True,
    }
    assert corner.chain.methodology(corner.methodology_id) == MethodologyOnChain(
        class_label="DEMO AMS-III.C/16", buffer_bps=1000, demo=True, withdrawn=False
    )


def test_an_enrolled_fleet_has_its_operator(corner: Corner) -> None:
    assert corner.chain.operator_of(corner.fleet_id) is None
    receipt = corner.enrol_fleet()
    assert said(receipt) == ["FleetEnrolled"]
    assert fields(receipt, "FleetEnrolled")["fleet_id"] == corner.fleet_id
    assert corner.chain.operator_of(corner.fleet_id) == corner.at(corner.operator)


def test_vehicles_get_indices_one_after_another(corner: Corner) -> None:
    corner.enrol_fleet()
    assert corner.chain.vehicle(corner.commitment) is None
    receipt = corner.enrol_vehicle(from_month=MARCH_2021)
    first = corner.chain.vehicle(corner.commitment)
    assert first is not None
    assert first == VehicleOnChain(
        index=first.index, fleet_id=corner.fleet_id, from_month=MARCH_2021
    )
    assert fields(receipt, "VehicleEnrolled") == {
        "vehicle_index": first.index,
        "commitment": corner.commitment,
        "fleet_id": corner.fleet_id,
        "from_month": MARCH_2021,
    }
    corner.commitment = new_id("vehicle")
    corner.enrol_vehicle()
    assert corner.vehicle_index == first.index + 1


def test_a_moved_vehicle_has_a_fleet_in_every_month(corner: Corner) -> None:
    corner.enrol_fleet()
    corner.enrol_vehicle(from_month=MARCH_2021)
    old, index, far = corner.fleet_id, corner.vehicle_index, 2200 * 12
    corner.fleet_id = new_id("fleet")
    corner.enrol_fleet()
    command = MoveVehicle(vehicle_index=index, to_fleet_id=corner.fleet_id, from_month=far)
    receipt = corner.chain.submit(command, "role/registrar")
    assert fields(receipt, "VehicleMoved") == {
        "vehicle_index": index,
        "to_fleet_id": corner.fleet_id,
        "from_month": far,
    }
    fleets = {}
    for month in (MARCH_2021 - 1, MARCH_2021, far - 1, far):
        found = corner.chain.vehicle(corner.commitment, month)
        assert found is not None
        assert (found.index, found.from_month) == (index, MARCH_2021)
        fleets[month] = found.fleet_id
    assert list(fleets.values()) == [bytes(32), old, old, corner.fleet_id]
    latest = corner.chain.vehicle(corner.commitment)
    assert latest is not None
    assert latest.fleet_id == corner.fleet_id
    with pytest.raises(MoveNotAfterLast):
        corner.chain.submit(command, "role/registrar")
    with pytest.raises(MoveNotInFuture):
        corner.chain.submit(replace(command, from_month=MARCH_2021 + 1), "role/registrar")


def test_an_issued_batch_is_split_and_its_vehicle_month_credited(corner: Corner) -> None:
    corner.prepare()
    index = corner.vehicle_index
    made = corner.batch(operator_g=600, payouts=(("account/a", 250), ("account/b", 50)))
    number = batch_id(made.claim)
    assert corner.chain.batch(number).status == BatchStatus.NONE
    assert not corner.chain.is_credited(index, MARCH_2021)
    receipt = corner.chain.submit(made.issue, "role/issuer")
    assert said(receipt) == ["BatchIssued", "TransferSingle"]
    assert fields(receipt, "BatchIssued") == {
        "batch_id": number,
        "fleet_id": corner.fleet_id,
        "methodology_id": corner.methodology_id,
        "demo": True,
        "claim": asdict(made.claim),
        "word_index": made.word_index,
        "bits": made.bits,
    }
    assert fields(receipt, "TransferSingle") == {
        "operator": corner.at("role/issuer"),
        "from": NOBODY,
        "to": corner.at(corner.operator),
        "id": number,
        "value": 600,
    }
    assert corner.chain.batch(number) == BatchAmounts(
        status=BatchStatus.ACTIVE,
        month=MARCH_2021,
        issued_g=1900,
        claimable_g=300,
        buffer_g=1000,
        retired_g=0,
        cancelled_g=0,
    )
    assert corner.chain.held_g(corner.at(corner.operator), number) == 600
    assert corner.chain.is_credited(index, MARCH_2021)
    assert not corner.chain.is_credited(index, MARCH_2021 + 1)
    assert not corner.chain.is_credited(index + 1, MARCH_2021)
    assert holdings_add_up(corner, made, corner.operator)


def test_anyone_may_send_a_claim_and_only_its_account_is_paid(corner: Corner) -> None:
    one, two = corner.new_account("one"), corner.new_account("two")
    made = corner.prepare().issued(payouts=((one, 250), (two, 50)))
    number = batch_id(made.claim)
    receipt = corner.chain.submit(payout_of(made, 1), "role/relayer")
    assert said(receipt) == ["TransferSingle"]
    assert fields(receipt, "TransferSingle")["operator"] == corner.at("role/relayer")
    assert corner.chain.held_g(corner.at(two), number) == 50
    assert corner.chain.held_g(corner.at(one), number) == 0
    assert [corner.chain.is_claimed(made.claim, index) for index in (0, 1)] == [False, True]
    assert corner.chain.batch(number).claimable_g == 250
    assert holdings_add_up(corner, made, corner.operator, one, two)


def test_a_transfer_moves_grams(corner: Corner) -> None:
    made = corner.prepare().issued(operator_g=600)
    number, friend = batch_id(made.claim), corner.new_account("friend")
    giver, taker = corner.at(corner.operator), corner.at(friend)
    command = Transfer(sender=giver, recipient=taker, batch_id=number, amount_g=150)
    receipt = corner.chain.submit(command, corner.operator)
    assert said(receipt) == ["TransferSingle", "ExecutedForwardRequest"]
    moved = {"operator": giver, "from": giver, "to": taker, "id": number, "value": 150}
    assert fields(receipt, "TransferSingle") == moved
    assert corner.chain.held_g(giver, number) == 450
    assert corner.chain.held_g(taker, number) == 150
    assert holdings_add_up(corner, made, corner.operator, friend)


def test_retirements_take_consecutive_serials(corner: Corner) -> None:
    made = corner.prepare().issued(operator_g=600)
    number, holder = batch_id(made.claim), corner.at(corner.operator)
    retired = []
    for amount_g in (100, 250):
        command = Retire(
            holder=holder,
            batch_id=number,
            amount_g=amount_g,
            beneficiary=FOR_WHOM,
            purpose=WHAT_FOR,
        )
        receipt = corner.chain.submit(command, corner.operator)
        assert said(receipt) == ["TransferSingle", "CreditsRetired", "ExecutedForwardRequest"]
        retired.append(fields(receipt, "CreditsRetired"))
    assert [(r["from_serial"], r["to_serial"]) for r in retired] == [(1, 100), (101, 350)]
    assert retired[1]["retirement_id"] == retired[0]["retirement_id"] + 1  # type: ignore[operator]
    assert {(r["beneficiary"], r["purpose"], r["holder"]) for r in retired} == {
        (FOR_WHOM, WHAT_FOR, holder)
    }
    assert corner.chain.batch(number).retired_g == 350
    assert corner.chain.held_g(holder, number) == 250
    assert holdings_add_up(corner, made, corner.operator)


def test_a_frozen_batch_can_be_let_go_again(corner: Corner) -> None:
    number = batch_id(corner.prepare().issued().claim)
    receipt = corner.chain.submit(
        FreezeBatch(batch_id=number, reason="an odometer went backwards"), "role/guardian"
    )
    assert said(receipt) == ["BatchFrozen"]
    assert fields(receipt, "BatchFrozen")["reason"] == "an odometer went backwards"
    assert corner.chain.batch(number).status == BatchStatus.FROZEN
    receipt = corner.chain.submit(UnfreezeBatch(batch_id=number), "role/guardian")
    assert said(receipt) == ["BatchUnfrozen"]
    assert corner.chain.batch(number).status == BatchStatus.ACTIVE


def test_minted_money_is_there(corner: Corner) -> None:
    rich = corner.new_account("rich")
    mint = MintMoney(account=corner.at(rich), amount_units=2_500_000)
    receipt = corner.chain.submit(mint, "role/treasurer")
    assert said(receipt) == ["Transfer"]
    assert receipt.events[0].contract == corner.chain.identity.money
    assert corner.chain.money_units(corner.at(rich)) == 2_500_000


def test_an_approval_of_the_market_says_so(corner: Corner) -> None:
    owner = corner.new_account("owner")
    receipt = corner.chain.submit(ApproveMarket(owner=corner.at(owner)), owner)
    assert fields(receipt, "ApprovalForAll") == {
        "account": corner.at(owner),
        "operator": corner.chain.identity.market,
        "approved": True,
    }


class Trading:
    """A batch, its operator ready to sell, and a buyer with money."""

    def __init__(self, corner: Corner) -> None:
        self.corner = corner
        self.number = batch_id(corner.prepare().issued(operator_g=600).claim)
        self.seller, self.buyer = corner.operator, corner.new_account("buyer")
        corner.let_market_deliver(self.seller)
        corner.give_money(self.buyer, 1_000_000)

    def held(self) -> tuple[int, int, int, int]:
        """Grams and money of seller and buyer."""
        seller, buyer = self.corner.at(self.seller), self.corner.at(self.buyer)
        chain = self.corner.chain
        return (
            chain.held_g(seller, self.number),
            chain.held_g(buyer, self.number),
            chain.money_units(seller),
            chain.money_units(buyer),
        )


def test_two_signed_orders_settle_at_the_older_ones_price(corner: Corner) -> None:
    trade = Trading(corner)
    sell = corner.order(
        trade.seller, Side.SELL, trade.number, price_units_per_t=20_000_000, signed_at=1_600_000_050
    )
    buy = corner.order(
        trade.buyer, Side.BUY, trade.number, price_units_per_t=30_000_000, signed_at=1_600_000_000
    )
    command = SettleOrders(
        sell=sell,
        sell_signature=corner.sign(trade.seller, sell),
        buy=buy,
        buy_signature=corner.sign(trade.buyer, buy),
        batch_id=trade.number,
        amount_g=40,
    )
    receipt = corner.chain.submit(command, "role/relayer")
    assert said(receipt) == ["CreditsTraded", "Transfer", "TransferSingle"]
    # 40 g at 30,000,000 units a tonne of 1,000,000 g: 1,200 units.
    assert fields(receipt, "CreditsTraded") == {
        "sell_hash": order_struct_hash(sell),
        "buy_hash": order_struct_hash(buy),
        "batch_id": trade.number,
        "seller": corner.at(trade.seller),
        "buyer": corner.at(trade.buyer),
        "money": corner.chain.identity.money,
        "amount_g": 40,
        "paid_units": 1200,
        "fee_units": 0,
    }
    assert trade.held() == (560, 40, 1200, 998_800)


def test_payments_of_split_fills_add_up(corner: Corner) -> None:
    trade = Trading(corner)
    # 3 g at 500,000 a tonne are 1.5 units: 0.5, 1, 1.5 in all, each rounded up, so 1, 0 and 1.
    order = corner.order(
        trade.seller, Side.SELL, trade.number, amount_g=3, price_units_per_t=500_000
    )
    signature = corner.sign(trade.seller, order)
    paid = []
    for _ in range(3):
        command = FillOrder(
            taker=corner.at(trade.buyer),
            order=order,
            signature=signature,
            batch_id=trade.number,
            amount_g=1,
        )
        receipt = corner.chain.submit(command, trade.buyer)
        paid.append(fields(receipt, "CreditsTraded")["paid_units"])
    assert paid == [1, 0, 1]
    assert trade.held() == (597, 3, 2, 999_998)


def test_a_holder_may_take_a_buy_order(corner: Corner) -> None:
    trade = Trading(corner)
    order = corner.order(trade.buyer, Side.BUY, trade.number)
    command = FillOrder(
        taker=corner.at(trade.seller),
        order=order,
        signature=corner.sign(trade.buyer, order),
        batch_id=trade.number,
        amount_g=100,
    )
    receipt = corner.chain.submit(command, trade.seller)
    traded = fields(receipt, "CreditsTraded")
    assert (traded["sell_hash"], traded["buy_hash"]) == (bytes(32), order_struct_hash(order))
    assert trade.held() == (500, 100, 2000, 998_000)


def test_buying_and_retiring_is_one_step(corner: Corner) -> None:
    trade = Trading(corner)
    corner.let_market_deliver(trade.buyer)
    order = corner.order(trade.seller, Side.SELL, trade.number)
    command = FillAndRetire(
        taker=corner.at(trade.buyer),
        order=order,
        signature=corner.sign(trade.seller, order),
        batch_id=trade.number,
        amount_g=100,
        beneficiary=FOR_WHOM,
        purpose=WHAT_FOR,
    )
    receipt = corner.chain.submit(command, trade.buyer)
    assert said(receipt) == [
        "CreditsTraded",
        "Transfer",
        "TransferSingle",
        "TransferSingle",
        "CreditsRetired",
        "ExecutedForwardRequest",
    ]
    assert fields(receipt, "CreditsRetired")["holder"] == corner.at(trade.buyer)
    assert trade.held() == (500, 0, 2000, 998_000)
    assert corner.chain.batch(trade.number).retired_g == 100


def test_a_cancelled_order_says_so(corner: Corner) -> None:
    maker = corner.new_account("maker")
    orders = tuple(corner.order(maker, Side.SELL, 7) for _ in range(2))
    receipt = corner.chain.submit(CancelOrders(maker=corner.at(maker), orders=orders), maker)
    cancelled: list[ChainEvent] = [e for e in receipt.events if e.name == "OrderCancelled"]
    assert [e.fields["order_hash"] for e in cancelled] == [order_struct_hash(o) for o in orders]
