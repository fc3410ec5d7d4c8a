"""Signatures in another form, for another place, or by nobody: none of them counts."""

import pytest

from tests.contracts.ledger_site import BUY, DAY, NOW, SELL

CURVE_N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def high_s(signature: bytes) -> bytes:
    """Return the other signature of the same key over the same digest (SEC 1, 4.1.3)."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return r + (CURVE_N - s).to_bytes(32, "big") + bytes([27 + 28 - v])


def short(signature: bytes) -> bytes:
    """Return the 64 bytes of ERC-2098: the parity sits in the highest bit of s."""
    s = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
    return signature[:32] + s.to_bytes(32, "big")


def old_v(signature: bytes) -> bytes:
    """Return it with v 0 or 1, as some devices write it."""
    return signature[:64] + bytes([signature[64] - 27])


FORMS = [high_s, short, old_v, lambda whole: whole + b"\0", lambda _: bytes(65)]
NAMES = ["high s", "64 bytes", "v of 0 or 1", "a byte more", "nothing but zeros"]


@pytest.fixture(params=FORMS, ids=NAMES)
def bent(request):
    return request.param


@pytest.fixture
def elsewhere(request, site, monkeypatch):
    """Let signatures be made for another chain, contract or name."""

    def sign(who, contract, name, kind, message):
        if request.param == "chain":
            other = site.chain_id + 1
            monkeypatch.setattr(type(site), "chain_id", property(lambda _: other))
        elif request.param == "contract":
            contract = site.money
        else:
            name = "AnotherName"
        return site.sign(who, contract, name, kind, message)

    return sign


def test_a_claim_has_one_signature_form(site, bent):
    claim = site.claim()
    signature = site.sign_claim(claim)
    assert site.refused(site.issue_call(claim, signature=bent(signature)), "issuer") == (
        "BadVerifierSignature",
        {
            "batchId": site.ask(site.bank.functions.batchIdOf(claim)),
            "verifier": site.at["verifier"],
        },
    )
    site.do(site.issue_call(claim, signature=signature), "issuer")


def test_an_old_signature_dies_at_the_end_it_was_signed_with(site):
    end = NOW + DAY
    call = site.issue_call(site.claim(validUntil=end))
    site.travel(end - 60)
    site.tester.mine_block()
    site.ask(call, "issuer")
    site.travel(end + 1)
    site.tester.mine_block()
    name, fields = site.refused(call, "issuer")
    assert (name, fields["validUntil"]) == ("ClaimExpired", end)
    assert fields["blockTime"] > end


def test_an_order_has_one_signature_form_so_none_is_filled_twice_by_bending_it(site, bent):
    batch_id = site.issue()
    order = site.order("operator", SELL, batch_id)
    call = site.market.functions.fill(order, bent(site.sign_order(order, "operator")), batch_id, 10)
    assert site.refused(call, "buyer") == (
        "BadOrderSignature",
        {"orderHash": site.hash_of(order), "maker": site.at["operator"]},
    )


def test_a_relayed_act_has_one_signature_form(site, bent):
    call = site.bank.functions.setApprovalForAll(site.market.address, True)
    relayed = site.relay("operator", site.bank, call)
    (request,) = relayed.args
    broken = {**request, "signature": bent(request["signature"])}
    refused, fields = site.refused(site.forwarder.functions.execute(broken), "relayer")
    assert refused == "ERC2771ForwarderInvalidSigner"
    assert fields["from"] == site.at["operator"]


@pytest.mark.parametrize("elsewhere", ["chain", "contract", "name"], indirect=True)
def test_an_order_signed_for_another_place_is_worth_nothing(site, elsewhere):
    batch_id = site.issue()
    order = site.order("buyer", BUY, batch_id)
    signature = elsewhere("buyer", site.market, "CarbonMarket", "Order", order)
    call = site.market.functions.fill(order, signature, batch_id, 10)
    assert site.refused(call, "operator")[0] == "BadOrderSignature"


def test_a_repeated_order_fills_no_more_than_its_amount(site):
    """A signature is no one-time thing: what is filled is counted under the order's hash."""
    batch_id = site.issue()
    market = site.market
    site.do(site.bank.functions.setApprovalForAll(market.address, True), "operator")
    site.do(site.money.functions.mint(site.at["buyer"], 10**9), "minter")
    site.do(site.money.functions.approve(market.address, 10**9), "buyer")
    order = site.order("operator", SELL, batch_id, amountG=100)
    call = market.functions.fill(order, site.sign_order(order, "operator"), batch_id, 60)
    site.do(call, "buyer")
    assert site.refused(call, "buyer") == (
        "FillTooLarge",
        {"orderHash": site.hash_of(order), "amountG": 60, "restG": 40},
    )
