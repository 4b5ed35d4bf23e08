"""Requests under way at the same time: as many as the server bears, one pause for all, nobody left waiting."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from conftest import open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import Wiki
from confluence_nb.api.lanes import FIRST, MOST, SLOW_IN_A_ROW, Lane, Lanes
from confluence_nb.api.portal import portal
from confluence_nb.errors import Unreachable
from confluence_nb.sandbox import Sandbox

PAGES = "/wiki/api/v2/pages"


def lanes_of(wiki: Wiki) -> Lanes:
    return wiki._client.lanes


async def asked(wiki: Wiki, times: int, path: str = PAGES) -> int:
    """Ask so often at once; how many answers came."""
    site = await wiki._session.site()
    answers = await asyncio.gather(*(wiki._client.ask(site, "GET", path) for _ in range(times)))
    return sum(answer.said is not None for answer in answers)


# ------------------------------------------------------------------------ the level


async def one(lanes: Lanes, told: Callable[[Lane], None] = lambda lane: None) -> None:
    async with lanes.lane("pages") as lane:
        await asyncio.sleep(0)
        told(lane)


async def rounds(lanes: Lanes, told: Callable[[Lane], None], requests: int) -> None:
    await asyncio.gather(*(one(lanes, told) for _ in range(requests)))


def well(lane: Lane) -> None:
    lane.answered(200, 1_000, 0.05)


def refused(lane: Lane) -> None:
    lane.answered(429, 30, 0.01)


def test_it_begins_low_and_rises_with_each_good_answer() -> None:
    lanes = Lanes()
    assert lanes.level == FIRST < MOST == lanes.most
    asyncio.run(rounds(lanes, well, 3 * MOST))
    assert lanes.level == lanes.at_most_once == MOST


def test_a_lane_that_nobody_needed_proves_nothing() -> None:
    lanes = Lanes()

    async def one_by_one() -> None:
        for _ in range(50):
            await one(lanes, well)

    asyncio.run(one_by_one())
    assert lanes.level == FIRST
    assert lanes.at_most_once == 1


@pytest.mark.parametrize("status", [429, 408, 500, 502, 503, 504])
def test_trouble_halves_it_once_for_all_who_were_under_way(status: int) -> None:
    lanes = Lanes()
    lanes.level = 8.0
    asyncio.run(rounds(lanes, lambda lane: lane.answered(status, 0, 0.01), 8))
    assert lanes.level == 4.0


def test_an_answer_that_never_comes_is_trouble() -> None:
    lanes = Lanes()
    asyncio.run(one(lanes, Lane.in_vain))
    assert lanes.level == FIRST / 2


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 410])
def test_an_answer_is_no_trouble_whatever_it_says(status: int) -> None:
    lanes = Lanes()
    asyncio.run(rounds(lanes, lambda lane: lane.answered(status, 0, 0.01), 20))
    assert lanes.level == MOST


def test_it_never_falls_under_one() -> None:
    lanes = Lanes()
    asyncio.run(rounds(lanes, refused, 100))
    assert lanes.level == 1.0
    assert lanes.at_most_once <= FIRST


def test_after_trouble_it_rises_by_one_a_round() -> None:
    lanes = Lanes()
    lanes.level = 8.0
    asyncio.run(rounds(lanes, refused, 8))
    levels = [lanes.level]

    def noted(lane: Lane) -> None:
        well(lane)
        levels.append(lanes.level)

    asyncio.run(rounds(lanes, noted, 100))
    assert levels[0] == 4.0
    assert levels[-1] == MOST
    reached = levels.index(float(MOST))
    assert 4 + 5 + 6 + 7 < reached < 40
    assert levels[:reached] == sorted(set(levels[:reached]))


SLOW = 0.9


def test_answers_that_grow_slow_take_a_quarter() -> None:
    lanes = Lanes()
    lanes.level = 8.0

    async def load() -> list[float]:
        levels = []
        for seconds in [0.1] * 10 + [SLOW] * (SLOW_IN_A_ROW + 1):
            await one(lanes, lambda lane, seconds=seconds: lane.answered(200, 9_000, seconds))
            levels.append(lanes.level)
        return levels

    levels = asyncio.run(load())
    assert set(levels[: 9 + SLOW_IN_A_ROW]) == {8.0}
    assert levels[-1] == 6.0


@pytest.mark.parametrize(
    ("kind", "size", "seconds"),
    [("pages", 9_000, 0.25), ("users", 9_000, SLOW), ("pages", 900_000, SLOW)],
    ids=["not by much", "another question", "a larger answer"],
)
def test_what_is_not_slower_than_its_like_changes_nothing(kind: str, size: int, seconds: float) -> None:
    lanes = Lanes()

    async def load() -> None:
        for _ in range(20):
            await one(lanes, lambda lane: lane.answered(200, 9_000, 0.1))
            async with lanes.lane(kind) as lane:
                lane.answered(200, size, seconds)

    asyncio.run(load())
    assert not lanes.troubles


def test_a_single_slow_answer_is_chance() -> None:
    lanes = Lanes()

    async def load() -> None:
        for number in range(60):
            seconds = 30.0 if number % SLOW_IN_A_ROW == 3 else 0.1
            await one(lanes, lambda lane, seconds=seconds: lane.answered(200, 9_000, seconds))

    asyncio.run(load())
    assert not lanes.troubles


# ----------------------------------------------------------------- waiting and leaving


def test_first_come_first_served() -> None:
    lanes = Lanes(most=1)
    served: list[int] = []

    async def come(number: int) -> None:
        async with lanes.lane():
            await asyncio.sleep(0)
            served.append(number)

    async def crowd() -> None:
        await asyncio.gather(*(come(number) for number in range(20)))

    asyncio.run(crowd())
    assert served == list(range(20))


def test_who_is_interrupted_leaves_the_lane_to_others() -> None:
    """While it waits, in the very moment it is let in, and on the way."""
    lanes = Lanes(most=1)

    async def scene() -> None:
        for steps in range(8):
            tasks = [asyncio.create_task(one(lanes)) for _ in range(4)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks[:3]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert not tasks[3].cancelled()
        async with asyncio.timeout(10):
            await asyncio.gather(*(one(lanes) for _ in range(5)))

    asyncio.run(scene())
    assert lanes.at_most_once == 1


def test_an_error_leaves_the_lane() -> None:
    lanes = Lanes(most=1)

    def wrong(lane: Lane) -> None:
        raise ValueError

    async def scene() -> None:
        for _ in range(3):
            with pytest.raises(ValueError):  # noqa: PT011 (it is our own)
                await one(lanes, wrong)
        async with asyncio.timeout(10):
            await one(lanes)

    asyncio.run(scene())


def test_a_pause_holds_everybody_and_keeps_nobody_busy() -> None:
    lanes = Lanes()

    async def scene() -> tuple[float, float]:
        lanes.hold(0.3)
        lanes.hold(0.1)  # the longer one is kept
        began, used = time.monotonic(), time.process_time()
        await rounds(lanes, well, 20)
        return time.monotonic() - began, time.process_time() - used

    waited, used = asyncio.run(scene())
    assert 0.29 < waited < 10
    assert used < 0.2
    assert not lanes.held_for


def test_a_pause_is_left_at_once_by_who_is_interrupted() -> None:
    lanes = Lanes()

    async def scene() -> float:
        lanes.hold(60)
        tasks = [asyncio.create_task(one(lanes)) for _ in range(3)]
        await asyncio.sleep(0.01)
        began = time.monotonic()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return time.monotonic() - began

    assert asyncio.run(scene()) < 5
    assert 50 < lanes.held_for <= 60
    assert "held for" in repr(lanes)


def test_another_loop_does_not_wait_for_this_one() -> None:
    lanes = Lanes(most=1)

    async def elsewhere() -> None:
        async with asyncio.timeout(10):
            await one(lanes)

    async def here() -> None:
        async with lanes.lane():
            waiting = asyncio.create_task(one(lanes))
            await asyncio.sleep(0)
            await asyncio.to_thread(asyncio.run, elsewhere())
            assert not waiting.done()
        await waiting

    asyncio.run(here())


# ------------------------------------------------------------------------- over HTTP


@pytest.fixture
def crowd(wiki: Wiki) -> Callable[[int], int]:
    """Asks for the site's pages so many times at once."""
    return lambda times: portal.run(asked(wiki, times))


def rise(wiki: Wiki, crowd: Callable[[int], int]) -> None:
    """Ask until all lanes are open. A busy machine is slow now and then, which closes a quarter of them meanwhile."""
    for _ in range(20):
        assert crowd(100) == 100
        if lanes_of(wiki).level == MOST:
            return
    pytest.fail(f"{lanes_of(wiki)!r} after 2,000 answers without a fault")


def test_eight_at_once_and_no_more(sandbox: Sandbox, wiki: Wiki, crowd: Callable[[int], int]) -> None:
    sandbox.reset_counts()
    sandbox.set(latency=0.02)
    rise(wiki, crowd)
    assert sandbox.counts()["most_at_once"] == lanes_of(wiki).at_most_once == MOST


def test_everything_on_a_connection_shares_them(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.reset_counts()
    sandbox.set(latency=0.02)
    pages = wiki.pages()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: len(wiki.labels(pages.head(30), progress=False)), range(4)))
    assert len(set(found)) == 1
    assert sandbox.counts()["most_at_once"] <= MOST
    assert 1 < lanes_of(wiki).at_most_once <= MOST


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "fault", [{"throttle_rate": 0.3, "retry_after_form": "none"}, {"error_rate": 0.1, "retry_after_form": "none"}]
)  # fmt: skip
def test_under_faults_the_level_falls_everything_arrives_and_it_rises_again(
    sandbox: Sandbox, wiki: Wiki, crowd: Callable[[int], int], fault: dict[str, Any]
) -> None:
    rise(wiki, crowd)
    sandbox.set(**fault)
    assert crowd(120) == 120
    assert sum(sandbox.counts()["faults"].values()) > 5
    assert lanes_of(wiki).level < MOST
    assert lanes_of(wiki).troubles > 3
    sandbox.set(throttle_rate=0.0, error_rate=0.0)
    rise(wiki, crowd)


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {}], ids=["pause", "no word of a pause"])
def test_forty_requests_hit_a_wall_of_429_only_once(headers: dict[str, str]) -> None:
    """Those who were under way hear of it; all others wait with them until the pause is over."""
    walls: list[float] = []
    opened = threading.Event()

    def script(asked: Asked) -> Says:
        if not opened.is_set():
            walls.append(time.monotonic())
            return Says({"message": "Rate limit exceeded."}, 429, headers)
        return Says({"results": [], "_links": {}})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        waiting = portal.submit(asked(wiki, 40))
        time.sleep(0.5)
        assert 1 <= len(walls) <= FIRST
        opened.set()
        assert waiting.result(30) == 40
        assert len(walls) <= FIRST
        assert len(cloud.wiki_calls) == 40 + len(walls)
        assert lanes_of(wiki).troubles == 1


def test_a_pull_is_interrupted_in_the_middle_of_a_pause(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(throttle_every=1, retry_after=60.0)
    waiting = portal.submit(asked(wiki, 10))
    while not lanes_of(wiki).held_for:
        time.sleep(0.01)
    began = time.monotonic()
    waiting.cancel()
    with pytest.raises(CancelledError):
        waiting.result(10)
    assert time.monotonic() - began < 5


def test_a_server_that_drops_connections_is_not_told_to_be_slow(
    sandbox: Sandbox, wiki: Wiki, hurried: None, crowd: Callable[[int], int]
) -> None:
    sandbox.set(drop_every=7)
    assert crowd(30) == 30
    assert not lanes_of(wiki).troubles


def test_a_renewal_waits_for_no_lane(sandbox: Sandbox, wiki: Wiki, crowd: Callable[[int], int]) -> None:
    """It is done by requests that have all the lanes there are."""
    lanes_of(wiki).level = lanes_of(wiki).most = 1
    sandbox.expire_tokens()
    assert crowd(5) == 5
    assert sandbox.counts()["refreshes"] == 1


def test_sign_in_waits_for_no_lane(sandbox: Sandbox, wiki: Wiki) -> None:
    lanes_of(wiki).hold(3_600)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    assert lanes_of(wiki).held_for


def test_a_write_takes_a_lane(wiki: Wiki) -> None:
    lanes_of(wiki).hold(3_600)
    site = portal.run(wiki._session.site())
    writing = portal.submit(wiki._client.ask(site, "PUT", "/wiki/api/v2/pages/1", json={}))
    with pytest.raises(TimeoutError):
        writing.result(0.2)
    writing.cancel()


@pytest.mark.parametrize("most", [1, MOST])
def test_a_callback_on_the_loop_gets_a_lane_while_its_pull_has_them_all(
    sandbox: Sandbox, wiki: Wiki, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A progress line that asks the wiki itself, as a callback of somebody's might."""
    pages = wiki.pages().head(12)
    lanes_of(wiki).level = lanes_of(wiki).most = most
    sandbox.set(latency=0.02)
    seen: list[int] = []

    @contextmanager
    def curious(what: str, wanted: bool | None) -> Iterator[Callable[[int, int | None, int], None]]:
        monkeypatch.undo()  # what the line asks has a line of the usual kind
        yield lambda rows, total, windows: seen.append(len(wiki.spaces()))

    monkeypatch.setattr("confluence_nb.wiki.pulling.progress_bar", curious)
    pull = threading.Thread(target=wiki.labels, args=(pages,), daemon=True)
    pull.start()
    pull.join(60)
    assert not pull.is_alive()
    assert len(seen) > 1
    assert set(seen) == {3}


FORKED = """
import os, sys, threading, time
from confluence_nb import Cloud, OAuthApp, connect

url, client_id, secret, redirect_uri, store = sys.argv[1:]
wiki = connect(app=OAuthApp(client_id, secret, redirect_uri), store=store, cloud=Cloud(url, url))
assert len(wiki.spaces()) == 3
lanes = wiki._client.lanes
lanes.most, lanes.level = 2, 2.0

readers = []
while lanes.at_most_once < 2:
    lanes.level = 2.0  # a slow spell of a busy machine closes one
    if not any(reader.is_alive() for reader in readers):
        readers = [threading.Thread(target=wiki.spaces) for _ in range(6)]
        for reader in readers:
            reader.start()
    time.sleep(0.001)
child = os.fork()  # the parent's lanes are taken, and its queue is not empty
if child == 0:
    try:
        os._exit(0 if [len(wiki.spaces()) for _ in range(3)] == [3, 3, 3] else 1)
    finally:
        os._exit(2)
for reader in readers:
    reader.join()
_, ended = os.waitpid(child, 0)
print("child", os.waitstatus_to_exitcode(ended))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forks_child_waits_for_none_of_its_parents_requests(sandbox: Sandbox, tmp_path: Any) -> None:
    wiki = open_wiki(sandbox, store=tmp_path / "kept.json")
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    sandbox.set(latency=0.2)
    given = (sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, *given, str(tmp_path / "kept.json")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout.strip() == "child 0", ran.stderr


def test_an_answer_says_what_it_took_by_itself(sandbox: Sandbox, wiki: Wiki) -> None:
    """The time in the queue and a pause that was asked for are nobody's measure of the server."""
    sandbox.set(latency=0.05, throttle_every=1, fault_limit=1)

    async def ask() -> list[float]:
        site = await wiki._session.site()
        answers = await asyncio.gather(*(wiki._client.ask(site, "GET", PAGES) for _ in range(10)))
        return [answer.seconds for answer in answers]

    began = time.monotonic()
    took = portal.run(ask())
    assert time.monotonic() - began > 1
    assert min(took) >= 0.05
    assert max(took) < 0.9


def test_what_fails_for_good_leaves_no_lane_behind(sandbox: Sandbox, wiki: Wiki, hurried: None) -> None:
    sandbox.set(error_every=1, retry_after_form="none")
    for _ in range(MOST):
        with pytest.raises(Unreachable):
            wiki.get("/pages")
    sandbox.set(error_every=0)
    assert portal.run(asked(wiki, 20)) == 20
