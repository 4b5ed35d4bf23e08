"""The one event-loop thread that everything asynchronous runs on; cells, callbacks and scripts call into it.

A kernel's own loop is never touched: patching it makes *Run All* hang on some kernels, and widget callbacks
run on other loops in other threads. One private loop serves them all.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import inspect
import os
import threading
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

import nest_asyncio

from confluence_nb.errors import ConfluenceNBError

T = TypeVar("T")


TIDYING_SECONDS = 0.4
"""Whoever pressed ■ waits no longer than this for what was interrupted to put its things away."""


class _PortalLoop(asyncio.SelectorEventLoop):
    """A loop class of our own, so that making it re-entrant changes no loop that anybody else uses."""


class _Errand(Generic[T]):
    """A coroutine that its caller may give up at any moment, also while it is handed to the loop."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> None:
        self._coroutine = coroutine
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None
        self._given_up = False
        self._ended = threading.Event()
        self.done = self._run()

    async def _run(self) -> T:
        # In this order, and the other way round in `give_up`: one of the two sees the other.
        self._task = asyncio.current_task()
        try:
            if self._given_up:
                raise asyncio.CancelledError
            return await self._coroutine
        finally:
            self._task = None  # it holds the error, which holds its callers
            self._ended.set()

    def give_up(self) -> None:
        """Stop it, wherever it is, and wait a moment for that; nothing when it has ended."""
        self._given_up = True
        task = self._task
        if task is not None:
            self._loop.call_soon_threadsafe(task.cancel)
        # What it was in the middle of is put away first: whoever looks at it next finds it whole.
        self._ended.wait(TIDYING_SECONDS)
        for coroutine in (self._coroutine, self.done):
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()


class Portal:
    """Runs coroutines on a daemon thread's loop, from any thread, from the loop itself and after a fork."""

    def __init__(self) -> None:
        self._begin()
        if hasattr(os, "register_at_fork"):
            # In the child the thread is gone, and the guard may be held by nobody that still exists.
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run to the end and give the result; interrupting the caller cancels the coroutine."""
        loop = self._running_loop()
        if threading.current_thread() is self._thread:
            # A progress callback or hook that runs on the loop calls a synchronous helper: only a re-entrant
            # loop can serve it, since nobody else could finish what it waits for.
            return loop.run_until_complete(loop.create_task(coroutine))
        errand = _Errand(coroutine, loop)
        try:
            return self.submit(errand.done).result()
        except BaseException:
            errand.give_up()
            raise

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start it and return at once. The caller's context goes along: widgets need it to find their cell."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._guard:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._start()
            if self._loop is None:
                raise ConfluenceNBError("The event loop did not start. Restart the kernel and try again.")
            return self._loop

    def _start(self) -> None:
        loop = _PortalLoop()
        # Where it does not work, only a synchronous call from a callback on the loop is refused, by asyncio itself.
        with contextlib.suppress(AttributeError, TypeError):
            # Private on purpose: `apply()` would replace asyncio.run for everybody, and a user's own
            # asyncio.run then hangs Run All. The version is pinned in pyproject.toml.
            nest_asyncio._patch_loop(loop)
        started = threading.Event()

        def serve() -> None:
            asyncio.set_event_loop(loop)
            loop.call_soon(started.set)
            loop.run_forever()

        self._loop = loop
        # An empty context: what the starting cell had in its own must not cling to every later call.
        self._thread = threading.Thread(
            target=contextvars.Context().run, args=(serve,), name="confluence_nb-portal", daemon=True
        )
        self._thread.start()
        started.wait(10)


portal = Portal()
"""The process's portal."""
