"""`correct`: what a disproven batch has too many is cancelled out of buffers, all or nothing."""

from tests.contracts.books import changed, disproven, issued, keeps_bank_a, lively
from tests.contracts.ledger_site import ACTIVE, DISPROVEN, FROZEN, role

PROOF = b"\x01" * 32


def correct(site, batch_id, excess_g, sources=(), reason="counted twice"):
    return site.bank.functions.correct(batch_id, excess_g, list(sources), reason)


def test_only_a_guardian_corrects(site):
    batch_id = disproven(site, issued(site, 1), PROOF)
    for sender in ("admin", "challenger", "issuer"):
        assert site.refused(correct(site, batch_id, 1), sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("GUARDIAN")},
        )


def test_only_what_is_there_and_disproven_is_corrected(site):
    assert site.refused(correct(site, 7, 1), "guardian") == ("BatchNotFound", {"batchId": 7})
    batch_id = issued(site, 1)
    for status in (ACTIVE, FROZEN):
        assert site.refused(correct(site, batch_id, 1), "guardian") == (
            "BatchNotDisproven",
            {"batchId": batch_id, "status": status},
        )
        if status == ACTIVE:
            site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")


def test_there_must_be_an_excess_and_buffers_that_cover_it(site):
    batch_id, source = disproven(site, issued(site, 1), PROOF), issued(site, 2)
    assert site.refused(correct(site, batch_id, 0), "guardian") == ("ZeroAmount", {})
    for sources, covered in (([], 200), ([source], 400), ([source, source], 400)):
        assert site.refused(correct(site, batch_id, 401, sources), "guardian") == (
            "ExcessNotCovered",
            {"batchId": batch_id, "excessG": 401, "coveredG": covered},
        )


def test_every_source_is_active_and_none_is_the_batch_itself(site):
    batch_id, frozen = disproven(site, issued(site, 1), PROOF), issued(site, 2)
    site.do(site.bank.functions.freeze(frozen, "doubt"), "guardian")
    for source, status in ((batch_id, DISPROVEN), (frozen, FROZEN)):
        assert site.refused(correct(site, batch_id, 1, [source]), "guardian") == (
            "BatchNotActive",
            {"batchId": source, "status": status},
        )
    assert site.refused(correct(site, batch_id, 1, [7]), "guardian") == (
        "BatchNotFound",
        {"batchId": 7},
    )


def test_the_own_buffer_gives_first_and_the_others_in_order(site):
    batch_id, second, third = (
        disproven(site, lively(site, 1), PROOF),
        issued(site, 2),
        issued(site, 3),
    )
    before = {one: site.batch(one) for one in (batch_id, second, third)}

    receipt = site.do(correct(site, batch_id, 450, [second, third]), "guardian")

    assert changed(before[batch_id], site.batch(batch_id)) == {
        "status": ACTIVE,
        "bufferG": 0,
        "cancelledG": 200,
    }
    assert changed(before[second], site.batch(second)) == {"bufferG": 0, "cancelledG": 200}
    assert changed(before[third], site.batch(third)) == {"bufferG": 150, "cancelledG": 50}
    assert keeps_bank_a(site, batch_id, second, third)
    assert site.events(receipt, site.bank, "BufferCancelled") == [
        {"batchId": batch_id, "sourceBatchId": source, "amountG": amount}
        for source, amount in ((batch_id, 200), (second, 200), (third, 50))
    ]
    assert site.events(receipt, site.bank, "BatchCorrected") == [
        {"batchId": batch_id, "excessG": 450, "reason": "counted twice"}
    ]


def test_an_own_buffer_that_suffices_leaves_the_others_alone(site):
    batch_id, source = disproven(site, issued(site, 1), PROOF), issued(site, 2)
    before = site.batch(source)
    receipt = site.do(correct(site, batch_id, 200, [source]), "guardian")
    assert site.batch(source) == before
    assert len(site.events(receipt, site.bank, "BufferCancelled")) == 1


def test_every_holder_of_a_corrected_batch_can_retire_all(site):
    batch_id = disproven(site, lively(site, 1), PROOF)
    site.do(correct(site, batch_id, 100), "guardian")
    for who in ("operator", "buyer", "driver"):
        held = site.held(who, batch_id)
        site.do(site.bank.functions.retire(batch_id, held, bytes(32), bytes(32)), who)
    assert site.batch(batch_id)["heldG"] == 0
    assert keeps_bank_a(site, batch_id)
