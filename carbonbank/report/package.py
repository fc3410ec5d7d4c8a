"""Audit packages: one deterministic zip in the format carbonbank.audit/1.

Equal members give equal bytes on every machine: names sorted, times fixed, and stored rather than
deflated, because the bytes of a deflate stream differ between builds of zlib.
"""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO

from carbonbank.domain.hashing import canonical_json, sha256

SCHEMA = "carbonbank.audit/1"
MANIFEST = "manifest.json"
SEALED_MEMBERS = frozenset(
    {"package.json", "report.json", "claim.json", "leaves.bin", "payouts.json", "vehicles.json"}
)
OPTIONAL_MEMBERS = frozenset(
    {
        "trips.ndjson",
        "charges.ndjson",
        "disclosed.ndjson",
        "payout.json",
        "verification.json",
        "receipt.json",
        "retirements.json",
    }
)
# A package for somebody who may not see other people's data goes without, and its manifest says so.
WITHHOLDABLE_MEMBERS = frozenset({"report.json", "leaves.bin", "payouts.json"})
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name
_READ_BY_ALL = 0o100644 << 16
_UNIX = 3


def write_package(members: Mapping[str, bytes]) -> bytes:
    """Return the zip of the members, with the manifest this function makes.

    Args:
        members: the documents by file name; all of `SEALED_MEMBERS` or all but
            `WITHHOLDABLE_MEMBERS`, any of `OPTIONAL_MEMBERS`.
    """
    names = members.keys() - {MANIFEST}
    missing = SEALED_MEMBERS - names
    assert missing in (frozenset(), WITHHOLDABLE_MEMBERS), sorted(missing)
    assert names <= SEALED_MEMBERS | OPTIONAL_MEMBERS, sorted(names)
    documents = {name: members[name] for name in names}
    return zip_of({**documents, MANIFEST: _manifest(documents)})


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip that depends on nothing but their names and bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READ_BY_ALL
            archive.writestr(entry, files[name])
    return target.getvalue()


def _manifest(documents: Mapping[str, bytes]) -> bytes:
    withheld = sorted(SEALED_MEMBERS - documents.keys())
    return canonical_json(
        {
            "schema": SCHEMA,
            "stage": _stage(documents),
            "demo": json.loads(documents["package.json"])["demo"],
            "batch_id": json.loads(documents["claim.json"])["batch_id"],
            "members": [
                {"name": name, "sha256": sha256(content).hex(), "size_bytes": len(content)}
                for name, content in sorted(documents.items())
            ],
        }
        | ({"withheld": withheld} if withheld else {})
    )


def _stage(documents: Mapping[str, bytes]) -> str:
    if "receipt.json" in documents:
        return "issued"
    return "verified" if "verification.json" in documents else "sealed"
