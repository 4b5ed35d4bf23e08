"""Reads lists side by side, a few windows ahead of whoever takes them and never more: the memory stays the same."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from confluence_nb.api.paging import ListReader
from confluence_nb.errors import BadRequest, Interrupted
from confluence_nb.mirror.source import Strand, Stretch
from confluence_nb.pull.pull import AT_ONCE
from confluence_nb.pull.spent import Spent

AHEAD = 4
"""Windows that wait to be taken, at the most; with bodies each holds some megabytes."""

RENEWED = 40
"""Windows after which a list gets a new reader: a reader remembers every id that it has seen."""

ReaderOf = Callable[[Strand, str | None], ListReader]


class Stream:
    """The windows of some strands as they come.

    Parameters
    ----------
    reader_of:
        Makes the reader of a strand, from a cursor on.
    spent:
        Where requests and points are counted.
    """

    def __init__(
        self, strands: Sequence[Strand], positions: Mapping[str, str], reader_of: ReaderOf, spent: Spent
    ) -> None:
        self._waiting = deque(strands)
        self._positions = dict(positions)
        self._reader_of = reader_of
        self._spent = spent
        self._come: asyncio.Queue[Stretch | BaseException | None] | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._is_broken_off = False

    async def next(self) -> Stretch | None:
        """The next window of any strand, None when all are at their end.

        What was read before a list broke off is handed out before the error is raised.
        """
        come = self._started()
        said = await come.get()
        if said is None:
            come.put_nowait(None)  # whoever asks once more is told the same
        if isinstance(said, BaseException):
            raise said
        return said

    async def close(self) -> None:
        """Stop whatever is still under way."""
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _started(self) -> asyncio.Queue[Stretch | BaseException | None]:
        if self._come is None:
            self._come = asyncio.Queue(AHEAD)
            several = min(AT_ONCE, max(1, len(self._waiting)))
            self._readers = [asyncio.create_task(self._read_some()) for _ in range(several)]
            self._readers.append(asyncio.create_task(self._end(list(self._readers))))
        return self._come

    async def _end(self, readers: Sequence[asyncio.Task[None]]) -> None:
        """When all have ended, say so, or why one could not."""
        ended = await asyncio.gather(*readers, return_exceptions=True)
        failed = [error for error in ended if isinstance(error, BaseException)]
        if self._come is not None:
            await self._come.put(failed[0] if failed else None)

    async def _read_some(self) -> None:
        """One strand after the other, until none is left or one of the readers fails."""
        try:
            while self._waiting and not self._is_broken_off:
                await self._read(self._waiting.popleft())
        except Exception:
            self._is_broken_off = True
            raise

    async def _read(self, strand: Strand) -> None:
        reader = self._reader_of(strand, self._positions.get(strand.key))
        is_resumed, windows, cursors = reader.cursor is not None, 0, set[int]()
        try:
            while not (reader.done or self._is_broken_off):
                try:
                    window = await reader.window()
                except BadRequest:
                    if not is_resumed:
                        raise
                    is_resumed = False
                    self._spent.add(reader)
                    reader = self._reader_of(strand, None)
                    continue
                if window is None:
                    return
                is_resumed, windows = False, windows + 1
                rows = [{**row, **strand.adds} for row in window.rows] if strand.adds else window.rows
                stretch = Stretch(strand, rows, window.base, reader.cursor, reader.done)
                if strand.is_enough is not None and strand.is_enough(stretch):
                    stretch = replace(stretch, done=True)
                if self._come is not None:
                    await self._come.put(stretch)
                if stretch.done:
                    return
                if hash(reader.cursor) in cursors:
                    raise Interrupted(
                        f"{strand.path} gave the same cursor twice and would go round for ever. Sync again; what was "
                        "read so far stays."
                    )
                cursors.add(hash(reader.cursor))
                if windows % RENEWED == 0 and reader.cursor is not None:
                    self._spent.add(reader)
                    reader = self._reader_of(strand, reader.cursor)
        finally:
            self._spent.add(reader)
