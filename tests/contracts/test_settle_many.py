"""`settleMany`: many trades in one transaction; the dead are skipped, the living never starved."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, NOW, SELL
from tests.contracts.market_stage import RICH, opened, traded

TRADE_GAS = 500_000
SIDES = (("sell", 0), ("buy", 2))  # where a trade has its orders
FILLED = {"filledG": 10, "paidUnits": 800}


@pytest.fixture
def batch_id(site):
    return opened(site)


def trade(site, batch_id, salt, amount_g=10, **sell_changes):
    sell = site.order("operator", SELL, batch_id, salt=salt, **sell_changes)
    buy = site.order("buyer", BUY, batch_id, salt=salt)
    signed = site.sign_order(sell, "operator"), site.sign_order(buy, "buyer")
    return (sell, signed[0], buy, signed[1], batch_id, amount_g)


def test_all_trade_as_if_each_had_been_settled(site, batch_id):
    trades = [trade(site, batch_id, salt) for salt in (1, 2, 3)]
    call = site.market.functions.settleMany(trades)
    assert site.ask(call) == 3
    named = {f"{name}_{n}": one[at] for n, one in enumerate(trades) for name, at in SIDES}

    with watched(site, it=batch_id, **named) as changed:
        receipt = site.do(call, "stranger")

    fills = {f"{name}.{part}": value for name in named for part, value in FILLED.items()}
    assert changed == fills | {
        "it balanceOf.operator": 970,
        "it balanceOf.buyer": 30,
        "money.buyer": RICH - 3 * 800,
        "money.operator": 3 * 792,
        "money.fee_box": 3 * 8,
        "allowance.buyer.market": RICH - 3 * 800,
    }
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(
            site,
            batch_id,
            10,
            800,
            8,
            sellHash=site.hash_of(sell),
            buyHash=site.hash_of(buy),
        )
        for sell, _, buy, *_ in trades
    ]
    (said,) = site.events(receipt, site.market, "ManySettled")
    assert said == {"settled": 3, "skipped": 0}


def test_the_dead_are_skipped_and_reported_and_the_others_trade(site, batch_id):
    dead = trade(site, batch_id, 2, validUntil=NOW - 1)
    trades = [trade(site, batch_id, 1), dead, trade(site, batch_id, 3)]
    receipt = site.do(site.market.functions.settleMany(trades), "stranger")
    assert site.held("buyer", batch_id) == 20
    (skipped,) = site.events(receipt, site.market, "TradeSkipped")
    assert skipped == {
        "position": 1,
        "sellHash": site.hash_of(dead[0]),
        "buyHash": site.hash_of(dead[2]),
    }
    (said,) = site.events(receipt, site.market, "ManySettled")
    assert said == {"settled": 2, "skipped": 1}


def test_a_trade_named_twice_trades_within_its_order(site, batch_id):
    whole = trade(site, batch_id, 1, amount_g=1000)
    receipt = site.do(site.market.functions.settleMany([whole, whole]), "stranger")
    assert site.held("buyer", batch_id) == 1000
    (said,) = site.events(receipt, site.market, "ManySettled")
    assert said == {"settled": 1, "skipped": 1}


@pytest.mark.parametrize("gas", [300_000, 500_000, 700_000, 900_000])
def test_too_little_gas_reverts_and_never_lets_a_live_trade_look_dead(site, batch_id, gas):
    call = site.market.functions.settleMany([trade(site, batch_id, salt) for salt in (1, 2)])
    tx_hash = call.transact({"from": site.at["stranger"], "gas": gas, "gasPrice": 10**10})
    receipt = site.web3.eth.get_transaction_receipt(tx_hash)
    settled = len(site.events(receipt, site.market, "CreditsTraded"))
    # Two trades and 500,000 given to the second come to over 700,000.
    assert (receipt["status"], settled) == ((1, 2) if gas == 900_000 else (0, 0))


def test_too_little_gas_says_how_much_a_trade_gets(site, batch_id):
    call = site.market.functions.settleMany([trade(site, batch_id, 1)])
    with pytest.raises(Exception, match="execution reverted") as failed:
        call.call({"from": site.at["stranger"], "gas": 400_000})
    name, fields = site._refusal(failed.value).args
    assert (name, fields["position"]) == ("TooLittleGas", 0)
    assert fields["gasThere"] < TRADE_GAS < fields["gasNeeded"]


def test_long_signatures_do_not_starve_a_live_trade(site, batch_id):
    """They are copied between the check and the call; the check counts that in."""
    live = trade(site, batch_id, 1)
    padded = trade(site, batch_id, 2)
    padded = (padded[0], padded[1] + bytes(60_000), *padded[2:])
    call = site.market.functions.settleMany([padded, live])
    least = 600_000
    for gas in range(least, 3_600_000, 100_000):
        sent = call.transact({"from": site.at["stranger"], "gas": gas, "gasPrice": 10**10})
        receipt = site.web3.eth.get_transaction_receipt(sent)
        if receipt["status"] == 1:
            break
        assert site.held("buyer", batch_id) == 0
    assert gas > least
    assert site.held("buyer", batch_id) == 10


def test_none_is_nothing(site):
    receipt = site.do(site.market.functions.settleMany([]), "stranger")
    (said,) = site.events(receipt, site.market, "ManySettled")
    assert said == {"settled": 0, "skipped": 0}
