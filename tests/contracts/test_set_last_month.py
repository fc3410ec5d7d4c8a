"""`setLastMonth`: the admin fixes the last creditable month, once, and never in the past."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import DECEMBER, JANUARY
from tests.contracts.refusals import unauthorized


def last(site, month):
    return site.bank.functions.setLastMonth(month)


def test_it_is_refused_in_the_order_of_the_checks(site):
    assert site.refused(last(site, DECEMBER), "guardian") == unauthorized(site, "guardian", "ADMIN")
    assert site.refused(last(site, DECEMBER), "admin") == (
        "LastMonthInPast",
        {"lastMonth": DECEMBER, "currentMonth": JANUARY},
    )
    site.do(last(site, JANUARY), "admin")
    for month in (DECEMBER, JANUARY, JANUARY + 1):
        assert site.refused(last(site, month), "admin") == (
            "LastMonthAlreadySet",
            {"lastMonth": JANUARY},
        )


def test_it_is_fixed_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(last(site, JANUARY), "admin")
    assert changed == {"state.lastMonth": JANUARY}
    assert site.events(receipt, site.bank, "LastMonthSet") == [{"lastMonth": JANUARY}]


def test_for_ever_is_no_end_and_may_be_followed_by_one(site):
    with watched(site) as changed:
        site.do(last(site, 2**32 - 1), "admin")
    assert changed == {}
    site.do(last(site, JANUARY), "admin")
    assert site.state()["lastMonth"] == JANUARY
