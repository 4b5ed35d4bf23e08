"""The explorer, as its widgets are used: spaces, tree, search, preview, and the code for what is looked at."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki

from confluence_nb import ConfluenceNBError, NotFound, SignInRequired, Wiki
from confluence_nb.api.portal import portal
from confluence_nb.explorer.explorer import Explorer
from confluence_nb.page import Page
from confluence_nb.sandbox import Sandbox

CALL = re.compile(r'<input[^>]*value="([^"]*)"|<code[^>]*>(.*?)</code>', re.DOTALL)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox(pages=600, spaces=4) as sandbox:
        yield sandbox


@pytest.fixture
def wiki(shared: Sandbox) -> Wiki:
    """Signed in on a sandbox that no test of this file changes."""
    opened = open_wiki(shared)
    return opened.sign_in(shared.approve(opened.consent_url)).use("acme")


def settled(explorer: Explorer) -> Explorer:
    """The explorer when nothing is under way any more."""

    async def quiet() -> None:
        for _ in range(3):  # what one thing begins may begin another
            await asyncio.sleep(0)
            while tasks := [
                place._task
                for place in explorer._places
                if place._task is not None and not place._task.done()
            ]:
                await asyncio.wait(tasks)

    portal.run(quiet())
    return explorer


def lines(explorer: Explorer) -> list[str]:
    return [label.replace("\N{NO-BREAK SPACE}", " ").strip() for label, _ in explorer.rows.options]


def choose(explorer: Explorer, title: str) -> Explorer:
    """Click on the line of the tree that has this title."""
    explorer.rows.index = next(place for place, line in enumerate(lines(explorer)) if title in line)
    return settled(explorer)


def open_space(explorer: Explorer, key: str) -> Explorer:
    labels = [label for label, _ in explorer.spaces.options]
    explorer.spaces.index = next(place for place, label in enumerate(labels) if label.endswith(f"· {key}"))
    return settled(explorer)


def look_for(explorer: Explorer, words: str) -> Explorer:
    explorer.search.value = words
    return settled(explorer)


def codes(explorer: Explorer) -> list[str]:
    return [unescape(boxed or plain) for boxed, plain in CALL.findall(explorer.code.value)]


def ran(wiki: Wiki, code: str) -> Any:
    """What the code gives in the next cell."""
    return eval(code, {"wiki": wiki})


def titles(frame: pd.DataFrame) -> set[str]:
    return set(frame["title"])


def test_every_space_is_listed_and_none_is_open(wiki: Wiki) -> None:
    explorer = settled(wiki.explore())
    listed = [label for label, _ in explorer.spaces.options]
    spaces = wiki.spaces()
    assert listed[0] == "All spaces"
    assert len(listed) == 1 + len(spaces)
    assert all(any(name in label for label in listed) for name in spaces["name"])
    assert lines(explorer) == []
    assert codes(explorer) == ["wiki.spaces()"]
    pd.testing.assert_frame_equal(ran(wiki, codes(explorer)[0]), spaces)


def test_the_filter_takes_names_and_keys(wiki: Wiki) -> None:
    explorer = settled(wiki.explore())
    explorer.filter.value = "eng"
    assert [label for label, _ in settled(explorer).spaces.options][1:] == ["Engineering · ENG"]
    explorer.filter.value = "no such space"
    assert [label for label, _ in settled(explorer).spaces.options] == ["All spaces"]


def test_a_space_opens_with_its_home_and_what_is_below(wiki: Wiki) -> None:
    explorer = open_space(settled(wiki.explore()), "ENG")
    home = wiki.spaces().set_index("key").loc["ENG", "homepage_id"]
    shown = lines(explorer)
    assert shown[0].startswith("▾")
    below = wiki.children(home)
    assert [line.lstrip("▸·▾ ") for line in shown[1 : 1 + len(below)]] == list(below["title"])
    assert codes(explorer) == ['wiki.pages(space="ENG")']
    assert set(ran(wiki, codes(explorer)[0])["space_id"]) == set(wiki.spaces().query("key == 'ENG'")["id"])


def test_explore_opens_the_space_that_is_named(wiki: Wiki) -> None:
    assert lines(settled(wiki.explore("ENG"))) == lines(open_space(settled(wiki.explore()), "ENG"))


def test_a_line_shows_its_page_and_opens_what_is_below(wiki: Wiki) -> None:
    explorer = settled(wiki.explore("ENG"))
    below_home = [node for _, node in explorer.rows.options[1:]]
    node, page = next(
        (node, page) for node in below_home if (page := wiki.page(node.entry.id)).text and node.sign == "▸"
    )
    before = len(lines(explorer))
    choose(explorer, node.entry.title)
    children = wiki.children(node.entry.id)
    assert len(lines(explorer)) == before + len(children)
    assert page.title in unescape(explorer.preview.value)
    assert page.text.split()[0] in unescape(re.sub(r"<[^>]+>", " ", explorer.preview.value))
    first, second, _ = codes(explorer)
    shown = ran(wiki, first)
    assert isinstance(shown, Page)
    assert (shown.id, shown.title) == (page.id, page.title)
    assert titles(ran(wiki, second)) == titles(children)
    explorer.fold.click()
    assert len(lines(settled(explorer))) == before


def test_a_tree_of_any_depth_is_opened_level_by_level(wiki: Wiki) -> None:
    explorer = settled(wiki.explore("ENG"))
    depth = 0
    while True:
        nodes = [node for _, node in explorer.rows.options if hasattr(node, "entry")]
        deeper = [node for node in nodes if node.depth == depth and node.sign == "▸"]
        if not deeper:
            break
        choose(explorer, deeper[0].entry.title)
        depth += 1
    assert depth > 3
    nodes = [node for _, node in explorer.rows.options]
    assert max(node.depth for node in nodes) >= 4
    assert len({node.entry.id for node in nodes}) == len(nodes)


def test_a_search_finds_words_in_the_space_that_is_open(wiki: Wiki) -> None:
    explorer = look_for(settled(wiki.explore("ENG")), "security")
    found = ran(wiki, codes(explorer)[-1])
    assert len(lines(explorer)) >= min(len(found), 25)
    assert set(found["space_key"]) == {"ENG"}
    assert explorer.rows.description == "Found"
    explorer.clear.click()
    assert settled(explorer).rows.description == "Pages"
    assert codes(explorer) == ['wiki.pages(space="ENG")']


def test_a_search_of_the_whole_site(wiki: Wiki) -> None:
    explorer = look_for(settled(wiki.explore()), "security")
    assert set(ran(wiki, codes(explorer)[-1])["space_key"]) > {"ENG"}


@pytest.mark.parametrize("words", ['say "x" or space = OPS', "\\", "a' or 'b", "now()", "{words}", "( ~"])
def test_what_is_typed_stays_words(wiki: Wiki, words: str) -> None:
    explorer = look_for(settled(wiki.explore("ENG")), words)
    assert explorer._listing.error is None
    found = ran(wiki, codes(explorer)[-1])
    assert set(found["space_key"]) <= {"ENG"}


def test_a_space_of_ten_thousand_pages_is_two_requests() -> None:
    with Sandbox(pages=10_000, spaces=1) as large:
        wiki = open_wiki(large)
        wiki.sign_in(large.approve(wiki.consent_url)).use("acme")
        explorer = settled(wiki.explore())
        large.reset_counts()
        explorer.spaces.index = 1
        shown = lines(settled(explorer))
        assert len(shown) > 10
        assert large.counts()["requests"] == 2
        choose(explorer, shown[1].lstrip("▸·▾ "))
        assert large.counts()["requests"] <= 5  # what is below, the page, and the names in it


def test_the_last_choice_wins_however_late_the_first_answer() -> None:
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        explorer = settled(wiki.explore())
        sandbox.set(latency=0.3)
        explorer.spaces.index = 1
        explorer.spaces.index = 2
        sandbox.set(latency=0.0)
        key = explorer.spaces.options[2][1].key
        assert codes(settled(explorer)) == [f'wiki.pages(space="{key}")']
        assert {node.entry.space_key for _, node in explorer.rows.options} == {key}


def test_a_failure_is_said_in_the_widget_and_can_be_tried_again() -> None:
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        explorer = settled(wiki.explore())
        sandbox.set(error_rate=1.0, error_status=500, retry_after_form="none", faults_on="gateway")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("confluence_nb._patience.backoff", lambda tried, base: 0.0)
            explorer.spaces.index = 1
            settled(explorer)
        assert "500" in explorer.status.value
        assert explorer.try_again.layout.display is None
        assert lines(explorer) == []
        sandbox.set(error_rate=0.0)
        explorer.try_again.click()
        assert len(lines(settled(explorer))) > 1
        assert explorer.try_again.layout.display == "none"


def test_a_page_that_is_gone_since_is_said() -> None:
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        explorer = settled(wiki.explore(wiki.spaces()["key"].iloc[0]))
        node = explorer.rows.options[1][1]
        sandbox.delete_page(node.entry.id)
        choose(explorer, node.entry.title)
        assert explorer._looking.error is None or isinstance(explorer._looking.error, ConfluenceNBError)
        assert "trash" in explorer.preview.value.lower() or "nothing" in explorer.status.value.lower()


def test_names_from_the_wiki_are_text() -> None:
    evil = '<img src=x onerror="alert(1)"> & </option></select><script>alert(2)</script>'
    with Sandbox(pages=60, spaces=2) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        space = wiki.spaces().iloc[0]
        page = sandbox.add_page(space["id"], evil, "<p>harmless</p>", parent_id=space["homepage_id"])
        explorer = settled(wiki.explore(space["key"]))
        explorer.rows.index = next(
            place for place, (_, node) in enumerate(explorer.rows.options) if node.entry.id == page
        )
        settled(explorer)
        shown = explorer.preview.value + explorer.code.value + explorer.status.value
        assert "<img" not in shown
        assert "<script" not in shown
        assert "harmless" in shown
        look_for(explorer, evil)
        assert "<img" not in explorer.status.value + explorer.code.value


def test_the_code_says_what_the_notebook_calls_the_wiki(wiki: Wiki) -> None:
    explorer = settled(wiki.explore())
    named = settled(Explorer(explorer._source, lambda: "acme"))
    assert codes(named) == ["acme.spaces()"]


def test_a_saved_notebook_keeps_a_sentence(wiki: Wiki) -> None:
    explorer = settled(wiki.explore("ENG"))
    assert repr(explorer) == "Confluence explorer (run this cell again to use it)"


def test_what_cannot_be_explored_is_said_at_once(shared: Sandbox, wiki: Wiki) -> None:
    with pytest.raises(SignInRequired):
        open_wiki(shared).explore()
    with pytest.raises(NotFound, match="no space 'ENGG'"):
        wiki.explore("ENGG")
    with pytest.raises(ConfluenceNBError, match="opens one space"):
        wiki.explore(["ENG", "OPS"])
