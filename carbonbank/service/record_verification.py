"""Record a verification: the named verifier signed exactly this claim, on exactly this chain."""

import json
from dataclasses import dataclass, replace
from typing import Any

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.documents import verification_document
from carbonbank.domain.records import SealedBatch, Verification
from carbonbank.domain.signature import signer_of
from carbonbank.errors import (
    Conflict,
    SignatureOverOtherClaim,
    VerificationUnreadable,
    WrongVerifier,
)
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A batch with its verifier's signature; `repeated` if it was recorded before."""

    batch_id: str
    verifier: str
    total_g: int
    repeated: bool


def record_verification(bank: Bank, batch: str, document: bytes) -> Verified:
    """Record what the verifier handed back.

    Args:
        bank: the bank.
        batch: the batch's id.
        document: verification.json, byte for byte.

    Raises:
        VerificationUnreadable: the bytes are no verification document.
        NotFound: no such batch is sealed (a discarded one is gone).
        SignatureOverOtherClaim: the document is about another batch.
        WrongVerifier: it is signed by another, or over something else.
        Conflict: another signature over this batch is on record.
    """
    signature, told = _read(document)
    with bank.store.begin() as session:
        sealed = session.need(SealedBatch, batch)
        claim = from_text(BatchClaim, sealed.claim)
        if told["batch_id"] != batch:
            raise SignatureOverOtherClaim(batch_id=batch, signed_batch_id=told["batch_id"])
        signer = signer_of(bank.chain.claim_digest(claim), signature)
        for got in (told["verifier"], signer):
            if got != claim.verifier:
                raise WrongVerifier(batch_id=batch, expected=claim.verifier, got=got or "nobody")
        known = session.get(Verification, batch)
        record = Verification(
            batch_id=batch,
            verifier=claim.verifier,
            signature=told["signature"],
            statement=told["statement"],
            verified_at=known.verified_at if known else bank.clock.now_at(),
        )
        if known is not None and known != record:
            raise Conflict(kind="verification", key=batch, difference="signature or statement")
        if known is None:
            session.add(record)
            session.put(replace(sealed, state="verified"))
    return Verified(
        batch_id=batch,
        verifier=claim.verifier,
        total_g=claim.total_g,
        repeated=known is not None,
    )


def _read(document: bytes) -> tuple[bytes, dict[str, Any]]:
    try:
        told = json.loads(document)
        fields = {name: told[name] for name in ("batch_id", "verifier", "signature", "statement")}
        signature = bytes.fromhex(fields["signature"].removeprefix("0x"))
        again = verification_document(
            fields["batch_id"], fields["verifier"], signature, fields["statement"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise VerificationUnreadable(reason=reason) from error
    if again != document:
        raise VerificationUnreadable(reason="it is not in canonical form (RFC 8785)")
    return signature, fields
