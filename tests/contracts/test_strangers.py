"""Signers that are contracts (ERC-1271), and money that keeps a part of what is paid."""

from pathlib import Path

import pytest

from carbonbank.chain.compile import compile_units
from tests.contracts.ledger_site import BUY, GAS, SELL, role

ROOT = Path(__file__).parents[2]
UNIT = "contracts/test/Strangers.sol"

pytestmark = pytest.mark.xdist_group("compile")


@pytest.fixture(scope="module")
def compiled():
    return compile_units(ROOT, [UNIT])[UNIT]


@pytest.fixture
def deploy(site, compiled):
    def deployed(name, argument):
        made = compiled[name]
        factory = site.web3.eth.contract(
            abi=made["abi"], bytecode=made["evm"]["bytecode"]["object"]
        )
        tx_hash = factory.constructor(argument).transact(
            {"from": site.at["stranger"], "gas": GAS, "gasPrice": 10**10}
        )
        address = site.web3.eth.get_transaction_receipt(tx_hash)["contractAddress"]
        return site.web3.eth.contract(abi=made["abi"], address=address)

    return deployed


def test_a_verifier_may_be_a_contract(site, deploy):
    wallet = deploy("KeyedWallet", site.at["driver"])
    claim = site.claim(verifier=wallet.address)
    site.do(site.bank.functions.grantRole(role("VERIFIER"), wallet.address), "admin")
    batch_id = site.ask(site.bank.functions.batchIdOf(claim))
    stolen = site.issue_call(claim, signature=site.sign_claim(claim, "verifier"))
    refusal = ("BadVerifierSignature", {"batchId": batch_id, "verifier": wallet.address})
    assert site.refused(stolen, "issuer") == refusal
    site.do(site.issue_call(claim, signature=site.sign_claim(claim, "driver")), "issuer")
    assert site.held("operator", batch_id) == 1000


def test_a_maker_may_be_a_contract_and_others_do_not_sign_for_it(site, deploy):
    wallet = deploy("KeyedWallet", site.at["driver"])
    batch_id = site.issue()
    order = site.order("buyer", BUY, batch_id) | {"maker": wallet.address}
    fill = site.market.functions.fill
    stolen = fill(order, site.sign_order(order, "stranger"), batch_id, 10)
    refusal = ("BadOrderSignature", {"orderHash": site.hash_of(order), "maker": wallet.address})
    assert site.refused(stolen, "operator") == refusal
    # Signed for, it goes on to the money, which this wallet never allowed.
    signed = fill(order, site.sign_order(order, "driver"), batch_id, 10)
    assert site.refused(signed, "operator")[0] == "ERC20InsufficientAllowance"


def test_money_that_keeps_a_part_is_refused(site, deploy):
    toll = deploy("TollToken", site.at["buyer"])
    batch_id = site.issue()
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "operator")
    site.do(toll.functions.approve(site.market.address, 10**12), "buyer")
    order = site.order("operator", SELL, batch_id, money=toll.address)
    call = site.market.functions.fill(order, site.sign_order(order, "operator"), batch_id, 100)
    # 100 g at 80 units cost 8000; 1 % of it is the fee, and the toll is one unit.
    assert site.refused(call, "buyer") == (
        "MoneyTookFee",
        {"money": toll.address, "sentUnits": 7920, "receivedUnits": 7919},
    )
