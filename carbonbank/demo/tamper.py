"""A forger's hand: the same package with one gram more, every hash around it made to fit again."""

import io
import json
import zipfile
from dataclasses import replace

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import decode
from carbonbank.domain.documents import claim_document
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.ports import Press

GRAM = 1


def raised_by_one_gram(press: Press, package: bytes) -> bytes:
    """Return a copy whose total and operator's part are one gram higher, consistent in itself."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    report = json.loads(members["report.json"])
    report["totals"]["reduction_g"] += GRAM
    report["split"]["operator_g"] += GRAM
    members["report.json"] = canonical_json(report)
    document = json.loads(members["claim.json"])
    claim = decode(BatchClaim, document["claim"])
    members["claim.json"] = claim_document(
        replace(
            claim,
            operator_g=claim.operator_g + GRAM,
            report_hash=sha256(members["report.json"]),
        ),
        chain_id=int(document["domain"]["chain_id"]),
        contract=document["domain"]["verifying_contract"],
        word_index=document["word_index"],
        bits=[int(word, 16) for word in document["bits"]],
    )
    return press.package({n: c for n, c in members.items() if n != "manifest.json"})
