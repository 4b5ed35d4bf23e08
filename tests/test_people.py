"""Groups, watchers and restrictions as frames: what the site says of each page, no row lost, none invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import LeftOut, Wiki
from confluence_nb.errors import ConfluenceNBError, Interrupted, MissingScope, NotFound, Unreachable
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

SCOPES = ("read:confluence-groups", "read:confluence-content.all", "read:confluence-content.summary")
RESTRICTION = "/wiki/rest/api/content/{id}/restriction"
PAGE_WATCHES = "/wiki/rest/api/content/{id}/notification/child-created"
SPACE_WATCHES = "/wiki/rest/api/content/{id}/notification/created"
NOBODY = "99999999"

FAN_OUTS: dict[str, Callable[..., pd.DataFrame]] = {
    "watchers": Wiki.watchers,
    "restrictions": Wiki.restrictions,
}
fan_outs = pytest.mark.parametrize("ask", FAN_OUTS.values(), ids=FAN_OUTS.keys())


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    with Sandbox(pages=80, spaces=3) as sandbox:
        wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, *SCOPES]))
        yield sandbox, wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


@pytest.fixture
def sandbox(shared: tuple[Sandbox, Wiki]) -> Sandbox:
    return shared[0]


@pytest.fixture
def wiki(shared: tuple[Sandbox, Wiki]) -> Wiki:
    return shared[1]


def calls(sandbox: Sandbox, path: str) -> int:
    """How often that was asked for, since the counts began."""
    return sum(sandbox.counts()["routes"].get(f"GET {path}", {}).values())


def told(wiki: Wiki, path: str, page_id: str) -> list[dict[str, Any]]:
    """What the site says of one page."""
    rows: list[dict[str, Any]] = wiki.get(path.replace("{id}", page_id))["results"]
    return rows


# ----------------------------------------------------------------------------- groups


def test_groups(wiki: Wiki) -> None:
    frame = wiki.groups()
    said = wiki.get("/wiki/rest/api/group")["results"]
    assert list(frame["id"]) == [row["id"] for row in said]
    assert list(frame["name"]) == [row["name"] for row in said]
    kinds = frame.dtypes.map(str)
    assert kinds["id"] == kinds["name"] == "string"
    assert kinds["managed_by"] == kinds["usage_type"] == "category"
    assert len(wiki.groups(limit=2)) == 2


def test_no_groups_have_the_same_columns(wiki: Wiki) -> None:
    none = wiki.groups(limit=0)
    assert none.empty
    assert none.dtypes.to_dict() == wiki.groups().dtypes.to_dict()


# --------------------------------------------------------------------------- watchers


def test_watchers_of_pages(wiki: Wiki, sandbox: Sandbox) -> None:
    pages = wiki.pages(limit=12)
    sandbox.reset_counts()
    frame = wiki.watchers(pages)
    assert calls(sandbox, PAGE_WATCHES) == 12
    assert sandbox.counts()["requests"] == 12
    truth = [
        (page_id, row["watcher"]["accountId"])
        for page_id in pages["id"]
        for row in told(wiki, PAGE_WATCHES, page_id)
    ]
    assert truth
    assert list(zip(frame["page_id"], frame["watcher_account_id"], strict=True)) == truth
    assert set(frame["kind"]) == {"page"}
    assert frame["space_key"].isna().all()
    assert set(wiki.users(frame)["account_id"]) == set(frame["watcher_account_id"])


def test_watchers_of_spaces_are_asked_for_once_each(wiki: Wiki, sandbox: Sandbox) -> None:
    pages = wiki.pages(limit=12)
    sandbox.reset_counts()
    frame = wiki.watchers(pages, spaces=True)
    assert calls(sandbox, SPACE_WATCHES) == pages["space_id"].nunique()
    assert calls(sandbox, PAGE_WATCHES) == 12
    of_spaces = frame[frame["kind"] == "space"]
    for _, together in pages.groupby("space_id"):
        first, *_ = together["id"]
        watching = {row["watcher"]["accountId"] for row in told(wiki, SPACE_WATCHES, first)}
        for page_id in together["id"]:
            assert set(of_spaces.loc[of_spaces["page_id"] == page_id, "watcher_account_id"]) == watching
    assert of_spaces["space_key"].notna().all()


def test_watchers_of_spaces_when_nothing_says_which(wiki: Wiki, sandbox: Sandbox) -> None:
    ids = list(wiki.pages(limit=3)["id"])
    sandbox.reset_counts()
    wiki.watchers(ids, spaces=True)
    assert calls(sandbox, SPACE_WATCHES) == 3


def test_a_page_that_is_not_there_does_not_hide_who_watches_its_space(wiki: Wiki) -> None:
    pages = wiki.pages(limit=80)
    # Of a space with watchers, so that losing them would show.
    page = next(page for page in pages["id"] if told(wiki, SPACE_WATCHES, page))
    given = pd.DataFrame({"id": [NOBODY, page], "space_id": ["7", "7"]})
    with pytest.warns(UserWarning, match=NOBODY):
        frame = wiki.watchers(given, spaces=True)
    watching = {row["watcher"]["accountId"] for row in told(wiki, SPACE_WATCHES, page)}
    of_spaces = frame[frame["kind"] == "space"]
    assert set(of_spaces["watcher_account_id"]) == watching
    assert set(of_spaces["page_id"]) == {page}
    assert [skipped["id"] for skipped in frame.attrs["skipped"]] == [NOBODY]


def test_more_watchers_than_one_answer_holds() -> None:
    def script(asked: Asked) -> Says:
        start, limit = int(asked["start"] or 0), min(90, int(asked["limit"] or 200))
        rows = [
            {"type": "page", "contentId": 5, "watcher": {"accountId": f"acc-{n}"}}
            for n in range(start, min(200, start + limit))
        ]
        return Says({"results": rows, "start": start, "limit": limit, "size": len(rows), "_links": {}})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().watchers("5")
    assert list(frame["watcher_account_id"]) == [f"acc-{n}" for n in range(200)]
    assert len(cloud.wiki_calls) == 3


# ----------------------------------------------------------------------- restrictions


def named(rows: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    """Operation, kind, id and name of what a page's restrictions list."""
    return {
        (
            row["operation"],
            kind,
            one["accountId" if kind == "user" else "id"],
            one["displayName" if kind == "user" else "name"],
        )
        for row in rows
        for kind in ("user", "group")
        for one in row["restrictions"][kind]["results"]
    }


def test_restrictions_one_row_for_each_name(wiki: Wiki, sandbox: Sandbox) -> None:
    pages = wiki.pages()
    sandbox.reset_counts()
    frame = wiki.restrictions(pages)
    assert sandbox.counts()["requests"] == calls(sandbox, RESTRICTION) == len(pages)
    assert frame.attrs["requests"] == len(pages)
    found = 0
    for page_id in pages["id"]:
        truth = named(told(wiki, RESTRICTION, page_id))
        rows = frame[frame["page_id"] == page_id]
        assert (
            set(
                rows[["operation", "subject_type", "subject_id", "subject_name"]].itertuples(
                    index=False, name=None
                )
            )
            == truth
        )
        assert len(rows) == len(truth)
        found += len(truth)
    assert 0 < found == len(frame)
    assert frame["page_id"].nunique() < len(pages)
    assert list(frame.columns) == ["page_id", "operation", "subject_type", "subject_id", "subject_name"]


def test_a_limit_counts_rows_not_pages(wiki: Wiki) -> None:
    pages = wiki.pages()
    whole = wiki.restrictions(pages)
    pd.testing.assert_frame_equal(wiki.restrictions(pages, limit=1), whole.head(1))
    pd.testing.assert_frame_equal(wiki.restrictions(pages, limit=3), whole.head(3))


def people(first: int, many: int) -> list[dict[str, Any]]:
    return [
        {"type": "known", "accountId": f"acc-{n}", "displayName": f"Person {n}"}
        for n in range(first, first + many)
    ]


def groups(first: int, many: int) -> list[dict[str, Any]]:
    return [{"type": "group", "id": f"group-{n}", "name": f"Group {n}"} for n in range(first, first + many)]


def restricted(
    asked: Asked, lists: dict[str, tuple[list[Any], list[Any]]], *, most: int, echo: bool = True
) -> Says:
    """The answer of a site that names so many people, and groups, at once."""
    start, limit = int(asked["start"] or 0), min(most, int(asked["limit"] or 100))

    def window(everybody: list[Any]) -> dict[str, Any]:
        shown = everybody[start : start + limit]
        return {"results": shown, "start": start, "size": len(shown)} | ({"limit": limit} if echo else {})

    rows = [
        {
            "operation": operation,
            "restrictions": {"user": window(users), "group": window(those)},
            "_links": {},
        }
        for operation, (users, those) in lists.items()
    ]
    return Says({"results": rows, "start": 0, "limit": limit, "size": len(rows), "_links": {}})


@pytest.mark.parametrize(
    ("most", "echo", "requests"), [(100, True, 3), (100, False, 3), (40, True, 7), (1_000, True, 3)]
)
def test_names_that_do_not_fit_one_answer(most: int, echo: bool, requests: int) -> None:
    lists = {"read": (people(0, 250), groups(0, 7)), "update": (people(100, 3), groups(0, 130))}
    with strange_cloud(lambda asked: restricted(asked, lists, most=most, echo=echo)) as cloud:
        frame = cloud.open_wiki().restrictions("5")
    assert len(frame) == 250 + 7 + 3 + 130
    assert not frame.duplicated().any()
    assert len(cloud.wiki_calls) == requests
    by_list = frame.groupby(["operation", "subject_type"], observed=True)["subject_id"].nunique()
    assert by_list.to_dict() == {
        ("read", "user"): 250,
        ("read", "group"): 7,
        ("update", "user"): 3,
        ("update", "group"): 130,
    }


def test_a_site_that_names_the_same_people_for_ever() -> None:
    def script(asked: Asked) -> Says:
        first = {"results": people(0, 100), "start": 0, "limit": 100, "size": 100}
        return Says({"results": [{"operation": "read", "restrictions": {"user": first}}]})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Interrupted, match="again and again") as caught:
            wiki.restrictions("5")
    assert caught.value.frame is not None
    assert len(caught.value.frame) == 100


def test_people_whom_the_site_hides_are_counted() -> None:
    hidden = [None, {"type": "unknown", "accountId": None, "displayName": None}, *people(0, 1)]
    listed = {"operation": "read", "restrictions": {"user": {"results": hidden}, "group": None}}
    with strange_cloud(lambda asked: Says({"results": [listed, {"operation": "update"}]})) as cloud:
        frame = cloud.open_wiki().restrictions("5")
    assert list(frame["subject_id"].isna()) == [True, True, False]


def test_restrictions_go_on_where_they_broke_off(hurried: None) -> None:
    lists = {"read": (people(0, 230), groups(0, 1))}
    broken = True

    def script(asked: Asked) -> Says:
        return Says(b"", 503) if broken and asked["start"] else restricted(asked, lists, most=100)

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable) as caught:
            wiki.restrictions(["5"])
        assert caught.value.frame is not None
        assert len(caught.value.frame) == 101
        broken = False
        frame = wiki.resume()
    assert len(frame) == 231
    assert not frame.duplicated().any()


# ------------------------------------------------------------------ what they have in common


@fan_outs
def test_nothing_has_the_same_columns_as_much(wiki: Wiki, ask: Callable[..., pd.DataFrame]) -> None:
    pages = wiki.pages()
    many = ask(wiki, pages)
    assert len(many) > 5
    for none in (ask(wiki, []), ask(wiki, pages.head(0)), ask(wiki, pages, limit=0)):
        assert none.empty
        promised = list(none.columns)
        assert list(many.columns[: len(promised)]) == promised
        assert none.dtypes.to_dict() == many[promised].dtypes.to_dict()
        assert many.drop(columns=promised).isna().all(axis=None)  # what nobody asked to be expanded
        assert none.attrs["skipped"] == []


@fan_outs
def test_what_cannot_be_seen_is_skipped_and_said(wiki: Wiki, ask: Callable[..., pd.DataFrame]) -> None:
    ids = list(wiki.pages()["id"])
    with pytest.warns(UserWarning, match=NOBODY) as warned:
        frame = ask(wiki, [ids[0], NOBODY, *ids[1:]])
    assert len([warning for warning in warned if warning.category is LeftOut]) == 1
    (skipped,) = frame.attrs["skipped"]
    assert skipped["id"] == NOBODY
    assert "404" in skipped["reason"]
    assert NOBODY not in set(frame["page_id"])
    pd.testing.assert_frame_equal(frame, ask(wiki, ids))


@fan_outs
def test_the_one_id_given_is_there_or_an_error(wiki: Wiki, ask: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(NotFound, match=NOBODY):
        ask(wiki, NOBODY)
    page = wiki.pages(limit=1)["id"].iloc[0]
    assert set(ask(wiki, page)["page_id"]) <= {page}


@fan_outs
@pytest.mark.parametrize(
    "given",
    ["ENG", "", None, 1.5, True, {"id": 1}, [None], b"1", pd.DataFrame({"key": ["1"]})],
    ids=lambda given: type(given).__name__,
)
def test_what_is_no_page_fails_before_any_request(
    wiki: Wiki, sandbox: Sandbox, ask: Callable[..., pd.DataFrame], given: object
) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError):
        ask(wiki, given)
    with pytest.raises(ConfluenceNBError, match="limit"):
        ask(wiki, "1", limit=-1)
    assert sandbox.counts()["requests"] == before


def test_accounts_are_found_in_the_frames_of_people(wiki: Wiki, sandbox: Sandbox) -> None:
    people = wiki.users(wiki.pages())
    assert set(wiki.users(people)["account_id"]) == set(people["account_id"])
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match="watcher_account_id"):
        wiki.users(pd.DataFrame({"page_id": ["1"]}))
    assert sandbox.counts()["requests"] == before


NEEDS: dict[str, tuple[Callable[[Wiki], object], str]] = {
    "groups": (lambda wiki: wiki.groups(), "read:confluence-groups"),
    "watchers": (lambda wiki: wiki.watchers(wiki.pages(limit=2)), "read:confluence-content.summary"),
    "restrictions": (lambda wiki: wiki.restrictions(wiki.pages(limit=2)), "read:confluence-content.all"),
}


@pytest.mark.parametrize(("call", "scope"), NEEDS.values(), ids=NEEDS.keys())
def test_a_scope_that_is_missing_is_named(
    sandbox: Sandbox, call: Callable[[Wiki], object], scope: str
) -> None:
    narrow = open_wiki(sandbox)
    narrow.sign_in(sandbox.approve(narrow.consent_url)).use("acme")
    with pytest.raises(MissingScope, match=scope) as caught:
        call(narrow)
    assert scope in caught.value.needed


def test_accounts_of_a_column_with_gaps(wiki: Wiki) -> None:
    found = wiki.users(wiki.spaces()["author_id"])["account_id"].tolist()
    for given in (pd.Series([*found, None]).unique(), pd.Index([None, *found])):
        assert wiki.users(given)["account_id"].tolist() == found
    with pytest.raises(ConfluenceNBError, match="none of them empty or missing"):
        wiki.users([*found, pd.NA])
