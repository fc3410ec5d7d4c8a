"""A verifier's sources: files of the operator, read by the importers as at their import."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbonbank.audit.compare import RowsIn
from carbonbank.audit.package import Package
from carbonbank.cli.files import read_file
from carbonbank.domain.charge import Charge
from carbonbank.domain.trip import iso_at, trip_record
from carbonbank.errors import MappingInvalid, ReadingsUnusable
from carbonbank.intake.reader import FileReader
from carbonbank.mrv.trips import to_trips

Options = Mapping[str, Any]


def options_of(package: Package, given: Options, mappings: tuple[Path, ...]) -> dict[str, Any]:
    """Return how files are to be read: as the programme says, then as the verifier says.

    Raises:
        MappingInvalid: a mapping is no JSON.
    """
    reading = package.methodology["programme"].get("reading") or {}
    said = {name: value for name, value in given.items() if value is not None}
    return {**reading, **said, "mappings": [_mapping(path) for path in mappings]}


def trips_by(options: Options) -> RowsIn:
    """Return the importers as readers of trips."""

    def read(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
        raw = FileReader().read(content, filename, dict(options))
        rows = raw.table["row"].to_pylist()
        yield from zip(rows, map(trip_record, to_trips(raw.table)), strict=True)

    return read


def charges_in(filename: str, content: bytes, options: Options) -> list[dict[str, Any]]:
    """Return a file's sessions; whose each is is not asked, as the package has no book of tokens.

    Raises:
        ReadingsUnusable: a charge of the file can not be read.
        InputError: the file is not what it claims.
    """
    offered = FileReader().read_charges(content, filename, _AnyToken(), dict(options))
    if offered.left_out:
        reason = f"{offered.left_out} charges of {filename} can not be read"
        raise ReadingsUnusable(row=offered.issues[0].row, reason=reason)
    return [_told(charge) for _, charge in offered.charges]


class _AnyToken(dict[str, str]):
    """A book in which every token is its own vehicle's."""

    def __contains__(self, token: object) -> bool:
        return True

    def __missing__(self, token: str) -> str:
        return token


def _told(charge: Charge) -> dict[str, Any]:
    return {
        "source_record_id": charge.source_record_id,
        "start_at": iso_at(charge.start_at),
        "end_at": iso_at(charge.end_at),
        "energy_grid_wh": charge.energy_grid_wh,
    }


def _mapping(path: Path) -> Any:
    try:
        return json.loads(read_file(path))
    except (ValueError, RecursionError) as error:
        raise MappingInvalid(problems=f"{path} is no JSON ({type(error).__name__})") from error
