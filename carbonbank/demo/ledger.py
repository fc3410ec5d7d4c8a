"""Steps 6 to 9: issue, claim for a driver, trade between two accounts, retire."""

from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.telling import Row, aligned, point, short, table, widths_of
from carbonbank.domain.order import Side
from carbonbank.domain.records import SealedBatch
from carbonbank.service.account_balance import account_balance
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import Issued, issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.settle_trade import settle_trade
from carbonbank.units import BPS, floor_div, month_label

ONCE = "demo"
"""The client's key of every act here: run again, it is the same act."""


def issue_batches(stage: Stage) -> Facts:
    """Step 6: issue every verified batch."""
    facts: Facts = {}
    batches = stage.batches()
    # No part of a batch is wider than its total.
    widths = widths_of(
        _parts(one, one.total_g, one.total_g, one.total_g, one.total_g) for one in batches
    )
    for batch in batches:
        issued = issue_batch(stage.bank, batch.batch_id)
        facts[batch.batch_id] = {
            "issued_g": issued.issued_g,
            "operator_g": issued.operator_g,
            "drivers_g": issued.drivers_g,
            "buffer_g": issued.buffer_g,
            "tx_hash": issued.tx_hash,
            "block_number": issued.block_number,
        }
        parts_g = (issued.issued_g, issued.operator_g, issued.drivers_g, issued.buffer_g)
        stage.say(aligned(_parts(batch, *parts_g), widths))
    total_g = sum(one["issued_g"] for one in facts.values())
    point(stage.say, f"{len(facts)} batches, {total_g:,} g issued")
    return {"batches": facts, "total_g": total_g}


def _parts(
    batch: SealedBatch, issued_g: int, operator_g: int, drivers_g: int, buffer_g: int
) -> Row:
    return (
        short(batch.batch_id),
        batch.fleet,
        month_label(batch.month),
        issued_g,
        "g = operator",
        operator_g,
        "g + drivers",
        drivers_g,
        "g + buffer",
        buffer_g,
        "g",
    )


def claim_for_a_driver(stage: Stage) -> Facts:
    """Step 7: pay one driver the shares of all issued batches; the bank's relayer pays the gas."""
    account = stage.scenario.claimant
    paid = claim_payout(stage.bank, account)
    balance = account_balance(stage.bank, account)
    months = {one.batch_id: one.month for one in stage.batches()}
    in_order = sorted(paid.payouts, key=lambda one: months[one.batch_id])
    table(
        stage.say,
        [
            (f"batch {short(one.batch_id)}", month_label(months[one.batch_id]), one.amount_g, "g")
            for one in in_order
        ],
    )
    point(
        stage.say,
        f"{account} holds {balance.held_g:,} g at {short(balance.address)};"
        f" {balance.claimable_g:,} g left to claim",
    )
    return {
        "account": account,
        "address": balance.address,
        "payouts": {one.batch_id: one.amount_g for one in in_order},
        "held_g": balance.held_g,
    }


def trade(stage: Stage) -> Facts:
    """Step 8: two accounts sign orders; the market settles them for settlement money."""
    play, bank = stage.scenario.trade, stage.bank
    issued = _traded(stage)
    open_account(bank, handle=play.buyer, kind="trader", person=f"invented {play.buyer}")
    fund_account(bank, play.buyer, play.funds_units, ONCE)
    amount_g = floor_div(issued.operator_g * play.share_bps, BPS)
    sell = Wanted(
        account=play.seller,
        side=Side.SELL,
        amount_g=amount_g,
        price_units_per_t=play.ask_units_per_t,
        batch=issued.batch_id,
    )
    buy = Wanted(
        account=play.buyer,
        side=Side.BUY,
        amount_g=amount_g,
        price_units_per_t=play.bid_units_per_t,
        batch=issued.batch_id,
    )
    asked = place_order(bank, sell, ONCE)
    offered = place_order(bank, buy, ONCE)
    done = settle_trade(bank, asked.order_hash, offered.order_hash, issued.batch_id, amount_g, ONCE)
    table(
        stage.say,
        [
            (play.seller, "asks", play.ask_units_per_t, "micro-units per tonne"),
            (play.buyer, "bids", play.bid_units_per_t, "micro-units per tonne"),
        ],
    )
    point(
        stage.say,
        f"{done.amount_g:,} g of batch {short(done.batch_id)} went to {done.buyer},"
        f" {done.paid_units:,} micro-units of money to {done.seller}, fee {done.fee_units:,}",
    )
    point(stage.say, f"transaction {short(done.tx_hash)}")
    return {
        "batch_id": done.batch_id,
        "amount_g": done.amount_g,
        "paid_units": done.paid_units,
        "fee_units": done.fee_units,
        "tx_hash": done.tx_hash,
        "sell_hash": done.sell_hash,
        "buy_hash": done.buy_hash,
        "seller": done.seller,
        "buyer": done.buyer,
    }


def retire(stage: Stage) -> Facts:
    """Step 9: the buyer retires part of what was bought, for a beneficiary."""
    play, deal, bank = stage.scenario.retirement, stage.scenario.trade, stage.bank
    issued = _traded(stage)
    bought_g = floor_div(issued.operator_g * deal.share_bps, BPS)
    done = retire_credits(
        bank,
        deal.buyer,
        issued.batch_id,
        floor_div(bought_g * play.share_bps, BPS),
        beneficiary=play.beneficiary,
        purpose=play.purpose,
        key=ONCE,
    )
    balance = account_balance(bank, deal.buyer)
    point(
        stage.say,
        f"retirement {done.retirement_id}: {done.amount_g:,} g of batch {short(done.batch_id)},"
        f" serials {done.serial_first:,} to {done.serial_last:,}, for {play.beneficiary}",
    )
    point(
        stage.say,
        f"{deal.buyer} keeps {balance.held_g:,} g and {balance.money_units:,} micro-units of money;"
        f" transaction {short(done.tx_hash)}",
    )
    return {
        "retirement_id": done.retirement_id,
        "batch_id": done.batch_id,
        "amount_g": done.amount_g,
        "serial_first": done.serial_first,
        "serial_last": done.serial_last,
        "beneficiary": play.beneficiary,
        "purpose": play.purpose,
        "tx_hash": done.tx_hash,
        "holder": balance.address,
        "held_g": balance.held_g,
        "money_units": balance.money_units,
    }


def _traded(stage: Stage) -> Issued:
    """Return the batch that is traded: the largest of the fleet."""
    fleet = stage.scenario.trade.fleet
    largest = max((b for b in stage.batches() if b.fleet == fleet), key=lambda b: b.total_g)
    return issue_batch(stage.bank, largest.batch_id)
