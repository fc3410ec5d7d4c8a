"""A verifier's words, bound to the batch they are about by an EIP-712 signature of their own.

The contract reads the claim's signature alone; the second one, over `VerificationStatement`, binds
the words and the work (plan and findings) to the same verifier, chain and contract.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from carbonbank.audit import findings, plan
from carbonbank.audit.claim import FIELDS, check_signed, total_g
from carbonbank.audit.outcome import Unchecked, require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import canonical, octets, whole

STATEMENT_FIELDS = (
    ("batchId", "bytes32"),
    ("reportHash", "bytes32"),
    ("workHash", "bytes32"),
    ("statement", "string"),
)
DOMAIN_FIELDS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
VERIFICATION = "carbonbank.verification/1"
NO_WORK = "00" * 32


def words(package: Package, details: Mapping[str, str], work: Mapping[str, Any] | None) -> str:
    """Say in words what was recomputed and what was not.

    Args:
        package: a package that holds.
        details: what each check of the audit told, by its name.
        work: plan and findings of a verifier who looked at sources; None without.
    """
    report, document = package.report, package.claim
    verifier = to_checksum_address(document["claim"]["verifier"])
    demo = "DEMO. Worth nothing outside this demonstration. " if report["demo"] else ""
    retroactive = " The method was applied retroactively." if report["retroactive"] else ""
    sources = "That the records are true to the road was not within this verification."
    if work:
        sources = (
            f"Against their sources: {plan.told(work['plan'])}; "
            f"{findings.check_findings(package, work['plan'], work['findings'])} "
            f"({work['plan']['materiality_bps']} bps, {work['plan']['materiality_source']}). "
            f"That other records are true to the road follows from the sample alone."
        )
    return (
        f"{demo}Verification of batch {document['batch_id']}: fleet {report['fleet']}, "
        f"programme {report['programme']}, month {report['month']}, "
        f"{package.methodology['class_label']}, report {package.sha256_of('report.json').hex()}. "
        f"{verifier} recomputed every trip from its record "
        f"({details['grams']}) and the evidence root, the shares and the payout tree from their "
        f"published texts: {details['totals']}; {details['split']}. "
        f"{len(report['left_out'])} vehicles were left out.{retroactive} {sources} "
        f"Signed for {total_g(document['claim'])} g of CO2e."
    )


def typed_claim(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the contract reads, as a wallet shows it (eth_signTypedData_v4)."""
    kinds = {name: kind for name, kind, _ in FIELDS}
    values = {name: document["claim"][key] for name, _, key in FIELDS}
    return _typed(document, "BatchClaim", kinds, values)


def typed_statement(
    package: Package, statement: str, work: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the statement as a wallet shows and signs it."""
    values = {
        "batchId": "0x" + package.claim["batch_id"],
        "reportHash": "0x" + package.report_hash.hex(),
        "workHash": "0x" + (hashlib.sha256(canonical(work)).hexdigest() if work else NO_WORK),
        "statement": statement,
    }
    return _typed(package.claim, "VerificationStatement", dict(STATEMENT_FIELDS), values)


def digest_of(typed: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes that are signed for a typed message."""
    message = _signable(typed)
    return keccak(b"\x19" + message.version + message.header + message.body)


def check_statement(package: Package) -> str:
    """The verifier named in the claim signed the words too, over this report and this work."""
    said = _verification(package)
    if "statement_signature" not in said:
        raise Unchecked("the words are not signed")
    typed = typed_statement(package, said["statement"], said.get("work"))
    if "work_hash" in said:
        require("work" not in said, "verification.json has the work and withholds it")
        typed["message"]["workHash"] = "0x" + octets(said["work_hash"], 32).hex()
    named = to_checksum_address(package.claim["claim"]["verifier"])
    over_words = octets(said["statement_signature"])
    check_signed("the signature over the words", _signable(typed), over_words, named)
    told = f"words and work signed by {named}"
    return f"{told}; the report is withheld" if package.withholds("report.json") else told


def check_work(package: Package) -> str:
    """The sample is the one its terms give, every drawn trip was compared, nothing is open."""
    said = _verification(package)
    work = said.get("work")
    if "work_hash" in said:
        raise Unchecked("the work on sources is withheld; its hash is signed")
    if work is None:
        raise Unchecked("the verifier states no work on sources")
    require_equal("fields of the work", set(work), {"plan", "findings"})
    sample = plan.check_plan(package, work["plan"])
    return f"{sample}; {findings.check_findings(package, work['plan'], work['findings'])}"


def _verification(package: Package) -> Any:
    return package.document("verification.json", VERIFICATION)


def _typed(
    document: Mapping[str, Any], name: str, kinds: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    domain = document["domain"]
    numbers = {n: whole(v) for n, v in values.items() if kinds[n].startswith("uint")}
    return {
        "types": {
            "EIP712Domain": [{"name": n, "type": kind} for n, kind in DOMAIN_FIELDS],
            name: [{"name": n, "type": kind} for n, kind in kinds.items()],
        },
        "primaryType": name,
        "domain": {
            "name": domain["name"],
            "version": domain["version"],
            "chainId": whole(domain["chain_id"]),
            "verifyingContract": domain["verifying_contract"],
        },
        "message": {**values, **numbers},
    }


def _signable(typed: Mapping[str, Any]) -> SignableMessage:
    return encode_typed_data(full_message=dict(typed))
