"""Months of whole columns of moments."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_DAY_S = 86_400
_DAYS_MAX = 100_000


def months_since_1970(seconds: Ints) -> Ints:
    """Return the UTC month of each moment (seconds since 1970), January 1970 being 0.

    Days repeat, so the month of each day is looked up.
    """
    days = seconds // _DAY_S
    first, last = int(days.min(initial=0)), int(days.max(initial=0))
    if last - first > _DAYS_MAX:  # times of a broken clock: few days, far apart
        return _of_days(days)
    months: Ints = _of_days(np.arange(first, last + 1))[days - first]
    return months


def _of_days(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
