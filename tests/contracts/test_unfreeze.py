"""`unfreeze`: a guardian lets a batch move again; after 30 days anyone may."""

import pytest

from tests.contracts.books import disproven, issued, lively
from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, DAY, DISPROVEN, NOW
from tests.contracts.refusals import unauthorized


def unfreeze(site, batch_id):
    return site.bank.functions.unfreeze(batch_id)


def freeze(site, batch_id):
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch_id = issued(site, 1)
    # What was never frozen has no time to wait for: what it is comes first, whoever asks.
    for sender in ("guardian", "stranger"):
        assert site.refused(unfreeze(site, 7), sender) == ("BatchNotFound", {"batchId": 7})
        assert site.refused(unfreeze(site, batch_id), sender) == (
            "BatchNotFrozen",
            {"batchId": batch_id, "status": ACTIVE},
        )
    freeze(site, batch_id)
    for sender in ("admin", "operator"):
        refusal = unauthorized(site, sender, "GUARDIAN")
        assert site.refused(unfreeze(site, batch_id), sender) == refusal
    disproven(site, batch_id, b"\x01" * 32)
    for sender in ("guardian", "stranger"):
        assert site.refused(unfreeze(site, batch_id), sender) == (
            "BatchNotFrozen",
            {"batchId": batch_id, "status": DISPROVEN},
        )


@pytest.mark.parametrize(("days", "sender"), [(1, "guardian"), (31, "stranger")])
def test_it_moves_again_as_if_nothing_had_been(site, days, sender):
    batch_id = lively(site, 1)
    freeze(site, batch_id)
    site.travel(NOW + days * DAY)
    site.tester.mine_block()
    with watched(site, it=batch_id) as changed:
        receipt = site.do(unfreeze(site, batch_id), sender)
    assert changed == {"it.status": ACTIVE, "it.frozenSince": 0, "it.frozenUntil": 0}
    assert site.events(receipt, site.bank, "BatchUnfrozen") == [{"batchId": batch_id}]
    site.do(site.bank.functions.retire(batch_id, 910, bytes(32), bytes(32)), "operator")


def test_thirty_days_count_from_the_last_renewal(site):
    batch_id = issued(site, 1)
    freeze(site, batch_id)
    site.travel(NOW + 20 * DAY)
    freeze(site, batch_id)
    until = site.batch(batch_id)["frozenUntil"]
    site.travel(until - 2)
    site.tester.mine_block()
    refusal = unauthorized(site, "stranger", "GUARDIAN")
    assert site.refused(unfreeze(site, batch_id), "stranger") == refusal
    site.travel(until)
    site.tester.mine_block()
    site.do(unfreeze(site, batch_id), "stranger")
    assert site.batch(batch_id)["status"] == ACTIVE
