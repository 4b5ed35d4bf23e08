"""The notebook's ■ and Ctrl-C: a pull stops at once wherever it is, keeps its rows, and the next call works."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki

from confluence_nb import Wiki
from confluence_nb.api.catalog import collection
from confluence_nb.api.portal import portal
from confluence_nb.frames import FrameBuilder, blocks
from confluence_nb.sandbox import Sandbox

AT_ONCE = 0.5
"""Seconds from the interrupt to the prompt."""


@pytest.fixture(scope="module")
def site() -> Iterator[Sandbox]:
    with Sandbox(pages=600, spaces=3, sites=1) as running:
        yield running


@pytest.fixture
def calm(site: Sandbox) -> Iterator[Sandbox]:
    """The sandbox without the faults of another test."""
    knobs = {"latency": 0.0, "stall_rate": 0.0, "throttle_rate": 0.0, "retry_after": 1.0}
    site.set(**knobs)
    yield site
    site.set(**knobs)


def signed_in(sandbox: Sandbox) -> Wiki:
    wiki = open_wiki(sandbox)
    return wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


@contextmanager
def interrupted(when: Callable[[], Any]) -> Iterator[dict[str, float]]:
    """SIGINT for this thread as soon as `when` returns; what the block raises for it arrives here, with its delay."""
    main = threading.main_thread().ident
    assert main == threading.get_ident()
    told: dict[str, float] = {}
    ready = threading.Event()

    def press() -> None:
        ready.wait(30)  # an interrupt in the middle of `start()` would be nobody's
        when()
        told["pressed"] = time.monotonic()
        signal.pthread_kill(main, signal.SIGINT)

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # what falls into the collector is raised in the first finalizer, where Python drops it
    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    try:
        ready.set()
        with pytest.raises(KeyboardInterrupt):
            yield told
        told["seconds"] = time.monotonic() - told["pressed"]
    finally:
        finger.join(30)
        gc.enable()
        signal.signal(signal.SIGINT, usual)


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.005)


def tasks_left() -> int:
    """Tasks on the portal's loop, the one that counts them left out."""

    async def count() -> int:
        return len(asyncio.all_tasks()) - 1

    return portal.run(count())


def under_way(sandbox: Sandbox) -> int:
    most: int = sandbox.counts()["most_at_once"]
    return most


def assert_every_row_once(frame: pd.DataFrame | None, wanted: pd.DataFrame) -> None:
    assert frame is not None
    pd.testing.assert_frame_equal(frame, wanted)


def test_while_the_server_holds_back_its_answers(calm: Sandbox) -> None:
    """Eight requests under way, none of them answered for half a minute."""
    wiki = signed_in(calm)
    pages = wiki.pages(limit=40)
    whole = wiki.versions(pages)
    calm.reset_counts()
    calm.set(stall_rate=1.0, stall_seconds=30.0)
    with interrupted(lambda: until(lambda: under_way(calm) == 8)) as told:
        wiki.versions(pages)
    assert told["seconds"] < AT_ONCE
    until(lambda: tasks_left() == 0, AT_ONCE)
    partial = wiki.partial
    assert partial is not None
    assert len(partial) == 0
    calm.set(stall_rate=0.0)
    assert len(wiki.spaces()) == 3
    assert_every_row_once(wiki.versions(pages), whole)


def test_in_the_middle_of_many_lists(calm: Sandbox) -> None:
    """Some lists are read, some under way, some not yet begun; none is lost and none is read twice."""
    wiki = signed_in(calm)
    pages = wiki.pages(limit=120)
    whole = wiki.versions(pages)
    calm.set(latency=0.05)
    calm.reset_counts()
    with interrupted(lambda: until(lambda: calm.counts()["requests"] > 60)) as told:
        wiki.versions(pages)
    assert told["seconds"] < AT_ONCE
    until(lambda: tasks_left() == 0, AT_ONCE)
    partial = wiki.partial
    assert partial is not None
    assert 0 < len(partial) < len(whole)
    assert not partial.attrs["complete"]
    assert not partial.duplicated(["page_id", "number"]).any()
    assert_every_row_once(wiki.resume(), whole)


def test_during_a_pause_that_the_server_asked_for(calm: Sandbox) -> None:
    wiki = signed_in(calm)
    calm.reset_counts()
    calm.set(throttle_rate=1.0, retry_after=4.0)
    with interrupted(lambda: until(lambda: calm.counts()["faults"].get("throttle", 0) >= 1)) as told:
        wiki.pages(sort="id")
    assert told["seconds"] < AT_ONCE
    until(lambda: tasks_left() == 0, AT_ONCE)
    calm.set(throttle_rate=0.0)
    assert wiki.resume()["id"].is_unique


def test_again_and_again_while_rows_become_columns(calm: Sandbox) -> None:
    """Wherever the interrupts fall, in a request, between two windows or in the making of the frame."""
    wiki = signed_in(calm)
    whole = wiki.pages(body="storage")
    slowest, presses = 0.0, 0
    call: Callable[[], pd.DataFrame] = lambda: wiki.pages(body="storage")  # noqa: E731
    for pause in (0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.02, 0.21):
        done = threading.Event()
        frame = None

        def press(pause: float = pause, done: threading.Event = done) -> None:
            done.wait(pause)

        try:
            with interrupted(press) as told:
                frame = call()
                done.set()
                until(lambda: False)  # it was done before: the interrupt comes now
        finally:
            done.set()
        presses += 1
        if frame is not None:
            break
        slowest = max(slowest, told["seconds"])
        partial = wiki.partial
        if partial is None:  # it fell before the pull began
            continue
        assert partial["id"].is_unique
        assert set(partial["id"]) <= set(whole["id"])
        call = wiki.resume
    assert slowest < AT_ONCE
    if frame is None:
        frame = call()
    assert_every_row_once(frame, whole)
    assert presses > 1


@pytest.mark.parametrize("place", range(0, 20, 3))
def test_in_the_making_of_any_column(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    columns = collection("/pages").columns_for({"body_format": "storage"})
    rows = [{"id": str(number), "title": f"Page {number}", "status": "current"} for number in range(50)]
    builder = FrameBuilder(columns)
    builder.add(rows, base=None)
    steps = iter(range(1_000))

    def packed(*given: Any) -> Any:
        if next(steps) == place:
            raise KeyboardInterrupt
        return blocks.packed(*given)

    monkeypatch.setattr("confluence_nb.frames.cells.packed", packed)
    with pytest.raises(KeyboardInterrupt):
        builder.frame()
    whole = FrameBuilder(columns)
    whole.add(rows, base=None)
    pd.testing.assert_frame_equal(builder.frame(), whole.frame())


@pytest.mark.slow
def test_the_stop_button_of_a_notebook() -> None:
    manager = pytest.importorskip("jupyter_client.manager", reason="jupyter_client is not installed")
    running, client = manager.start_new_kernel(kernel_name="python3", extra_arguments=["--log-level=ERROR"])
    try:

        def run(code: str, hook: Callable[[dict[str, Any]], None] = lambda message: None) -> dict[str, Any]:
            reply: dict[str, Any] = client.execute_interactive(
                code, allow_stdin=True, stdin_hook=lambda _: None, output_hook=hook, timeout=60
            )
            return reply["content"]

        run("import confluence_nb as cnb\nwiki = cnb.demo(sign_in=True, pages=1000, latency=0.4)")
        pressed: list[float] = []

        def press(message: dict[str, Any]) -> None:
            # The line of progress comes with a pull in full swing.
            if message["msg_type"] == "display_data" and not pressed:
                pressed.append(time.monotonic())
                running.interrupt_kernel()

        told = run("whole = wiki.pages(sort='title')", press)
        seconds = time.monotonic() - pressed[0]
        assert told["ename"] == "KeyboardInterrupt"
        assert "wiki.resume() goes on from there" in told["traceback"][-1]
        # The rows below tell that it stopped early; a kernel under load prints its traceback late.
        assert seconds < 5
        after = run(
            "rows = len(wiki.partial)\n"
            "assert 0 < rows < 1000, rows\n"
            "assert len(wiki.spaces()) == 6\n"
            "frame = wiki.pages(sort='title')\n"
            "assert frame['id'].is_unique and len(frame) >= 1000"
        )
        assert after["status"] == "ok", after
    finally:
        client.stop_channels()
        running.shutdown_kernel(now=True)
