"""Time cut into days, weeks, months or longer, so that any span of it is at most some hundred bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MOST = 120
_FIRST_MONDAY = 4  # days from 1 January 1970, a Thursday


@dataclass(frozen=True)
class Bucket:
    """A length of time; of `days` and `months` the one that is not 0 counts."""

    word: str
    days: int = 0
    months: int = 0

    def numbers(self, times: pd.Series) -> Any:
        """The number of the bucket that each time is in, as an array of integers that rise with time."""
        if self.days:
            start = _FIRST_MONDAY if self.days == 7 else 0
            days = times.dt.tz_convert(None).to_numpy().astype("datetime64[D]").astype(np.int64)
            return (days - start) // self.days
        return (times.dt.year.to_numpy(np.int64) * 12 + times.dt.month.to_numpy(np.int64) - 1) // self.months

    def starts(self, numbers: Any) -> Any:
        """The day on which each of these buckets begins, as datetime64[D]."""
        if self.days:
            start = _FIRST_MONDAY if self.days == 7 else 0
            return (numbers * self.days + start).astype("datetime64[D]")
        return (numbers * self.months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")

    def said(self, start: Any) -> str:
        """A bucket in words, such as "March 2024"."""
        day = start.item()
        if self.days:
            return f"{'Week of ' if self.days == 7 else ''}{day.day} {day:%B} {day.year}"
        if self.months == 1:
            return f"{day:%B} {day.year}"
        if self.months == 3:
            return f"Q{day.month // 3 + 1} {day.year}"
        years = self.months // 12
        return str(day.year) if years == 1 else f"{day.year} to {day.year + years - 1}"


BUCKETS = (
    Bucket("day", days=1),
    Bucket("week", days=7),
    Bucket("month", months=1),
    Bucket("quarter", months=3),
    Bucket("year", months=12),
    Bucket("ten years", months=120),
    Bucket("hundred years", months=1200),
)
_FEW = {"day": 45, "week": 60}  # more bars of these than so many say less than fewer of the next


def bucket_for(times: pd.Series) -> Bucket:
    """The shortest bucket that cuts the span of these times into a number of bars that is still read."""
    ends = times.iloc[[int(times.argmin()), int(times.argmax())]]
    for bucket in BUCKETS:
        first, last = bucket.numbers(ends)
        if last - first < _FEW.get(bucket.word, MOST):
            break
    return bucket
