"""Does what a person asked for last: an answer that is overtaken never shows, a slow one says that it comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from confluence_nb.api.portal import portal

SLOW_SECONDS = 0.3
"""Whatever takes longer says so; whatever is faster would only flicker."""

Action = Callable[[], Coroutine[Any, Any, None]]


class Latest:
    """One place of the screen, where one thing is done at a time.

    Parameters
    ----------
    show:
        Called, on the portal's loop, whenever `doing` or `error` may have changed.

    Notes
    -----
    Everything is done in the coroutine that the handler's thread submits, because that one carries the handler's
    context: on some kernels a trait set in a thread without it never reaches the browser.
    """

    def __init__(self, show: Callable[[], None]) -> None:
        self._show = show
        self._task: asyncio.Task[None] | None = None
        self._last: tuple[str, Action] | None = None
        self.doing = ""
        self.error: Exception | None = None

    def start(self, doing: str, action: Action) -> None:
        """Do this instead of what is under way; comes back at once.

        Parameters
        ----------
        doing:
            What to say when it takes its time.
        """
        portal.submit(self._run(doing, action))

    def stop(self) -> None:
        """Give up what is under way, and forget what failed."""
        if self._task is not None:
            self._task.cancel()
        self._task, self._last, self.doing, self.error = None, None, "", None
        self._show()

    def again(self) -> None:
        """Try once more what failed."""
        if self._last is not None:
            self.start(*self._last)

    async def _run(self, doing: str, action: Action) -> None:
        self.stop()
        self._task = task = asyncio.ensure_future(self._done(doing, action))
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _done(self, doing: str, action: Action) -> None:
        slow = asyncio.ensure_future(self._say_when_slow(doing))
        try:
            await action()
        except Exception as error:  # nobody would see a traceback
            self.error, self._last = error, (doing, action)
        finally:
            slow.cancel()
            if self._task is asyncio.current_task():
                self.doing = ""
        self._show()

    async def _say_when_slow(self, doing: str) -> None:
        await asyncio.sleep(SLOW_SECONDS)
        self.doing = doing
        self._show()
