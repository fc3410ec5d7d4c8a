"""The contracts' ABIs as tables: logs to events, revert data to errors, both by their selector."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address

from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES, load
from carbonbank.domain.hashing import keccak256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An event or a custom error: its name and parameters."""

    name: str
    inputs: tuple[Mapping[str, Any], ...]

    @property
    def hash(self) -> bytes:
        """Return keccak256 of the signature: an event's topic, an error's selector in 4 bytes."""
        return keccak256(f"{self.name}({','.join(map(_type, self.inputs))})".encode())

    def fields(self, data: bytes, topics: tuple[bytes, ...] = ()) -> dict[str, Any]:
        """Decode the parameters, named in snake_case; structs become dicts."""
        words = iter(topics)
        plain = [one for one in self.inputs if not one.get("indexed")]
        values = iter(decode([_type(one) for one in plain], data))
        found = {}
        for one in self.inputs:
            indexed = one.get("indexed")
            value = decode([_type(one)], next(words))[0] if indexed else next(values)
            found[snake(one["name"])] = _named(one, value)
        return found


def _type(parameter: Mapping[str, Any]) -> str:
    return str(collapse_if_tuple(cast("Any", parameter)))


def _named(parameter: Mapping[str, Any], value: Any) -> Any:
    """Give a decoded value the form the bank uses: EIP-55 addresses, dicts for structs."""
    kind = parameter["type"]
    if kind.endswith("[]"):
        return tuple(_named({**parameter, "type": kind[:-2]}, one) for one in value)
    if kind == "tuple":
        parts = zip(parameter["components"], value, strict=True)
        return {snake(part["name"]): _named(part, one) for part, one in parts}
    return to_checksum_address(value) if kind == "address" else value


def snake(name: str) -> str:
    """Return the Python twin of a Solidity name: `amountG` is `amount_g`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip("_")).lower()


def _shapes(kind: str) -> Iterable[Shape]:
    for contract in DEPLOYED | LIBRARIES:
        for entry in load(contract)["abi"]:
            if entry["type"] == kind:
                yield Shape(name=entry["name"], inputs=tuple(entry["inputs"]))


@cache
def events() -> Mapping[bytes, Shape]:
    """Return every event of every contract by its topic."""
    return {shape.hash: shape for shape in _shapes("event")}


@cache
def errors() -> Mapping[bytes, Shape]:
    """Return every custom error of every contract by its 4-byte selector."""
    return {shape.hash[:4]: shape for shape in _shapes("error")}
