"""Locks that a task may wait for without stopping its event loop, and that end with their process."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import stat
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from confluence_nb.oauth.vault.base import VaultFailed

PATIENCE = 60.0
"""Seconds to wait for a lock. A renewal takes one or two, so a minute means that its holder is stuck."""

_FIRST_DELAY, _LONGEST_DELAY = 0.005, 0.1


@asynccontextmanager
async def file_locked(path: Path, *, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock on a file; the system frees it when the process ends, however it ends."""
    # Any thread may release: a notebook's loops come and go. A fresh instance has no holds but its own.
    lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
    await _turn(lambda: _tried(lock, path), f"the lock file {path}", patience)
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def thread_locked(
    lock: threading.Lock, name: str, *, patience: float = PATIENCE
) -> AsyncIterator[None]:
    """Hold a lock of this process, whatever thread or event loop the others are on."""
    await _turn(lambda: lock.acquire(blocking=False), f"the lock of {name!r} in this process", patience)
    try:
        yield
    finally:
        lock.release()


def file_name(name: str) -> str:
    """A file name for a name of any characters."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16] + ".lock"


def lock_folder() -> Path:
    """Where the lock files of a vault without a folder of its own lie: the same for every process of a user.

    The runtime folder would differ between a desktop session and a cron job, and a lock that two
    processes seek in two places is none; the state folder is the same for both.
    """
    folder = user_state_path("confluence_nb", appauthor=False) / "locks"
    # A user without a home would get a folder that depends on where the notebook was started.
    if folder.is_absolute() and _usable(folder, parents=True):
        return folder
    owner = os.getuid() if hasattr(os, "getuid") else "locks"
    spare = Path(tempfile.gettempdir()) / f"confluence_nb-{owner}"
    if _usable(spare, parents=False):
        return spare
    raise VaultFailed(
        f"No lock file can be made, neither in {folder} nor in {spare}. "
        'Make one of these folders writable for you alone, or pass store="memory".',
        reason="no folder for lock files",
    )


def _usable(folder: Path, *, parents: bool) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    # In a folder that everybody may write to, somebody else may have been first.
    ours = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return stat.S_ISDIR(found.st_mode) and ours and os.access(folder, os.W_OK | os.X_OK)


def _tried(lock: FileLock, path: Path) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise VaultFailed(
            f"The lock file {path} cannot be used: {reason}. Make its folder writable, then try again.",
            reason=reason,
        ) from None
    return True


async def _turn(attempt: Callable[[], bool], what: str, patience: float) -> None:
    """Try until it is our turn. Nothing is awaited after success, so a cancelled waiter never holds."""
    deadline = time.monotonic() + patience
    delay = _FIRST_DELAY
    while not attempt():
        if time.monotonic() >= deadline:
            raise VaultFailed(
                f"Another notebook or program has held {what} for {patience:g} seconds. "
                "Stop the one that hangs (restart its kernel), then try again.",
                reason="the lock is held",
            )
        await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (spreads tries, keeps no secret)
        delay = min(delay * 1.5, _LONGEST_DELAY)
