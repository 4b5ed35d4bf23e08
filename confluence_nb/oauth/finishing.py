"""Lets a renewal end before its program does: a refresh token was spent for it, and nobody else has the new pair."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures.thread  # noqa: F401 (closes its pools last, when it is there first)
import os
import threading
import time
from typing import Any

PATIENCE = 10.0
"""Seconds that a program which ends may wait; a server that answers at all has done so by then."""

_under_way: set[threading.Event] = set()


def finish_before_exit(task: asyncio.Task[Any]) -> None:
    """Have the interpreter wait for a task, be it interrupted or at the end of its program."""
    ended = threading.Event()
    _under_way.add(ended)

    def over(_: object) -> None:
        _under_way.discard(ended)
        ended.set()

    task.add_done_callback(over)


def _wait() -> None:
    until = time.monotonic() + PATIENCE
    for ended in list(_under_way):
        ended.wait(max(0.0, until - time.monotonic()))


# Before the pools of threads are closed, where there is a way to be so early: a vault is written to in one of them.
getattr(threading, "_register_atexit", atexit.register)(_wait)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_under_way.clear)  # a child's tasks are its own
