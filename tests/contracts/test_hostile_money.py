"""Money that calls back, answers oddly or burns the gas; holders that call back."""

from pathlib import Path

import pytest

from carbonbank.chain.compile import compile_units
from tests.contracts.ledger_site import BUY, GAS, SELL, payout_tree

ROOT = Path(__file__).parents[2]
UNIT = "contracts/test/Hostiles.sol"
SILENT, REFUSING, LYING, HUNGRY, LOUD = range(5)


@pytest.fixture(scope="module")
def compiled():
    return compile_units(ROOT, [UNIT])[UNIT]


@pytest.fixture
def deploy(site, compiled):
    def deployed(name, *arguments):
        made = compiled[name]
        code = made["evm"]["bytecode"]["object"]
        factory = site.web3.eth.contract(abi=made["abi"], bytecode=code)
        tx_hash = factory.constructor(*arguments).transact(
            {"from": site.at["stranger"], "gas": GAS, "gasPrice": 10**10}
        )
        address = site.web3.eth.get_transaction_receipt(tx_hash)["contractAddress"]
        return site.web3.eth.contract(abi=made["abi"], address=address)

    return deployed


@pytest.fixture
def batch_id(site):
    number = site.issue()
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "operator")
    return number


def signed(site, who, side, batch_id, money, salt=1):
    order = site.order(who, side, batch_id, money=money.address, salt=salt)
    return tuple(order.values()), site.sign_order(order, who)


def encoded(call):
    return bytes.fromhex(call._encode_transaction_data()[2:])


@pytest.mark.parametrize("door", ["fill", "settle", "settleMany"])
def test_money_that_calls_the_market_back_finds_it_locked(site, deploy, batch_id, door):
    money = deploy("CallingMoney", site.at["buyer"])
    site.do(money.functions.approve(site.market.address, 10**12), "buyer")
    ask = signed(site, "operator", SELL, batch_id, money)
    bid = signed(site, "buyer", BUY, batch_id, money)
    market = site.market.functions
    again = {
        "fill": market.fill(*ask, batch_id, 100),
        "settle": market.settle(*ask, *bid, batch_id, 100),
        "settleMany": market.settleMany([(*ask, *bid, batch_id, 100)]),
    }[door]
    site.do(money.functions.plan(site.market.address, encoded(again)), "stranger")
    site.do(market.fill(*ask, batch_id, 100), "buyer")
    locked = next(s for s, e in site.errors.items() if e["name"] == "ReentrancyGuardReentrantCall")
    assert site.ask(money.functions.answer()) == locked
    assert site.held("buyer", batch_id) == 100


@pytest.mark.parametrize(
    ("mood", "refusal"),
    [(REFUSING, "SafeERC20FailedOperation"), (LYING, "MoneyTookFee")],
)
def test_money_that_does_not_move_moves_no_credits(site, deploy, batch_id, mood, refusal):
    money = deploy("OddMoney", mood)
    site.do(money.functions.give(site.at["buyer"]), "stranger")
    call = site.market.functions.fill(
        *signed(site, "operator", SELL, batch_id, money), batch_id, 100
    )
    assert site.refused(call, "buyer")[0] == refusal
    assert site.held("operator", batch_id) == 1000


def test_money_without_an_answer_is_money(site, deploy, batch_id):
    money = deploy("OddMoney", SILENT)
    site.do(money.functions.give(site.at["buyer"]), "stranger")
    call = site.market.functions.fill(
        *signed(site, "operator", SELL, batch_id, money), batch_id, 100
    )
    site.do(call, "buyer")
    # 100 g at 80 units: 8000, and 1 % of it is the fee.
    balances = [
        site.ask(money.functions.balanceOf(site.at[who])) for who in ("operator", "fee_box")
    ]
    assert balances == [7920, 80]
    assert site.held("buyer", batch_id) == 100


@pytest.mark.parametrize("mood", [HUNGRY, LOUD])
def test_money_that_burns_the_gas_kills_its_own_trade_alone(site, deploy, batch_id, mood):
    odd = deploy("OddMoney", mood)
    site.do(odd.functions.give(site.at["buyer"]), "stranger")
    site.do(site.money.functions.mint(site.at["buyer"], 10**12), "minter")
    site.do(site.money.functions.approve(site.market.address, 10**12), "buyer")
    trades = [
        (
            *signed(site, "operator", SELL, batch_id, money, salt),
            *signed(site, "buyer", BUY, batch_id, money, salt),
            batch_id,
            10,
        )
        for salt, money in enumerate((odd, site.money, odd, site.money), 1)
    ]
    receipt = site.do(site.market.functions.settleMany(trades), "stranger")
    (said,) = site.events(receipt, site.market, "ManySettled")
    assert said == {"settled": 2, "skipped": 2}
    assert site.held("buyer", batch_id) == 20
    assert receipt["gasUsed"] < 2 * 500_000 + 2 * 300_000


def test_a_holder_that_calls_back_gets_nothing_twice(site, deploy, batch_id):
    holder = deploy("CallingHolder")
    bank = site.bank.functions
    again = bank.safeTransferFrom(site.at["operator"], holder.address, batch_id, 1000, b"")
    site.do(holder.functions.plan(site.bank.address, encoded(again)), "stranger")
    site.do(
        bank.safeTransferFrom(site.at["operator"], holder.address, batch_id, 400, b""), "operator"
    )
    refused = site.ask(holder.functions.answer())
    assert site.errors[refused[:4]]["name"] == "ERC1155MissingApprovalForAll"
    assert int(bank.balanceOf(holder.address, batch_id).call()) == 400
    assert site.held("operator", batch_id) == 600


def test_a_buyer_that_calls_the_market_back_while_it_receives_finds_it_locked(
    site, deploy, batch_id
):
    """A transient lock: it is there for the whole of the trade, and gone with it."""
    holder, market = deploy("CallingHolder"), site.market.functions
    site.do(site.money.functions.mint(holder.address, 10**12), "minter")
    approve = encoded(site.money.functions.approve(site.market.address, 10**12))
    site.do(holder.functions.act(site.money.address, approve), "stranger")
    fill = encoded(market.fill(*signed(site, "operator", SELL, batch_id, site.money), batch_id, 10))
    site.do(holder.functions.plan(site.market.address, fill), "stranger")
    site.do(holder.functions.act(site.market.address, fill), "stranger")
    answer = site.ask(holder.functions.answer())
    assert site.errors[answer[:4]]["name"] == "ReentrancyGuardReentrantCall"
    assert int(site.bank.functions.balanceOf(holder.address, batch_id).call()) == 10
    site.do(holder.functions.act(site.market.address, fill), "stranger")
    assert int(site.bank.functions.balanceOf(holder.address, batch_id).call()) == 20


def test_a_holder_that_retires_while_it_receives_retires_what_it_has(site, deploy, batch_id):
    holder = deploy("CallingHolder")
    bank = site.bank.functions
    retire = bank.retire(batch_id, 400, bytes(32), bytes(32))
    site.do(holder.functions.plan(site.bank.address, encoded(retire)), "stranger")
    site.do(
        bank.safeTransferFrom(site.at["operator"], holder.address, batch_id, 400, b""), "operator"
    )
    batch = site.batch(batch_id)
    held_g = site.held("operator", batch_id) + int(bank.balanceOf(holder.address, batch_id).call())
    assert (batch["retiredG"], held_g) == (400, 600)
    assert batch["issuedG"] == held_g + batch["bufferG"] + batch["retiredG"]


def test_a_buyer_that_refuses_credits_pays_nothing(site, deploy, batch_id):
    holder = deploy("CallingHolder")
    market = site.market.functions
    site.do(site.money.functions.mint(holder.address, 10**12), "minter")
    approve = encoded(site.money.functions.approve(site.market.address, 10**12))
    site.do(holder.functions.act(site.money.address, approve), "stranger")
    site.do(holder.functions.refuse(True), "stranger")
    fill = encoded(market.fill(*signed(site, "operator", SELL, batch_id, site.money), batch_id, 10))
    with pytest.raises(Exception, match="the act failed"):
        holder.functions.act(site.market.address, fill).call()
    site.do(holder.functions.refuse(False), "stranger")
    site.do(holder.functions.act(site.market.address, fill), "stranger")
    assert int(site.money.functions.balanceOf(holder.address).call()) == 10**12 - 800


def test_a_driver_that_calls_back_while_paid_is_paid_once(site, deploy):
    holder = deploy("CallingHolder")
    payouts = [(0, holder.address, 0, 200), (1, site.at["driver"], 200, 100)]
    root, proofs = payout_tree(payouts)
    batch_id = site.issue(driversG=300, payoutRoot=root, bufferG=200)
    claim = site.bank.functions.claim(batch_id, payouts[0], proofs[0])
    site.do(holder.functions.plan(site.bank.address, encoded(claim)), "stranger")
    site.do(claim, "stranger")
    assert site.errors[site.ask(holder.functions.answer())[:4]]["name"] == "PayoutAlreadyClaimed"
    assert int(site.bank.functions.balanceOf(holder.address, batch_id).call()) == 200
    assert site.batch(batch_id)["claimableG"] == 100
