"""Frozen dataclasses as JSON and back: how commands, claims, orders and events are kept as text.

Integers above 2^53 become decimal text (JSON readers lose digits there), bytes become `0x` hex,
datetimes ISO text. Reading takes both forms, so a reader never asks how large a number was.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from carbonbank.domain.hashing import canonical_json

T = TypeVar("T")

JSON_SAFE = 2**53 - 1
"""The largest integer every JSON reader keeps (RFC 8785, IEEE 754 double)."""


def encode(value: Any) -> Any:
    """Return the JSON value of a dataclass, or of what it is made of."""
    match value:
        case Enum():
            encoded = encode(value.value)
        case None | bool() | str():
            encoded = value
        case int():
            encoded = value if abs(value) <= JSON_SAFE else str(value)
        case bytes():
            encoded = "0x" + value.hex()
        case datetime():
            encoded = value.isoformat()
        case dict():
            encoded = {key: encode(one) for key, one in value.items()}
        case list() | tuple():
            encoded = [encode(one) for one in value]
        case _:
            encoded = {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    return encoded


def decode(kind: type[T], value: Any) -> T:
    """Return the value of a type from its JSON value."""
    return _decode(kind, value)  # type: ignore[no-any-return]


def to_text(value: Any) -> str:
    """Return the canonical JSON text (RFC 8785)."""
    return canonical_json(encode(value)).decode()


def from_text(kind: type[T], text: str) -> T:
    """Return the value of a type from its JSON text."""
    return decode(kind, json.loads(text))


def _decode(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        inner = next(one for one in get_args(kind) if one is not NoneType)
        value = None if value is None else _decode(inner, value)
    elif origin is tuple:
        value = tuple(_decode(get_args(kind)[0], one) for one in value)
    elif is_dataclass(kind):
        types = _types(cast("Any", kind))
        value = cast("Any", kind)(**{name: _decode(types[name], value[name]) for name in types})
    elif kind is bytes:
        value = bytes.fromhex(value.removeprefix("0x"))
    elif kind is datetime:
        value = datetime.fromisoformat(value)
    elif isinstance(kind, type) and issubclass(kind, int) and kind is not bool:
        value = kind(int(value))
    return value


@cache
def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}
