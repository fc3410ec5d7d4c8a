"""What was signed: the claim as EIP-712 typed data, its id, its hashes and its signature."""

from itertools import pairwise
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from carbonbank.audit.outcome import SignedByOther, require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import month_number, octets, whole

SIGNATURE_BYTES = 65
# The signed fields in order: name in the struct, its type, name in claim.json.
FIELDS = (
    ("fleetId", "bytes32", "fleet_id"),
    ("operator", "address", "operator"),
    ("verifier", "address", "verifier"),
    ("validUntil", "uint64", "valid_until"),
    ("methodologyId", "bytes32", "methodology_id"),
    ("month", "uint32", "month"),
    ("tripCount", "uint64", "trip_count"),
    ("evidenceRoot", "bytes32", "evidence_root"),
    ("reportHash", "bytes32", "report_hash"),
    ("payoutRoot", "bytes32", "payout_root"),
    ("operatorG", "uint64", "operator_g"),
    ("driversG", "uint64", "drivers_g"),
    ("bufferG", "uint64", "buffer_g"),
    ("vehiclesHash", "bytes32", "vehicles_hash"),
)
DOMAIN_FIELDS = (
    ("name", "string", "name"),
    ("version", "string", "version"),
    ("chainId", "uint256", "chain_id"),
    ("verifyingContract", "address", "verifying_contract"),
)


def claim_fields(claim: Any) -> dict[str, Any]:
    """Return the claim's fields by their signed name, as bytes, integers and addresses."""
    return {name: _value(kind, claim[key]) for name, kind, key in FIELDS}


def signable(document: Any) -> SignableMessage:
    """Return the EIP-712 message of a claim.json: its body is hashStruct(claim)."""
    return encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": _types(DOMAIN_FIELDS),
                "BatchClaim": _types(FIELDS),
            },
            "primaryType": "BatchClaim",
            "domain": {name: _value(t, document["domain"][key]) for name, t, key in DOMAIN_FIELDS},
            "message": claim_fields(document["claim"]),
        }
    )


def digest_of(document: Any) -> bytes:
    """Return the 32 bytes a verifier signs: keccak256(0x19 01 ‖ domain ‖ hashStruct)."""
    message = signable(document)
    return keccak(b"\x19" + message.version + message.header + message.body)


def total_g(claim: Any) -> int:
    """Return all grams of a claim."""
    return sum(whole(claim[key]) for key in ("operator_g", "drivers_g", "buffer_g"))


def check_claim(package: Package) -> str:
    """The batch id is the hash of the claim."""
    document = package.claim
    known = {"schema", "batch_id", "domain", "claim", "word_index", "bits"}
    require_equal("fields of claim.json", set(document), known)
    require_equal("fields of the claim", set(document["claim"]), {key for *_, key in FIELDS})
    domain = document["domain"]
    require_equal("domain", (domain["name"], domain["version"]), ("CarbonBank", "1"))
    require_equal("batch id", document["batch_id"], signable(document).body.hex())
    return f"batch {document['batch_id']}, {total_g(document['claim'])} g"


def check_methodology(package: Package) -> str:
    """The methodology id is the SHA-256 of package.json."""
    digest, claim = package.sha256_of("package.json"), package.claim["claim"]
    require(bool(package.methodology), "package.json is empty")
    require_equal("methodologyId", octets(claim["methodology_id"]).hex(), digest.hex())
    if package.withholds("report.json"):
        return f"{digest.hex()} in the claim; the report, which names it too, is withheld"
    named = octets(package.report["methodology_id"]).hex()
    require_equal("report's methodology", named, digest.hex())
    return digest.hex()


def check_report(package: Package) -> str:
    """The report hash is the SHA-256 of report.json, and both tell of one fleet and month."""
    digest, claim, report = package.sha256_of("report.json"), package.claim["claim"], package.report
    require_equal("reportHash", octets(claim["report_hash"]).hex(), digest.hex())
    require_equal("report's fleet", octets(report["fleet_id"]), octets(claim["fleet_id"]))
    require_equal("report's month", month_number(report["month"]), whole(claim["month"]))
    return f"{digest.hex()}, fleet {report['fleet']}, month {report['month']}"


def check_vehicles(package: Package) -> str:
    """The bitmap holds exactly the vehicles that the report credits and the leaves name."""
    document = package.claim
    words, bits = document["word_index"], [int(one, 16) for one in document["bits"]]
    require_equal("bitmap words", len(bits), len(words))
    require(all(a < b for a, b in pairwise(words)), f"{words} do not ascend")
    require(all(0 < one < 2**256 for one in bits), "a bitmap word is empty or too wide")
    hashed = keccak(encode(["uint256[]", "uint256[]"], [words, bits]))
    require_equal("vehiclesHash", octets(document["claim"]["vehicles_hash"]).hex(), hashed.hex())
    claimed = {
        256 * word + bit
        for word, row in zip(words, bits, strict=True)
        for bit in range(256)
        if row >> bit & 1
    }
    told = f"{len(claimed)} vehicles"
    if package.withholds("report.json"):
        told += f", {len(package.vehicles)} listed; the report is withheld"
        strangers = set(package.vehicles.values()) - claimed
    else:
        reported = {v["vehicle_id"]: v["vehicle_index"] for v in package.report["vehicles"]}
        require_equal("vehicles in the bitmap", sorted(claimed), sorted(reported.values()))
        require_equal("vehicles.json", package.vehicles, reported)
        strangers = {leaf.vehicle_index for leaf in package.leaves} - claimed
    require(not strangers, f"listed or in leaves, but not claimed: {sorted(strangers)}")
    return told


def check_signature(package: Package) -> str:
    """The verifier named in the claim signed it, for this chain and contract."""
    document = package.claim
    verification = package.document("verification.json", "carbonbank.verification/1")
    named = to_checksum_address(document["claim"]["verifier"])
    require_equal("batch id of the verification", verification["batch_id"], document["batch_id"])
    require_equal("verifier of the verification", verification["verifier"], named)
    require(bool(verification["statement"].strip()), "the verifier states nothing")
    signature = octets(verification["signature"])
    check_signed("the signature", signable(document), signature, named)
    return f"signed by {named}"


def check_signed(what: str, message: SignableMessage, signature: bytes, named: str) -> None:
    """Refute a signature that is not by the key of an address."""
    try:
        signer = str(Account.recover_message(message, signature=signature))
    except Exception:  # noqa: BLE001 - whatever bytes recover nobody's key are nobody's signature
        signer = "nobody's key"
    if signer != named or len(signature) != SIGNATURE_BYTES:
        digest = keccak(b"\x19" + message.version + message.header + message.body)
        raise SignedByOther(what, signer, named, digest, signature)


def _types(fields: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind, _ in fields]


def _value(kind: str, value: Any) -> Any:
    if kind == "bytes32":
        return octets(value, 32)
    if kind == "address":
        return to_checksum_address(octets(value, 20))
    return whole(value) if kind.startswith("uint") else value
