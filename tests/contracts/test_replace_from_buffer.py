"""`replaceFromBuffer`: retired grams of a cancelled batch get others, serial by serial."""

from tests.contracts.books import disproven, issued, keeps_bank_a
from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, CANCELLED, FROZEN
from tests.contracts.refusals import unauthorized

PROOF = b"\x01" * 32


def replace(site, batch_id, *sources):
    return site.bank.functions.replaceFromBuffer(batch_id, list(sources))


def retire(site, batch_id, amount_g):
    site.do(site.bank.functions.retire(batch_id, amount_g, bytes(32), bytes(32)), "operator")


def cancelled(site, bit, retired_g):
    batch_id = issued(site, bit)
    if retired_g:
        retire(site, batch_id, retired_g)
    disproven(site, batch_id, PROOF)
    site.do(site.bank.functions.cancel(batch_id, "wrong"), "guardian")
    return batch_id


def test_it_is_refused_in_the_order_of_the_checks(site):
    empty, active, batch_id = cancelled(site, 1, 0), issued(site, 2), cancelled(site, 3, 40)
    for sender in ("admin", "challenger", "operator"):
        refusal = unauthorized(site, sender, "GUARDIAN")
        assert site.refused(replace(site, 7, 7), sender) == refusal
    assert site.refused(replace(site, 7, 7), "guardian") == ("BatchNotFound", {"batchId": 7})
    assert site.refused(replace(site, active, 7), "guardian") == (
        "BatchNotCancelled",
        {"batchId": active, "status": ACTIVE},
    )
    assert site.refused(replace(site, empty, 7), "guardian") == (
        "NothingToReplace",
        {"batchId": empty},
    )
    assert site.refused(replace(site, batch_id, active, 7), "guardian") == (
        "BatchNotFound",
        {"batchId": 7},
    )


def test_every_source_is_active_and_a_reserve_never_replaces_itself(site):
    batch_id, frozen = cancelled(site, 1, 40), issued(site, 2)
    site.do(site.bank.functions.freeze(frozen, "doubt"), "guardian")
    for source, status in ((batch_id, CANCELLED), (frozen, FROZEN)):
        assert site.refused(replace(site, batch_id, source), "guardian") == (
            "BatchNotActive",
            {"batchId": source, "status": status},
        )


def test_buffers_are_retired_in_order_and_every_serial_resolves(site):
    batch_id, second, third = cancelled(site, 1, 350), issued(site, 2), issued(site, 3)
    retire(site, second, 7)

    with watched(site, it=batch_id, second=second, third=third) as changed:
        receipt = site.do(replace(site, batch_id, second, second, third), "guardian")

    assert changed == {
        "it.unreplacedG": 0,
        "second.bufferG": 0,
        "second.retiredG": 207,
        "third.bufferG": 50,
        "third.retiredG": 150,
    }
    assert keeps_bank_a(site, batch_id, second, third)
    names = ("fromSerial", "toSerial", "sourceFromSerial", "sourceToSerial")
    said = site.events(receipt, site.bank, "RetirementReplaced")
    assert [(e["batchId"], e["sourceBatchId"], *(e[n] for n in names)) for e in said] == [
        (batch_id, second, 1, 200, 8, 207),
        (batch_id, third, 201, 350, 1, 150),
    ]
    refusal = ("NothingToReplace", {"batchId": batch_id})
    assert site.refused(replace(site, batch_id, third), "guardian") == refusal


def test_it_takes_what_is_there_and_goes_on_later(site):
    batch_id, second = cancelled(site, 1, 350), issued(site, 2)
    site.do(replace(site, batch_id, second), "guardian")
    assert site.batch(batch_id)["unreplacedG"] == 150
    third = issued(site, 3)
    receipt = site.do(replace(site, batch_id, third), "guardian")
    assert site.batch(batch_id)["unreplacedG"] == 0
    (said,) = site.events(receipt, site.bank, "RetirementReplaced")
    assert (said["fromSerial"], said["toSerial"]) == (201, 350)


def test_a_source_that_is_cancelled_later_needs_its_replacements_replaced(site):
    batch_id, source = cancelled(site, 1, 40), issued(site, 2)
    site.do(replace(site, batch_id, source), "guardian")
    disproven(site, source, PROOF)
    site.do(site.bank.functions.cancel(source, "wrong too"), "guardian")
    assert site.batch(source)["unreplacedG"] == 40
    assert keeps_bank_a(site, batch_id, source)
