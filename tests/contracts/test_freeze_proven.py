"""`freezeProven`: two batches that contradict one another stop, once per batch and proof."""

from tests.contracts.books import changed, disproven, issued, keeps_bank_a, lively
from tests.contracts.ledger_site import ACTIVE, DAY, DISPROVEN, FROZEN, NOW, role

PROOF, OTHER = b"\x01" * 32, b"\x02" * 32


def freeze_proven(site, batch_id, proof=PROOF):
    return site.bank.functions.freezeProven(batch_id, proof)


def test_only_a_challenger_freezes_by_proof(site):
    batch_id = issued(site, 1)
    for sender in ("admin", "guardian", "stranger"):
        assert site.refused(freeze_proven(site, batch_id), sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("CHALLENGER")},
        )


def test_only_what_exists_and_is_active_or_frozen(site):
    assert site.refused(freeze_proven(site, 7), "challenger") == ("BatchNotFound", {"batchId": 7})
    batch_id = disproven(site, issued(site, 1), OTHER)
    assert site.refused(freeze_proven(site, batch_id), "challenger") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": DISPROVEN},
    )


def test_it_freezes_for_thirty_days_and_says_why(site):
    batch_id = lively(site, 1)
    before = site.batch(batch_id)
    receipt = site.do(freeze_proven(site, batch_id), "challenger")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert changed(before, site.batch(batch_id)) == {
        "status": FROZEN,
        "frozenSince": now,
        "frozenUntil": now + 30 * DAY,
    }
    assert keeps_bank_a(site, batch_id)
    (said,) = site.events(receipt, site.bank, "BatchFrozen")
    assert (said["batchId"], said["until"]) == (batch_id, now + 30 * DAY)
    assert said["reason"] == "proven: one vehicle, two batches, one time"


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
    since = site.batch(batch_id)["frozenSince"]
    site.travel(NOW + 10 * DAY)
    site.do(freeze_proven(site, batch_id), "challenger")
    now = site.web3.eth.get_block("latest")["timestamp"]
    shown = site.batch(batch_id)
    assert (shown["frozenSince"], shown["frozenUntil"]) == (since, now + 30 * DAY)
