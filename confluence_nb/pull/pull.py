"""One pull: lists read window by window into one frame, able to stop anywhere and to go on from there."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pandas as pd

from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader, Window
from confluence_nb.errors import ApiError, ConfluenceNBError, NotFound, NotPermitted
from confluence_nb.frames import FrameBuilder
from confluence_nb.pull.shapes import Rows, Shape

Progress = Callable[[int, int | None], None]
"""Called with the rows so far and the rows in all, None when nobody knows."""

AT_ONCE = 6
"""Requests under way at the same time: Atlassian's guide asks for fewer than ten."""

READ_AHEAD = 4 * AT_ONCE
"""Lists of which a window may wait for its turn, so that one slow list does not hold up the others."""


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
        Further lists that the rows of a window lead to; they are read after those already known.
    instead:
        Lists that take over when this one fails, None when nothing can.
    """

    reader: ListReader
    subject: str | None = None
    shape: Shape | None = None
    follow: Follow | None = None
    instead: Callable[[ConfluenceNBError], Iterable[Part] | None] | None = None
    started: bool = field(init=False, default=False)
    ahead: Window | None = field(init=False, default=None)
    """A window that was read and is not yet in the frame."""

    def lacks_its_subject(self, error: ConfluenceNBError) -> bool:
        """Whether the site does not show what the list is about, and nothing else is wrong."""
        refused = isinstance(error, (NotFound, NotPermitted)) and not error.of_site
        return refused and not self.started


Follow = Callable[[Rows], Iterable[Part]]


@dataclass
class Pull:
    """Lists that fill one frame, its rows in the order of the lists.

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
        Rows wanted over all lists, None for all.
    skipped:
        Ids that are left out, and why; `Part.subject` adds to them. None when nothing can be left out.
    """

    parts: Iterable[Part]
    columns: Sequence[Column]
    facts: Mapping[str, Any]
    account: str | None = None
    wanted: int | None = None
    skipped: dict[str, str] | None = None
    seconds: float = 0.0
    requests: int = 0
    points: int = 0
    builder: FrameBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.builder = FrameBuilder(self.columns)
        self._waiting = deque(self.parts)
        if self.skipped is None and any(part.subject is not None for part in self._waiting):
            self.skipped = {}
        self._estimate: int | None = None
        self._one_run = asyncio.Lock()

    async def run(self, progress: Progress) -> None:
        """Read to the end. After an error or an interrupt it may be called again and goes on."""
        # An interrupted caller does not wait: the run that it left may still be putting its windows away.
        async with self._one_run:
            await self._run(progress)

    async def _run(self, progress: Progress) -> None:
        began = time.monotonic()
        running: dict[Part, asyncio.Task[Window | None]] = {}
        room = asyncio.Semaphore(AT_ONCE)
        try:
            while self._waiting and not self._is_full:
                self._read_ahead(running, room)
                part = self._waiting[0]
                try:
                    window = part.ahead or await running[part]
                except ConfluenceNBError as error:
                    del running[part]
                    self._without(part, error)
                else:
                    running.pop(part, None)
                    self._take(part, window)
                    progress(len(self.builder), self.wanted or self._total())
        finally:
            await _stopped(running)
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
            attrs["skipped"] = [{"id": subject, "reason": reason} for subject, reason in self.skipped.items()]
        total = self._total()
        if total is not None:
            attrs["estimated_total"] = total
        return self.builder.frame(attrs)

    @property
    def _is_full(self) -> bool:
        return self.wanted is not None and len(self.builder) >= self.wanted

    def _read_ahead(self, running: dict[Part, asyncio.Task[Window | None]], room: asyncio.Semaphore) -> None:
        """Start the next window of the first lists; with a wanted number of rows, of the very first alone."""

        async def window(reader: ListReader) -> Window | None:
            async with room:
                return await reader.window()

        for part in islice(self._waiting, READ_AHEAD if self.wanted is None else 1):
            if part.ahead is None and part not in running:
                if self.wanted is not None and part.shape is None:
                    part.reader.wanted = part.reader.rows + self.wanted - len(self.builder)
                running[part] = asyncio.create_task(window(part.reader))

    def _take(self, part: Part, window: Window | None) -> None:
        if window is None:
            self._end(part)
            return
        part.ahead = window  # should the frame not take it, it is still here when the pull goes on
        rows = part.shape(window.rows) if part.shape else window.rows
        further = list(part.follow(window.rows)) if part.follow else []
        if self.wanted is not None:
            rows = rows[: self.wanted - len(self.builder)]
        self.builder.add(rows, base=window.base)
        part.ahead, part.started = None, True
        self._waiting += further
        if part.reader.done:
            self._end(part)

    def _end(self, part: Part) -> None:
        self._waiting.remove(part)
        self.requests += part.reader.requests
        self.points += part.reader.points
        self._estimate = part.reader.total

    def _without(self, part: Part, error: ConfluenceNBError) -> None:
        """Go on without a list that cannot be read, or raise why not."""
        if self.skipped is not None and part.subject is not None and part.lacks_its_subject(error):
            self.skipped[part.subject] = reason_of(error)
            self._end(part)
            return
        others = part.instead(error) if part.instead else None
        if others is None:
            raise error
        self._end(part)
        self._waiting.extendleft(reversed(list(others)))

    def _total(self) -> int | None:
        """What the server estimates, where the pull is one search."""
        if len(self._waiting) > 1:
            return None
        return self._waiting[0].reader.total if self._waiting else self._estimate


def reason_of(error: ConfluenceNBError) -> str:
    """Why an id was skipped, for `attrs` and the warning: the status and the sentence."""
    status = error.status if isinstance(error, ApiError) else None
    return f"HTTP {status}: {error}" if status else str(error)


async def _stopped(running: Mapping[Part, asyncio.Task[Window | None]]) -> None:
    """End what is under way, and keep the windows that have arrived: nothing read is lost."""
    for task in running.values():
        task.cancel()
    await asyncio.gather(*running.values(), return_exceptions=True)
    for part, task in running.items():
        if not task.cancelled() and task.exception() is None:
            part.ahead = task.result()
