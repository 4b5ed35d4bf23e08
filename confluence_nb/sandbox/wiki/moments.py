"""When things happened: a growing creation time for every number, and times as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

FIVE_YEARS = timedelta(days=5 * 365)
_DAY = 86_400_000
_MINUTES = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440))
_SECONDS = tuple(f"{second:02}" for second in range(60))
_THOUSANDTHS = tuple(f"{part:03}" for part in range(1000))


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return int(moment.timestamp() * 1000)


def iso(moment: int) -> str:
    """ISO 8601 with milliseconds and Z, as every answer of the API carries it."""
    day, rest = divmod(moment, _DAY)
    minute, rest = divmod(rest, 60_000)
    return f"{_date(day)}T{_MINUTES[minute]}:{_SECONDS[rest // 1000]}.{_THOUSANDTHS[rest % 1000]}Z"


def date(moment: int) -> str:
    """The day alone, as YYYY-MM-DD."""
    return _date(moment // _DAY)


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")


class Timeline:
    """The five years a site has existed, cut into one step per number.

    Parameters
    ----------
    until:
        The end of the history; nothing generated is younger.
    count:
        How many numbered things share the five years.
    """

    __slots__ = ("_start", "_step", "until")

    def __init__(self, until: datetime, count: int) -> None:
        self.until = milliseconds(until)
        self._start = milliseconds(until - FIVE_YEARS)
        self._step = (self.until - self._start) / (count + 1)

    def created(self, number: int, bits: int) -> int:
        """Creation time of a number: later numbers never come before earlier ones."""
        return self._start + int(self._step * (number + (bits & 0xFFFF) / 65_537))

    def modified(self, created: int, bits: int) -> int:
        """A time between creation and the end, near creation more often than not."""
        fraction = (bits & 0xFFFFF) / 0xFFFFF
        return created + int((self.until - created) * fraction * fraction)
