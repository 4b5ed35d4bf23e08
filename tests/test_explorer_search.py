"""The explorer's search: plain words, in the chosen space or the whole site, and never more than words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from explorer_hands import codes, is_shown, lines, pick, press, settle, type_in, words_of

from confluence_nb import Wiki
from confluence_nb.explorer.explorer import Explorer
from confluence_nb.sandbox import Sandbox


def explorer_of(wiki: Wiki, space: object = None) -> Explorer:
    explorer = wiki.explore(space)
    settle(explorer)
    return explorer


def given_by(code: str, wiki: Wiki) -> Any:
    """What the code gives in the next cell."""
    return eval(code, {"wiki": wiki})


def test_a_search_replaces_the_tree_until_it_is_cleared(sandbox: Sandbox, wiki: Wiki) -> None:
    explorer = explorer_of(wiki, "ENG")
    tree = lines(explorer.rows)
    assert not is_shown(explorer.clear)
    type_in(explorer, explorer.search, "rollout")
    [code] = [code for code in codes(explorer) if "search" in code]
    frame = wiki.search(code.partition("'")[2].rpartition("'")[0])
    assert [node.entry.id for _, node in explorer.rows.options] == list(frame["id"])
    assert set(frame["space_key"]) == {"ENG"}
    assert f"{len(frame)} found for “rollout” in Engineering." in words_of(explorer.status)
    pd.testing.assert_frame_equal(given_by(code, wiki), frame, check_like=True)

    pick(explorer, explorer.spaces, "All spaces")
    assert "in the whole site" in words_of(explorer.status)
    assert len(explorer.rows.options) > len(frame)
    pick(explorer, explorer.spaces, "Engineering")
    pick(explorer, explorer.rows, "· ENG")
    assert "version" in words_of(explorer.preview)
    press(explorer, explorer.clear)
    assert lines(explorer.rows) == tree
    assert explorer.search.value == ""


def test_nothing_found_and_a_second_click(sandbox: Sandbox, wiki: Wiki) -> None:
    explorer = explorer_of(wiki)
    type_in(explorer, explorer.search, 'no "such\\ word')
    assert 'Nothing found for “no "such\\ word” in the whole site.' in words_of(explorer.status)
    assert explorer.rows.options == ()
    sandbox.reset_counts()
    for _ in range(3):
        explorer.find.click()
    settle(explorer)
    assert sandbox.counts()["requests"] == 0


@pytest.mark.parametrize(
    "typed",
    [
        'say "x" or space = OPS',
        "\\",
        '\\" or space = OPS or title ~ "',
        "a' or 'b",
        "now()",
        "{words}",
        "( ~",
    ],
)
def test_what_is_typed_stays_words(sandbox: Sandbox, wiki: Wiki, typed: str) -> None:
    sandbox.add_page(wiki.spaces().iloc[0]["id"], f"About {typed} here", "")
    explorer = explorer_of(wiki, "ENG")
    type_in(explorer, explorer.search, typed)
    assert "found for" in words_of(explorer.status)
    found = given_by(codes(explorer)[-1], wiki)
    assert set(found["space_key"]) <= {"ENG"}
    assert [node.entry.id for _, node in explorer.rows.options] == list(found["id"])
