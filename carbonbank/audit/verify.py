"""What a verifier runs: recompute a package that was received, then sign its claim, or refuse."""

from collections.abc import Callable, Mapping
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address

from carbonbank.audit import claim
from carbonbank.audit.check import check_package
from carbonbank.audit.findings import check_findings
from carbonbank.audit.outcome import Check, Refuted, State
from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.plan import check_plan
from carbonbank.audit.reading import canonical
from carbonbank.audit.statement import VERIFICATION, digest_of, typed_statement, words
from carbonbank.errors import NotTheNamedVerifier, PackageDoesNotHold, VerificationUnfinished

# A verifier who can not recompute everything states nothing. What does not exist yet at this stage
# (signature, receipt, retirements, chain) is the only exception.
AFTER_VERIFICATION = frozenset(
    {
        "signature",
        "statement",
        "work",
        "receipt",
        "retirements",
        "chain id",
        "chain event",
        "chain amounts",
        "chain vehicles",
    }
)


def state(package: bytes, work: Mapping[str, Any] | None = None) -> tuple[Package, str]:
    """Recompute a sealed package and say what a verifier may sign.

    Args:
        package: the audit package as received.
        work: plan and findings of a verifier who looked at sources; None for the census alone.

    Returns:
        The opened package, and the statement in words.

    Raises:
        PackageDoesNotHold: a check failed, or could not be made.
        VerificationUnfinished: something is open, uncompared, or beyond what is material.
    """
    checks = check_package(package)
    refused = [check for check in checks if _stops(check)]
    if refused:
        raise PackageDoesNotHold(failed="; ".join(f"{c.name}: {c.detail}" for c in refused))
    content = Package(open_archive(package))
    try:
        if work:
            check_plan(content, work["plan"])
            check_findings(content, work["plan"], work["findings"])
        return content, words(content, {check.name: check.detail for check in checks}, work)
    except Refuted as reason:
        raise VerificationUnfinished(reason=str(reason)) from reason


def verify_and_sign(
    package: bytes, sign: Callable[[bytes], bytes], work: Mapping[str, Any] | None = None
) -> bytes:
    """Recompute a sealed package and sign its claim, and the words about it.

    Args:
        package: the audit package as received.
        sign: signs a 32-byte digest as 65 bytes r, s, v (v 27 or 28).
        work: as for `state`.

    Returns:
        verification.json: batch id, verifier, both signatures, the statement in words, the work.

    Raises:
        PackageDoesNotHold: a check failed, or could not be made; nothing was signed.
        VerificationUnfinished: the work does not allow a statement; nothing was signed.
        NotTheNamedVerifier: the key is not the one the claim names.
    """
    content, statement = state(package, work)
    document = content.claim
    signature = sign(claim.digest_of(document))
    signer = Account.recover_message(claim.signable(document), signature=signature)
    named = to_checksum_address(document["claim"]["verifier"])
    if signer != named:
        raise NotTheNamedVerifier(named=named, signer=signer)
    over_words = sign(digest_of(typed_statement(content, statement, work)))
    told = {
        "schema": VERIFICATION,
        "batch_id": document["batch_id"],
        "verifier": named,
        "signature": "0x" + signature.hex(),
        "statement": statement,
        "statement_signature": "0x" + over_words.hex(),
    }
    return canonical({**told, **({"work": work} if work else {})})


def verify_and_attach(
    package: bytes,
    signature: bytes,
    over_words: bytes | None = None,
    work: Mapping[str, Any] | None = None,
) -> bytes:
    """Recompute a sealed package and put the signatures of a contract (ERC-1271) to it.

    Whether the contract signed so is for its code to say: the bank asks it when it takes the
    document, and the issuing contract asks again.

    Args:
        package: the audit package as received.
        signature: over the claim, as the verifier's contract takes it.
        over_words: over the statement, in the same way.
        work: as for `state`.

    Returns:
        verification.json, as `verify_and_sign` makes it.

    Raises:
        PackageDoesNotHold, VerificationUnfinished: as for `state`.
    """
    content, statement = state(package, work)
    told = {
        "schema": VERIFICATION,
        "batch_id": content.claim["batch_id"],
        "verifier": to_checksum_address(content.claim["claim"]["verifier"]),
        "signature": "0x" + signature.hex(),
        "statement": statement,
    }
    if over_words is not None:
        told["statement_signature"] = "0x" + over_words.hex()
    return canonical({**told, **({"work": work} if work else {})})


def _stops(check: Check) -> bool:
    unchecked = check.state is State.NOT_CHECKED and check.name not in AFTER_VERIFICATION
    return unchecked or not check.ok
