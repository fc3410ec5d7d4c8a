"""`freezeProven`: two batches that contradict one another stop, once per batch and proof."""

from tests.contracts.books import disproven, issued, lively
from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, DAY, DISPROVEN, FROZEN, NOW
from tests.contracts.refusals import unauthorized

PROOF, OTHER = b"\x01" * 32, b"\x02" * 32


def freeze_proven(site, batch_id, proof=PROOF):
    return site.bank.functions.freezeProven(batch_id, proof)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch_id = issued(site, 1)
    site.do(freeze_proven(site, batch_id), "challenger")
    disproven(site, batch_id, OTHER)
    for sender in ("admin", "guardian", "stranger"):
        refusal = unauthorized(site, sender, "CHALLENGER")
        assert site.refused(freeze_proven(site, 7), sender) == refusal
    assert site.refused(freeze_proven(site, 7), "challenger") == ("BatchNotFound", {"batchId": 7})
    for fact in (PROOF, OTHER):
        assert site.refused(freeze_proven(site, batch_id, fact), "challenger") == (
            "ProofSettled",
            {"proofId": fact},
        )
    assert site.refused(freeze_proven(site, batch_id, b"\x03" * 32), "challenger") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": DISPROVEN},
    )


def test_it_freezes_for_thirty_days_and_says_why(site):
    batch_id = lively(site, 1)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(freeze_proven(site, batch_id), "challenger")
    now = site.web3.eth.get_block("latest")["timestamp"]
    until = now + 30 * DAY
    assert changed == {"it.status": FROZEN, "it.frozenSince": now, "it.frozenUntil": until}
    reason = "proven: one vehicle, two batches, one time"
    assert site.events(receipt, site.bank, "BatchFrozen") == [
        {"batchId": batch_id, "until": until, "reason": reason}
    ]


def test_one_proof_freezes_a_batch_once_whatever_the_guardian_decided(site):
    batch_id, twin = issued(site, 1), issued(site, 2)
    site.do(freeze_proven(site, batch_id), "challenger")
    site.do(freeze_proven(site, twin), "challenger")
    refusal = ("ProofSettled", {"proofId": PROOF})
    assert site.refused(freeze_proven(site, batch_id), "challenger") == refusal
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.batch(batch_id)["status"] == ACTIVE
    assert site.refused(freeze_proven(site, batch_id), "challenger") == refusal
    site.do(freeze_proven(site, batch_id, OTHER), "challenger")
    assert site.batch(batch_id)["status"] == FROZEN


def test_a_frozen_batch_stays_frozen_since_when_it_was_and_never_for_shorter(site):
    batch_id = issued(site, 1)
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    site.travel(NOW + 10 * DAY)
    with watched(site, it=batch_id) as changed:
        site.do(freeze_proven(site, batch_id), "challenger")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert changed == {"it.frozenUntil": now + 30 * DAY}
