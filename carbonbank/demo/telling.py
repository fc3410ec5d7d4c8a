"""How the demonstration speaks: one width, aligned columns, ids cut to what commands accept."""

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap

LINE_COLUMNS = 100
ID_COLUMNS = 8
INDENT = "  "

Say = Callable[[str], None]
Row = Sequence[str | int]


def short(identifier: str) -> str:
    """Return the first digits of a hash, id or address; `carbonbank batch show` takes those."""
    digits = identifier.removeprefix("0x")
    return identifier[: len(identifier) - len(digits)] + digits[:ID_COLUMNS]


def explain(say: Say, text: str) -> None:
    """Say what a step does, broken into lines."""
    for line in wrap(text, LINE_COLUMNS, initial_indent=INDENT, subsequent_indent=INDENT):
        say(line)


def point(say: Say, text: str) -> None:
    """Say one fact; the lines after its first are set in further."""
    lines = wrap(
        text,
        LINE_COLUMNS,
        initial_indent=INDENT,
        subsequent_indent=INDENT + INDENT,
        break_on_hyphens=False,
    )
    for line in lines:
        say(line)


def table(say: Say, rows: Sequence[Row]) -> None:
    """Say rows in columns: text to the left, whole numbers with thousands to the right."""
    widths = widths_of(rows)
    for row in rows:
        say(aligned(row, widths))


def widths_of(rows: Iterable[Row]) -> list[int]:
    """Return how wide each column must be."""
    return [max(len(_told(cell)) for cell in column) for column in zip(*rows, strict=True)]


def aligned(row: Row, widths: Sequence[int]) -> str:
    """Return one row of a table, for steps whose rows come one by one."""
    told = [
        _told(cell).rjust(width) if isinstance(cell, int) else cell.ljust(width)
        for cell, width in zip(row, widths, strict=True)
    ]
    return (INDENT + " ".join(told)).rstrip()


def counted(number: int, thing: str) -> str:
    """Return `1 file` or `17 files`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _told(cell: str | int) -> str:
    return f"{cell:,}" if isinstance(cell, int) else cell
