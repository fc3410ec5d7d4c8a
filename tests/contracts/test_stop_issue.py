"""`stopIssue`: a guardian stops everything new, with a reason."""

from tests.contracts.getters import watched
from tests.contracts.refusals import unauthorized


def stop(site):
    return site.bank.functions.stopIssue("audit")


def test_it_is_refused_in_the_order_of_the_checks(site):
    site.do(stop(site), "guardian")
    assert site.refused(stop(site), "admin") == unauthorized(site, "admin", "GUARDIAN")
    assert site.refused(stop(site), "guardian") == ("IssueIsStopped", {})


def test_nothing_is_issued_any_more_and_what_was_issued_moves_on(site):
    batch_id = site.issue()
    with watched(site, it=batch_id) as changed:
        receipt = site.do(stop(site), "guardian")
    assert changed == {"state.issueStopped": True}
    assert site.events(receipt, site.bank, "IssueStopped") == [{"reason": "audit"}]
    another = site.issue_call(site.claim({0: 0b100}), {0: 0b100})
    assert site.refused(another, "issuer") == ("IssueIsStopped", {})
    site.do(site.bank.functions.retire(batch_id, 1, bytes(32), bytes(32)), "operator")
