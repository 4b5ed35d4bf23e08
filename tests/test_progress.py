"""The line that tells how far a pull is: what it says, when it appears, that it ends, in a terminal and in kernels."""

from __future__ import annotations

import io
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from confluence_nb.panel import progress
from confluence_nb.panel.progress import progress_bar


class Terminal(io.StringIO):
    """Where a person looks; `screen` is what the line shows at last, `shown` each state of it."""

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> list[str]:
        return [text.strip() for text in self.getvalue().split("\r") if text.strip()]

    @property
    def screen(self) -> str:
        line = ""
        for text in self.getvalue().split("\r"):
            line = text + line[len(text) :]
        return line.strip()


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    found = Terminal()
    # Not sys.stderr itself: pytest puts its own there between a fixture and its test.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=found, modules={}))
    monkeypatch.setattr(progress.shutil, "get_terminal_size", lambda: os.terminal_size((120, 40)))
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def test_rows_windows_rate_and_time_left(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        for windows in range(1, 13):
            clock.now += 1
            bar(250 * windows, 20_000, windows)
    assert (
        "15% GET /pages: 3,000 of 20,000 rows in 12 windows, 250 rows/s, about 1 min 8 s left"
        in terminal.shown
    )
    assert "1% GET /pages: 250 of 20,000 rows in 1 window" in terminal.shown


def test_without_a_total_no_time_left_is_made_up(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        for windows in (1, 2):
            clock.now += 2
            bar(250 * windows, None, windows)
    assert terminal.shown == [
        "GET /pages: 250 rows in 1 window",
        "GET /pages: 500 rows in 2 windows, 125 rows/s",
    ]


def test_more_rows_than_were_announced_make_the_announcement_void(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /search", None) as bar:
        for rows in (100, 200):
            clock.now += 2
            bar(rows, 150, rows // 100)
    assert terminal.shown[-1] == "GET /search: 200 rows in 2 windows, 50 rows/s"


def test_a_pull_that_goes_on_counts_only_what_is_new_into_its_rate(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        for rows in (10_000, 10_250, 10_500):
            clock.now += 1
            bar(rows, 20_000, rows // 250)
    assert terminal.shown[-1].startswith(
        "52% GET /pages: 10,500 of 20,000 rows in 42 windows, 250 rows/s, about 38 s"
    )


def test_the_rate_is_that_of_the_latest_seconds(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        rows = 0
        for step in [10] * 60 + [500] * 30:
            clock.now += 1
            rows += step
            bar(rows, None)
    assert terminal.shown[-1].endswith("500 rows/s")


def test_slow_rows_are_counted_by_the_minute(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("Files to exports", None, unit="files") as bar:
        for files in (1, 2):
            clock.now += 30
            bar(files, 100)
    assert terminal.shown[-1] == "2% Files to exports: 2 of 100 files, 2.0 files/min, about 49 min 0 s left"


def test_hours_are_told_without_seconds(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        for rows in (1, 251):
            clock.now += 250
            bar(rows, 8_000)
    assert terminal.shown[-1].endswith("1 rows/s, about 2 h 9 min left")


def test_nothing_for_a_pull_under_a_second(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", True) as bar:
        for rows in range(0, 2_000, 250):
            clock.now += 0.1
            bar(rows, 2_000)
    assert terminal.getvalue() == ""


def test_not_more_often_than_can_be_read(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        clock.now += 1
        for rows in range(1_000):
            clock.now += 0.001
            bar(rows, 1_000)
    assert 4 <= len(terminal.shown) <= 6


def test_one_line_that_is_wiped_away_in_the_end(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        for rows in (5_000, 10_000, 15_000):
            clock.now += 1
            bar(rows, 20_000, 4)
        assert terminal.screen == terminal.shown[-1]
    assert "\n" not in terminal.getvalue()
    assert terminal.screen == ""
    assert terminal.getvalue().endswith("\r")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_wiped_away_after_an_error_and_an_interrupt(
    terminal: Terminal, clock: Clock, error: type[BaseException]
) -> None:
    kept = []

    def pull() -> None:
        with progress_bar("GET /pages", None) as bar:
            kept.append(bar)
            clock.now += 2
            bar(5_000, 20_000)
            raise error

    with pytest.raises(error):
        pull()
    assert terminal.screen == ""
    written = terminal.getvalue()
    clock.now += 2
    kept[0](5_250, 20_000)  # the pull, on its own thread, has not heard of it yet
    assert terminal.getvalue() == written


def test_a_narrow_terminal_cuts_the_line_and_stays_one_line(
    terminal: Terminal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress.shutil, "get_terminal_size", lambda: os.terminal_size((20, 40)))
    with progress_bar("GET /a/rather/long/path", None) as bar:
        clock.now += 2
        bar(5_000, 20_000)
    assert max(map(len, terminal.getvalue().split("\r"))) == 19


def test_silent_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    elsewhere = io.StringIO()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=elsewhere, modules={}))
    with progress_bar("GET /pages", None) as bar:
        clock.now += 5
        bar(250, None)
    assert elsewhere.getvalue() == ""
    with progress_bar("GET /pages", True) as bar:
        clock.now += 5
        bar(250, None)
    assert "250 rows" in elsewhere.getvalue()


def test_silent_where_it_is_not_wanted(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", False) as bar:
        clock.now += 5
        bar(250, None)
    assert terminal.getvalue() == ""


def test_a_terminal_that_is_gone_ends_no_pull(terminal: Terminal, clock: Clock) -> None:
    with progress_bar("GET /pages", None) as bar:
        terminal.close()
        for rows in (250, 500):
            clock.now += 2
            bar(rows, None)


def test_a_line_that_ends_while_it_is_being_drawn(terminal: Terminal, clock: Clock) -> None:
    ended = threading.Event()

    def count(bar: progress.Progress) -> None:
        rows = 0
        while not ended.is_set():
            rows += 1
            clock.now += 1
            bar(rows, None)

    with progress_bar("GET /pages", None) as bar:
        thread = threading.Thread(target=count, args=(bar,), daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while terminal.getvalue().count("\r") < 50 and time.monotonic() < deadline:
            time.sleep(0.001)
    assert terminal.screen == ""
    ended.set()
    thread.join(10)
    assert terminal.screen == ""


# ------------------------------------------------------------------ in a kernel

SET_UP = """
import confluence_nb as cnb
from confluence_nb.sandbox import Sandbox
wiki = cnb.demo(sign_in=True, pages=1000, latency=0.5)
"""


@contextmanager
def kernel() -> Iterator[Any]:
    """A kernel of this environment, and a function that runs a cell and gives the messages it caused."""
    manager = pytest.importorskip("jupyter_client.manager", reason="jupyter_client is not installed")
    running, client = manager.start_new_kernel(kernel_name="python3", extra_arguments=["--log-level=ERROR"])

    def run(code: str, *, person: bool = True) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        client.execute_interactive(
            code, allow_stdin=person, stdin_hook=lambda _: None, output_hook=messages.append, timeout=60
        )
        return [
            message
            for message in messages
            if message["msg_type"] in ("display_data", "update_display_data", "stream", "error", "comm_open")
        ]

    try:
        run(SET_UP)
        yield run
    finally:
        client.stop_channels()
        running.shutdown_kernel(now=True)


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["content"]["data"]["text/plain"] for message in messages]


@pytest.mark.slow
def test_in_a_notebook_one_output_that_changes_in_place() -> None:
    with kernel() as run:
        shown = run("frame = wiki.pages(sort='title')")
        kinds = [message["msg_type"] for message in shown]
        assert kinds[0] == "display_data"
        assert set(kinds[1:]) == {"update_display_data"}
        assert len({message["content"]["transient"]["display_id"] for message in shown}) == 1
        # What stays in the saved notebook is a sentence, and no widget that is gone when it is opened again.
        assert re.fullmatch(r"GET /wiki/api/v2/pages: 1,\d{3} rows.*, \d+ s", texts(shown)[-1])
        last = shown[-1]["content"]["data"]
        assert set(last) == {"text/plain", "text/html"}
        assert "<progress" in shown[0]["content"]["data"]["text/html"]
        assert "<progress" not in last["text/html"]

        # A program that runs the notebook sees none, unless it is wanted; neither does a thread without a cell break.
        assert run("frame = wiki.pages(sort='title')", person=False) == []
        assert run("frame = wiki.pages(sort='title', progress=True)", person=False)
        threaded = run(
            "import threading\nrows = []\n"
            "thread = threading.Thread(target=lambda: rows.append(len(wiki.pages(sort='title'))))\n"
            "thread.start(); thread.join(); assert rows and rows[0] >= 1000"
        )
        assert {message["msg_type"] for message in threaded} <= {"display_data", "update_display_data"}

        failed = run(
            "import os, signal\n"
            "threading.Timer(1.7, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "wiki.pages(sort='title')"
        )
        assert failed[-1]["msg_type"] == "error"
        assert failed[-1]["content"]["ename"] == "KeyboardInterrupt"
        assert "broke off at" in texts(failed[:-1])[-1]
