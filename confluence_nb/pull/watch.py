"""Waits beside a list for its first window: when that takes long, there is no need to see it come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from confluence_nb.api.paging import Window


@dataclass
class Watch:
    """Reads as a list does that has one window without rows, and asks nobody.

    Parameters
    ----------
    came:
        Is set when what is waited for has come.
    seconds:
        How long to wait for it.
    """

    came: asyncio.Event
    seconds: float
    wanted: int | None = None
    done: bool = False
    requests: int = 0
    points: int = 0
    rows: int = 0
    total: int | None = None

    async def window(self) -> Window | None:
        """Nothing, as soon as it came or the time is over."""
        if self.done:
            return None
        try:
            async with asyncio.timeout(self.seconds):
                await self.came.wait()
        except TimeoutError:
            pass
        self.done = True
        return Window([], "")
