"""What stands in a path, checked as a body would be."""

from carbonbank.errors import RequestInvalid
from carbonbank.units import month_from_label


def month_in_path(label: str) -> int:
    """Return the month number of a `YYYY-MM` in a path.

    Raises:
        RequestInvalid: it is not a year and a month.
    """
    try:
        return month_from_label(label)
    except ValueError:
        reason = f"{label!r} is not a month; write it as 2021-03"
        raise RequestInvalid(errors={"/path/month": [reason]}) from None
