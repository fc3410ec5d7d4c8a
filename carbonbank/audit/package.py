"""Opening a package without trusting it."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from struct import Struct
from typing import Any, NamedTuple

from carbonbank.audit.outcome import Refuted, Unchecked, require, require_equal
from carbonbank.audit.reading import octets, read_json

SCHEMA = "carbonbank.audit/1"
MANIFEST = "manifest.json"
NEEDED = frozenset(
    {"package.json", "report.json", "claim.json", "leaves.bin", "payouts.json", "vehicles.json"}
)
KNOWN = NEEDED | {
    MANIFEST,
    "trips.ndjson",
    "verification.json",
    "receipt.json",
    "retirements.json",
}
BYTES_MAX = 2**31
_LEAF = Struct(">IQQqq32s")
LEAF_BYTES = 68


class Leaf(NamedTuple):
    """A trip leaf as it stands in leaves.bin."""

    vehicle_index: int
    start_at: int
    end_at: int
    reduction_g: int
    running_g: int
    record_hash: bytes


class SealedTrip(NamedTuple):
    """A line of trips.ndjson."""

    trip_id: str
    salt: bytes
    record: dict[str, Any]


@dataclass(frozen=True)
class Package:
    """The files of a package by name; documents are read when a check asks for them."""

    files: dict[str, bytes]

    def bytes_of(self, name: str) -> bytes:
        """Return a member, or say that this package does not have it."""
        if name not in self.files:
            message = f"the package has no {name}"
            raise Refuted(message) if name in NEEDED | {MANIFEST} else Unchecked(message)
        return self.files[name]

    def document(self, name: str, schema: str | None = None) -> Any:
        """Return a JSON member, canonical and of the schema expected."""
        value = read_json(name, self.bytes_of(name))
        if schema:
            require_equal(f"schema of {name}", value["schema"], schema)
        return value

    def sha256_of(self, name: str) -> bytes:
        """Return the SHA-256 of a member."""
        return hashlib.sha256(self.bytes_of(name)).digest()

    @cached_property
    def manifest(self) -> Any:
        """manifest.json, with every field of the format."""
        value = self.document(MANIFEST)
        require_equal("schema of manifest.json", value.get("schema"), SCHEMA)
        require("members" in value, "manifest.json lists no members")
        return value

    @cached_property
    def methodology(self) -> Any:
        """package.json."""
        return self.document("package.json")

    @cached_property
    def report(self) -> Any:
        """report.json."""
        return self.document("report.json", "carbonbank.report/1")

    @cached_property
    def claim(self) -> Any:
        """claim.json."""
        return self.document("claim.json", "carbonbank.claim/1")

    @cached_property
    def vehicles(self) -> dict[str, int]:
        """Index by vehicle id, from vehicles.json."""
        listed = self.document("vehicles.json", "carbonbank.vehicles/1")["vehicles"]
        indices = {one["vehicle_id"]: one["vehicle_index"] for one in listed}
        require_equal("vehicles.json: distinct vehicle ids", len(indices), len(listed))
        require_equal("vehicles.json: distinct indices", len(set(indices.values())), len(listed))
        return indices

    @cached_property
    def leaves(self) -> list[Leaf]:
        """leaves.bin."""
        content = self.bytes_of("leaves.bin")
        require(len(content) % LEAF_BYTES == 0, f"leaves.bin has {len(content)} bytes, not n · 68")
        return [Leaf(*fields) for fields in _LEAF.iter_unpack(content)]

    @cached_property
    def trips(self) -> list[SealedTrip]:
        """trips.ndjson, one sealed trip per leaf."""
        lines = self.bytes_of("trips.ndjson").split(b"\n")
        require(lines.pop() == b"", "trips.ndjson does not end with a line end")
        require_equal("lines of trips.ndjson", len(lines), len(self.leaves))
        read = (read_json(f"trips.ndjson line {n}", line) for n, line in enumerate(lines, 1))
        return [SealedTrip(t["trip_id"], octets(t["salt"], 32), t["record"]) for t in read]


def open_archive(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip, refusing all that a careful writer would not have written."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            require(len(set(names)) == len(names), f"a name stands twice in {sorted(names)}")
            strangers = sorted(set(names) - KNOWN)
            require(not strangers, f"names that do not belong: {strangers}")
            require(not any(entry.flag_bits & 1 for entry in entries), "an entry is encrypted")
            size = sum(entry.file_size for entry in entries)
            require(size <= BYTES_MAX, f"{size} bytes unpacked, the limit is {BYTES_MAX}")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Refuted(f"not a readable zip: {error}") from error


def check_members(package: Package) -> str:
    """Every member is listed with its size and SHA-256, and none is missing."""
    listed = package.manifest["members"]
    known = {"name", "sha256", "size_bytes"}
    require(all(set(one) == known for one in listed), "manifest.json lists members otherwise")
    names = [one["name"] for one in listed]
    require_equal(
        "members listed in manifest.json", names, sorted(package.files.keys() - {MANIFEST})
    )
    missing = sorted(NEEDED - set(names))
    require(not missing, f"missing: {missing}")
    for one in listed:
        content = package.bytes_of(one["name"])
        digest = hashlib.sha256(content).hexdigest()
        require_equal(f"size of {one['name']} in manifest.json", one["size_bytes"], len(content))
        require_equal(f"SHA-256 of {one['name']} in manifest.json", one["sha256"], digest)
    return f"{len(listed)} members, {sum(one['size_bytes'] for one in listed)} bytes"


def check_manifest(package: Package) -> str:
    """Stage, batch id and demo flag say what the members say."""
    manifest = package.manifest
    known = {"schema", "stage", "demo", "batch_id", "members"}
    require_equal("fields of manifest.json", sorted(manifest), sorted(known))
    require_equal("stage in manifest.json", manifest["stage"], _stage(package.files))
    require_equal("batch id in manifest.json", manifest["batch_id"], package.claim["batch_id"])
    require_equal("demo flag in manifest.json", manifest["demo"], package.report["demo"])
    return f"stage {manifest['stage']}" + (", DEMO" if manifest["demo"] else "")


def _stage(files: dict[str, bytes]) -> str:
    if "receipt.json" in files:
        require("verification.json" in files, "issued, but without verification.json")
        return "issued"
    return "verified" if "verification.json" in files else "sealed"
