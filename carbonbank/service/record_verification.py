"""Record a verification: the named verifier signed exactly this claim, on exactly this chain."""

import json
from dataclasses import dataclass, replace
from typing import Any

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.documents import verification_document
from carbonbank.domain.records import SealedBatch, Verification
from carbonbank.domain.signature import signer_of
from carbonbank.domain.statement import statement_digest
from carbonbank.errors import (
    Conflict,
    SignatureOverOtherClaim,
    VerificationUnreadable,
    WrongVerifier,
)
from carbonbank.service.bank import Bank
from carbonbank.service.signed_by import signed_by


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
    told = _read(document)
    with bank.store.read() as session:
        claim = from_text(BatchClaim, session.need(SealedBatch, batch).claim)
    if told["batch_id"] != batch:
        raise SignatureOverOtherClaim(batch_id=batch, signed_batch_id=told["batch_id"])
    _check_signers(bank, claim, told)
    with bank.store.begin() as session:
        sealed = session.need(SealedBatch, batch)
        known = session.get(Verification, batch)
        record = Verification(
            batch_id=batch,
            verifier=claim.verifier,
            signature=told["signature"],
            document=document.decode(),
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


def _read(document: bytes) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(document)
        rest = {name: told[name] for name in ("statement_signature", "work") if name in told}
        if "statement_signature" in rest:
            rest["statement_signature"] = _bytes(rest["statement_signature"])
        fields = {name: told[name] for name in ("batch_id", "verifier", "statement")}
        again = verification_document(
            fields["batch_id"],
            fields["verifier"],
            _bytes(told["signature"]),
            fields["statement"],
            **rest,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise VerificationUnreadable(reason=reason) from error
    if again != document:
        raise VerificationUnreadable(reason="it is not in canonical form (RFC 8785)")
    return told


def _check_signers(bank: Bank, claim: BatchClaim, told: dict[str, Any]) -> None:
    """Refuse what another is said to have signed, or did: the claim, and the words about it."""
    named = claim.verifier
    if told["verifier"] != named:
        raise WrongVerifier(batch_id=told["batch_id"], expected=named, got=told["verifier"])
    signed = [(bank.chain.claim_digest(claim), _bytes(told["signature"]))]
    if "statement_signature" in told:
        over_words = statement_digest(bank.chain.identity, told, claim.report_hash)
        signed.append((over_words, _bytes(told["statement_signature"])))
    for digest, signature in signed:
        if not signed_by(bank, named, digest, signature):
            got = signer_of(digest, signature) or "nobody"
            raise WrongVerifier(batch_id=told["batch_id"], expected=named, got=got)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
