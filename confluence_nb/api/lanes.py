"""How many requests a connection has under way: as many as the server bears, found while asking it.

More is tried as long as it goes well, and fewer are let go at once where it does not: answers of 429 and 5xx, answers
that never come, answers that take much longer than they did. A pause that one request is told to make is everybody's.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

MOST = 8
"""Lanes of one connection: Atlassian's guide asks for fewer than ten requests at once."""

FIRST = 4
"""Lanes to begin with; good answers double them within one round."""

SLOWER, SLOWER_SECONDS = 2.0, 0.2
"""An answer is slow when it takes more than so many times the usual, and so many seconds more than that."""

SLOW_IN_A_ROW = 4
"""Slow answers, none of another kind between them, before the server is taken to be under load: one may be chance."""


@dataclass
class Lane:
    """The leave of one request to be under way; whoever has it says how the request ended."""

    _lanes: Lanes
    _queue: _Queue
    _kind: str
    _troubles_before: int

    def answered(self, status: int, size: int, seconds: float) -> None:
        """Note an answer: its status, its bytes, and the seconds from its request to its end."""
        if status in (408, 429) or status >= 500:
            self.in_vain()
        elif self._lanes._is_slower(self._kind, size, seconds):
            self._lanes._fewer(0.75, self._troubles_before)
        elif self._queue.is_full:
            # A good answer while lanes stood empty says nothing about more of them.
            self._lanes._more()

    def in_vain(self) -> None:
        """Note that the server had no answer, or not in time."""
        self._lanes._fewer(0.5, self._troubles_before)


class Lanes:
    """Lets requests through, `level` at a time.

    The level rises by one with each good answer until the first trouble, and by one a round from then on. Trouble
    halves it (a server that only grows slow takes a quarter), once for all the requests that were under way then.

    Parameters
    ----------
    most:
        Requests under way at the same time, at the most.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.level = float(min(FIRST, most))
        self.at_most_once = 0
        self.troubles = 0
        self._held_until = 0.0
        self._usual: dict[tuple[str, int], _Usual] = {}
        # A queue wakes its own loop's tasks only: a fork's child has a new loop, and nobody of the old one waits there.
        self._queues: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = (
            weakref.WeakKeyDictionary()
        )

    @asynccontextmanager
    async def lane(self, kind: str = "") -> AsyncIterator[Lane]:
        """Wait for a lane and have it, in the order of coming.

        Parameters
        ----------
        kind:
            What is asked: the times of answers to the same question are compared.
        """
        queue = self._queue()
        await queue.enter()
        try:
            yield Lane(self, queue, kind, self.troubles)
        finally:
            queue.leave()

    def hold(self, seconds: float) -> None:
        """Let nobody through for so long; who is under way stays so."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    @property
    def held_for(self) -> float:
        """Seconds for which nobody is let through."""
        return max(0.0, self._held_until - time.monotonic())

    def __repr__(self) -> str:
        held = f", held for {self.held_for:.0f} s" if self.held_for else ""
        return f"Lanes({self.level:.1f} of {self.most}{held})"

    def _queue(self) -> _Queue:
        loop = asyncio.get_running_loop()
        found = self._queues.get(loop)
        if found is None:
            found = self._queues[loop] = _Queue(self)
        return found

    def _more(self) -> None:
        self.level = min(float(self.most), self.level + (1 / self.level if self.troubles else 1.0))

    def _fewer(self, share: float, troubles_before: int) -> None:
        if troubles_before == self.troubles:
            self.troubles += 1
            self.level = max(1.0, self.level * share)

    def _is_slower(self, kind: str, size: int, seconds: float) -> bool:
        # Whole windows are not compared with the last one of a list, which holds a few rows.
        return self._usual.setdefault((kind, size.bit_length()), _Usual(seconds)).is_exceeded(seconds)


class _Queue:
    """Who waits for a lane on one event loop, and how many have one."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Whether all lanes are in use."""
        return self._under_way >= int(self._lanes.level)

    async def enter(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self.leave()  # let in and interrupted in the same moment
            raise

    def leave(self) -> None:
        self._under_way -= 1
        self._admit()

    def _admit(self) -> None:
        held = self._lanes.held_for
        if held and self._waiting:
            if self._alarm is None:
                self._alarm = asyncio.get_running_loop().call_later(held, self._wake)
            return
        while self._waiting and not self.is_full:
            place = self._waiting.popleft()
            if not place.cancelled():  # interrupted while it waited
                self._under_way += 1
                self._lanes.at_most_once = max(self._lanes.at_most_once, self._under_way)
                place.set_result(None)

    def _wake(self) -> None:
        self._alarm = None
        self._admit()


@dataclass
class _Usual:
    """How long one kind of answer takes, as a mean that follows slowly."""

    seconds: float
    _slow: int = 0

    def is_exceeded(self, seconds: float) -> bool:
        """Whether this answer is the last of several slow ones."""
        slow = seconds > max(self.seconds * SLOWER, self.seconds + SLOWER_SECONDS)
        self.seconds += (seconds - self.seconds) / 16
        self._slow = self._slow + 1 if slow else 0
        if self._slow < SLOW_IN_A_ROW:
            return False
        self._slow = 0
        return True
