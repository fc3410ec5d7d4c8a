"""What two methodology packages differ in, path by path, with values and units.

A value with its unit is one thing: `project.transmission_loss` changes from `0.20` to `0.15`, and
its evidence is another line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from carbonbank.mrv.package import MethodologyPackage

# The part of an integer's name that is its unit, as people write it.
_UNITS: Mapping[str, str] = {
    "bps": "bps",
    "km": "km",
    "kmh": "km/h",
    "m": "m",
    "pct": "%",
    "s": "s",
    "wh": "Wh",
}
HOURS = "factors.grid_hours.hours.values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One path that differs; `old` and `new` are empty where there was or is nothing."""

    path: str
    kind: Literal["added", "removed", "changed"]
    old: str
    new: str

    def __str__(self) -> str:
        if self.kind == "added":
            return f"{self.path}: added {self.new}"
        if self.kind == "removed":
            return f"{self.path}: removed {self.old}"
        return f"{self.path}: {self.old} → {self.new}"


def differences(old: MethodologyPackage, new: MethodologyPackage) -> list[Difference]:
    """Return every path at which two packages differ, in order of the paths."""
    before, after = (dict(_leaves(package.document, "")) for package in (old, new))
    found = []
    for path in sorted(before.keys() | after.keys()):
        was, is_now = before.get(path, ""), after.get(path, "")
        if was == is_now:
            continue
        kind: Literal["added", "removed", "changed"] = "changed"
        if path not in before or path not in after:
            kind = "added" if path in after else "removed"
        found.append(Difference(path=path, kind=kind, old=was, new=is_now))
    return found


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "value" in value and "unit" in value:
            yield path, _with_unit(value["value"], value["unit"])
            value = {k: v for k, v in value.items() if k not in {"value", "unit"}}
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif path == HOURS:
        return  # thousands of values; their hash stands beside them and tells
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield path, ", ".join(value) or "none"
        else:
            for number, item in enumerate(value):
                yield from _leaves(item, f"{path}.{number}")
    elif isinstance(value, int) and not isinstance(value, bool):
        units = [_UNITS[part] for part in path.replace(".", "_").split("_") if part in _UNITS]
        yield path, _with_unit(str(value), units[-1] if units else "")
    else:
        yield path, {None: "none", True: "yes", False: "no"}.get(value, value)


def _with_unit(value: str, unit: str) -> str:
    return f"{value} {unit}" if unit not in {"", "1", "-"} else value
