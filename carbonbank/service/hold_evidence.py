"""Take up the evidence of a batch: from an audit package, or a leaf file and what the bank has."""

import json
from collections.abc import Mapping

from carbonbank.domain.challenge import Evidence, held_evidence
from carbonbank.domain.claim import BatchClaim, vehicle_words
from carbonbank.domain.codec import decode, from_text
from carbonbank.domain.payout import payouts_of_dump
from carbonbank.domain.records import SealedBatch
from carbonbank.errors import PackageUnreadable
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import full_batch_id


def evidence_of_package(members: Mapping[str, bytes]) -> Evidence:
    """Return what an audit package holds against its own claim; it needs no bank.

    Args:
        members: claim.json, leaves.bin and payouts.json by name, as the package has them.

    Raises:
        PackageUnreadable: one is missing, or none of the format.
        EvidenceNotSigned: the claim commits to something else.
    """
    try:
        told = json.loads(members["claim.json"])
        claim = decode(BatchClaim, told["claim"])
        bits = [int(word, 16) for word in told["bits"]]
        words = [int(word) for word in told["word_index"]]
        payouts = payouts_of_dump(json.loads(members["payouts.json"]))
        leaves = members["leaves.bin"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackageUnreadable(package="what was given", reason=repr(error)) from error
    return held_evidence(claim, leaves, payouts, words, bits)


def evidence_of_leaves(bank: Bank, batch: str, leaves: bytes) -> Evidence:
    """Return a leaf file beside what the bank has of its batch (by id or first digits).

    Raises:
        NotFound: no such batch.
        EvidenceNotSigned: the claim commits to other leaves.
    """
    with bank.store.read() as session:
        sealed = session.need(SealedBatch, full_batch_id(session, batch))
    listed = json.loads(sealed.vehicles)["vehicles"]
    return held_evidence(
        from_text(BatchClaim, sealed.claim),
        leaves,
        payouts_of_dump(json.loads(sealed.payouts)),
        *vehicle_words([one["vehicle_index"] for one in listed]),
    )
