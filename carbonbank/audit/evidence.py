"""Trip leaves against the claim, and trip records against their leaves."""

import hashlib
from itertools import pairwise
from typing import Any

from carbonbank.audit.claim import total_g
from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import LEAF, LEAF_BYTES, Leaf, Package
from carbonbank.audit.reading import canonical, month_bounds, octets, unix, whole
from carbonbank.audit.trees import rfc9162_root, rfc9162_root_of_path

OVERLAP_S_MAX = 60
END_AFTER_MONTH_S_MAX = 24 * 3600
RECORD_FIELDS = frozenset(
    {
        "vehicle_id",
        "driver_id",
        "start_at",
        "end_at",
        "distance_m",
        "distance_source",
        "odometer_start_m",
        "odometer_end_m",
        "energy_grid_wh",
        "energy_battery_wh",
        "fuel_ml",
        "soc_start_bps",
        "soc_end_bps",
        "start_cell",
        "end_cell",
        "passengers",
        "source",
        "source_record_id",
    }
)


def check_leaf_file(package: Package) -> str:
    """The report commits to the leaf file, and the claim to the count of leaves."""
    digest = package.sha256_of("leaves.bin").hex()
    require_equal("report's leaf file", package.report["leaves_sha256"], digest)
    require_equal("tripCount", whole(package.claim["claim"]["trip_count"]), len(package.leaves))
    return f"{len(package.leaves)} leaves, {digest}"


def check_leaf_order(package: Package) -> str:
    """Leaves stand by vehicle and time; no two trips of a vehicle overlap; all are of the month."""
    first, after = month_bounds(whole(package.claim["claim"]["month"]))
    for number, leaf in enumerate(package.leaves):
        require(leaf.start_at < leaf.end_at, f"leaf {number} ends before it starts")
        require(first <= leaf.start_at < after, f"leaf {number} is of another month")
        late = leaf.end_at - after
        require(late <= END_AFTER_MONTH_S_MAX, f"leaf {number} ends {late} s after the month")
    for number, (a, b) in enumerate(pairwise(package.leaves)):
        before = a.vehicle_index < b.vehicle_index
        earlier = a.vehicle_index == b.vehicle_index and a.end_at <= b.start_at
        require(before or earlier, f"leaf {number} does not precede leaf {number + 1}")
    return "by vehicle and time, without overlap, within the month"


def check_running_totals(package: Package) -> str:
    """Every running total is the sum so far; the last one is what the claim shares out."""
    running_g = 0
    for number, leaf in enumerate(package.leaves):
        running_g += leaf.reduction_g
        require_equal(f"running total of leaf {number}", leaf.running_g, running_g)
    require_equal("grams of the claim", total_g(package.claim["claim"]), running_g)
    return f"{running_g} g"


def check_evidence_root(package: Package) -> str:
    """The leaves, or each disclosed one, have the root that was signed (RFC 9162, SHA-256)."""
    signed = octets(package.claim["claim"]["evidence_root"]).hex()
    shown = ""
    if "disclosed.ndjson" in package.files:
        shown = _check_paths(package, signed)
        if package.withholds("leaves.bin"):
            return f"{signed}, {shown}"
    content = package.bytes_of("leaves.bin")
    leaves = [content[at : at + LEAF_BYTES] for at in range(0, len(content), LEAF_BYTES)]
    root = rfc9162_root(leaves).hex()
    require_equal("evidenceRoot", signed, root)
    return f"{root}, all leaves, and {shown}" if shown else root


def _check_paths(package: Package, signed: str) -> str:
    """Every disclosed leaf stands under the root at its number, by its path alone."""
    count = whole(package.claim["claim"]["trip_count"])
    for number, leaf, _, path in package.rows:
        assert path is not None
        root = rfc9162_root_of_path(LEAF.pack(*leaf), number, count, path).hex()
        require_equal(f"evidenceRoot, by leaf {number} of disclosed.ndjson", signed, root)
        if not package.withholds("leaves.bin"):
            require_equal(f"leaf {number} of leaves.bin", package.leaves[number], leaf)
    return package.seen("leaves by their paths")


def check_records(package: Package) -> str:
    """Every leaf commits to its salted record, and every trip id is the hash of its trip."""
    fleet, seen = package.fleet, set[str]()
    for number, leaf, trip, _ in package.rows:
        require_equal(f"fields of trip {number}", set(trip.record), RECORD_FIELDS)
        commitment = hashlib.sha256(trip.salt + canonical(trip.record)).hexdigest()
        require_equal(f"record hash of leaf {number}", leaf.record_hash.hex(), commitment)
        require_equal(f"id of trip {number}", trip.trip_id, _trip_id(fleet, trip.record))
        require(trip.trip_id not in seen, f"trip {number} stands twice: {trip.trip_id}")
        seen.add(trip.trip_id)
    return package.seen("records")


def check_trip_times(package: Package) -> str:
    """Every leaf has its record's vehicle and times, but for a start cut by up to 60 s."""
    first, after = month_bounds(whole(package.claim["claim"]["month"]))
    cuts = unseen = 0
    by_number = _leaves_by_number(package)
    for number, leaf, trip, _ in package.rows:
        require(first <= leaf.start_at < after, f"leaf {number} is of another month")
        record = trip.record
        index = package.vehicles.get(record["vehicle_id"])
        require_equal(f"vehicle of leaf {number}", leaf.vehicle_index, index)
        require_equal(f"end of leaf {number}", leaf.end_at, unix(record["end_at"]))
        cut_s = leaf.start_at - unix(record["start_at"])
        require(0 <= cut_s <= OVERLAP_S_MAX, f"start of leaf {number} was moved by {cut_s} s")
        # The first trip of a vehicle may have been cut against a trip of the month before.
        previous = by_number.get(number - 1)
        if cut_s and previous and previous.vehicle_index == leaf.vehicle_index:
            require_equal(f"cut start of leaf {number}", leaf.start_at, previous.end_at)
        cuts += bool(cut_s)
        unseen += bool(cut_s and number and not previous)
    told = f"{package.seen('trips')}, {cuts} starts cut by up to {OVERLAP_S_MAX} s"
    return f"{told}, {unseen} of them against trips that are not disclosed" if unseen else told


def _leaves_by_number(package: Package) -> dict[int, Leaf]:
    if package.withholds("leaves.bin"):
        return {row.number: row.leaf for row in package.rows}
    return dict(enumerate(package.leaves))


def _trip_id(fleet: str, record: dict[str, Any]) -> str:
    names = ("vehicle_id", "start_at", "end_at", "distance_m")
    identity = {"fleet": fleet} | {name: record[name] for name in names}
    return hashlib.sha256(canonical(identity)).hexdigest()
