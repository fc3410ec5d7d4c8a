"""Steps 6 to 9: issue, claim for a driver, trade between two accounts, retire."""

from carbonbank.demo.stage import Facts, Stage
from carbonbank.domain.order import Side
from carbonbank.domain.records import SealedBatch
from carbonbank.service.account_balance import account_balance
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.settle_trade import settle_trade
from carbonbank.units import BPS, floor_div

ONCE = "demo"
"""The client's key of every act here: run again, it is the same act."""


def issue_batches(stage: Stage) -> Facts:
    """Step 6: issue every verified batch."""
    facts: Facts = {}
    for batch in _sealed(stage):
        issued = issue_batch(stage.bank, batch.batch_id)
        facts[batch.batch_id] = {
            "issued_g": issued.issued_g,
            "operator_g": issued.operator_g,
            "drivers_g": issued.drivers_g,
            "buffer_g": issued.buffer_g,
            "tx_hash": issued.tx_hash,
            "block_number": issued.block_number,
        }
        stage.say(
            f"{batch.batch_id}: {issued.issued_g} g = operator {issued.operator_g} g"
            f" + drivers {issued.drivers_g} g + buffer {issued.buffer_g} g"
        )
    total_g = sum(one["issued_g"] for one in facts.values())
    stage.say(f"{len(facts)} batches, {total_g} g issued")
    return {"batches": facts, "total_g": total_g}


def claim_for_a_driver(stage: Stage) -> Facts:
    """Step 7: pay one driver the shares of all issued batches; the bank's relayer pays the gas."""
    account = stage.scenario.claimant
    paid = claim_payout(stage.bank, account)
    balance = account_balance(stage.bank, account)
    for one in paid.payouts:
        stage.say(f"{account}: {one.amount_g} g of batch {one.batch_id}")
    stage.say(f"{account} holds {balance.held_g} g, {balance.claimable_g} g left to claim")
    return {
        "account": account,
        "payouts": {one.batch_id: one.amount_g for one in paid.payouts},
        "held_g": balance.held_g,
    }


def trade(stage: Stage) -> Facts:
    """Step 8: two accounts sign orders; the market settles them for settlement money."""
    play, bank = stage.scenario.trade, stage.bank
    batch = max(_sealed(stage, play.fleet), key=lambda one: one.total_g)
    open_account(bank, handle=play.buyer, kind="trader", person=f"invented {play.buyer}")
    fund_account(bank, play.buyer, play.funds_units, ONCE)
    issued = issue_batch(bank, batch.batch_id)
    amount_g = floor_div(issued.operator_g * play.share_bps, BPS)
    sell = Wanted(
        account=play.seller,
        side=Side.SELL,
        amount_g=amount_g,
        price_units_per_t=play.ask_units_per_t,
        batch=batch.batch_id,
    )
    buy = Wanted(
        account=play.buyer,
        side=Side.BUY,
        amount_g=amount_g,
        price_units_per_t=play.bid_units_per_t,
        batch=batch.batch_id,
    )
    asked = place_order(bank, sell, ONCE)
    offered = place_order(bank, buy, ONCE)
    done = settle_trade(bank, asked.order_hash, offered.order_hash, batch.batch_id, amount_g, ONCE)
    stage.say(
        f"{play.seller} sold {done.amount_g} g of batch {done.batch_id} to {play.buyer}"
        f" for {done.paid_units} micro-units (fee {done.fee_units})"
    )
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
    play, bank = stage.scenario.retirement, stage.bank
    batch = max(_sealed(stage, stage.scenario.trade.fleet), key=lambda one: one.total_g)
    bought_g = floor_div(
        issue_batch(bank, batch.batch_id).operator_g * stage.scenario.trade.share_bps, BPS
    )
    done = retire_credits(
        bank,
        stage.scenario.trade.buyer,
        batch.batch_id,
        floor_div(bought_g * play.share_bps, BPS),
        beneficiary=play.beneficiary,
        purpose=play.purpose,
        key=ONCE,
    )
    stage.say(
        f"retirement {done.retirement_id}: {done.amount_g} g of batch {done.batch_id},"
        f" serials {done.serial_first} to {done.serial_last}, for {play.beneficiary}"
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
    }


def _sealed(stage: Stage, fleet: str | None = None) -> list[SealedBatch]:
    with stage.bank.store.read() as records:
        found = records.find(SealedBatch, order="month")
    return [one for one in found if fleet in {None, one.fleet}]
