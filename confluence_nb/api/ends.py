"""Reads one list from both of its ends at once, until the two meet; either end may read ids alone.

A cursor comes only with the window before it, so one list is one request after the other. Sorted by id it can be
read upwards and downwards at the same time, which costs no more and takes half as long. Where the bodies are what
takes the time, the end that comes down reads ids alone, and the bodies are asked for by id, many requests at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluence_nb.api.paging import ListReader, Window

UP, DOWN = "id", "-id"


@dataclass
class Meeting:
    """What both ends of a list have taken, and whether they have met.

    The end that comes down counts only as long as ids rise upwards and fall downwards: with a server that ignores
    the order asked for the two would meet at once, most of the list unread. Upwards alone is always whole.
    """

    taken: dict[str, str] = field(default_factory=dict)
    """Ids, and the end that took each."""
    over: bool = False
    trusted: bool = True

    def take(self, rows: Sequence[Any], end: str) -> list[Any]:
        """The rows that are new. A row of the other end's says that nothing lies between the two."""
        fresh = []
        for row in rows:
            own = id_of(row)
            other = self.taken.get(own)
            if not own:
                fresh.append(row)
            elif other is None:
                self.taken[own] = end
                fresh.append(row)
            elif other != end and self.trusted:
                self.over = True
        return fresh

    def knows_first_of(self, rows: Sequence[Any]) -> bool:
        """Whether the first of these rows was taken from below."""
        return bool(rows) and self.taken.get(id_of(rows[0])) == UP

    def end_of_list(self, end: str) -> None:
        """The list ended by itself at this end, which has seen all of it unless the other end knows better."""
        if not self.trusted:
            self.over = self.over or end == UP
        elif not self.over and any(other != end for other in self.taken.values()):
            # Both should have met. One ended too early: upwards that is the list's own end, as for any reader, but
            # the rows that came down show that there is more.
            self.trusted = end == UP
        elif end == UP:
            self.over = True

    def give_back(self, rows: Sequence[Any]) -> None:
        """These rows are not taken after all: another reader will bring them."""
        for row in rows:
            self.taken.pop(id_of(row), None)


@dataclass
class End(ListReader):
    """One end of a list that is sorted by id, as it is when no order is asked for; `end` is `UP` or `DOWN`."""

    meeting: Meeting = field(default_factory=Meeting)
    end: str = UP
    _last: int | None = field(init=False, default=None)
    _is_first: bool = field(init=False, default=True)
    stopped: bool = field(init=False, default=False)
    """Whether another reader took over."""

    async def window(self) -> Window | None:
        """The next window, without the rows that the other end has; None when the two have met."""
        if self._is_over:
            self.done = True
        window = await super().window()
        if window is None:
            return None
        ended = self.done and not self.stopped
        self._check_order(window.rows)
        if self._is_first and self.end == DOWN and self.meeting.knows_first_of(window.rows):
            self.meeting.trusted = False  # the same beginning from either end: the order was not heeded
        self._is_first = False
        fresh = self.meeting.take(window.rows, self.end)
        if ended:
            self.meeting.end_of_list(self.end)
        self.done = self.done or self._is_over
        return Window(fresh, window.base)

    def stop(self) -> None:
        """Read no further: another reader takes over."""
        self.stopped = self.done = True

    @property
    def _is_over(self) -> bool:
        return self.meeting.over or self.stopped or (self.end == DOWN and not self.meeting.trusted)

    def _check_order(self, rows: Sequence[Any]) -> None:
        for row in rows:
            text = id_of(row)
            number = int(text) if text.isascii() and text.isdigit() else None
            before, self._last = self._last, number
            if number is None or (
                before is not None and (number <= before if self.end == UP else number >= before)
            ):
                self.meeting.trusted = False


@dataclass
class Beside(ListReader):
    """One of several lists that go on with what was begun as one: what that has taken does not come again."""

    meeting: Meeting = field(default_factory=Meeting)

    async def window(self) -> Window | None:
        """The next window, without the rows that another list has."""
        window = await super().window()
        return window and Window(self.meeting.take(window.rows, "beside"), window.base)


def id_of(row: Any) -> str:
    """A row's own id as text, empty for a row that has none."""
    own = row.get("id") if isinstance(row, Mapping) else None
    return str(own) if isinstance(own, (str, int)) else ""
