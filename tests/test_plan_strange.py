"""A planned list on servers of every kind: whatever fails, moves or lies, each row comes once, and in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
import pandas as pd
import pytest
from strange_cloud import Says, StrangeCloud, strange_cloud

from confluence_nb import ConfluenceNBError, Wiki
from confluence_nb.api.client import Answer
from confluence_nb.errors import BadRequest, RateLimited, Unreachable
from confluence_nb.pull.watch import Watch

SEEDS = range(8)
LISTS = "/wiki/api/v2/pages"


@dataclass
class Scripted:
    """Answers as a seed says, in an order of its own; what it holds may change while it is read."""

    seed: int
    manner: str = "honest"
    """honest, ignores (the order asked for), refuses (it), shuffled (in no order), ends (at once, from the end)."""
    window: int = 250
    uneven: bool = False
    faults: float = 0.0
    moves: bool = False
    whole_numbers: bool = False
    repeats: bool = False
    forgets: bool = False
    """Leaves out, the first time, one of the things asked for by their ids."""
    estimate: float | None = 1.0
    archived: bool = False
    """All of its spaces are: a search counts what is in them when it is told to."""
    asked: int = 0
    failed: int = 0
    pages: int = 0
    bodies: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.pages = self.pages or self.random.choice([3, 240, 251, 900, 1_600, 2_900])
        numbers = self.random.sample(range(1, 9_000), self.pages)
        self.there = dict.fromkeys(sorted(numbers))
        self.always = set(numbers)
        self.order = self.random.sample(numbers, len(numbers))
        self.costs = {
            "body": self.random.choice([0.0, 0.4, 3.0]),
            "none": self.random.choice([0.0, 0.1, 2.0]),
        }
        self.forgotten: set[int] = set()

    async def ask(
        self, site: Any, method: str, path: str, *, query: Any = (), json: Any = None, tries: int = 5
    ) -> Answer:
        said = dict(query)
        self.asked += 1
        for _ in range(self.random.choice([1, 40, 40, 400])):
            await asyncio.sleep(0)
        if self.random.random() < self.faults:
            self.failed += 1
            raise self.random.choice(
                [
                    Unreachable("It is ill. Try again.", status=503),
                    Unreachable("It is away. Try again."),
                    RateLimited("Too much. Wait."),
                ]
            )
        if path.endswith("/search"):
            return self._answer({"results": [], "totalSize": self._estimated(said), "_links": {}}, said)
        if self.moves:
            self._move()
        return self._answer(self._list(said), said)

    def _estimated(self, said: dict[str, str]) -> int:
        if self.archived and said.get("includeArchivedSpaces") != "true":
            return 0
        if self.estimate is None:
            raise BadRequest("No such query.", status=400)
        return int(self.estimate * len(self.there))

    def _answer(self, body: Any, said: dict[str, str]) -> Answer:
        seconds = self.costs["body" if "body-format" in said else "none"]
        return Answer(body, httpx.Headers(), seconds)

    def _list(self, said: dict[str, str]) -> Any:
        down = said.get("sort") == "-id"
        if down and self.manner == "refuses":
            raise BadRequest("No such order.", status=400)
        size = min(self.window, int(said["limit"]))
        if self.uneven:
            size = self.random.randint(max(1, size // 2), size)
        if "id" in said:
            found = [number for number in map(int, said["id"].split(",")) if number in self.there]
            self.random.shuffle(found)
            if self.forgets and len(found) > 1 and found[0] not in self.forgotten:
                self.forgotten.add(found.pop(0))
        else:
            found = [number for number in self.order if number in self.there]
            if self.manner not in ("shuffled", "ignores"):
                found.sort(reverse=down)
            elif self.manner == "ignores":
                found.sort()
            if down and self.manner == "ends":
                found = found[: self.random.choice([0, 100])]
        at = said.get("cursor")
        if at is not None:
            kind, place = at.split("-")
            if kind == "n" and self.manner in ("honest", "refuses", "ignores"):
                last = int(place)
                found = [
                    number for number in found if (number < last if found[0] > found[-1] else number > last)
                ]
            else:
                found = found[int(place) :]
        rows = found[:size]
        links = {}
        if len(found) > size:
            keyed = "id" not in said and self.manner in ("honest", "refuses", "ignores")
            before = int(at.split("-")[1]) if at is not None and not keyed else 0
            back = 1 if self.repeats and len(rows) > 2 else 0
            cursor = f"n-{rows[-1 - back]}" if keyed else f"o-{before + size - back}"
            links = {"next": f"{LISTS}?cursor={cursor}"}
        with_body = "body-format" in said
        if with_body:
            self.bodies += rows
        return {"results": [self._row(number, with_body) for number in rows], "_links": links}

    def _row(self, number: int, with_body: bool) -> dict[str, Any]:
        body = {"storage": {"value": f"body of {number}"}} if with_body else {}
        own: object = number if self.whole_numbers else str(number)
        return {"id": own, "title": f"Page {number}", "status": "current", "body": body}

    def _move(self) -> None:
        for _ in range(self.random.randrange(3)):
            gone = self.random.choice(list(self.there))
            if len(self.there) > 2:
                del self.there[gone]
                self.always.discard(gone)
            added = max(self.there) + 1 if self.random.random() < 0.5 else self.random.randrange(1, 9_000)
            if added not in self.there and added not in self.always:
                self.there[added] = None
                self.order.append(added)
                self.there = dict.fromkeys(sorted(self.there))


@pytest.fixture(scope="module")
def cloud() -> Iterator[StrangeCloud]:
    with strange_cloud(lambda asked: Says({}, 500)) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(cloud: StrangeCloud) -> Wiki:
    return cloud.open_wiki()


@pytest.fixture
def wiki(signed_in: Wiki, monkeypatch: pytest.MonkeyPatch) -> Wiki:
    monkeypatch.setattr("confluence_nb.api.plan.CHUNK", (10, 60))
    return signed_in


def read(
    wiki: Wiki, server: Scripted, monkeypatch: pytest.MonkeyPatch, *, interrupts: bool = False, **options: Any
) -> pd.DataFrame:
    """The frame, gone on with as often as it broke off."""
    # Whether the first window is waited for or not is chance, too.
    patience = server.random.choice([0.0, 0.05])
    monkeypatch.setattr("confluence_nb.pull.planned.COSTLY_WINDOW", 0.3)
    monkeypatch.setattr("confluence_nb.pull.planned.Watch", lambda came, _: Watch(came, patience))
    monkeypatch.setattr(wiki._client, "ask", server.ask)

    def progress(rows: int, total: int | None, windows: int | None = None) -> None:
        if interrupts and server.random.random() < 0.1:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()  # as the portal does when somebody presses ■

    monkeypatch.setattr("confluence_nb.wiki.pulling.progress_bar", lambda *_: nullcontext(progress))
    try:
        return wiki.pages(**options)
    except (ConfluenceNBError, CancelledError):
        pass
    for _ in range(500):
        partial = wiki.partial
        assert partial is not None
        assert partial["id"].is_unique
        try:
            return wiki.resume()
        except (ConfluenceNBError, CancelledError):
            pass
    raise AssertionError("it never came to an end")


def assert_whole(frame: pd.DataFrame, server: Scripted, *, body: bool) -> None:
    numbers = frame["id"].astype(int)
    assert numbers.is_unique
    assert server.always <= set(numbers), f"{len(server.always - set(numbers))} are lost"
    if body:
        assert (frame["body"] == "body of " + frame["id"]).all()
    if server.manner in ("honest", "refuses"):
        assert numbers.is_monotonic_increasing


MANNERS = ("honest", "ignores", "refuses", "shuffled", "ends")


@pytest.mark.parametrize("body", [None, "storage"])
@pytest.mark.parametrize("manner", MANNERS)
def test_every_row_comes_once(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch, manner: str, body: str | None
) -> None:
    for seed in SEEDS:
        chance = random.Random(seed)
        server = Scripted(
            seed,
            manner,
            window=chance.choice([100, 250]),
            uneven=chance.random() < 0.3,
            whole_numbers=chance.random() < 0.3,
            repeats=chance.random() < 0.3,
            forgets=chance.random() < 0.3,
            estimate=chance.choice([1.0, 1.0, 0.0, 0.4, 5.0, None]),
        )
        with monkeypatch.context() as patched:
            frame = read(wiki, server, patched, body=body, plan=chance.choice([None, "fast", "frugal"]))
        said = f"seed {seed}: {frame.attrs['plan']}"
        assert_whole(frame, server, body=body is not None), said
        assert frame.attrs["requests"] == server.asked, said
        if not (server.uneven or server.forgets):
            assert server.asked <= frame.attrs["plan"]["requests"], said


@pytest.mark.parametrize("body", [None, "storage"])
@pytest.mark.parametrize("manner", MANNERS)
def test_every_row_comes_once_through_breaks_and_changes(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch, manner: str, body: str | None
) -> None:
    for seed in SEEDS:
        chance = random.Random(seed)
        server = Scripted(
            seed,
            manner,
            window=chance.choice([100, 250]),
            whole_numbers=chance.random() < 0.3,
            forgets=chance.random() < 0.3,
            moves=manner in ("honest", "refuses", "ignores") and chance.random() < 0.6,
            faults=chance.choice([0.0, 0.05, 0.3]),
            estimate=chance.choice([1.0, 1.0, 0.0, 0.4, 5.0, None]),
        )
        with monkeypatch.context() as patched:
            frame = read(wiki, server, patched, interrupts=chance.random() < 0.5, body=body)
        assert_whole(frame, server, body=body is not None), f"seed {seed}"


def test_pages_that_no_search_finds_are_read_fast_all_the_same(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site that was archived: a search counts none of them."""
    server = Scripted(1, estimate=0.0, pages=2_900)
    server.costs = {"body": 3.0, "none": 0.1}
    frame = read(wiki, server, monkeypatch, body="storage")
    assert_whole(frame, server, body=True)
    assert frame.attrs["plan"]["name"] == "ids first"
    assert server.asked <= frame.attrs["plan"]["requests"]


def test_what_is_in_archived_spaces_counts(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Scripted(1, archived=True, pages=2_900)
    server.costs = {"body": 3.0, "none": 0.1}
    frame = read(wiki, server, monkeypatch, body="storage")
    assert_whole(frame, server, body=True)
    assert frame.attrs["estimated_total"] == 2_900


def test_requests_that_are_slow_by_themselves_are_not_made_more_of(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Scripted(2, pages=2_900)
    server.costs = {"body": 3.0, "none": 2.9}
    frame = read(wiki, server, monkeypatch, body="storage")
    assert_whole(frame, server, body=True)
    assert server.asked <= 2_900 // 250 + 6
