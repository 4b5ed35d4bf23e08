"""The explorer over a source in memory: answers that come late, in the wrong order or not at all, and strange names."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable

import pytest
from explorer_hands import codes, is_shown, lines, pick, press, settle, type_in, words_of
from explorer_source import ENG, SourceInMemory, entry

from confluence_nb.api.portal import portal
from confluence_nb.errors import ConfluenceNBError, NotFound, NotPermitted, Unreachable
from confluence_nb.explorer import explorer as explorer_module
from confluence_nb.explorer import latest
from confluence_nb.explorer.code import name_in_notebook
from confluence_nb.explorer.explorer import Explorer
from confluence_nb.explorer.source import Space

HOSTILE = "</script><img src=x onerror=alert(1)>\"'"


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is read as soon as it is marked."""
    monkeypatch.setattr(explorer_module, "REST_SECONDS", 0.0)


@pytest.fixture
def source() -> SourceInMemory:
    return SourceInMemory(below={"10": [[entry("11"), entry("12")]], "20": [[entry("21")]]})


def opened(source: SourceInMemory, space: Space | None = ENG) -> Explorer:
    explorer = Explorer(source, lambda: "wiki", space.id if space else None)
    settle(explorer)
    return explorer


def eventually(explorer: Explorer, come: Callable[[], bool]) -> None:
    """Wait on the portal's loop until something shows that settling would wait too long for."""

    async def shown() -> None:
        async with asyncio.timeout(30):
            while not come():
                await asyncio.sleep(0.01)

    portal.run(shown())


# ------------------------------------------------------------------------ late answers


def test_a_late_answer_does_not_show_over_a_newer_one(source: SourceInMemory) -> None:
    explorer = opened(source)
    source.hold("page 11")
    explorer.rows.value = explorer.rows.options[1][1]
    eventually(explorer, lambda: "page 11" in source.asked)
    pick(explorer, explorer.rows, "Page 12")
    source.let_go("page 11")
    settle(explorer)
    assert "body of 12" in words_of(explorer.preview)
    assert explorer.rows.label.endswith("Page 12")
    assert codes(explorer)[0] == 'wiki.page("12")'


def test_a_late_tree_does_not_show_in_another_space(source: SourceInMemory) -> None:
    explorer = opened(source, None)
    source.hold("roots ENG")
    explorer.spaces.value = ENG
    eventually(explorer, lambda: "roots ENG" in source.asked)
    pick(explorer, explorer.spaces, "Operations")
    source.let_go("roots ENG")
    settle(explorer)
    assert lines(explorer.rows) == ["▾ Operations Home", "    ▸ Page 21"]


def test_what_takes_its_time_says_so(source: SourceInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = opened(source, None)
    source.hold("roots ENG")
    explorer.spaces.value = ENG
    eventually(explorer, lambda: "Reading the tree…" in explorer.status.value)
    source.let_go("roots ENG")
    settle(explorer)
    assert words_of(explorer.status) == ""
    # What is quick says nothing: the line would only flicker.
    monkeypatch.setattr(latest, "SLOW_SECONDS", 3_600.0)
    said: list[str] = []
    explorer.status.observe(lambda change: said.append(change["new"]), names="value")
    pick(explorer, explorer.rows, "Page 11")
    assert "Reading" not in "".join(said)


def test_arrow_keys_read_only_where_they_rest(
    source: SourceInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = opened(source)
    monkeypatch.setattr(explorer_module, "REST_SECONDS", 0.1)

    async def pass_over() -> None:
        # On the loop itself, where no time passes between one line and the next.
        for _, node in explorer.rows.options:
            explorer.rows.value = node

    portal.run(pass_over())
    settle(explorer)
    assert [name for name in source.asked if name.startswith("page")] == ["page 12"]


# ------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("No answer came from acme. Check the network, then try again."),
        NotPermitted("This account may not see page 11.", status=403),
        NotFound("There is no page 11, or this account may not see it.", status=404),
    ],
    ids=["offline", "not permitted", "gone"],
)
def test_a_page_that_does_not_come_says_why_and_can_be_asked_for_again(
    source: SourceInMemory, error: ConfluenceNBError
) -> None:
    explorer = opened(source)
    source.pages["11"] = error
    source.below["11"] = [[entry("111")]]
    pick(explorer, explorer.rows, "Page 11")
    assert str(error) in words_of(explorer.status)
    assert "Page 11" in words_of(explorer.preview)
    assert "        ▸ Page 111" in lines(explorer.rows), "what is below it came all the same"
    assert is_shown(explorer.try_again)
    del source.pages["11"]
    press(explorer, explorer.try_again)
    assert "body of 11" in words_of(explorer.preview)
    assert words_of(explorer.status) == ""
    assert not is_shown(explorer.try_again)


def test_another_page_is_a_way_on_too(source: SourceInMemory) -> None:
    explorer = opened(source)
    source.pages["11"] = NotFound("There is no page 11.", status=404)
    pick(explorer, explorer.rows, "Page 11")
    pick(explorer, explorer.rows, "Page 12")
    assert words_of(explorer.status) == ""
    assert "body of 12" in words_of(explorer.preview)


def test_an_error_that_is_not_meant_for_people_is_not_shown_to_them(source: SourceInMemory) -> None:
    explorer = opened(source)
    source.pages["11"] = ValueError("token=canary")
    pick(explorer, explorer.rows, "Page 11")
    assert "ValueError" in words_of(explorer.status)
    assert "canary" not in explorer.status.value


def test_spaces_that_do_not_come_are_asked_for_again(source: SourceInMemory) -> None:
    source.listed.insert(1, Unreachable("No answer came. Try again."))
    source.listed.append([Space("3", "DOC", "Documents")])
    explorer = opened(source, None)
    assert "No answer came." in words_of(explorer.status)
    assert lines(explorer.spaces) == ["All spaces", "Engineering · ENG", "Operations · OPS"], "those so far"
    del source.listed[1]
    press(explorer, explorer.try_again)
    assert lines(explorer.spaces)[1] == "Documents · DOC"


def test_a_homepage_that_tells_no_children_is_closed_and_says_why_when_opened(source: SourceInMemory) -> None:
    source.below["10"] = [NotPermitted("No children for you.", status=403), [entry("11")]]
    explorer = opened(source)
    assert lines(explorer.rows) == ["▸ Engineering Home"]
    source.below["10"].insert(0, NotPermitted("No children for you.", status=403))
    pick(explorer, explorer.rows, "Engineering Home")
    assert "No children for you." in words_of(explorer.status)
    press(explorer, explorer.try_again)
    assert lines(explorer.rows) == ["▾ Engineering Home", "    ▸ Page 11"]


def test_a_list_that_breaks_off_goes_on_where_it_stopped(source: SourceInMemory) -> None:
    source.below["search"] = [[entry("1")], Unreachable("No answer came."), [entry("2")], [entry("3")]]
    explorer = opened(source)
    type_in(explorer, explorer.search, "page")
    pick(explorer, explorer.rows, "… more")
    assert "No answer came." in words_of(explorer.status)
    press(explorer, explorer.try_again)
    assert lines(explorer.rows) == ["Page 1 · ENG", "Page 2 · ENG", "… more (2 so far)"]
    pick(explorer, explorer.rows, "… more")
    assert lines(explorer.rows) == ["Page 1 · ENG", "Page 2 · ENG", "Page 3 · ENG"]


# ----------------------------------------------------------------------------- what is shown


def test_entries_say_their_kind_and_status_and_stand_in_their_order(source: SourceInMemory) -> None:
    source.below["10"] = [
        [
            entry("15", type="folder", title="Old things"),
            entry("14", status="archived", position=7),
            entry("13", status="draft", type="whiteboard", position=2),
            entry("16", type="smart thing", can_have_children=False, position=9),
        ]
    ]
    explorer = opened(source)
    assert lines(explorer.rows)[1:] == [
        "    ▸ Page 13 [whiteboard, draft]",
        "    ▸ Page 14 [archived]",
        "    · Page 16 [smart thing]",
        "    ▸ Old things [folder]",
    ]
    pick(explorer, explorer.rows, "Old things")
    assert "    · Old things [folder]" in lines(explorer.rows), "nothing is in it"
    assert "page 15" not in source.asked, "a folder has no body"


def test_names_are_text_wherever_they_show(source: SourceInMemory) -> None:
    hostile = Space("3", HOSTILE, HOSTILE, homepage_id="30")
    source.listed = [[hostile]]
    source.host = HOSTILE
    strange = entry(HOSTILE, title=HOSTILE, type=HOSTILE, status=HOSTILE, url="javascript:alert(1)")
    source.below |= {"30": [[strange]], "search": [[strange]]}
    explorer = opened(source, hostile)
    assert HOSTILE in words_of(explorer.children[0])
    assert HOSTILE in lines(explorer.spaces)[1]
    explorer.rows.value = explorer.rows.options[-1][1]
    settle(explorer)
    assert words_of(explorer.preview) == f"{HOSTILE}{HOSTILE} · {HOSTILE}"
    assert codes(explorer)[0] == f"wiki.children({HOSTILE!r})"
    shown = [explorer.preview.value, explorer.code.value, explorer.children[0].value]
    type_in(explorer, explorer.search, HOSTILE)
    assert HOSTILE in words_of(explorer.status)
    shown += [explorer.code.value, explorer.status.value]
    assert not [html for html in shown if "<img" in html or "javascript:" in html]
    explorer.rows.value = explorer.rows.options[0][1]
    settle(explorer)
    asked: list[str] = []
    eval(codes(explorer)[-1], {"wiki": types.SimpleNamespace(search=asked.append)})
    assert HOSTILE.replace('"', '\\"') in asked[0], "the code is one call with one text"


def test_an_empty_space_and_one_without_a_homepage(source: SourceInMemory) -> None:
    bare = Space("4", "BARE", "Bare")
    loose = Space("5", "LOOSE", "Loose")
    source.listed = [[bare, loose]]
    source.below |= {"BARE": [], "LOOSE": [[entry("51")]]}
    explorer = opened(source, bare)
    assert "nothing in this space" in words_of(explorer.status)
    pick(explorer, explorer.spaces, "Loose")
    assert lines(explorer.rows) == ["▸ Page 51"]


def test_thousands_of_spaces_are_found_by_the_filter(source: SourceInMemory) -> None:
    named = [Space(str(number), f"S{number}", f"Space {number:04}") for number in range(2_500)]
    source.listed = [named[start : start + 250] for start in range(0, 2_500, 250)]
    explorer = opened(source, None)
    assert len(explorer.spaces.options) == 1_001
    assert explorer.spaces.description == "Spaces (1,000 of 2,500)"
    type_in(explorer, explorer.filter, "space 2499")
    assert lines(explorer.spaces) == ["All spaces", "Space 2499 · S2499"]


def test_code_calls_the_wiki_as_the_notebook_does(monkeypatch: pytest.MonkeyPatch) -> None:
    wiki = object()
    names = {"_": wiki, "_12": wiki, "not a name": wiki, "class": wiki, "other": object()}
    shell = types.SimpleNamespace(user_ns=names)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert name_in_notebook(wiki) == "wiki"
    names["acme"] = wiki
    assert name_in_notebook(wiki) == "acme"
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert name_in_notebook(wiki) == "wiki"
