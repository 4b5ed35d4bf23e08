"""What is left of a call that broke off: its rows, what they say of themselves, and the way on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import ConfluenceNBError, NotFound, Wiki
from confluence_nb.errors import Unreachable
from confluence_nb.pull.pull import AT_ONCE, SILENT_LISTS
from confluence_nb.sandbox import Sandbox

BARE = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}]}
NAMED = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Cannot find a page with id [7]."}]}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=120, spaces=3) as running:
        yield running


def fresh(sandbox: Sandbox) -> Wiki:
    """A wiki that has looked nothing up yet."""
    opened = open_wiki(sandbox)
    opened.sign_in(sandbox.approve(opened.consent_url))
    return opened.use("acme")


@contextmanager
def outage(wiki: Wiki, monkeypatch: pytest.MonkeyPatch, *, after: int) -> Iterator[None]:
    """The network goes away after so many answers, until the block ends."""
    ask, asked = wiki._client.ask, iter(range(1_000_000))

    async def failing(*given: Any, **named: Any) -> Any:
        if next(asked) >= after:
            raise Unreachable("The network is away. Try again.")
        return await ask(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(wiki._client, "ask", failing)
        yield


CALLS: dict[str, Callable[[Wiki, list[str]], pd.DataFrame]] = {
    "comments": lambda wiki, ids: wiki.comments(ids, names=True),
    "attachments": lambda wiki, ids: wiki.attachments(ids, names=True),
    "versions": lambda wiki, ids: wiki.versions(ids, names=True),
    "tasks": lambda wiki, ids: wiki.tasks(ids, names=True),
    "children": lambda wiki, ids: wiki.children(ids),
    "descendants": lambda wiki, ids: wiki.descendants(ids[:4]),
    "ancestors": lambda wiki, ids: wiki.ancestors(ids),
    "permissions": lambda wiki, _: wiki.permissions(),
    "pages": lambda wiki, _: wiki.pages(names=True),
}


OF_A_SPACE: dict[str, Callable[[Wiki, list[str]], pd.DataFrame]] = {
    "pages of a space": lambda wiki, _: wiki.pages(space="ENG"),
    "permissions of a space": lambda wiki, _: wiki.permissions(space="ENG"),
}


@pytest.mark.parametrize("left", [1, 2, 5])
@pytest.mark.parametrize("name", CALLS)
def test_gone_on_with_it_is_the_frame_that_it_would_have_been(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str, left: int
) -> None:
    wiki = fresh(sandbox)
    ids = wiki.pages(limit=25)["id"].tolist()
    whole = CALLS[name](fresh(sandbox), ids)
    with outage(wiki, monkeypatch, after=max(1, whole.attrs["requests"] - left)), pytest.raises(Unreachable):
        CALLS[name](wiki, ids)
    # Before the first list there is nothing to go on with.
    frame = CALLS[name](wiki, ids) if wiki.partial is None else wiki.resume()
    pd.testing.assert_frame_equal(frame, whole)
    assert wiki.partial is None


def test_pages_listed_on_the_way_are_not_what_is_gone_on_with(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = fresh(sandbox)
    with outage(wiki, monkeypatch, after=1), pytest.raises(Unreachable) as caught:
        wiki.labels(space="ENG")
    assert caught.value.frame is None
    assert wiki.partial is None
    with pytest.raises(ConfluenceNBError, match="nothing to resume"):
        wiki.resume()


@pytest.mark.parametrize(
    "name", ["comments", "tasks", "descendants", "permissions of a space", "pages of a space"]
)
def test_what_broke_off_earlier_is_not_taken_for_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The later call ends while it looks up ids, before there is a list of its own to go on with."""
    wiki = fresh(sandbox)
    ids = wiki.pages(limit=25)["id"].tolist()
    with outage(wiki, monkeypatch, after=0), pytest.raises(Unreachable):
        wiki.spaces()
    assert wiki.partial is not None
    with pytest.raises(ConfluenceNBError, match="content id"):  # a slip of the pen begins nothing
        wiki.labels("x")
    assert wiki.partial is not None
    with outage(wiki, monkeypatch, after=0), pytest.raises(Unreachable):
        {**CALLS, **OF_A_SPACE}[name](wiki, ids)
    with pytest.raises(ConfluenceNBError, match="nothing to resume"):
        wiki.resume()


def test_what_is_asked_from_the_progress_line_does_not_take_its_place(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = fresh(sandbox)
    ids = wiki.pages(limit=25)["id"].tolist()
    whole = wiki.versions(ids)

    @contextmanager
    def curious(*given: Any) -> Iterator[Callable[..., None]]:
        monkeypatch.undo()
        yield lambda *told: wiki.labels(ids[:1])

    monkeypatch.setattr("confluence_nb.wiki.pulling.progress_bar", curious)
    asked, ask = iter(range(1_000_000)), wiki._client.ask

    async def failing(*given: Any, **named: Any) -> Any:
        if "versions" in given[2] and next(asked) >= 9:
            raise Unreachable("The network is away. Try again.")
        return await ask(*given, **named)

    wiki._client.ask = failing  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        wiki.versions(ids)
    wiki._client.ask = ask  # type: ignore[method-assign]
    assert wiki.partial is not None
    assert wiki.partial.attrs["endpoint"] == whole.attrs["endpoint"]
    pd.testing.assert_frame_equal(wiki.resume(), whole)


def test_two_threads_ask_one_wiki(sandbox: Sandbox) -> None:
    wiki = fresh(sandbox)
    ids = wiki.pages(limit=40)["id"].tolist()
    calls = [
        lambda: wiki.versions(ids, names=True),
        lambda: wiki.comments(ids, names=True),
        lambda: wiki.spaces(),
    ]
    alone = [call() for call in calls]
    found: dict[int, pd.DataFrame] = {}

    def ask(number: int) -> None:
        found[number] = calls[number % len(calls)]()

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == len(threads)
    for number, frame in found.items():
        pd.testing.assert_frame_equal(frame, alone[number % len(calls)])
        assert frame.attrs["requests"] <= alone[number % len(calls)].attrs["requests"]


@pytest.mark.parametrize("ask", ["search", "table"])
def test_the_rows_of_half_a_search_say_what_they_are(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    wiki = fresh(sandbox)
    read: Callable[[], pd.DataFrame] = {
        "search": lambda: wiki.search("type = page order by created"),
        "table": lambda: wiki.table("/wiki/rest/api/search", cql="type = page order by created"),
    }[ask]
    with outage(wiki, monkeypatch, after=1), pytest.raises(Unreachable) as caught:
        read()
    for frame in (caught.value.frame, wiki.partial, wiki.resume()):
        assert frame is not None
        assert len(frame) > 0
        assert frame.attrs["total_is_estimate"] is True
        assert (frame.attrs["slices"], frame.attrs["order"]) == (1, "order by created")


# --------------------------------------------------------------------------- nothing is there


def pages_of(site: str = "strange.atlassian.net", count: int = 5) -> pd.DataFrame:
    frame = pd.DataFrame({"id": [str(number) for number in range(1, count + 1)]})
    frame.attrs = {"endpoint": "GET /wiki/api/v2/pages", "site": site}
    return frame


@pytest.mark.parametrize("helper", ["versions", "likes", "properties", "attachments", "children", "watchers"])
def test_bare_words_for_everything_are_about_the_site(helper: str) -> None:
    with (
        strange_cloud(lambda asked: Says(BARE, 404)) as cloud,
        pytest.raises(NotFound, match=r"of 5 in all.*wiki\.status\(\)"),
    ):
        getattr(cloud.open_wiki(), helper)(pages_of())


def test_bare_words_for_some_are_about_these() -> None:
    def script(asked: Asked) -> Says:
        return Says({"results": [], "_links": {}}) if "/3/" in asked.path else Says(BARE, 404)

    with strange_cloud(script) as cloud, pytest.warns(UserWarning, match="and 3 more"):
        frame = cloud.open_wiki().versions(pages_of())
    assert len(frame) == 0
    assert [entry["id"] for entry in frame.attrs["skipped"]] == ["1", "2", "4", "5"]


def test_what_is_left_out_is_told_in_the_order_of_the_ids() -> None:
    last = threading.Event()

    def script(asked: Asked) -> Says:
        if "/5/" in asked.path:
            last.set()
        elif "/3/" not in asked.path:
            assert last.wait(10)
        return Says({"results": [], "_links": {}}) if "/3/" in asked.path else Says(NAMED, 404)

    with (
        strange_cloud(script) as cloud,
        pytest.warns(UserWarning, match=r"Left out: 1 \(.*[^.]\), and 3 more\. "),
    ):
        frame = cloud.open_wiki().versions(pages_of())
    assert [entry["id"] for entry in frame.attrs["skipped"]] == ["1", "2", "4", "5"]


def test_bare_words_again_and_again_are_not_asked_for_to_the_end() -> None:
    wrong = True

    def script(asked: Asked) -> Says:
        return Says(BARE, 404) if wrong else Says({"results": [{"number": 1}], "_links": {}})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(NotFound, match=r"rest is left unasked.*wiki\.status\(\)"):
            wiki.versions(pages_of(count=300))
        asked = len(cloud.wiki_calls)
        assert SILENT_LISTS <= asked < SILENT_LISTS + AT_ONCE
        wrong = False
        with pytest.warns(UserWarning, match="Left out"):
            frame = wiki.resume()
        assert len(cloud.wiki_calls) <= 300 + AT_ONCE
    assert len(frame) + len(frame.attrs["skipped"]) == 300


def test_pages_that_are_named_as_missing_are_left_out_even_if_they_are_all() -> None:
    with (
        strange_cloud(lambda asked: Says(NAMED, 404)) as cloud,
        pytest.warns(UserWarning, match="Cannot find a page"),
    ):
        assert len(cloud.open_wiki().versions(pages_of()).attrs["skipped"]) == 5
