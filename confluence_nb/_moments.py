"""Says when a pause is over and how long that takes, in words that mean no other day."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def end_of_pause(seconds: float) -> tuple[datetime, str]:
    """When a pause that begins now is over (UTC), and that in words."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at, f"{clock(at)} ({span(seconds)} from now)"


def clock(at: datetime) -> str:
    """A moment (UTC) by the clock, and with its day where that is another one."""
    is_near = at - datetime.now(UTC) < timedelta(hours=23)
    return f"{at:%H:%M} UTC" if is_near else f"{at:%Y-%m-%d %H:%M} UTC"


def span(seconds: float) -> str:
    """So many seconds in the unit that makes a handy number of them, rounded up."""
    size, word = next((size, word) for size, word in _UNITS if seconds > 2 * size or size == 1)
    return f"{math.ceil(seconds / size)} {word}"
