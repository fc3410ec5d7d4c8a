"""`Months`: a moment's UTC calendar month, as Python's calendar has it."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from carbonbank.chain.compile import compile_units
from carbonbank.units import month_of
from tests.contracts.ledger_site import GAS

UNIT = "contracts/test/Calendar.sol"

pytestmark = pytest.mark.xdist_group("compile")


@pytest.fixture(scope="module")
def calendar(deployed_site):
    site = deployed_site
    made = compile_units(Path(__file__).parents[2], [UNIT])[UNIT]["Calendar"]
    factory = site.web3.eth.contract(abi=made["abi"], bytecode=made["evm"]["bytecode"]["object"])
    snapshot = site.tester.take_snapshot()
    tx_hash = factory.constructor().transact({"from": site.at["admin"], "gas": GAS})
    address = site.web3.eth.get_transaction_receipt(tx_hash)["contractAddress"]
    yield site.web3.eth.contract(abi=made["abi"], address=address).functions
    site.tester.revert_to_snapshot(snapshot)


@pytest.mark.parametrize(
    "day",
    [
        (1970, 1, 1),
        (1999, 12, 31),
        (2000, 2, 29),
        (2000, 3, 1),
        (2023, 2, 28),
        (2024, 2, 29),
        (2099, 12, 31),
        (2100, 2, 28),
        (2100, 3, 1),
        (2400, 2, 29),
    ],
)
def test_months_are_utc_calendar_months(calendar, day):
    start = int(datetime(*day, tzinfo=UTC).timestamp())
    expected = day[0] * 12 + day[1] - 1
    for moment in (start, start + 86_399):
        assert calendar.monthOf(moment).call() == expected


@pytest.mark.parametrize("decade", range(1970, 2200, 10))
def test_python_and_solidity_agree_on_random_seconds(calendar, decade):
    dice = random.Random(decade)
    first = int(datetime(decade, 1, 1, tzinfo=UTC).timestamp())
    after = int(datetime(decade + 10, 1, 1, tzinfo=UTC).timestamp())
    for _ in range(10):
        moment = dice.randrange(first, after)
        assert calendar.monthOf(moment).call() == month_of(datetime.fromtimestamp(moment, UTC))
