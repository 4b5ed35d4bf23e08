"""One pull: lists read side by side into one frame, able to stop anywhere and to go on from there."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from confluence_nb.api.columns import Column
from confluence_nb.api.failures import UNNAMED
from confluence_nb.api.paging import Window
from confluence_nb.errors import ApiError, ConfluenceNBError, NotFound, NotPermitted
from confluence_nb.frames import FrameBuilder, reordered
from confluence_nb.pull.shapes import Rows, Shape

Progress = Callable[[int, int | None, int], None]
"""Called with the rows so far, the rows in all (None when nobody knows), and the windows so far."""

Place = tuple[int, ...]

SILENT_LISTS = 20
"""So many lists that nobody knows, and not one that is answered, before the rest is not asked for."""

AT_ONCE = 8
"""Requests under way at the same time: Atlassian's guide asks for fewer than ten."""


class Reader(Protocol):
    """What a part reads: a list, window by window."""

    wanted: int | None
    done: bool
    rows: int
    requests: int
    points: int
    total: int | None

    async def window(self) -> Window | None: ...


@dataclass(eq=False)
class Part:
    """One list of a pull.

    Parameters
    ----------
    subject:
        The id that the list is about. When the site does not show it (403, 404) the pull goes on without it and
        says so; without a subject that ends the pull.
    shape:
        The rows of a window as the frame takes them, for example only those about some pages.
    follow:
        Further lists that the rows of a window lead to; their rows come behind that window's.
    instead:
        Lists that take over when this one fails, None when nothing can.
    backwards:
        The list comes from its end: its rows, and what follows from them, are put the other way round.
    place:
        Where its rows come in the frame, among those of the other parts; behind the window that it follows from
        unless given.
    """

    reader: Reader
    subject: str | None = None
    shape: Shape | None = None
    follow: Follow | None = None
    instead: Callable[[ConfluenceNBError], Iterable[Part] | None] | None = None
    backwards: bool = False
    place: Place = ()
    windows: int = field(init=False, default=0)
    ahead: Window | None = field(init=False, default=None)
    """A window that was read and is not in the frame."""

    @property
    def started(self) -> bool:
        """Whether a window of it is in the frame."""
        return self.windows > 0

    def lacks_its_subject(self, error: ConfluenceNBError) -> bool:
        """Whether the site does not show what the list is about, and nothing else is wrong."""
        refused = isinstance(error, (NotFound, NotPermitted)) and not error.of_site
        return refused and not self.started


Follow = Callable[[Rows], Iterable[Part]]


@dataclass
class Pull:
    """Lists that fill one frame, its rows in the order of the lists whatever answers first.

    Parameters
    ----------
    parts:
        The lists to begin with.
    columns:
        What the frame promises.
    facts:
        What the frame's `attrs` say beside the figures of the pull: site, endpoint, parameters.
    account:
        Whose view of the wiki this is; another account's rows must not join it.
    wanted:
        Rows wanted over all lists, None for all. With a number, lists are read one after the other.
    skipped:
        Ids that are left out, and why; `Part.subject` adds to them. None when nothing can be left out.
    expected:
        Tells how many rows there are, about; without it one list's own estimate does.
    """

    parts: Iterable[Part]
    columns: Sequence[Column]
    facts: Mapping[str, Any]
    account: str | None = None
    wanted: int | None = None
    skipped: dict[str, str] | None = None
    expected: Callable[[], int | None] | None = None
    seconds: float = 0.0
    requests: int = 0
    points: int = 0
    builder: FrameBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.builder = FrameBuilder(self.columns)
        self._waiting = deque(self.parts)
        for number, part in enumerate(self._waiting):
            part.place = (number,)
        if self.skipped is None and any(part.subject is not None for part in self._waiting):
            self.skipped = {}
        self._places: list[tuple[Place, int]] = []
        self._refused: dict[str, Place] = {}
        self._is_one_list = len(self._waiting) == 1
        self._estimate: int | None = None
        self._one_run = asyncio.Lock()

    async def run(self, progress: Progress) -> None:
        """Read to the end. After an error or an interrupt it may be called again and goes on."""
        # An interrupted caller does not wait: the run that it left may still be putting its windows away.
        async with self._one_run:
            began = time.monotonic()
            enough = len(self._refused) + SILENT_LISTS
            under_way: dict[asyncio.Task[Window | None], Part] = {}
            try:
                while (self._waiting or under_way) and not self._is_full:
                    if self.is_silent and len(self._refused) >= enough:
                        break
                    self._start(under_way)
                    done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    self._settle({task: under_way.pop(task) for task in done})
                    progress(len(self.builder), self.wanted or self._total(), len(self._places))
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)
                self._put_away(under_way)
                self.seconds += time.monotonic() - began

    @property
    def done(self) -> bool:
        return not self._waiting or self._is_full

    def frame(self) -> pd.DataFrame:
        """The rows so far; `attrs` says where they came from and whether they are all."""
        attrs: dict[str, Any] = {
            **self.facts,
            "rows": len(self.builder),
            "complete": self.done,
            "requests": self.requests + sum(part.reader.requests for part in self._waiting),
            "points": self.points + sum(part.reader.points for part in self._waiting),
            "seconds": round(self.seconds, 3),
        }
        if self.skipped is not None:
            ordered = sorted(self.skipped, key=lambda subject: self._refused.get(subject, ()))
            attrs["skipped"] = [{"id": subject, "reason": self.skipped[subject]} for subject in ordered]
        total = self._total()
        if total is not None:
            attrs["estimated_total"] = total
        frame = self.builder.frame(attrs)
        order = self._order()
        return frame if order is None else reordered(frame, order)

    @property
    def refused(self) -> list[str]:
        """The ids that the site did not show, in order."""
        return sorted(self._refused, key=self._refused.__getitem__)

    @property
    def is_silent(self) -> bool:
        """Whether not one list was answered, all with words that a wrong site has for everything."""
        said = self.skipped or {}
        return bool(self._refused) and not self._places and all(UNNAMED in said[one] for one in self._refused)

    @property
    def _is_full(self) -> bool:
        return self.wanted is not None and len(self.builder) >= self.wanted

    def _start(self, under_way: dict[asyncio.Task[Window | None], Part]) -> None:
        """Ask for the next windows, of as many lists as may be asked at once."""
        while self._waiting and len(under_way) < (AT_ONCE if self.wanted is None else 1):
            part = self._waiting.popleft()
            if self.wanted is not None and part.shape is None:
                part.reader.wanted = part.reader.rows + self.wanted - len(self.builder)
            under_way[asyncio.create_task(_window(part))] = part

    def _settle(self, done: Mapping[asyncio.Task[Window | None], Part]) -> None:
        """Take what has come; what failed is raised after the rest is in the frame."""
        failed: Exception | None = None
        for task, part in done.items():
            try:
                self._take(part, task.result())
            except Exception as error:
                try:
                    self._without(part, error)
                except Exception as refused:
                    failed = failed or refused
        if failed:
            raise failed

    def _put_away(self, left: Mapping[asyncio.Task[Window | None], Part]) -> None:
        """Keep the windows that have come, and the lists that were broken off."""
        for task, part in reversed(list(left.items())):
            if not task.cancelled() and task.exception() is None:
                part.ahead = task.result()
            self._waiting.appendleft(part)

    def _take(self, part: Part, window: Window | None) -> None:
        if window is None:
            self._end(part)
            return
        part.ahead = window  # should the frame not take it, it is still here when the pull goes on
        rows = part.shape(window.rows) if part.shape else window.rows
        if part.backwards:
            rows = rows[::-1]
        further = list(part.follow(window.rows)) if part.follow else []
        if self.wanted is not None:
            rows = rows[: self.wanted - len(self.builder)]
        self.builder.add(rows, base=window.base)
        turn = -1 if part.backwards else 1
        place = (*part.place, turn * part.windows)
        self._places.append((place, len(rows)))
        part.ahead = None
        part.windows += 1
        self._estimate = part.reader.total
        for number, following in enumerate(further):
            following.place = following.place or (*place, turn * number)
        self._waiting += further
        if part.reader.done:
            self._end(part)
        else:
            self._waiting.appendleft(part)

    def _end(self, part: Part) -> None:
        self.requests += part.reader.requests
        self.points += part.reader.points

    def _without(self, part: Part, error: Exception) -> None:
        """Go on without a list that cannot be read, or raise why not."""
        if isinstance(error, ConfluenceNBError):
            if self.skipped is not None and part.subject is not None and part.lacks_its_subject(error):
                self.skipped[part.subject] = reason_of(error)
                self._refused[part.subject] = part.place
                self._end(part)
                return
            others = part.instead(error) if part.instead else None
            if others is not None:
                self._end(part)
                for number, other in enumerate(others):
                    other.place = other.place or (*part.place, part.windows, number)
                    self._waiting.insert(number, other)
                return
        self._waiting.appendleft(part)
        raise error

    def _order(self) -> np.ndarray[Any, Any] | None:
        """The rows in the order of their places, None where they came so."""
        ranked = sorted(range(len(self._places)), key=lambda number: self._places[number][0])
        if ranked == list(range(len(ranked))):
            return None
        ends = np.cumsum([0, *(rows for _, rows in self._places)])
        return np.concatenate([np.arange(ends[number], ends[number + 1]) for number in ranked])

    def _total(self) -> int | None:
        """What the server estimates."""
        if self.expected is not None:
            return self.expected()
        return self._estimate if self._is_one_list else None


def reason_of(error: ConfluenceNBError) -> str:
    """Why an id was skipped, for `attrs` and the warning: the status and the sentence."""
    return f"HTTP {error.status}: {error}" if isinstance(error, ApiError) and error.status else str(error)


async def _window(part: Part) -> Window | None:
    return part.ahead or await part.reader.window()
