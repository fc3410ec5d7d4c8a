"""Months of columns are those of the calendar."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.mrv.months import months_since_1970

ANY = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001
OF_A_YEAR = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31))  # noqa: DTZ001


@given(st.lists(ANY, max_size=20) | st.lists(OF_A_YEAR, max_size=20))
def test_every_moment_has_the_month_of_its_date(moments):
    seconds = [int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments]
    months = [(moment.year - 1970) * 12 + moment.month - 1 for moment in moments]
    assert months_since_1970(np.array(seconds, dtype=np.int64)).tolist() == months
