"""Days and months of whole columns of moments."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
DAY_S = 86_400
_DAYS_MAX = 100_000


def days_of(seconds: Ints) -> tuple[Ints, Ints]:
    """Return the days (since 1970) of moments in seconds, ascending, and the place of each one's.

    Days repeat, so what is known of a day is worked out once and looked up. Days between that no
    moment lies in may be among them.
    """
    days = seconds // DAY_S
    if not len(days):
        return days, days
    first, last = int(days.min()), int(days.max())
    if last - first > _DAYS_MAX:  # times of a broken clock: few days, far apart
        known, place = np.unique(days, return_inverse=True)
        return known, place
    return np.arange(first, last + 1), days - first


def months_since_1970(seconds: Ints) -> Ints:
    """Return the UTC month of each moment (seconds since 1970), January 1970 being 0."""
    known, place = days_of(seconds)
    months: Ints = known.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)[place]
    return months
