"""What a certifier runs: read a methodology package, hold it against closed rules, sign or refuse.

The signature binds the certifier's words to the methodology id, wherever it is used; on the chain
the certifier's own transaction counts.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from carbonbank.audit.grid_hours import hours_of
from carbonbank.audit.outcome import Refuted
from carbonbank.audit.reading import canonical, exact, read_json
from carbonbank.audit.statement import digest_of
from carbonbank.errors import MethodologyRefused

FORMAT = "carbonbank-methodology/1"
GOOD = frozenset({"primary", "concordant"})
STATES = GOOD | {"single_copy", "derived", "unverified"}
BPS = 10**4


def read_methodology(content: bytes) -> tuple[str, list[str]]:
    """Return the methodology id of package.json, and every reason to refuse it.

    Factors need a state of the closed list, a source, a licence and an exact value. What the bank
    may issue on is primary or concordant, or derived from such alone; a package flagged DEMO may
    stand on single copies and on values without evidence, and says so.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        document = read_json("package.json", content)
        return digest, list(_reasons(document))
    except Refuted as reason:
        return digest, [str(reason)]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return digest, [f"malformed: {type(error).__name__}: {error}"]


def certify_and_sign(
    content: bytes, address: str, statement: str, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return certification.json of a package that nothing speaks against.

    Args:
        content: package.json, byte for byte.
        address: the certifier's EIP-55 address.
        statement: what the certifier says, in words.
        sign: signs a 32-byte digest as 65 bytes.

    Raises:
        MethodologyRefused: with every reason; nothing was signed.
    """
    methodology_id, reasons = read_methodology(content)
    if reasons:
        raise MethodologyRefused(methodology_id=methodology_id, reasons="; ".join(reasons))
    typed = typed_certification(read_json("package.json", content), methodology_id, statement)
    told = typed["message"] | {"signature": "0x" + sign(digest_of(typed)).hex()}
    return canonical({"schema": "carbonbank.certification/1", "certifier": address} | told)


def typed_certification(document: Any, methodology_id: str, statement: str) -> dict[str, Any]:
    """Return what a certifier signs, as a wallet shows it (eth_signTypedData_v4)."""
    kinds = {
        "methodologyId": "bytes32",
        "classLabel": "string",
        "bufferBps": "uint16",
        "demo": "bool",
        "statement": "string",
    }
    domain = {"name": "CarbonBank", "version": "1"}
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": "string"} for name in domain],
            "MethodologyCertification": [{"name": n, "type": kind} for n, kind in kinds.items()],
        },
        "primaryType": "MethodologyCertification",
        "domain": domain,
        "message": {
            "methodologyId": "0x" + methodology_id,
            "classLabel": document["class_label"],
            "bufferBps": document["shares_bps"]["buffer"],
            "demo": document["demo"],
            "statement": statement,
        },
    }


def _reasons(document: Any) -> Iterator[str]:
    programme, demo = document["programme"], document["demo"]
    if document["format"] != FORMAT:
        yield f"format is {document['format']}"
    for name, value in (("demo", programme["demo"]), ("shares_bps", programme["shares_bps"])):
        if document[name] != value:
            yield f"{name} is {document[name]}, the programme has {value}"
    shares = document["shares_bps"]
    if not all(0 <= bps <= BPS for bps in shares.values()) or sum(shares.values()) > BPS:
        yield f"shares {shares} are not within {BPS} bps"
    for role, row in document["factors"].items():
        yield from (f"factor {role} {reason}" for reason in _factor_reasons(row, demo=demo))
    hours_of(document)  # refuted if the table is not the one its hash and value say
    if programme["project"].get("grid_hours") and "grid_hours" not in document["factors"]:
        yield "the programme chose hours that are not there"
    for part in ("baseline", "project"):
        for name, value in programme.get(part, {}).items():
            if isinstance(value, dict) and "evidence" in value:
                yield from _declared_reasons(f"{part}.{name}", value, demo=demo)


def _factor_reasons(row: Any, *, demo: bool) -> Iterator[str]:
    named = f"{row['factor_id']}:"
    missing = [name for name in ("source", "licence", "unit", "year") if not row.get(name)]
    if missing:
        yield f"{named} has no {', '.join(missing)}"
    exact(row["value"])
    good = GOOD | ({"single_copy"} if demo else set())
    state = row["state"]
    if state not in STATES:
        yield f"{named} has the state {state!r}"
    elif state == "derived":
        bad = [f"{p['factor_id']} ({p['state']})" for p in row["derived_from"]]
        bad = [t for t, p in zip(bad, row["derived_from"], strict=True) if p["state"] not in good]
        if bad or not row["derived_from"]:
            yield f"{named} is derived from {', '.join(bad) or 'rows that are not named'}"
    elif state not in good:
        yield f"{named} is {state}"


def _declared_reasons(place: str, value: Any, *, demo: bool) -> Iterator[str]:
    exact(value["value"])
    said = str(value["evidence"]).strip().lower()
    if not demo and (not said or said.startswith("none")):
        yield f"declared value {place} has no evidence"
