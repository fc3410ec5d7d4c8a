"""Months as they stand in paths and bodies."""

from carbonbank.errors import RequestInvalid
from carbonbank.units import month_from_label


def month_in_text(pointer: str, label: str) -> int:
    """Return the month number of a `YYYY-MM`; `pointer` says where it stands.

    Raises:
        RequestInvalid: it is not a year and a month.
    """
    try:
        return month_from_label(label)
    except ValueError:
        reason = f"{label!r} is not a month; write it as 2021-03"
        raise RequestInvalid(errors={pointer: [reason]}) from None
