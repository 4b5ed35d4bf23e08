"""The explorer on a served wiki: what it shows, what it asks for and when, and the code that gives the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
import pytest
from conftest import open_wiki
from explorer_hands import codes, lines, pick, press, settle, type_in, words_of

from confluence_nb import AmbiguousSite, ConfluenceNBError, NotFound, Page, SignInRequired, Wiki
from confluence_nb.explorer.explorer import Explorer
from confluence_nb.sandbox import Sandbox

HOSTILE = "<img src=x onerror=\"window.harmed='name'\"> & \u202eturned\r\nround"


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """10,000 pages in one space; nothing writes to it."""
    with Sandbox(pages=10_000, spaces=1, sites=1) as running:
        yield running


@pytest.fixture
def library(large: Sandbox) -> Wiki:
    opened = open_wiki(large)
    opened.sign_in(large.approve(opened.consent_url))
    return opened.use("acme")


def explorer_of(wiki: Wiki, space: object = None) -> Explorer:
    explorer = wiki.explore(space)
    settle(explorer)
    return explorer


def asked(sandbox: Sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.log(500)]


def given_by(code: str, wiki: Wiki) -> Any:
    """What the code gives in the next cell."""
    return eval(code, {"wiki": wiki})


# ------------------------------------------------------------------------------ spaces


def test_every_space_is_there_and_says_what_it_is(wiki: Wiki) -> None:
    explorer = explorer_of(wiki)
    spaces = wiki.spaces()
    shown = lines(explorer.spaces)
    assert shown[0] == "All spaces"
    assert len(shown) == len(spaces) + 1
    for space in spaces.itertuples():
        [line] = [line for line in shown if f"· {space.key}" in line]
        assert line.startswith(space.name)
        for mark in ("archived", "personal"):
            assert (f"{mark}]" in line) == (mark in (space.status, space.type))
    assert explorer.spaces.description == f"Spaces ({len(spaces)})"
    assert "Choose a space" in words_of(explorer.status)


def test_the_filter_narrows_by_name_and_key_and_keeps_what_is_chosen(wiki: Wiki) -> None:
    explorer = explorer_of(wiki, "ENG")
    every = lines(explorer.spaces)
    type_in(explorer, explorer.filter, "engin eng")
    assert [line for line in lines(explorer.spaces) if line != "All spaces"] == ["Engineering · ENG"]
    assert explorer.spaces.label == "Engineering · ENG"
    type_in(explorer, explorer.filter, "no such space")
    assert words_of(explorer.status) == "No space has “no such space” in its name or key."
    assert lines(explorer.spaces) == ["All spaces"]
    assert lines(explorer.rows), "the tree stays"
    type_in(explorer, explorer.filter, "")
    assert lines(explorer.spaces) == every
    assert explorer.spaces.label == "Engineering · ENG"


# -------------------------------------------------------------------------------- tree


def test_a_space_of_any_size_opens_with_two_requests(large: Sandbox, library: Wiki) -> None:
    explorer = explorer_of(library)
    large.reset_counts()
    space = pick(explorer, explorer.spaces, "Engineering")
    assert large.counts()["requests"] <= 2
    home = library.spaces()["homepage_id"].iloc[0]
    roots = library.table("/spaces/{id}/pages", id=space.id, depth="root")
    below = library.children(home)
    ids = [node.entry.id for _, node in explorer.rows.options]
    others = roots[roots["id"] != home].sort_values("position", kind="stable")
    assert ids == [home, *below["id"], *others["id"]]
    assert lines(explorer.rows)[0].startswith("▾ ")
    assert all(line.startswith("    ▸ ") for line in lines(explorer.rows)[1 : len(below) + 1])


def test_children_come_when_their_parent_is_opened_and_once(large: Sandbox, library: Wiki) -> None:
    explorer = explorer_of(library, "ENG")
    before = lines(explorer.rows)
    large.reset_counts()
    node = pick(explorer, explorer.rows, "    ▸")
    assert [path for path in asked(large)[-3:] if path.endswith("direct-children")] == [
        f"/ex/confluence/{library.site.id}/wiki/api/v2/pages/{node.entry.id}/direct-children"
    ]
    children = library.children(node.entry.id)
    at = explorer.rows.index
    opened = explorer.rows.options[at + 1 : at + 1 + len(children)]
    assert [below.entry.id for _, below in opened] == list(children["id"])
    assert len(explorer.rows.options) == len(before) + len(children)

    press(explorer, explorer.fold)
    assert lines(explorer.rows) == before
    large.reset_counts()
    press(explorer, explorer.unfold)
    assert len(explorer.rows.options) == len(before) + len(children)
    assert not [path for path in asked(large)[-2:] if path.endswith("direct-children")]
    # Closing what is closed closes what it hangs under, and that is looked at then.
    press(explorer, explorer.fold)
    press(explorer, explorer.fold)
    assert not [line for line in lines(explorer.rows) if line.startswith(" ")]
    assert explorer.rows.index == 0


def test_folders_whiteboards_and_the_rest_say_what_they_are(library: Wiki) -> None:
    explorer = explorer_of(library, "ENG")
    kinds: set[str] = set()
    for _ in range(6):
        for _, node in list(explorer.rows.options):
            if node.entry.type != "page":
                assert f"[{node.entry.type}" in next(
                    line for line, row in explorer.rows.options if row is node
                )
                kinds.add(node.entry.type)
                other = node
        pick(explorer, explorer.rows, "▸")
    assert kinds
    pick(explorer, explorer.rows, other.label.strip())
    assert other.entry.type in words_of(explorer.preview)
    assert f"/wiki/spaces/ENG/{other.entry.type}/{other.entry.id}" in explorer.preview.value
    assert codes(explorer)[0] == f'wiki.children("{other.entry.id}")'


def test_a_tree_of_any_depth_opens_level_by_level(library: Wiki) -> None:
    explorer = explorer_of(library, "ENG")
    depth = 0
    while closed := [node for _, node in explorer.rows.options if node.depth == depth and node.sign == "▸"]:
        explorer.rows.value = closed[0]
        settle(explorer)
        depth += 1
    nodes = [node for _, node in explorer.rows.options]
    assert max(node.depth for node in nodes) >= 4
    assert len({node.entry.id for node in nodes}) == len(nodes)
    for line, node in explorer.rows.options:
        assert line.startswith("    " * node.depth + node.sign)


def test_a_long_list_comes_by_the_window(sandbox: Sandbox, wiki: Wiki) -> None:
    space = wiki.spaces().iloc[0]
    parent = sandbox.add_page(space["id"], "Of many", "")
    for number in range(260):
        sandbox.add_page(space["id"], f"One of many {number}", "", parent_id=parent)
    explorer = explorer_of(wiki, space["key"])
    pick(explorer, explorer.rows, "Of many")
    assert sum("One of many" in line for line in lines(explorer.rows)) == 250
    pick(explorer, explorer.rows, "… more (250 so far)")
    found = [node.entry.id for line, node in explorer.rows.options if "One of many" in line]
    assert found == list(wiki.children(parent)["id"])
    assert not [line for line in lines(explorer.rows) if "more" in line]
    assert explorer.rows.value.entry.id == found[250], "who reads on stays where the line for more was"


# -------------------------------------------------------------------------------- code


def test_the_code_gives_what_is_looked_at(wiki: Wiki) -> None:
    explorer = explorer_of(wiki)
    assert codes(explorer) == ["wiki.spaces()"]
    assert len(given_by(codes(explorer)[0], wiki)) == len(explorer.spaces.options) - 1
    pick(explorer, explorer.spaces, "Engineering")
    assert codes(explorer) == ['wiki.pages(space="ENG")']
    assert set(given_by(codes(explorer)[0], wiki)["space_id"]) == {explorer.spaces.value.id}
    node = pick(explorer, explorer.rows, "    ▸")
    page, children, space = (given_by(code, wiki) for code in codes(explorer))
    assert isinstance(page, Page)
    assert page.title == node.entry.title
    assert words_of(widgets.HTML(page._repr_html_())) == words_of(explorer.preview)
    assert list(children["id"]) == [below.entry.id for below in node.below.nodes]
    assert len(space)


# ---------------------------------------------------------------------- what goes wrong


def test_who_is_not_signed_in_or_has_no_site_is_told_so(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox)
    with pytest.raises(SignInRequired):
        wiki.explore()
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    with pytest.raises(AmbiguousSite):
        wiki.explore()


def test_no_space_of_that_name_and_more_than_one(wiki: Wiki) -> None:
    with pytest.raises(NotFound, match="no space 'ENX'"):
        wiki.explore("ENX")
    with pytest.raises(ConfluenceNBError, match="one space"):
        wiki.explore(["ENG", "OPS"])


def test_a_page_that_was_put_in_the_trash_meanwhile_says_so(sandbox: Sandbox, wiki: Wiki) -> None:
    space = wiki.spaces().iloc[0]
    page = sandbox.add_page(space["id"], "Soon gone", "")
    explorer = explorer_of(wiki, space["key"])
    sandbox.delete_page(page)
    pick(explorer, explorer.rows, "Soon gone")
    assert "trashed" in words_of(explorer.preview)


def test_after_a_sign_in_that_ended_one_goes_on(sandbox: Sandbox, wiki: Wiki) -> None:
    explorer = explorer_of(wiki)
    sandbox.revoke()
    pick(explorer, explorer.spaces, "Engineering")
    assert "sign in" in words_of(explorer.status).lower()
    assert explorer.rows.options == ()
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    wiki.use("acme")
    press(explorer, explorer.try_again)
    assert explorer.rows.options
    assert words_of(explorer.status) == ""


def test_another_site_in_use_is_not_asked_in_place_of_this(wiki: Wiki) -> None:
    explorer = explorer_of(wiki)
    wiki.use("globex")
    pick(explorer, explorer.spaces, "Engineering")
    assert "This explorer is of acme.atlassian.net" in words_of(explorer.status)
    wiki.use("acme")
    press(explorer, explorer.try_again)
    assert explorer.rows.options


def test_hostile_names_are_text(sandbox: Sandbox, wiki: Wiki) -> None:
    space = wiki.spaces().iloc[0]
    sandbox.add_page(space["id"], HOSTILE, "<p>harmless</p>")
    explorer = explorer_of(wiki, space["key"])
    pick(explorer, explorer.rows, "<img")
    line = explorer.rows.label
    assert line.endswith("<img src=x onerror=\"window.harmed='name'\"> & turned round")
    type_in(explorer, explorer.search, HOSTILE)
    for widget in (explorer.preview, explorer.code, explorer.status):
        assert "<img" not in widget.value
    assert given_by(codes(explorer)[0], wiki) is not None


def test_what_a_notebook_keeps_is_a_sentence(wiki: Wiki) -> None:
    explorer = explorer_of(wiki, "ENG")
    assert repr(explorer) == "Confluence explorer (run this cell again to use it)"
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == repr(explorer)
    state = json.dumps(widgets.Widget.get_manager_state())
    assert "Engineering" in state
    assert "eyJ" not in state
