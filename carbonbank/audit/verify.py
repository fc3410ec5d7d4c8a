"""What a verifier runs: recompute a package that was received, then sign its claim, or refuse."""

from collections.abc import Callable

from eth_account import Account
from eth_utils.address import to_checksum_address

from carbonbank.audit.check import check_package
from carbonbank.audit.claim import digest_of, signable, total_g
from carbonbank.audit.outcome import State
from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.reading import canonical
from carbonbank.errors import NotTheNamedVerifier, PackageDoesNotHold

# A verifier who can not recompute everything states nothing. What does not exist yet at this stage
# (signature, receipt, retirements, chain) is the only exception.
AFTER_VERIFICATION = frozenset(
    {
        "signature",
        "receipt",
        "retirements",
        "chain id",
        "chain event",
        "chain amounts",
        "chain vehicles",
    }
)


def verify_and_sign(package: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Recompute a sealed package and sign its claim.

    Args:
        package: the audit package as received.
        sign: signs a 32-byte digest as 65 bytes r, s, v (v 27 or 28).

    Returns:
        verification.json: batch id, verifier, signature and the statement in words.

    Raises:
        PackageDoesNotHold: a check failed, or could not be made; nothing was signed.
        NotTheNamedVerifier: the key is not the one the claim names.
    """
    checks = check_package(package)
    refused = [
        check
        for check in checks
        if not check.ok
        or (check.state is State.NOT_CHECKED and check.name not in AFTER_VERIFICATION)
    ]
    if refused:
        raise PackageDoesNotHold(failed="; ".join(f"{c.name}: {c.detail}" for c in refused))
    content = Package(open_archive(package))
    document = content.claim
    signature = sign(digest_of(document))
    signer = Account.recover_message(signable(document), signature=signature)
    named = to_checksum_address(document["claim"]["verifier"])
    if signer != named:
        raise NotTheNamedVerifier(named=named, signer=signer)
    details = {check.name: check.detail for check in checks}
    return canonical(
        {
            "schema": "carbonbank.verification/1",
            "batch_id": document["batch_id"],
            "verifier": named,
            "signature": "0x" + signature.hex(),
            "statement": _statement(content, named, details),
        }
    )


def _statement(content: Package, verifier: str, details: dict[str, str]) -> str:
    """Say in words what was recomputed and what was not."""
    report, claim = content.report, content.claim["claim"]
    demo = "DEMO. Worth nothing outside this demonstration. " if report["demo"] else ""
    retroactive = " The method was applied retroactively." if report["retroactive"] else ""
    return (
        f"{demo}Verification of batch {content.claim['batch_id']}: fleet {report['fleet']}, "
        f"programme {report['programme']}, month {report['month']}, "
        f"{content.methodology['class_label']}. {verifier} recomputed every trip from its record "
        f"({details['grams']}) and the evidence root, the shares and the payout tree from their "
        f"published texts: {details['totals']}; {details['split']}. "
        f"{len(report['left_out'])} vehicles were left out.{retroactive} "
        f"That the records are true to the road was not within this verification. "
        f"Signed for {total_g(claim)} g of CO2e."
    )
