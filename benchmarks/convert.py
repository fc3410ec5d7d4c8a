"""From a fleet's file to a sealed batch, timed beside the bare reading of the same file.

Run `make bench-convert` (`ROWS=n` for another size than 1,000,000 trips, `WORKERS=1` for one thread
that `python -m cProfile -s cumtime -m benchmarks.convert` can look into). The last line is JSON:
rows, read_s, convert_s, ratio, peak_mb. The timed run reads, validates by every documented rule,
quantifies, stores Parquet, and builds the evidence root with salts and canonical records and the
payout root. Peak memory is that of all processes together, sampled, the pages of files included.
"""

import json
import os
import resource
import sys
import threading
import time
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from eth_utils.address import to_checksum_address
from pyarrow import csv

from benchmarks.fleet_file import DRIVERS_PER_VEHICLE, MONTH, VEHICLES, write_fleet_file
from carbonbank.domain.erasure import subject_of
from carbonbank.domain.hashing import keccak256
from carbonbank.intake.bulk.convert import Converted, convert
from carbonbank.intake.bulk.runners import threads
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.bulk.hashes import lanes
from carbonbank.mrv.bulk.terms import EnrolledVehicle, Terms
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme

FLEET = "bench"
ROWS = 1_000_000


def programme_document() -> dict[str, Any]:
    """Return the programme of the bench: a shipped one, with energy metered at the grid."""
    shipped = files("carbonbank.data").joinpath("programmes", "demo-chicago-as-is.json")
    document = json.loads(shipped.read_bytes())
    document |= {"handle": "bench", "base_year": 2024, "reading": {}}
    document["vehicles"]["powertrain"] = "battery_electric"
    document["eligibility"]["assumed_electric"] = False
    document["discounts"] = [
        {"measure": "accepted_share", "below_bps": 9_900, "discount_bps": 50},
        {"measure": "odometer_share", "below_bps": 9_990, "discount_bps": 25},
    ]
    return document


def terms_of(pairs: frozenset[tuple[str, str | None]]) -> Terms:
    """Return terms under which every vehicle of the file is enrolled, with invented keys."""
    package = build_package(
        parse_programme(json.dumps(programme_document()).encode()), load_factors()
    )
    vehicles = sorted({vehicle_id for vehicle_id, _ in pairs})
    subjects = {subject_of(FLEET, *pair) for pair in pairs}
    return Terms(
        package=package.canonical,
        fleet=FLEET,
        now_at=datetime(2026, 11, 22, tzinfo=UTC),
        vehicles={
            vehicle_id: EnrolledVehicle(
                index=index, powertrain="battery_electric", category="M1", from_month=2024 * 12
            )
            for index, vehicle_id in enumerate(vehicles)
        },
        keys={subject: sha256(f"key of {subject}".encode()).digest() for subject in subjects},
    )


def accounts() -> dict[str, str]:
    """Return an address for every driver of the file."""
    names = (f"driver-{number:05d}" for number in range(VEHICLES * DRIVERS_PER_VEHICLE))
    return {name: to_checksum_address(keccak256(name.encode())[-20:]) for name in names}


class PeakMemory:
    """The most memory this process and its children held at once, in MB, sampled."""

    def __init__(self, every_s: float = 0.05) -> None:
        self._every_s, self._stop = every_s, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_mb = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._every_s):
            self.peak_mb = max(self.peak_mb, sum(map(_resident_kb, _family())) // 1_024)


def _family() -> list[int]:
    family = [os.getpid()]
    for parent in family:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                family += [int(child) for child in task.read_text().split()]
            except OSError:  # a thread that ended meanwhile
                continue
    return family


def _resident_kb(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # a process that ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line), 0)


def _read_s(path: Path) -> float:
    began = time.perf_counter()
    csv.read_csv(path)
    return time.perf_counter() - began


def _processor_s() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed_convert(path: Path, out: Path) -> tuple[float, Converted]:
    """Return the seconds and the result of a whole conversion.

    Libraries are loaded before, as the reader's is, and so is the compiled hash; what compiles it
    runs once on a machine.
    """
    known = accounts()
    lanes()
    began = time.perf_counter()
    workers = int(os.environ.get("WORKERS") or 0) or None
    with threads(workers) as runner:
        done = convert(path, out, terms_of=terms_of, accounts=known, runner=runner)
    return time.perf_counter() - began, done


def main() -> None:
    """Make the file, read it, convert it, print the figures."""
    rows = int(os.environ.get("ROWS") or ROWS)
    with TemporaryDirectory() as directory:
        path = Path(directory, "fleet.csv")
        write_fleet_file(path, rows)
        size_mb = path.stat().st_size // 2**20
        print(f"{rows} trips of {VEHICLES} vehicles in {MONTH}, {size_mb} MB of CSV")
        before_s = _processor_s()
        with PeakMemory() as memory:
            convert_s, done = timed_convert(path, Path(directory, "out"))
        used_s = _processor_s() - before_s
        # Afterwards: what the reader keeps in memory is not the conversion's.
        read_s = sorted(_read_s(path) for _ in range(3))[1]
        (batch,) = done.months
        stored_mb = sum(f.stat().st_size for f in Path(directory, "out").rglob("*.*")) // 2**20
        print(f"sealed {batch.trips} trips, {batch.total_g} g, {stored_mb} MB stored")
        print(f"evidence root {batch.evidence_root.hex()}")
        print(f"payout root   {batch.payouts.root.hex()}")
        print("issues " + ", ".join(f"{n} {code}" for code, n in sorted(done.codes.items())))
        print(f"read {read_s:.2f} s, converted {convert_s:.2f} s, {rows / convert_s:.0f} rows/s")
        print(f"processor time {used_s:.1f} s, {used_s / rows * 1e6:.1f} µs a row")
        figures = {
            "rows": rows,
            "read_s": round(read_s, 3),
            "convert_s": round(convert_s, 3),
            "ratio": round(convert_s / read_s, 2),
            "peak_mb": memory.peak_mb,
        }
        print(json.dumps(figures))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
