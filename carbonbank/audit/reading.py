"""Strict readers: one JSON form, bounded numbers, plain hex, whole-second UTC. No floats."""

import json
import re
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, NoReturn

from carbonbank.audit.outcome import Refuted

DEPTH_MAX = 32
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
# Up to the digits of a uint256, or of a decimal as the bank writes one.
_DECIMAL = re.compile(r"[+-]?\d{1,78}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes of a JSON value without floats (keys of ours are ASCII)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(name: str, content: bytes) -> Any:
    """Read a document that must be canonical: one value, one form, no name twice."""
    _check_depth(name, content)
    try:
        value = json.loads(
            content.decode(),
            parse_float=lambda text: _refuse(f"{name} holds the float {text}"),
            parse_constant=lambda text: _refuse(f"{name} holds {text}"),
        )
    except ValueError as error:
        raise Refuted(f"{name} is not JSON: {type(error).__name__}: {error}") from error
    if canonical(value) != content:  # catches names twice, spaces and other spellings alike
        raise Refuted(f"{name} is not canonical JSON (RFC 8785)")
    return value


def _check_depth(name: str, content: bytes) -> None:
    """Refuse nesting that would exhaust the parser's stack, which no handler survives."""
    if content.count(b"[") + content.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for token in _TOKEN.finditer(content):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token.group(), 0)
        if depth > DEPTH_MAX:
            raise Refuted(f"{name} is nested deeper than {DEPTH_MAX}")


def _refuse(reason: str) -> NoReturn:
    raise Refuted(reason)


def exact(text: str | int) -> Fraction:
    """Read a decimal number exactly, of a size that computes in no time."""
    if isinstance(text, bool) or not _DECIMAL.fullmatch(str(text)):
        raise Refuted(f"{str(text)[:40]!r} is not a decimal number")
    return Fraction(str(text))


def whole(value: Any) -> int:
    """Read an integer that is written as a number or, beyond 2^53, as text."""
    number = exact(value)
    if number.denominator != 1:
        raise Refuted(f"{value} is not a whole number")
    return number.numerator


def octets(text: str, length: int | None = None) -> bytes:
    """Read hex, with or without `0x`, of the given length in bytes."""
    content = bytes.fromhex(text.removeprefix("0x"))
    if length is not None and len(content) != length:
        raise Refuted(f"{text[:80]} has {len(content)} bytes, not {length}")
    return content


def unix(text: str) -> int:
    """Read `2021-03-29T10:13:45Z` as Unix seconds."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return int(moment.timestamp())


def month_number(label: str) -> int:
    """Read `2021-03` as year · 12 + (month - 1)."""
    found = _MONTH.fullmatch(label)
    if not found:
        raise Refuted(f"{label!r} is not a month")
    return int(found[1]) * 12 + int(found[2]) - 1


def month_bounds(number: int) -> tuple[int, int]:
    """Return the first Unix second of a month number and of the next one."""
    first, after = (
        datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC).timestamp() for n in (number, number + 1)
    )
    return int(first), int(after)


def plain(number: Fraction, places: int = 9) -> str:
    """Write a number with a fixed count of decimals, toward minus infinity."""
    scaled = number.numerator * 10**places // number.denominator
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled):0{places + 1}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
