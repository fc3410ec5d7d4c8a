"""An order taken directly, and taken and retired at once, by service, command line and API."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from carbonbank.cli.main import carbonbank
from carbonbank.domain.order import Side
from carbonbank.errors import (
    AmountNotPositive,
    BatchTooYoung,
    FieldInvalid,
    FillTooLarge,
    FillTooSmall,
    NotFound,
    TextTooLong,
    WrongSide,
)
from carbonbank.jobs.handlers import handlers
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.fill_and_retire import fill_and_retire
from carbonbank.service.fill_order import fill_order
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.order_book import order_book
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retirement_view import retirement_view
from tests.faults.world import bank_in, verified_batch
from tests.integration.test_book import LABEL, YEAR, order, site

__all__ = ["site"]

FOR_WHOM = {"beneficiary": "City library", "purpose": "Bus of 2024"}


def test_a_sell_order_is_bought_from_in_parts_and_once_each(site: tuple[Bank, str]) -> None:
    bank, batch = site
    sell = order(bank, "olga", Side.SELL, 100, batch=batch, min_fill_g=20)
    first = fill_order(bank, "tina", sell, 40, key="first")
    # 40 g at 30 money a tonne: ceil(40 * 30,000,000 / 10^6) = 1200 units.
    assert (first.side, first.amount_g, first.paid_units, first.fee_units) == ("sell", 40, 1200, 0)
    again = fill_order(bank, "tina", sell, 40, key="first")
    assert (again.repeated, again.tx_hash) == (True, first.tx_hash)
    with pytest.raises(FillTooSmall):
        fill_order(bank, "uwe", sell, 19)
    with pytest.raises(FillTooLarge):
        fill_order(bank, "uwe", sell, 61)
    assert fill_order(bank, "uwe", sell, 60).paid_units == 1800
    assert [one.state for one in order_book(bank)] == ["filled"]
    held = {who: account_balance(bank, who) for who in ("tina", "uwe", "olga")}
    assert (held["tina"].held_g, held["uwe"].held_g) == (40, 60)
    assert held["olga"].money_units == 3000
    assert reconcile(bank).findings == ()


def test_a_buy_order_is_sold_to(site: tuple[Bank, str]) -> None:
    bank, batch = site
    buy = order(bank, "tina", Side.BUY, 50, batch=batch)
    done = fill_order(bank, "olga", buy, 50)
    assert (done.side, done.taker, done.paid_units) == ("buy", "olga", 1500)
    assert account_balance(bank, "tina").held_g == 50
    assert account_balance(bank, "olga").money_units == 1500


def test_a_class_order_needs_a_batch_that_is_old_enough(site: tuple[Bank, str]) -> None:
    bank, batch = site
    by_class: dict[str, Any] = {"class_label": LABEL, "vintage_year": YEAR}
    ready = order(bank, "tina", Side.BUY, 30, **by_class, min_age_s=0)
    careful = order(bank, "uwe", Side.BUY, 30, **by_class)
    with pytest.raises(FieldInvalid, match="batch"):
        fill_order(bank, "olga", ready, 30)
    assert fill_order(bank, "olga", ready, 30, batch).amount_g == 30
    with pytest.raises(BatchTooYoung):
        fill_order(bank, "olga", careful, 30, batch)


def test_bought_and_retired_at_once_with_serials(site: tuple[Bank, str]) -> None:
    bank, batch = site
    sell = order(bank, "olga", Side.SELL, 100, batch=batch)
    done = fill_and_retire(bank, "tina", sell, 70, **FOR_WHOM)
    assert (done.filled.paid_units, done.serial_first, done.serial_last) == (2100, 1, 70)
    again = fill_and_retire(bank, "tina", sell, 70, **FOR_WHOM)
    assert (again.filled.repeated, again.retirement_id) == (True, done.retirement_id)
    balance = account_balance(bank, "tina")
    assert (balance.held_g, balance.retired_g) == (0, 70)
    shown = retirement_view(bank, done.retirement_id)
    assert (shown.beneficiary, shown.purpose) == ("City library", "Bus of 2024")
    assert reconcile(bank).findings == ()


def test_a_job_fills_as_the_api_asked(site: tuple[Bank, str], tmp_path: Path) -> None:
    bank, batch = site
    act = handlers(bank, tmp_path)
    asked = {"account": "olga", "side": "sell", "batch": batch, "amount_g": 100}
    terms = {"price_units_per_t": 30_000_000, "max_fee_bp": 0, "min_fill_g": 1, "valid_s": 60}
    sell = act["place_order"](asked | terms)["order_hash"]
    grams = {"account": "tina", "order_hash": sell, "amount_g": 10, "batch": None, "key": "a"}
    filled = act["fill_order"](grams)
    assert (filled["paid_units"], filled["repeated"]) == (300, False)
    assert act["fill_order"](grams)["repeated"] is True
    retired = act["fill_and_retire"](grams | FOR_WHOM)
    assert (retired["filled"]["taker"], retired["serial_last"]) == ("tina", 10)


def test_what_can_not_be_filled_is_told_and_changes_nothing(site: tuple[Bank, str]) -> None:
    bank, batch = site
    sell = order(bank, "olga", Side.SELL, 100, batch=batch)
    with pytest.raises(AmountNotPositive):
        fill_order(bank, "tina", sell, 0)
    with pytest.raises(NotFound):
        fill_order(bank, "tina", "00" * 32, 1)
    with pytest.raises(NotFound):
        fill_order(bank, "nobody", sell, 1)
    with pytest.raises(TextTooLong):
        fill_and_retire(bank, "tina", sell, 1, beneficiary="x" * 33, purpose="p")
    buy = order(bank, "tina", Side.BUY, 50, batch=batch)
    with pytest.raises(WrongSide):
        fill_and_retire(bank, "olga", buy, 1, **FOR_WHOM)
    assert [one.filled_g for one in order_book(bank)] == [0, 0]


def test_orders_are_filled_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bank"
    batch = verified_batch(path)
    with bank_in(path) as bank:
        issue_batch(bank, batch)
        open_account(bank, handle="tina", kind="trader", person="T.")
        fund_account(bank, "tina", 10_000)
    monkeypatch.setenv("CARBONBANK_DATA", str(path))

    def run(*words: str) -> Any:
        done = CliRunner().invoke(carbonbank, [*words, "--json"], catch_exceptions=False)
        return json.loads(done.stdout)

    placed = run(
        "order", "place", "olga", "sell", "100", "30000000", "--batch", batch[:8],
        "--max-fee-bp", "0", "--min-fill-g", "10",
    )  # fmt: skip
    filled = run("order", "fill", placed["order_hash"], "tina", "30")
    assert (filled["amount_g"], filled["paid_units"]) == (30, 900)
    words = ["--beneficiary", "City library", "--purpose", "Bus of 2024"]
    retired = run("order", "fill-and-retire", placed["order_hash"], "tina", "70", *words)
    assert (retired["serial_first"], retired["serial_last"]) == (1, 70)
