"""A long life in short: what a notebook does all day leaves nothing behind however often; `make soak` has the hour."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from confluence_nb.api.portal import portal
from confluence_nb.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]

TIMES = 3
SLACK = {
    "threads": 4,
    "tasks": 0,
    "sockets": 4,
    "files": 3,
    "other descriptors": 3,
    "temporary files": 0,
    "widgets": 0,
}
"""Pools that fill up and connections that are kept for a while; whatever leaks once an act is more than that."""

OBJECTS = 120
"""Of ours, each act makes hundreds."""

PATIENCE = 40.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what Linux tells of a process"),
]


@pytest.fixture(scope="module")
def day() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.syspath_prepend(ROOT)
        from benchmarks.soak_day import Day

        temporary = Path(folder) / "temporary"
        temporary.mkdir()
        patch.setattr(tempfile, "tempdir", str(temporary))
        with Sandbox(pages=60, spaces=3, body_bytes=500) as sandbox:
            given = ("url", "client_id", "client_secret", "redirect_uri")
            told = {name: getattr(sandbox, name) for name in given}
            fill_pools()
            found = Day({**told, "store": f"{folder}/sign-in.json", "folder": folder})
            found.sandbox = sandbox
            yield found


def fill_pools() -> None:
    """The threads that a loop makes as it needs them, up to its most."""

    async def fill() -> None:
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(64)))

    portal.run(fill())


def interrupted(day: Any) -> None:
    """■ while windows are under way, and then the rest."""
    main = threading.main_thread().ident
    assert main == threading.get_ident()
    day.sandbox.reset_counts()
    day.sandbox.set(latency=0.2)

    def press() -> None:
        ends = time.monotonic() + PATIENCE
        while not day.sandbox.counts()["requests"] and time.monotonic() < ends:
            time.sleep(0.005)
        signal.pthread_kill(main, signal.SIGINT)

    def pull() -> None:
        day.pull()
        finger.join(PATIENCE)
        time.sleep(1)  # it was done before: the interrupt comes now

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            pull()
    finally:
        finger.join(PATIENCE)
        signal.signal(signal.SIGINT, usual)
        day.sandbox.set(latency=0.0)
    day.resumes()


ACTS: dict[str, Callable[[Any], None]] = {
    "interrupt": interrupted,
    **{
        name: lambda day, name=name: day.acts[name]()
        for name in (
            "lists", "a page", "charts", "connect() again", "sign-out and sign-in", "explorer", "callback", "threads",
            "files", "mirror", "fork",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_left_behind_of(day: Any, act: str) -> None:
    from benchmarks.soak_day import census

    slack = SLACK | {"our objects": OBJECTS}

    def grown() -> dict[str, float]:
        now = census()
        return {
            name: now[name] - before[name] for name, most in slack.items() if now[name] > before[name] + most
        }

    for _ in range(2):
        ACTS[act](day)
    before = census()
    for _ in range(TIMES):
        ACTS[act](day)
    ends = time.monotonic() + PATIENCE
    while (more := grown()) and time.monotonic() < ends:
        time.sleep(0.2)  # what was put aside is still on its way out
        day.wiki.spaces(limit=1)  # connections that were idle for long are given up when a request comes
    assert more == {}


def test_every_act_of_the_hour_is_here(day: Any) -> None:
    assert set(ACTS) == {"interrupt", *day.acts}


DEAF = {
    "a finalizer": """
class Deaf:
    def __del__(self):
        time.sleep(1.5)

things = [Deaf()]

def act():
    things.clear()
    time.sleep(0.1)
""",
    "numpy": """
import numpy as np

exec(compile('''
class Odd:
    asked = 0

    def __repr__(self):
        Odd.asked += 1
        if Odd.asked == 1:
            time.sleep(1.5)
        return "odd"
''', "/numpy/stands/in.py", "exec"))

def act():
    np.dtype(object) == Odd()
    time.sleep(0.1)
""",
    "a cell that goes on": """
things = [None]

def act():
    try:
        time.sleep(1.5 if things else 0.1)
    except KeyboardInterrupt:
        if not things:
            raise
        things.clear()
""",
}
"""Cells that lose the first ■; the second one ends them."""


@pytest.mark.parametrize(
    ("name", "counted"), [("a finalizer", (1, 0)), ("numpy", (1, 0)), ("a cell that goes on", (0, 1))]
)
def test_a_lost_interrupt_is_pressed_again_and_counted_by_its_cause(
    name: str, counted: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import soak_life

    monkeypatch.setattr(soak_life, "CELLS", "")
    monkeypatch.setattr(soak_life, "PRESSED_AGAIN", 2.0)
    kernel = soak_life.Kernel({}, tmp_path)
    try:
        kernel.run(f"import time\n{DEAF[name]}")
        kernel.run_until_interrupted("act()", 0.5)
        assert kernel.run("print('goes on')") == "goes on\n"
    finally:
        kernel.end()
    assert kernel.interrupts == 1
    assert (kernel.repeated, kernel.lost) == counted
