"""`SettlementToken` as an ERC-20: `approve`, `transfer`, `transferFrom`, `burn`, `permit`.

OpenZeppelin's own; what is asked here is that the bank's e-money is that and nothing more.
"""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import NOW, role
from tests.contracts.market_stage import permit

NOBODY = "0x" + "0" * 40


@pytest.fixture
def money(site):
    site.do(site.money.functions.mint(site.at["buyer"], 500), "minter")
    return site.money.functions


def moved(site, receipt):
    said = site.events(receipt, site.money, "Transfer")
    return [(one["from"], one["to"], one["value"]) for one in said]


def short(site, balance, needed, who="buyer"):
    values = {"sender": site.at[who], "balance": balance, "needed": needed}
    return "ERC20InsufficientBalance", values


def test_a_holder_transfers_what_it_has(site, money):
    at = site.at
    assert site.refused(money.transfer(at["operator"], 501), "buyer") == short(site, 500, 501)
    with watched(site) as changed:
        receipt = site.do(money.transfer(at["operator"], 200), "buyer")
    assert changed == {"money.buyer": 300, "money.operator": 200}
    assert moved(site, receipt) == [(at["buyer"], at["operator"], 200)]


def test_who_is_allowed_transfers_up_to_that(site, money):
    at, market = site.at, site.market.address
    with watched(site) as changed:
        receipt = site.do(money.approve(market, 77), "buyer")
    assert changed == {"allowance.buyer.market": 77}
    assert site.events(receipt, site.money, "Approval") == [
        {"owner": at["buyer"], "spender": market, "value": 77}
    ]
    site.do(money.approve(at["stranger"], 77), "buyer")
    take = money.transferFrom(at["buyer"], at["operator"], 78)
    assert site.refused(take, "stranger") == (
        "ERC20InsufficientAllowance",
        {"spender": at["stranger"], "allowance": 77, "needed": 78},
    )
    with watched(site) as changed:
        receipt = site.do(money.transferFrom(at["buyer"], at["operator"], 77), "stranger")
    assert changed == {"money.buyer": 423, "money.operator": 77}
    assert moved(site, receipt) == [(at["buyer"], at["operator"], 77)]
    assert site.ask(money.allowance(at["buyer"], at["stranger"])) == 0


def test_who_holds_money_is_paid_out(site, money):
    at = site.at
    assert site.refused(money.burn(501), "buyer") == short(site, 500, 501)
    with watched(site) as changed:
        receipt = site.do(money.burn(200), "buyer")
    assert changed == {"money.buyer": 300, "money totalSupply": 300}
    assert moved(site, receipt) == [(at["buyer"], NOBODY, 200)]

    assert site.refused(money.burnFrom(at["buyer"], 1), "minter") == (
        "ERC20InsufficientAllowance",
        {"spender": at["minter"], "allowance": 0, "needed": 1},
    )
    site.do(money.approve(at["minter"], 100), "buyer")
    with watched(site) as changed:
        receipt = site.do(money.burnFrom(at["buyer"], 100), "minter")
    assert changed == {"money.buyer": 200, "money totalSupply": 200}
    assert moved(site, receipt) == [(at["buyer"], NOBODY, 100)]


def test_a_permit_allows_once_and_until_its_end(site, money):
    at, market = site.at, site.market.address

    def permitted(words):
        return money.permit(at["buyer"], market, *words)

    old = permit(site, who="stranger", deadline=NOW - 1)
    assert site.refused(permitted(old), "stranger") == (
        "ERC2612ExpiredSignature",
        {"deadline": NOW - 1},
    )
    assert site.refused(permitted(permit(site, who="stranger")), "stranger") == (
        "ERC2612InvalidSigner",
        {"signer": at["stranger"], "owner": at["buyer"]},
    )
    with watched(site) as changed:
        site.do(permitted(permit(site)), "stranger")
    assert changed == {"allowance.buyer.market": 8000, "nonces.buyer": 1}
    assert site.refused(permitted(permit(site)), "stranger")[0] == "ERC2612InvalidSigner"


def test_the_admin_gives_and_takes_the_minters_role_and_nobody_else_does(site, money):
    minter, stranger = role("MINTER"), site.at["stranger"]
    for call in (money.grantRole(minter, stranger), money.revokeRole(minter, stranger)):
        assert site.refused(call, "minter") == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at["minter"], "neededRole": bytes(32)},
        )
    site.do(money.grantRole(minter, stranger), "admin")
    with watched(site) as changed:
        site.do(money.revokeRole(minter, site.at["minter"]), "admin")
    assert changed == {"money hasRole.MINTER.minter": False}
    site.do(money.renounceRole(minter, stranger), "stranger")
    for who in ("minter", "stranger"):
        assert site.refused(money.mint(stranger, 1), who)[1]["neededRole"] == minter


def test_its_unit_is_a_millionth(site, money):
    assert site.ask(money.decimals()) == 6
