"""The table of attacks as Markdown."""

from collections import Counter
from datetime import UTC, datetime

from benchmarks.attacks.fleets import REAL
from benchmarks.attacks.score import Score
from benchmarks.attacks.told_again import TOLD_AGAIN

_HEAD = """# Attacks and honest fleets

{day:%Y-%m-%d}, `make bench-attacks`: {half} seeds {seeds}, fleets of about {rows} rows. What the
attacks are and how the columns are counted: [Trip attacks](../reference/trip-attacks.md).

## Attacks that would credit a kilometre twice

Goal: recall 1.0, the share of drives told again that count once at most. *Copies out* is the share
of the false rows that are kept out. Where a copy counts in place of its original, recall is whole,
and copies out and precision are not.

| {columns_twice} |
| --- | --: | --: | --: | --: | --: | --: | --: | --- | --- |
{twice}

## Attacks that tell what never was

Recall is the share of false rows that are kept out.

| attack | rows | false rows | recall | precision | kept out by | escapes on |
| --- | --: | --: | --: | --: | --- | --- |
{never}

## Honest fleets

Goal: under 1 % of rows kept out. `chicago` and `twizy` are real.

| fleet | rows | kept out | share | by |
| --- | --: | --: | --: | --- |
{honest}
"""

_COLUMNS_TWICE = (
    "attack", "rows", "false rows", "drives", "counted twice", "recall", "copies out", "precision",
    "kept out by", "escapes on",
)  # fmt: skip


def page(
    honest: dict[str, Score], attacks: dict[str, Score], half: str, seeds: list[int], rows: int
) -> str:
    """Return the report."""
    total = Score()
    for kind, one in honest.items():
        if kind not in REAL:
            total.add(one)
    return _HEAD.format(
        day=datetime.now(UTC),
        half=half,
        seeds=", ".join(map(str, seeds)),
        rows=rows,
        columns_twice=" | ".join(_COLUMNS_TWICE),
        twice="\n".join(_twice(n, one) for n, one in attacks.items() if n in TOLD_AGAIN),
        never="\n".join(_never(n, one) for n, one in attacks.items() if n not in TOLD_AGAIN),
        honest="\n".join(_honest(n, one) for n, one in (honest | {"all made": total}).items()),
    )


def _twice(attack: str, one: Score) -> str:
    out = one.bad_out / one.bad if one.bad else 1.0
    return (
        f"| `{attack}` | {one.rows:,} | {one.bad:,} | {one.told_again:,} | {one.twice:,} | "
        f"{_share(one.recall)} | {_share(out)} | {_share(one.precision)} | {_most(one.codes)} | "
        f"{_most(one.escapes)} |"
    )


def _never(attack: str, one: Score) -> str:
    return (
        f"| `{attack}` | {one.rows:,} | {one.bad:,} | {_share(one.recall)} | "
        f"{_share(one.precision)} | {_most(one.codes)} | {_most(one.escapes)} |"
    )


def _honest(kind: str, one: Score) -> str:
    percent = 100 * one.honest_out / one.rows
    return f"| {kind} | {one.rows:,} | {one.honest_out:,} | {percent:.2f} % | {_most(one.codes)} |"


def _share(value: float) -> str:
    """Show a share; only a whole one is 1.000."""
    return f"{min(value, 0.999):.3f}" if value < 1 else "1.000"


def _most(found: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.most_common(3)) or "–"
