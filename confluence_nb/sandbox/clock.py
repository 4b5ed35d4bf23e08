"""The sandbox's time: the machine's clock, which a test may move forward instead of waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970, plus whatever it was advanced by."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time() + self._ahead

    def utc(self) -> datetime:
        """The same as an aware datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> float:
        """Move forward and return the new time.

        Raises
        ------
        ValueError
            When `seconds` is negative: tokens that were dead would live again.
        """
        if seconds < 0:
            raise ValueError(f"The clock cannot go back by {-seconds:g} s. Give the seconds to move forward.")
        self._ahead += seconds
        return self.now()
