"""A verification counts if the named verifier signed exactly this claim."""

import json

import pytest

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.documents import verification_document
from carbonbank.domain.records import SealedBatch, Verification
from carbonbank.errors import (
    Conflict,
    NotFound,
    NotTheNamedVerifier,
    SignatureOverOtherClaim,
    VerificationUnreadable,
    WrongVerifier,
)
from carbonbank.service.record_verification import record_verification
from carbonbank.service.reopen_month import reopen_month
from tests.stage import FLEET, JUNE, Stage, trip


@pytest.fixture
def batch(stage: Stage) -> str:
    return stage.sealed([trip()]).batch_id


def document(
    stage: Stage, batch: str, *, key: str = "role/verifier", over: str | None = None, **said: str
) -> bytes:
    """A verification of `batch` whose signature is by `key` over the claim of `over`."""
    (sealed,) = stage.all(SealedBatch, batch_id=over or batch)
    digest = stage.bank.chain.claim_digest(from_text(BatchClaim, sealed.claim))
    told = {"verifier": stage.verifier, "statement": "seen"} | said
    signature = stage.bank.signer.sign_digest(key, digest)
    return verification_document(batch, told["verifier"], signature, told["statement"])


def nothing_recorded(stage: Stage) -> bool:
    states = {one.state for one in stage.all(SealedBatch)}
    return stage.all(Verification) == [] and states == {"sealed"}


def test_a_signature_is_recorded_once(stage: Stage, batch: str) -> None:
    signed = stage.signed(batch)
    first = record_verification(stage.bank, batch, signed)
    again = record_verification(stage.bank, batch, signed)
    assert (first.repeated, again.repeated) == (False, True)
    (verification,) = stage.all(Verification)
    assert verification.verifier == stage.verifier
    assert [one.state for one in stage.all(SealedBatch)] == ["verified"]


def test_the_wrong_verifier_is_refused_by_both_sides(stage: Stage, batch: str) -> None:
    with pytest.raises(NotTheNamedVerifier):
        stage.signed(batch, "role/issuer")
    stranger = stage.bank.signer.address("role/issuer")
    for made in (
        document(stage, batch, key="role/issuer"),
        document(stage, batch, key="role/issuer", verifier=stranger),
    ):
        with pytest.raises(WrongVerifier) as refused:
            record_verification(stage.bank, batch, made)
        assert (refused.value.expected, refused.value.got) == (stage.verifier, stranger)
    assert nothing_recorded(stage)


def test_a_signature_over_another_claim_is_refused(stage: Stage, batch: str) -> None:
    stage.offer([trip("2024-07-03T08:00:00")], "july.csv")
    stage.close(JUNE + 1)
    other = stage.seal(JUNE + 1).batch_id
    with pytest.raises(SignatureOverOtherClaim) as refused:
        record_verification(stage.bank, batch, document(stage, other))
    assert refused.value.signed_batch_id == other
    with pytest.raises(WrongVerifier):
        record_verification(stage.bank, batch, document(stage, batch, over=other))
    assert nothing_recorded(stage)


def test_another_signature_over_a_verified_batch_is_a_conflict(stage: Stage, batch: str) -> None:
    record_verification(stage.bank, batch, document(stage, batch))
    with pytest.raises(Conflict):
        record_verification(stage.bank, batch, document(stage, batch, statement="seen again"))


def test_a_discarded_batch_takes_no_signature(stage: Stage, batch: str) -> None:
    signed = stage.signed(batch)
    reopen_month(stage.bank, fleet=FLEET, month=JUNE)
    with pytest.raises(NotFound):
        record_verification(stage.bank, batch, signed)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"\xff",
        lambda good: good + b"\n",
        lambda good: json.dumps(json.loads(good) | {"signature": 7}).encode(),
        lambda good: json.dumps(json.loads(good) | {"more": 1}).encode(),
    ],
)
def test_what_is_no_verification_is_refused(stage: Stage, batch: str, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(VerificationUnreadable):
        record_verification(stage.bank, batch, spoil(document(stage, batch)))
    assert nothing_recorded(stage)


def test_a_signature_that_is_none_is_by_nobody(stage: Stage, batch: str) -> None:
    for signature in (b"", bytes(65), b"\xff" * 64 + b"\x1b"):
        made = verification_document(batch, stage.verifier, signature, "seen")
        with pytest.raises(WrongVerifier) as refused:
            record_verification(stage.bank, batch, made)
        assert refused.value.got == "nobody"
