"""`correct`: what a disproven batch has too many is cancelled out of buffers, all or nothing."""

from tests.contracts.books import disproven, issued, keeps_bank_a, lively
from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, DISPROVEN, FROZEN
from tests.contracts.refusals import unauthorized

PROOF = b"\x01" * 32


def correct(site, batch_id, excess_g, sources=(), reason="counted twice"):
    return site.bank.functions.correct(batch_id, excess_g, list(sources), reason)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch_id, source, frozen = issued(site, 1), issued(site, 2), issued(site, 3)
    site.do(site.bank.functions.freeze(frozen, "doubt"), "guardian")
    for sender in ("admin", "challenger", "issuer"):
        refusal = unauthorized(site, sender, "GUARDIAN")
        assert site.refused(correct(site, 7, 0, [7]), sender) == refusal
    assert site.refused(correct(site, 7, 0, [7]), "guardian") == ("BatchNotFound", {"batchId": 7})
    for one, status in ((batch_id, ACTIVE), (frozen, FROZEN)):
        assert site.refused(correct(site, one, 0, [7]), "guardian") == (
            "BatchNotDisproven",
            {"batchId": one, "status": status},
        )
    disproven(site, batch_id, PROOF)
    assert site.refused(correct(site, batch_id, 0, [7]), "guardian") == ("ZeroAmount", {})
    for wrong, refusal in (
        (7, ("BatchNotFound", {"batchId": 7})),
        (frozen, ("BatchNotActive", {"batchId": frozen, "status": FROZEN})),
    ):
        assert site.refused(correct(site, batch_id, 401, [source, wrong]), "guardian") == refusal
    for sources, covered in (([], 200), ([source], 400), ([source, source], 400)):
        assert site.refused(correct(site, batch_id, 401, sources), "guardian") == (
            "ExcessNotCovered",
            {"batchId": batch_id, "excessG": 401, "coveredG": covered},
        )


def test_none_of_its_sources_is_the_batch_itself(site):
    batch_id = disproven(site, issued(site, 1), PROOF)
    assert site.refused(correct(site, batch_id, 1, [batch_id]), "guardian") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": DISPROVEN},
    )


def test_the_own_buffer_gives_first_and_the_others_in_order(site):
    batch_id, second, third = (
        disproven(site, lively(site, 1), PROOF),
        issued(site, 2),
        issued(site, 3),
    )

    with watched(site, it=batch_id, second=second, third=third) as changed:
        receipt = site.do(correct(site, batch_id, 450, [second, third]), "guardian")

    assert changed == {
        "it.status": ACTIVE,
        "it.bufferG": 0,
        "it.cancelledG": 200,
        "second.bufferG": 0,
        "second.cancelledG": 200,
        "third.bufferG": 150,
        "third.cancelledG": 50,
    }
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
    with watched(site, source=source) as changed:
        receipt = site.do(correct(site, batch_id, 200, [source]), "guardian")
    assert changed == {}
    assert len(site.events(receipt, site.bank, "BufferCancelled")) == 1


def test_every_holder_of_a_corrected_batch_can_retire_all(site):
    batch_id = disproven(site, lively(site, 1), PROOF)
    site.do(correct(site, batch_id, 100), "guardian")
    for who in ("operator", "buyer", "driver"):
        held = site.held(who, batch_id)
        site.do(site.bank.functions.retire(batch_id, held, bytes(32), bytes(32)), who)
    assert site.batch(batch_id)["heldG"] == 0
    assert keeps_bank_a(site, batch_id)
