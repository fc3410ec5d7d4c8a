"""The order book on the embedded chain: classes, many settlements at once, and all cancelled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from carbonbank.domain.order import Side, class_id
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_all_orders import cancel_all_orders
from carbonbank.service.freeze_batch import freeze_batch
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.order_book import order_book
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.reconcile import reconcile
from carbonbank.service.settle_book import settle_book
from carbonbank.service.unfreeze_batch import unfreeze_batch
from tests.faults.world import bank_in, verified_batch
from tests.stage import Clock

PRICE = 30_000_000
LABEL, YEAR = "DEMO AMS-III.C/16", 2024


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Bank, str]]:
    batch = verified_batch(tmp_path / "bank")
    with bank_in(tmp_path / "bank") as bank:
        issue_batch(bank, batch)
        for handle in ("tina", "uwe"):
            open_account(bank, handle=handle, kind="trader", person=handle)
            fund_account(bank, handle, 10_000)
        yield bank, batch


def order(bank: Bank, account: str, side: Side, amount_g: int, **rest: Any) -> str:
    terms = {"price_units_per_t": PRICE} | rest
    return place_order(
        bank, Wanted(account=account, side=side, amount_g=amount_g, **terms), str(rest)
    ).order_hash


def states(bank: Bank) -> dict[str, str]:
    return {one.order_hash: one.state for one in order_book(bank)}


def test_all_that_meets_is_settled_at_once_and_the_dead_are_told(site: tuple[Bank, str]) -> None:
    bank, batch = site
    sell = order(bank, "olga", Side.SELL, 100, batch=batch)
    by_class: dict[str, Any] = {"class_label": LABEL, "vintage_year": YEAR}
    tina = order(bank, "tina", Side.BUY, 60, **by_class, min_age_s=0)
    young = order(bank, "uwe", Side.BUY, 30, **by_class, price_units_per_t=PRICE - 1)
    cheap = order(bank, "uwe", Side.BUY, 10, **by_class)  # its least age is 7 days
    done = settle_book(bank)
    assert [(one.sell_hash, one.buy_hash, one.amount_g) for one in done.settled] == [
        (sell, tina, 60)
    ]
    assert [(one.buy_hash, one.amount_g) for one in done.skipped] == [(cheap, 10)]
    # 60 g at 30 money a tonne: ceil(60 * 30,000,000 / 10^6) = 1800 units.
    assert done.settled[0].paid_units == 1800
    assert account_balance(bank, "tina").held_g == 60
    assert states(bank) == {sell: "open", tina: "filled", young: "open", cheap: "open"}
    again = settle_book(bank)
    assert (again.settled, len(again.skipped)) == ((), 1)
    assert settle_book(bank).tx_hash not in {done.tx_hash, again.tx_hash}
    in_class = order_book(bank, class_id=class_id(LABEL, YEAR).hex())
    assert {one.order_hash for one in in_class} == {tina, young, cheap}
    assert reconcile(bank).findings == ()


def test_nothing_that_meets_sends_nothing(site: tuple[Bank, str]) -> None:
    bank, batch = site
    order(bank, "olga", Side.SELL, 100, batch=batch)
    order(bank, "tina", Side.BUY, 50, batch=batch, price_units_per_t=PRICE - 1)
    head = bank.chain.head()
    assert settle_book(bank).tx_hash is None
    assert bank.chain.head() == head


def test_a_least_fill_and_what_the_seller_holds_bound_a_match(site: tuple[Bank, str]) -> None:
    bank, _ = site
    by_class: dict[str, Any] = {"class_label": LABEL, "vintage_year": YEAR, "min_age_s": 0}
    held_g = account_balance(bank, "olga").held_g
    order(bank, "olga", Side.SELL, 10 * held_g, **by_class)
    small = order(bank, "tina", Side.BUY, held_g - 1, **by_class)
    big = order(bank, "uwe", Side.BUY, 200, **by_class, min_fill_g=50)
    done = settle_book(bank)
    assert [(one.buy_hash, one.amount_g) for one in done.settled] == [(small, held_g - 1)]
    assert states(bank)[big] == "open"


def test_a_frozen_batch_stops_its_orders_and_they_live_again(site: tuple[Bank, str]) -> None:
    bank, batch = site
    sell = order(bank, "olga", Side.SELL, 100, batch=batch)
    order(bank, "tina", Side.BUY, 100, batch=batch)
    freeze_batch(bank, batch, "doubt")
    assert states(bank)[sell] == "stopped"
    assert settle_book(bank).tx_hash is None
    unfreeze_batch(bank, batch)
    assert states(bank)[sell] == "open"
    assert [one.amount_g for one in settle_book(bank).settled] == [100]


def test_all_orders_of_an_account_die_at_once_and_no_others(site: tuple[Bank, str]) -> None:
    bank, batch = site
    first = order(bank, "tina", Side.BUY, 10, batch=batch)
    second = order(bank, "tina", Side.BUY, 20, batch=batch)
    other = order(bank, "uwe", Side.BUY, 20, batch=batch)
    gone = cancel_all_orders(bank, "tina")
    assert gone.tx_hash.startswith("0x")
    assert states(bank) == {first: "cancelled", second: "cancelled", other: "open"}
    later = replace(bank, clock=Clock(bank.clock.now_at() + timedelta(seconds=5)))
    third = order(later, "tina", Side.BUY, 30, batch=batch)
    assert states(bank)[third] == "open"
