"""Flip single bytes of an audit package's members, and see the audit name each.

`python -m benchmarks.byteflip PACKAGE [--flips N] [--seed N] [--out FILE]`: the content of every
member is changed by one byte at a time and packed again, whole, with the manifest as it was. A flip
is caught if a check fails, and named if a failed check tells the member's name.
"""

import argparse
import hashlib
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import Check
from carbonbank.audit.package import open_archive
from carbonbank.report.package import zip_of


@dataclass
class Tally:
    """What became of the flips of one member."""

    member: str
    size_bytes: int
    flips: int = 0
    caught: int = 0
    named: int = 0
    by: Counter[str] = field(default_factory=Counter)


def flip(package: bytes, flips: int, seed: int) -> list[Tally]:
    """Flip `flips` random bytes of every member, one at a time; the seed makes it repeatable."""
    files = open_archive(package)
    return [_flip_member(files, name, flips, random.Random(f"{seed}/{name}")) for name in files]


def page(package: str, sha256: str, tallies: list[Tally], flips: int, seed: int) -> str:
    """Return the report as Markdown."""
    rows = "\n".join(
        f"| `{t.member}` | {t.size_bytes:,} | {t.flips} | {t.caught} | {t.named} | "
        f"{', '.join(f'{name} {count}' for name, count in sorted(t.by.items()))} |"
        for t in tallies
    )
    total = sum(t.flips for t in tallies)
    return (
        f"# Byte flips\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, `python -m benchmarks.byteflip {package} --flips {flips} "
        f"--seed {seed}`;\nSHA-256 of the package `{sha256}`.\n\n"
        f"| member | bytes | flips | caught | named | failed checks |\n"
        f"| --- | --- | --- | --- | --- | --- |\n{rows}\n\n"
        f"{total} flips, {sum(t.caught for t in tallies)} caught, "
        f"{sum(t.named for t in tallies)} named. A flip is caught if a check fails, and named\n"
        f"if a failed check tells the member's name. Manifest and archive stay as they were.\n"
    )


def _flip_member(files: dict[str, bytes], name: str, flips: int, dice: random.Random) -> Tally:
    tally = Tally(name, len(files[name]))
    for failed in _failures(files, name, flips, dice):
        tally.flips += 1
        tally.caught += bool(failed)
        tally.named += any(name in check.detail for check in failed)
        tally.by.update(check.name for check in failed)
    return tally


def _failures(
    files: dict[str, bytes], name: str, flips: int, dice: random.Random
) -> Iterator[list[Check]]:
    for _ in range(flips):
        content = bytearray(files[name])
        content[dice.randrange(len(content))] ^= dice.randrange(1, 256)
        altered = zip_of(files | {name: bytes(content)})
        yield [check for check in check_package(altered) if not check.ok]


def smallest_issued(folder: Path) -> Path:
    """Return the package in a folder that holds most members, the smallest among equals."""
    found = sorted(folder.glob("*.zip"), key=lambda p: (-_members(p), p.stat().st_size))
    return found[0]


def _members(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return len(archive.namelist())


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="a package, or a folder of packages")
    parser.add_argument("--flips", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    path = smallest_issued(args.package) if args.package.is_dir() else args.package
    data = path.read_bytes()
    tallies = flip(data, args.flips, args.seed)
    sha256 = hashlib.sha256(data).hexdigest()
    told = page(path.name, sha256, tallies, args.flips, args.seed)
    print(told)
    if args.out:
        args.out.write_text(told)
    return 0 if all(t.named == t.flips for t in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
