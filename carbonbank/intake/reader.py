"""The `Reader` port: options arrive as plain values from a form, a command or a programme."""

from typing import Any

from carbonbank.errors import UnknownOption
from carbonbank.intake.read import read_trips
from carbonbank.intake.upload import ReadOptions
from carbonbank.mrv.trips import RawTrips

_TEXTS = ("format", "vehicle_id", "driver_pattern", "zone", "day")


class FileReader:
    """Reads files of trips, up to the sizes the bank is configured for."""

    def __init__(self, limits: ReadOptions | None = None) -> None:
        self._limits = limits or ReadOptions()

    def read(self, data: bytes, filename: str, options: dict[str, Any]) -> RawTrips:
        """Read a file into raw trips and row issues.

        Args:
            data: the file.
            filename: shown in messages and part of the record ids.
            options: any of `format`, `vehicle_id`, `driver_pattern`, `zone`, `day`; None is absent.

        Raises:
            InputError: the file or an option is not what it claims.
        """
        texts = {name: _text(name, value) for name, value in options.items() if value is not None}
        return read_trips(
            data,
            filename,
            format=texts.pop("format", None),
            options=ReadOptions(
                **texts,
                size_bytes_max=self._limits.size_bytes_max,
                rows_max=self._limits.rows_max,
            ),
        )


def _text(name: str, value: Any) -> str:
    if name not in _TEXTS:
        raise UnknownOption(option=name, value=str(value)[:80], expected=f"one of {_TEXTS}")
    if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
        raise UnknownOption(option=name, value=str(value)[:80], expected="plain text")
    return value
