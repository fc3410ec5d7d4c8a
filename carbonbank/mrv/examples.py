"""Worked examples: files of `{id, op, inputs, expected, tolerance}` against the bank's methods.

The op alone decides what is computed; `OPERATIONS` is the whole list, and
docs/reference/examples.md documents the same names. A malformed entry fails with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from enum import StrEnum
from typing import Any, Final

from carbonbank.errors import ExamplesUnreadable
from carbonbank.mrv.operations import OPERATIONS, Operation, Outputs, Value

PRECISION: Final = 50  # significant digits; published examples have at most a dozen


class Status(StrEnum):
    """What became of an entry."""

    PASS = "pass"  # noqa: S105 - a word of the output, no secret
    FAIL = "fail"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One entry evaluated; `reason` is empty where it passed."""

    status: Status
    example_id: str
    op: str
    expected: dict[str, str]
    got: dict[str, str]
    reason: str = ""


def run(document: Any) -> list[Outcome]:
    """Evaluate a list of examples, or an object that holds one under `examples`.

    Raises:
        ExamplesUnreadable: the document is neither.
    """
    entries = document.get("examples") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise ExamplesUnreadable(
            found=type(document).__name__, reason="there is no list of examples in it"
        )
    return [_evaluate(entry, position) for position, entry in enumerate(entries, start=1)]


def _evaluate(entry: Any, position: int) -> Outcome:
    if not isinstance(entry, dict):
        return _outcome(Status.FAIL, {}, f"#{position}", reason="the entry is not an object")
    example_id = _one_line(entry.get("id", f"#{position}"))
    op = entry.get("op")
    if not isinstance(op, str):
        return _outcome(Status.FAIL, entry, example_id, reason="the entry names no op")
    operation = OPERATIONS.get(op)
    if operation is None:
        return _outcome(Status.UNSUPPORTED, entry, example_id, reason="no such op")
    try:
        with localcontext(prec=PRECISION):
            inputs = _inputs(operation, _mapping(entry, "inputs"))
            expected = {k: _value(k, v) for k, v in _mapping(entry, "expected").items()}
            tolerance = _tolerance(entry)
            got = operation.compute(inputs)
            reason = _difference(expected, got, tolerance)
    except ValueError as error:
        return _outcome(Status.FAIL, entry, example_id, reason=_one_line(error))
    except ArithmeticError as error:
        # What a decimal's signal says is not for people; its name is (DivisionByZero, Overflow).
        return _outcome(Status.FAIL, entry, example_id, reason=type(error).__name__)
    return _outcome(Status.FAIL if reason else Status.PASS, entry, example_id, got, reason)


def _mapping(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = entry.get(name)
    if not isinstance(value, dict) or not value:
        message = f"{name} is not an object with values"
        raise ValueError(message)
    return value


def _inputs(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    missing = [name for name in operation.required if name not in given]
    unknown = sorted(set(given) - set(operation.required) - set(operation.optional))
    if missing or unknown:
        parts = [f"input {name} is missing" for name in missing]
        parts += [f"input {name} is unknown" for name in unknown]
        raise ValueError("; ".join(parts))
    values: dict[str, Any] = {}
    for name, raw in {**operation.optional, **given}.items():
        if name in operation.sums:
            parts = raw if isinstance(raw, list) else [raw]
            values[name] = [_decimal(name, part) for part in parts]
        else:
            values[name] = _decimal(name, raw)
    lengths = {len(values[name]) for name in operation.sums}
    if len(lengths) > 1 or 0 in lengths:
        message = f"lists of unequal length or empty: {', '.join(operation.sums)}"
        raise ValueError(message)
    return values


def _value(name: str, raw: Any) -> Value:
    return raw if isinstance(raw, bool) else _decimal(name, raw)


def _decimal(name: str, raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        message = f"{name} is not a decimal string: {raw!r}"
        raise ValueError(message)  # noqa: TRY004 - one kind of bad entry
    try:
        value = Decimal(raw)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        message = f"{name} is not a finite decimal: {str(raw)[:40]!r}"
        raise ValueError(message)
    return value


def _tolerance(entry: Mapping[str, Any]) -> Decimal:
    tolerance = _decimal("tolerance", entry.get("tolerance"))
    if tolerance < 0:
        message = f"tolerance is negative: {tolerance}"
        raise ValueError(message)
    return tolerance


def _difference(expected: Mapping[str, Value], got: Outputs, tolerance: Decimal) -> str:
    reasons = []
    for name, wanted in expected.items():
        if name not in got:
            reasons.append(f"{name} is no output of this op")
            continue
        value = got[name]
        if isinstance(wanted, bool) or isinstance(value, bool):
            if wanted is not value:
                reasons.append(f"{name} differs")
        elif abs(value - wanted) > tolerance:
            reasons.append(f"{name} differs by more than {tolerance}")
    return "; ".join(reasons)


def _outcome(
    status: Status,
    entry: Mapping[str, Any],
    example_id: str,
    got: Outputs | None = None,
    reason: str = "",
) -> Outcome:
    expected = entry.get("expected")
    stated = expected if isinstance(expected, dict) else {}
    return Outcome(
        status=status,
        example_id=example_id,
        op=_one_line(entry.get("op", "")),
        expected={_one_line(name): _shown(value) for name, value in stated.items()},
        got={name: _shown(value) for name, value in (got or {}).items()},
        reason=reason,
    )


def _one_line(value: Any) -> str:
    """Print anything an entry may hold on one line of bounded length."""
    return " ".join(str(value).split())[:200]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _short(value) if isinstance(value, Decimal) else _one_line(value)


def _short(value: Decimal) -> str:
    """Twelve significant digits without trailing zeros: for people, never for comparing."""
    with localcontext(prec=12):
        return f"{(+value).normalize():f}" if -10 < value.adjusted() < 20 else f"{+value}"


def line(outcome: Outcome) -> str:
    """Return the stable one-line form: status, id, expected, got, and why where it did not pass."""
    text = f"{outcome.status} {outcome.example_id} expected {_pairs(outcome.expected)}"
    text += f" got {_pairs(outcome.got)}"
    return f"{text} ({outcome.reason})" if outcome.reason else text


def _pairs(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items()) or "-"


def failed(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether any entry failed; an unsupported one did not."""
    return any(outcome.status is Status.FAIL for outcome in outcomes)
