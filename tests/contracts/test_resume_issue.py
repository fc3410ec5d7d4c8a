"""`resumeIssue`: only the admin lets issuing go on."""

from tests.contracts.getters import watched
from tests.contracts.refusals import unauthorized


def resume(site):
    return site.bank.functions.resumeIssue()


def test_it_is_refused_in_the_order_of_the_checks(site):
    for sender in ("guardian", "issuer"):  # though nothing is stopped
        assert site.refused(resume(site), sender) == unauthorized(site, sender, "ADMIN")
    assert site.refused(resume(site), "admin") == ("IssueIsNotStopped", {})


def test_issuing_goes_on_and_nothing_else_changes(site):
    site.do(site.bank.functions.stopIssue("audit"), "guardian")
    with watched(site) as changed:
        receipt = site.do(resume(site), "admin")
    assert changed == {"state.issueStopped": False}
    assert site.events(receipt, site.bank, "IssueResumed") == [{}]
    site.issue()
