"""Chooses how one long list is read: what its first window took decides, and what the hour's budget still holds."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal, get_args

from confluence_nb.api.parameters import nearest
from confluence_nb.errors import ConfluenceNBError

Wish = Literal["fast", "frugal"]

Name = Literal["one cursor", "both ends", "ids first", "spaces side by side"]

COSTLY_WINDOW = 0.5
"""Seconds: a window with bodies that takes longer is worth asking for ids first."""

SLOW_WINDOWS = 2
"""So many such windows in a row, and the plan is chosen again."""

BODIES_ALONE = 0.6
"""When ids alone take more than this part of the time that bodies took, it is not the bodies that cost."""

CHUNK_SECONDS = 1.0
"""What one request for bodies by id should take: long enough to be worth a request, short enough to share out."""

UNMEASURED = 0.02
"""Seconds that a body takes, as long as none was measured."""

FEW_WINDOWS = 4
"""A list of no more windows is read with one cursor: the other end would come too late to help."""

CHUNK = (10, 250)
"""Ids in one such request: the API takes 250 at most."""

ROWS_AT_ONCE = 250

LARGE_SHARE = 4
"""A pull that costs more than one part in so many of the hour's points says so first."""


@dataclass(frozen=True)
class Plan:
    """How a list is read, and why.

    Parameters
    ----------
    copies:
        How many times each row is asked for: once, or as an id and then with its body. Points go by it.
    """

    name: Name
    reason: str
    copies: int = 1

    def points(self, rows: int) -> int:
        """What it costs of the hour's budget, about."""
        return self.copies * (rows + rows // ROWS_AT_ONCE + 1)

    def requests(self, rows: int, window: float, chunk: int) -> int:
        """The most requests that it takes when none has to be repeated: the windows, the estimate, and both seams."""
        windows = ceil(rows / window)
        if self.name == "ids first":
            return 2 * windows + ceil(rows / min(chunk, window)) + 5
        return windows + (1 if self.name == "one cursor" else 5)


def chosen(
    *,
    wish: Wish | None,
    seconds: float,
    has_bodies: bool,
    rows: int | None,
    left: int | None,
    spaces: int,
) -> Plan:
    """The plan for the rest of a list of which the first window was full.

    Parameters
    ----------
    wish:
        `fast` whatever it costs, `frugal` at no more points than one cursor, None: fast while the budget holds it.
    seconds:
        What the first window took.
    rows:
        Rows in all, about; None when nobody tells, and then there is one window at least.
    left:
        Points left in this hour, None when nobody tells.
    spaces:
        Spaces that were named; 0 for a whole site.
    """
    is_costly = has_bodies and seconds >= COSTLY_WINDOW
    if not is_costly:
        return Plan(
            "both ends", "the windows come fast: reading upwards and downwards halves the time, at no cost"
        )
    fastest = Plan(
        "ids first",
        f"a window with bodies takes {seconds:.1f} s or more: ids are listed alone, and bodies asked for many at once",
        copies=2,
    )
    too_much = left is not None and fastest.points(ROWS_AT_ONCE if rows is None else rows) > left
    if wish == "fast" or (wish is None and not too_much):
        return fastest
    why = "as asked for" if wish == "frugal" else f"about {left:,} points are left in this hour"
    if spaces > 2:  # both ends of one list do as well as two lists
        return Plan("spaces side by side", f"no row is asked for twice, {why}")
    return Plan("both ends", f"no row is asked for twice, {why}")


def chunk_of(seconds_each: float) -> int:
    """How many bodies to ask for at once, when one takes so long."""
    least, most = CHUNK
    return most if seconds_each <= 0 else max(least, min(most, round(CHUNK_SECONDS / seconds_each)))


def checked_wish(plan: object) -> Wish | None:
    """`plan=` as a caller gives it.

    Raises
    ------
    ConfluenceNBError
        For anything but its two values and None.
    """
    if plan is None:
        return None
    for wish in get_args(Wish):
        if isinstance(plan, str) and plan == wish:
            return wish  # type: ignore[no-any-return]
    raise ConfluenceNBError(f"plan={str(plan)[:40]!r} is none. {nearest(str(plan)[:40], get_args(Wish))}")
