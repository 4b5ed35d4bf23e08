"""The one line that tells how far a pull is; none for short ones, none where nobody looks."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Protocol
from uuid import uuid4

from confluence_nb.panel.place import running_cell

SILENT_SECONDS = 1.0
"""A pull shorter than this shows nothing."""

SECONDS_BETWEEN = 0.2
"""A line that changes more often cannot be read, and a notebook would have to keep up with it."""

RATE_SECONDS = 10.0
"""The rate is that of the latest seconds: a pull finds its pace as it goes."""


class Progress(Protocol):
    """Takes the rows so far, the rows in all (None when nobody knows) and the windows that they came in."""

    def __call__(self, rows: int, total: int | None, windows: int | None = None) -> None: ...


@contextmanager
def progress_bar(what: str, wanted: bool | None, *, unit: str = "rows") -> Iterator[Progress]:
    """A callable that a pull tells how far it is, from any thread.

    In a notebook the line is an output of the running cell and no widget: a widget that is gone leaves an error
    message in the saved notebook. What stays there is a sentence. A terminal's line is wiped away.

    Parameters
    ----------
    what:
        What is read, as the line begins.
    wanted:
        True or False forces the line on or off; None shows it to people only.
    unit:
        What is counted.
    """
    if not (_somebody_looks() if wanted is None else wanted):
        yield _silent
        return
    # Without IPython loaded there is no cell, and to look for one would load it.
    is_in_a_cell = "IPython" in sys.modules and running_cell() is not None
    line = _Line(what, unit, _CellOutput() if is_in_a_cell else _TerminalLine())
    how = "broke off at "
    try:
        yield line.show
        how = ""
    finally:
        line.close(how)


class _Face(Protocol):
    """Where the line stands; `fraction` is the share that is done, None when nobody knows."""

    def draw(self, text: str, fraction: float | None) -> None: ...

    def close(self, text: str) -> None: ...


class _Line:
    """What the line says, and when it is drawn."""

    def __init__(self, what: str, unit: str, face: _Face) -> None:
        self._what = what
        self._unit = unit
        self._face = face
        self._began = time.monotonic()
        self._drawn: float | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._so_far = ""
        self._closed = False
        # The pull counts on the portal's thread; the cell's own thread closes the line, at times before it knows.
        self._guard = threading.Lock()

    def show(self, rows: int, total: int | None, windows: int | None = None) -> None:
        now = time.monotonic()
        with self._guard:
            self._note(now, rows)
            self._so_far = self._counted(f"{rows:,}", windows)
            if self._is_due(now) and not self._closed:
                self._drawn = now
                known = total if total is not None and total >= rows else None
                counted = self._so_far if known is None else self._counted(f"{rows:,} of {known:,}", windows)
                text = f"{self._what}: {counted}{self._pace(rows, known)}"
                self._put(lambda: self._face.draw(text, _share(rows, known)))

    def close(self, how: str) -> None:
        """Say how it ended, if anything was said before; nothing is drawn after it."""
        with self._guard:
            self._closed = True
            if self._drawn is not None:
                took = _clock(time.monotonic() - self._began)
                self._put(lambda: self._face.close(f"{self._what}: {how}{self._so_far}, {took}"))

    def _put(self, write: Callable[[], None]) -> None:
        # A thread without a cell, on some kernels, or a terminal that was closed: no reason to lose a pull.
        try:
            write()
        except Exception:
            self._closed, self._drawn = True, None

    def _note(self, now: float, rows: int) -> None:
        """Remember the pace. A pull that goes on begins with rows that cost nothing now."""
        self._recent.append((now, rows))
        while len(self._recent) > 2 and now - self._recent[1][0] > RATE_SECONDS:
            self._recent.popleft()

    def _is_due(self, now: float) -> bool:
        if self._drawn is None:
            return now - self._began >= SILENT_SECONDS
        return now - self._drawn >= SECONDS_BETWEEN

    def _counted(self, rows: str, windows: int | None) -> str:
        counted = f"{rows} {self._unit}"
        if windows is None:
            return counted
        return f"{counted} in {windows:,} {'window' if windows == 1 else 'windows'}"

    def _pace(self, rows: int, total: int | None) -> str:
        """The rate, and the time left where the rows in all are known; nothing while nothing moves."""
        rate = self._rate()
        if rate is None:
            return ""
        pace = f", {rate:,.0f} {self._unit}/s" if rate >= 1 else f", {60 * rate:,.1f} {self._unit}/min"
        left = f", about {_clock((total - rows) / rate)} left" if total is not None and total > rows else ""
        return pace + left

    def _rate(self) -> float | None:
        """Rows per second, None while nothing moves."""
        (began, before), (now, rows) = self._recent[0], self._recent[-1]
        return (rows - before) / (now - began) if rows > before and now > began else None


class _CellOutput:
    """An output of the running cell that changes in place."""

    def __init__(self) -> None:
        self._id = f"confluence_nb-{uuid4().hex}"
        self._is_there = False

    def draw(self, text: str, fraction: float | None) -> None:
        value = "" if fraction is None else f' value="{fraction:.4f}"'
        bar = f'<progress max="1"{value} style="width: 12em; vertical-align: middle" aria-hidden="true"></progress>'
        self._put(text, f"{bar} {escape(text)}")

    def close(self, text: str) -> None:
        self._put(text, escape(text))

    def _put(self, text: str, html: str) -> None:
        from IPython.display import display

        both = {"text/plain": text, "text/html": f'<div role="status">{html}</div>'}
        display(both, raw=True, display_id=self._id, update=self._is_there)  # type: ignore[no-untyped-call]
        self._is_there = True


class _TerminalLine:
    """The last line of a terminal, written over and over."""

    def __init__(self) -> None:
        self._letters = 0

    def draw(self, text: str, fraction: float | None) -> None:
        done = "" if fraction is None else f"{fraction:4.0%} "
        shown = f"{done}{text}"[: shutil.get_terminal_size().columns - 1]
        self._write(shown)
        self._letters = len(shown)

    def close(self, text: str) -> None:
        self._write("", "\r")

    def _write(self, text: str, after: str = "") -> None:
        sys.stderr.write("\r" + text.ljust(self._letters) + after)
        sys.stderr.flush()


def _somebody_looks() -> bool:
    """A person at a notebook or a terminal; not who runs a notebook as a program, and cannot be asked anything."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return sys.stderr.isatty()
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", True))


def _silent(rows: int, total: int | None, windows: int | None = None) -> None:
    """Nobody looks."""


def _share(rows: int, total: int | None) -> float | None:
    return min(1.0, rows / total) if total else None


def _clock(seconds: float) -> str:
    """A duration as it is said: 8 s, 2 min 5 s, 1 h 20 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
