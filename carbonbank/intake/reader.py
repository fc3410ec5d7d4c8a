"""The `Reader` port: options arrive as plain values from a form, a command or a programme."""

from collections.abc import Mapping
from typing import Any

from carbonbank.domain.charge import Charge, OfferedCharges
from carbonbank.domain.mapping import Proposal, parse_mapping
from carbonbank.errors import UnknownOption
from carbonbank.intake.read import propose_mapping, read_charges, read_trips
from carbonbank.intake.upload import ReadOptions
from carbonbank.mrv.trips import RawTrips

_TEXTS = ("format", "vehicle_id", "driver_pattern", "zone", "day", "sheet")


class FileReader:
    """Reads files of trips and charges, up to the sizes the bank is configured for."""

    def __init__(self, limits: ReadOptions | None = None) -> None:
        self._limits = limits or ReadOptions()

    def read(self, data: bytes, filename: str, options: dict[str, Any]) -> RawTrips:
        """Read a file into raw trips and row issues.

        Args:
            data: the file.
            filename: shown in messages and part of the record ids.
            options: any of `format`, `vehicle_id`, `driver_pattern`, `zone`, `day`, `sheet`, and
                `mappings`, a list of confirmed ones; None is absent.

        Raises:
            InputError: the file or an option is not what it claims.
        """
        insisted, known = self._options(options)
        return read_trips(data, filename, format=insisted, options=known)

    def read_charges(
        self, data: bytes, filename: str, vehicles: Mapping[str, str], options: dict[str, Any]
    ) -> OfferedCharges:
        """Read a file of charging sessions, with the fleet's book of tokens.

        Raises:
            InputError: the file or an option is not what it claims.
        """
        _, known = self._options(options)
        raw = read_charges(data, filename, vehicles, options=known)
        rows = raw.table["row"].to_pylist()
        charges = raw.table.drop_columns(["row"]).to_pylist()
        return OfferedCharges(
            charges=tuple((row, Charge(**one)) for row, one in zip(rows, charges, strict=True)),
            credited=raw.credited,
            issues=raw.issues,
            left_out=raw.left_out,
            source=raw.format,
            rows_read=raw.rows_read,
        )

    def propose(self, data: bytes, filename: str, name: str, options: dict[str, Any]) -> Proposal:
        """Propose how a table of no known format may be read.

        Raises:
            InputError: the file is no table, or of a known format.
        """
        _, known = self._options(options)
        return propose_mapping(data, filename, name, options=known)

    def _options(self, options: dict[str, Any]) -> tuple[str | None, ReadOptions]:
        given = {name: value for name, value in options.items() if value is not None}
        mappings = tuple(parse_mapping(one) for one in given.pop("mappings", ()))
        texts = {name: _text(name, value) for name, value in given.items()}
        insisted = texts.pop("format", None)
        known = ReadOptions(
            **texts,
            mappings=mappings,
            size_bytes_max=self._limits.size_bytes_max,
            rows_max=self._limits.rows_max,
        )
        return insisted, known


def _text(name: str, value: Any) -> str:
    if name not in _TEXTS:
        raise UnknownOption(option=name, value=str(value)[:80], expected=f"one of {_TEXTS}")
    if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
        raise UnknownOption(option=name, value=str(value)[:80], expected="plain text")
    return value
