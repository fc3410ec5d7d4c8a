"""What every partition of a conversion is held to; small, and fit to be sent to a worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from carbonbank.mrv.package import MethodologyPackage, parse_package


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledVehicle:
    """A vehicle of the fleet; `index` is its place on the chain, `from_month` a month number.

    From `until_month` on it belongs to another fleet.
    """

    index: int
    powertrain: str
    category: str
    from_month: int = 0
    until_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The methodology, the fleet and its secrets.

    Attributes:
        package: the methodology package's canonical JSON.
        fleet: handle of the fleet.
        now_at: the bank's clock; trips that end later are kept out.
        vehicles: the enrolled vehicles by id.
        keys: salt keys by subject (`carbonbank.domain.erasure`).
        erased: drivers whose link is not made again.
    """

    package: bytes
    fleet: str
    now_at: datetime
    vehicles: Mapping[str, EnrolledVehicle]
    keys: Mapping[str, bytes] = field(repr=False)
    erased: frozenset[str] = frozenset()

    @property
    def methodology(self) -> MethodologyPackage:
        """The package, read once in a process."""
        return _parsed(self.package)


@lru_cache(maxsize=4)
def _parsed(package: bytes) -> MethodologyPackage:
    return parse_package(package)
