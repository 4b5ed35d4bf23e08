"""Goes through a list that is too long for the hour's points a stretch in each sync, in the order of its ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluence_nb.mirror.source import Stretch

_NUMBER = re.compile(r"[a-z]*([0-9]+)")
"""Of an id: those of attachments have letters before it."""


@dataclass(frozen=True)
class Round:
    """How far a list was gone through.

    Parameters
    ----------
    cursor:
        Where its next window begins; None is its top.
    last:
        The number of the last id before that.
    """

    cursor: str | None = None
    last: int = -1


class Walk:
    """One stretch of a list: what has an id between its ends and was not shown is gone.

    That the list is in the order of its ids no specification says. Where it is not, nothing is taken for gone.

    Parameters
    ----------
    begun:
        How far the syncs before have come.
    most:
        Rows after which it is enough.
    """

    def __init__(self, begun: Round, most: int) -> None:
        self.begun = begun
        self._left = most
        self._come = begun
        self._is_at_its_end = False
        self.is_in_order = True

    def take(self, stretch: Stretch) -> bool:
        """Go over a window; whether that is enough."""
        last = self._come.last
        for row in stretch.rows:
            number = _number(row.get("id") if isinstance(row, Mapping) else None)
            if number is None or number < last:
                self.is_in_order = False
                return True
            last = number
        self._come = Round(stretch.cursor, last)
        self._is_at_its_end = stretch.done
        self._left -= len(stretch.rows)
        return self._left <= 0

    @property
    def is_whole(self) -> bool:
        """Whether it was all of the list."""
        return self.is_in_order and self._is_at_its_end and self.begun == Round()

    @property
    def round(self) -> Round:
        """How far the list has come now: the next sync goes on there, or begins anew."""
        return Round() if self._is_at_its_end or not self.is_in_order else self._come

    def covers(self, own: Any) -> bool:
        """Whether it would have shown this id."""
        number = _number(own)
        if number is None or not self.is_in_order or number <= self.begun.last:
            return False
        return self._is_at_its_end or number <= self._come.last


def _number(own: Any) -> int | None:
    found = _NUMBER.fullmatch(own) if isinstance(own, str) else None
    return int(found[1]) if found else None
