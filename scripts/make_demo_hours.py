"""Write the made-up grid hours that ship for demonstrations: `python -m scripts.make_demo_hours`.

Nobody measured them: a plain daily shape of whole grams around Morocco's yearly factors, so that
docs and tests have a table. Its state is unverified, on which nothing issues.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

TARGET = Path(__file__).parents[1] / "carbonbank" / "data" / "grid_hours" / "demo-morocco.csv"
FIRST_AT = datetime(2021, 3, 1, tzinfo=UTC)
DAYS = 31
# g/kWh from midnight to 23 o'clock UTC: sun at noon, thermal plants in the evening.
SHAPE = (
    610, 600, 590, 590, 595, 605, 600, 560, 510, 470, 445, 430,
    425, 430, 445, 475, 520, 590, 650, 680, 690, 670, 645, 625,
)  # fmt: skip
WEEKEND_LESS = 30
WITHOUT_VALUE = FIRST_AT + timedelta(days=13, hours=2)  # as real tables have it


def table() -> str:
    """Return the file: an hour a line, blank where there is no value."""
    lines = ["hour,value"]
    for number in range(24 * DAYS):
        hour_at = FIRST_AT + timedelta(hours=number)
        value = SHAPE[hour_at.hour] - (WEEKEND_LESS if hour_at.weekday() >= 5 else 0)
        told = "" if hour_at == WITHOUT_VALUE else str(value)
        lines.append(f"{hour_at:%Y-%m-%dT%H:%M:%SZ},{told}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(table(), encoding="utf-8")
