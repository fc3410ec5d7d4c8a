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
from carbonbank.audit.reading import octets, read_json, whole

SCHEMA = "carbonbank.audit/1"
MANIFEST = "manifest.json"
NEEDED = frozenset(
    {"package.json", "report.json", "claim.json", "leaves.bin", "payouts.json", "vehicles.json"}
)
# What a package for somebody who may not see other people's data leaves out, and says so.
WITHHOLDABLE = frozenset({"leaves.bin", "payouts.json", "report.json"})
KNOWN = NEEDED | {
    MANIFEST,
    "trips.ndjson",
    "charges.ndjson",
    "disclosed.ndjson",
    "payout.json",
    "verification.json",
    "receipt.json",
    "retirements.json",
}
BYTES_MAX = 2**31
LEAF = Struct(">IQQqq32s")
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


class SealedCharge(NamedTuple):
    """A line of charges.ndjson."""

    session_id: str
    salt: bytes
    record: dict[str, Any]


class Row(NamedTuple):
    """A trip that the package shows, its leaf and the leaf's number; a path if it came with one."""

    number: int
    leaf: Leaf
    trip: SealedTrip
    path: list[bytes] | None = None


@dataclass(frozen=True)
class Package:
    """The files of a package by name; documents are read when a check asks for them."""

    files: dict[str, bytes]

    def bytes_of(self, name: str) -> bytes:
        """Return a member, or say that this package does not have it."""
        if name not in self.files:
            if self.withholds(name):
                raise Unchecked(f"{name} is withheld from this package")
            message = f"the package has no {name}"
            raise Refuted(message) if name in NEEDED | {MANIFEST} else Unchecked(message)
        return self.files[name]

    def withholds(self, name: str) -> bool:
        """Tell whether the manifest says that a member was left out on purpose."""
        return name in WITHHOLDABLE - self.files.keys() and name in self.withheld

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
    def withheld(self) -> list[str]:
        """Members left out on purpose, from manifest.json."""
        return list(self.manifest.get("withheld", ()))

    @property
    def demo(self) -> Any:
        """The demo flag of the report, or of package.json where the report is withheld."""
        return (self.methodology if self.withholds("report.json") else self.report)["demo"]

    @property
    def fleet(self) -> Any:
        """The fleet's handle by the report, or by package.json where the report is withheld."""
        if self.withholds("report.json"):
            return self.methodology["programme"]["fleet"]["handle"]
        return self.report["fleet"]

    @property
    def report_hash(self) -> bytes:
        """The SHA-256 of report.json, or what the claim says it is where that is withheld."""
        if self.withholds("report.json"):
            return octets(self.claim["claim"]["report_hash"], 32)
        return self.sha256_of("report.json")

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
        return [Leaf(*fields) for fields in LEAF.iter_unpack(content)]

    @cached_property
    def trips(self) -> list[SealedTrip]:
        """trips.ndjson, one sealed trip per leaf."""
        if "disclosed.ndjson" in self.files:
            missing = whole(self.claim["claim"]["trip_count"]) - len(self.rows)
            raise Unchecked(f"{missing} trips are not disclosed")
        read = self._lines("trips.ndjson")
        require_equal("lines of trips.ndjson", len(read), len(self.leaves))
        return [_sealed(line) for line in read]

    @cached_property
    def charges(self) -> list[SealedCharge]:
        """charges.ndjson, the sessions that the batch's energy is of."""
        read = self._lines("charges.ndjson")
        return [SealedCharge(o["session_id"], octets(o["salt"], 32), o["record"]) for o in read]

    @cached_property
    def rows(self) -> list[Row]:
        """Every trip that is shown: those of disclosed.ndjson, or all of trips.ndjson."""
        if "disclosed.ndjson" not in self.files:
            sealed = zip(self.trips, self.leaves, strict=True)
            return [Row(number, leaf, trip) for number, (trip, leaf) in enumerate(sealed)]
        rows, count = [], whole(self.claim["claim"]["trip_count"])
        for line in self._lines("disclosed.ndjson"):
            known = {"index", "leaf", "path", "record", "salt", "trip_id"}
            require_equal("fields of a line of disclosed.ndjson", set(line), known)
            leaf = Leaf(*LEAF.unpack(octets(line["leaf"], LEAF_BYTES)))
            path = [octets(node, 32) for node in line["path"]]
            rows.append(Row(whole(line["index"]), leaf, _sealed(line), path))
        numbers = [row.number for row in rows]
        require(bool(rows), "disclosed.ndjson discloses nothing")
        require_equal("leaf numbers of disclosed.ndjson", numbers, sorted(set(numbers)))
        require(numbers[0] >= 0 and numbers[-1] < count, f"{numbers} are not leaves of {count}")
        return rows

    def seen(self, what: str) -> str:
        """Say how many of the batch's trips were looked at, and how many could not be."""
        count, shown = whole(self.claim["claim"]["trip_count"]), len(self.rows)
        if "disclosed.ndjson" not in self.files:
            return f"{shown} {what}"
        return f"{shown} of {count} {what}, {count - shown} are not disclosed"

    def _lines(self, name: str) -> list[Any]:
        lines = self.bytes_of(name).split(b"\n")
        require(lines.pop() == b"", f"{name} does not end with a line end")
        return [read_json(f"{name} line {n}", line) for n, line in enumerate(lines, 1)]


def _sealed(line: Any) -> SealedTrip:
    return SealedTrip(line["trip_id"], octets(line["salt"], 32), line["record"])


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
    strange = sorted(set(package.withheld) - (WITHHOLDABLE - package.files.keys()))
    require(not strange, f"manifest.json says that these are withheld: {strange}")
    missing = sorted(NEEDED - set(names) - set(package.withheld))
    require(not missing, f"missing: {missing}")
    both = {"trips.ndjson", "disclosed.ndjson"} <= set(names)
    require(not both, "trips.ndjson and disclosed.ndjson are there at once")
    single = "payout.json" not in names or package.withholds("payouts.json")
    require(single, "payout.json and payouts.json are there at once")
    for one in listed:
        content = package.bytes_of(one["name"])
        digest = hashlib.sha256(content).hexdigest()
        require_equal(f"size of {one['name']} in manifest.json", one["size_bytes"], len(content))
        require_equal(f"SHA-256 of {one['name']} in manifest.json", one["sha256"], digest)
    told = f"{len(listed)} members, {sum(one['size_bytes'] for one in listed)} bytes"
    return told + "".join(f"; {name} is withheld" for name in package.withheld)


def check_manifest(package: Package) -> str:
    """Stage, batch id and demo flag say what the members say."""
    manifest = package.manifest
    known = {"schema", "stage", "demo", "batch_id", "members"}
    require_equal("fields of manifest.json", sorted(manifest.keys() - {"withheld"}), sorted(known))
    require_equal("stage in manifest.json", manifest["stage"], _stage(package.files))
    require_equal("batch id in manifest.json", manifest["batch_id"], package.claim["batch_id"])
    require_equal("demo flag in manifest.json", manifest["demo"], package.demo)
    return f"stage {manifest['stage']}" + (", DEMO" if manifest["demo"] else "")


def _stage(files: dict[str, bytes]) -> str:
    if "receipt.json" in files:
        require("verification.json" in files, "issued, but without verification.json")
        return "issued"
    return "verified" if "verification.json" in files else "sealed"
