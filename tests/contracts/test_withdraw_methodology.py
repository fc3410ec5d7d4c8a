"""`withdrawMethodology`: a certifier ends it, once; batches of it stay what they are."""

from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import METHOD
from tests.contracts.refusals import unauthorized

UNKNOWN = keccak(text="unknown")


def withdraw(site, method=METHOD):
    return site.bank.functions.withdrawMethodology(method)


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = withdraw(site, UNKNOWN)
    assert site.refused(call, "guardian") == unauthorized(site, "guardian", "CERTIFIER")
    assert site.refused(call, "certifier") == ("MethodologyNotFound", {"methodologyId": UNKNOWN})
    site.do(withdraw(site), "certifier")
    assert site.refused(withdraw(site), "certifier") == (
        "MethodologyIsWithdrawn",
        {"methodologyId": METHOD},
    )


def test_it_is_marked_and_its_batches_live_on(site):
    batch_id = site.issue()
    with watched(site, it=batch_id) as changed:
        receipt = site.do(withdraw(site), "certifier")
    assert changed == {"methodology.withdrawn": True}
    said = site.events(receipt, site.bank, "MethodologyWithdrawn")
    assert said == [{"methodologyId": METHOD}]
    site.do(site.bank.functions.retire(batch_id, 1000, bytes(32), bytes(32)), "operator")
