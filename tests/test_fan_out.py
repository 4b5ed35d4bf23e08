"""Helpers that are asked about many pages: what they take, which way they go, what they go on without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, Script, strange_cloud

from confluence_nb import ConfluenceNBError, LeftOut, MissingScope, NotFound, NotPermitted, Wiki
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

HELPERS = ("comments", "attachments", "labels", "versions", "properties", "likes", "tasks")
BELOW_EACH_ONLY = ("versions", "properties", "likes")


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    """A site that nothing here changes."""
    with Sandbox(pages=300, spaces=3) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        yield sandbox, wiki.use("acme")


@pytest.fixture
def sandbox(shared: tuple[Sandbox, Wiki]) -> Sandbox:
    return shared[0]


@pytest.fixture
def wiki(shared: tuple[Sandbox, Wiki]) -> Wiki:
    return shared[1]


@pytest.fixture(scope="module")
def pages(shared: tuple[Sandbox, Wiki]) -> pd.DataFrame:
    return shared[1].pages()


def asked(sandbox: Sandbox, ask: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """A frame, and the requests that it took."""
    before = sandbox.counts()["requests"]
    frame = ask()
    return frame, sandbox.counts()["requests"] - before


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(frame[list(columns)].astype(str).itertuples(index=False, name=None))


# --------------------------------------------------------------------------- what is given


@pytest.mark.parametrize(
    "given",
    [
        list,
        tuple,
        pd.Series,
        lambda ids: pd.DataFrame({"id": ids}),
        lambda ids: pd.DataFrame({"page_id": ids, "id": ["7"] * len(ids)}),
        lambda ids: np.array([int(some) for some in ids]),
        lambda ids: pd.Series([float(some) for some in ids] + [float("nan")]),
        lambda ids: pd.Series([*ids, None], dtype="string").unique(),
        lambda ids: pd.Series([*ids, None], dtype="category").unique(),
        lambda ids: pd.Index([float(some) for some in ids] + [float("nan")]),
        lambda ids: [*ids, *ids],
        lambda ids: [f" {some} " for some in ids],
    ],
    ids=[
        "list",
        "tuple",
        "series",
        "frame",
        "joined frame",
        "numpy",
        "a gap",
        "unique",
        "unique category",
        "index",
        "repeated",
        "spaces",
    ],
)
def test_ids_in_every_form(wiki: Wiki, pages: pd.DataFrame, given: Callable[[Any], Any]) -> None:
    ids = pages["id"].head(3).tolist()
    frame = wiki.labels(given(ids))
    assert rows(frame, "page_id", "name") == rows(wiki.labels(ids), "page_id", "name")
    assert set(frame["page_id"]) <= set(ids)


@pytest.mark.parametrize("helper", HELPERS)
@pytest.mark.parametrize(
    "given",
    [
        "ENG",
        "",
        True,
        1.5,
        {"id": 1},
        b"1",
        "12; drop",
        "../1",
        "９",
        [None],
        np.array("ENG"),
        [["1"]],
        pd.DataFrame({"key": ["1"]}),
    ],
    ids=repr,
)
def test_what_is_no_id_is_said_before_anything_is_asked(
    wiki: Wiki, sandbox: Sandbox, helper: str, given: Any
) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match=r"content id|'page_id' nor 'id'"):
        getattr(wiki, helper)(given)
    assert sandbox.counts()["requests"] == before


@pytest.mark.parametrize("helper", HELPERS)
def test_other_parameters_are_checked_before_anything_is_asked(
    wiki: Wiki, sandbox: Sandbox, pages: pd.DataFrame, helper: str
) -> None:
    wrong = {
        "comments": {"body": "view"},
        "attachments": {"status": "lost"},
        "labels": {"limit": "all"},
        "versions": {"body": "markdown"},
        "properties": {"key": ["a", "b"]},
        "likes": {"limit": -1},
        "tasks": {"status": "done"},
    }
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError):
        getattr(wiki, helper)(pages["id"].tolist(), **wrong[helper])
    with pytest.raises(ConfluenceNBError, match="not both"):
        getattr(wiki, helper)(pages, space="ENG")
    assert sandbox.counts()["requests"] == before


@pytest.mark.parametrize("helper", BELOW_EACH_ONLY)
def test_what_the_site_has_no_list_of_asks_for_pages(wiki: Wiki, helper: str) -> None:
    with pytest.raises(ConfluenceNBError, match="which pages"):
        getattr(wiki, helper)()


@pytest.mark.parametrize("helper", HELPERS)
def test_no_pages_no_rows_and_the_same_columns(wiki: Wiki, pages: pd.DataFrame, helper: str) -> None:
    none = getattr(wiki, helper)([])
    some = getattr(wiki, helper)(pages.head(60))
    assert len(none) == 0
    assert len(some) > 0
    assert none.dtypes.to_dict() == {column: some.dtypes[column] for column in none.columns}
    assert list(some.columns[: len(none.columns)]) == list(none.columns)
    assert str(some.dtypes["page_id"]) == "string"
    assert some["page_id"].isin(pages["id"]).all()


@pytest.mark.parametrize("helper", HELPERS)
def test_the_pages_of_a_space(wiki: Wiki, pages: pd.DataFrame, helper: str) -> None:
    space = wiki.spaces().iloc[0]
    inside = pages[pages["space_id"] == space["id"]]
    frame = getattr(wiki, helper)(space=space["key"])
    about = frame[frame["page_id"].notna()]  # a space's tasks are also those of its blog posts
    assert rows(about, "page_id") == rows(getattr(wiki, helper)(inside), "page_id")


def test_blog_posts_attachments_and_comments_have_details_too(wiki: Wiki) -> None:
    posts = wiki.blogposts()
    labels = wiki.labels(posts)
    assert len(labels) > 0
    assert labels["page_id"].isin(posts["id"]).all()
    assert rows(labels, "page_id", "name") == rows(wiki.labels(posts["id"]), "page_id", "name")
    comments = wiki.comments(posts)
    assert len(comments) > 0
    assert comments["page_id"].isin(posts["id"]).all()
    versions = wiki.versions(wiki.comments()["id"].head(20))
    assert len(versions) >= 20
    assert versions["number"].notna().all()
    assert len(wiki.versions(wiki.attachments()["id"].head(5))) >= 5


def test_what_a_search_found_is_asked_about_by_its_type(wiki: Wiki) -> None:
    found = wiki.search("type in (page, blogpost)")
    labels = wiki.labels(found)
    assert labels["page_id"].isin(found["id"]).all()
    assert set(labels["page_id"]) & set(found["id"][found["type"] == "blogpost"])


# ------------------------------------------------------------------------- the shorter way


@pytest.mark.parametrize("helper", ["comments", "attachments", "labels"])
def test_both_ways_lead_to_the_same_rows(
    wiki: Wiki, sandbox: Sandbox, pages: pd.DataFrame, helper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = pages.sample(60, random_state=3)
    whole, few_requests = asked(sandbox, lambda: getattr(wiki, helper)(some))
    monkeypatch.setattr("confluence_nb.pull.routes.FEW", 10_000)
    each, many_requests = asked(sandbox, lambda: getattr(wiki, helper)(some))
    assert "{id}" in each.attrs["endpoint"]
    assert few_requests < many_requests
    assert list(whole.columns[: len(each.columns)]) == list(each.columns)
    same = [column for column in each.columns if not column.startswith("resolution_last")]
    assert rows(whole, *same) == rows(each, *same), "the site's list tells more of who resolved a comment"
    assert list(dict.fromkeys(whole["page_id"])) == [
        page for page in some["id"] if page in set(whole["page_id"])
    ]


def test_few_pages_of_a_large_site_are_asked_one_by_one(
    wiki: Wiki, sandbox: Sandbox, pages: pd.DataFrame
) -> None:
    _, requests = asked(sandbox, lambda: wiki.attachments(pages.head(3)))
    assert requests == 3
    _, requests = asked(sandbox, lambda: wiki.labels(pages.head(4)))
    assert requests <= 4 + 2


def test_many_pages_without_a_scope_to_search(sandbox: Sandbox, pages: pd.DataFrame, wiki: Wiki) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES if scope != "search:confluence"]
    narrow = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    narrow.sign_in(sandbox.approve(narrow.consent_url)).use("acme")
    frame, requests = asked(sandbox, lambda: narrow.attachments(pages))
    assert requests < 20
    assert rows(frame, "id") == rows(wiki.attachments(pages), "id")


@pytest.fixture(scope="module")
def large() -> Iterator[tuple[Sandbox, Wiki, pd.DataFrame]]:
    with Sandbox(pages=10_000, spaces=40, hourly_points=10**9) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        yield sandbox, wiki, wiki.pages()


@pytest.mark.slow
@pytest.mark.parametrize("helper", ["comments", "labels", "attachments", "authors"])
def test_ten_thousand_pages_take_few_requests(large: tuple[Sandbox, Wiki, pd.DataFrame], helper: str) -> None:
    sandbox, wiki, pages = large
    ask = {
        "comments": lambda: wiki.comments(pages),
        "labels": lambda: wiki.labels(pages),
        "attachments": lambda: wiki.attachments(pages),
        "authors": lambda: wiki.users(pages),
    }
    frame, requests = asked(sandbox, ask[helper])
    assert len(frame) > (10_000 if helper != "authors" else 10)
    assert requests <= len(frame) / 250 + 40 + 100


# --------------------------------------------------------------------------- what is missing


@pytest.mark.parametrize("helper", HELPERS)
def test_what_is_not_there_is_skipped_and_said_once(wiki: Wiki, pages: pd.DataFrame, helper: str) -> None:
    ids = [*pages["id"].head(20), "999999999", "888888888"]
    with pytest.warns(UserWarning, match=r"999999999.* and 1 more.*skipped") as warned:
        frame = getattr(wiki, helper)(ids)
    assert [(told.category, told.filename) for told in warned if told.category is LeftOut] == [
        (LeftOut, __file__)  # at the line that called, whichever way the helper goes
    ]
    assert [skip["id"] for skip in frame.attrs["skipped"]] == ["999999999", "888888888"]
    assert all(skip["reason"] for skip in frame.attrs["skipped"])
    assert frame.attrs["complete"]
    assert rows(frame, "page_id") == rows(getattr(wiki, helper)(pages.head(20)), "page_id")


@pytest.mark.parametrize("helper", BELOW_EACH_ONLY)
def test_a_page_that_goes_away_on_the_way_is_skipped(wiki: Wiki, pages: pd.DataFrame, helper: str) -> None:
    some = pages.head(5).copy()
    some.loc[2, "id"] = "777777777"  # the frame says that it is a page, the site says 404
    with pytest.warns(UserWarning, match="777777777"):
        frame = getattr(wiki, helper)(some)
    (skipped,) = frame.attrs["skipped"]
    assert skipped["id"] == "777777777"
    assert "404" in skipped["reason"]
    assert rows(frame, "page_id") == rows(getattr(wiki, helper)(pages.head(5).drop(2)), "page_id")


def test_the_one_thing_asked_about_must_be_there(wiki: Wiki) -> None:
    with pytest.raises(NotFound, match="999999999"):
        wiki.labels("999999999")


def test_what_has_no_such_list_is_skipped(wiki: Wiki, pages: pd.DataFrame) -> None:
    folder = pages[pages["parent_type"] == "folder"]["parent_id"].iloc[0]
    with pytest.warns(UserWarning, match="folder"):
        frame = wiki.labels([pages["id"].iloc[0], folder])
    assert [skip["id"] for skip in frame.attrs["skipped"]] == [folder]
    with pytest.raises(ConfluenceNBError, match=f"{folder}: The API has no labels of a folder"):
        wiki.labels(folder)


def test_a_missing_scope_ends_it(sandbox: Sandbox, pages: pd.DataFrame) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES if scope != "read:comment:confluence"]
    narrow = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    narrow.sign_in(sandbox.approve(narrow.consent_url)).use("acme")
    with pytest.raises(MissingScope, match="read:comment:confluence"):
        narrow.comments(pages)


def test_kinds_need_no_scope_where_they_can_be_guessed(sandbox: Sandbox, pages: pd.DataFrame) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES if scope != "read:content.metadata:confluence"]
    narrow = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    narrow.sign_in(sandbox.approve(narrow.consent_url)).use("acme")
    with pytest.warns(UserWarning, match="999999999"):
        frame = narrow.likes([*pages["id"].head(3), "999999999"])
    assert set(frame["page_id"]) <= set(pages["id"].head(3))


# --------------------------------------------------------------------------- which rows a frame stands for


@pytest.mark.parametrize("helper", ["comments", "attachments", "labels"])
def test_what_is_in_archived_spaces_counts_for_the_way_to_go(helper: str) -> None:
    """Else a large wiki that was archived would be taken for an empty one, and read whole for a few of its pages."""
    there = {"true": 90_000, None: 0}

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/search"):
            return Says({"results": [], "totalSize": there[asked["includeArchivedSpaces"]], "_links": {}})
        return Says({"results": [], "_links": {}})

    few = pd.DataFrame({"page_id": [str(number) for number in range(1, 7)]})
    with strange_cloud(script) as cloud:
        getattr(cloud.open_wiki(), helper)(few.assign(id=few["page_id"], type="page"))
        below = [asked.path for asked in cloud.wiki_calls if "/pages/" in asked.path]
    assert len(below) >= len(few)


def telling(conversion: Says) -> Script:
    """A script of a page with one label and of a blog post with none, which is asked for kinds in vain, or not."""

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/convert-ids-to-types"):
            return conversion
        if asked.path.endswith("/pages/1/labels"):
            return Says({"results": [{"id": "7", "name": "x"}], "_links": {}})
        if asked.path.endswith("/blogposts/2/labels"):
            return Says({"results": [], "_links": {}})
        return Says({"errors": [{"status": 404, "title": "Cannot find a page with id [2]."}]}, 404)

    return script


BARE = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}]}


@pytest.mark.parametrize(
    "conversion",
    [
        Says(BARE, 404), Says({"message": "Forbidden"}, 403), Says({}, 405), Says({}, 410), Says({}, 501),
        Says({"results": [{"id": "1", "type": "page"}]}), Says({"results": None}), Says(b"[]"), Says(b"", 204),
    ],
    ids=["404", "403", "405", "410", "501", "a list", "nothing", "an empty list", "no body"],
)  # fmt: skip
def test_kinds_that_the_site_does_not_tell_are_guessed(conversion: Says) -> None:
    with strange_cloud(telling(conversion)) as cloud:
        wiki = cloud.open_wiki()
        assert list(wiki.labels("1")["name"]) == ["x"]
        with pytest.warns(LeftOut):
            several = wiki.labels(["1", "2"])
        assert list(several["page_id"]) == ["1"]
        assert [left["id"] for left in several.attrs["skipped"]] == ["2"]


def test_an_account_without_confluence_is_not_guessed_around() -> None:
    refused = Says({"message": "Current user not permitted to use Confluence"}, 403)
    with strange_cloud(telling(refused)) as cloud, pytest.raises(NotPermitted, match="cannot use Confluence"):
        cloud.open_wiki().labels("1")


def test_kinds_in_capitals_are_the_same_kinds() -> None:
    with strange_cloud(telling(Says({"results": {"1": "PAGE", "2": "BlogPost"}}))) as cloud:
        found = cloud.open_wiki().labels(["1", "2"])
        assert list(found["page_id"]) == ["1"]
        assert not found.attrs["skipped"]


def test_what_is_below_a_page_can_be_asked_about_as_it_is(wiki: Wiki, pages: pd.DataFrame) -> None:
    below = wiki.descendants(pages["id"].iloc[0]).query("type == 'page'")
    labels = wiki.labels(below)
    assert rows(labels, "page_id", "name") == rows(wiki.labels(below["id"].tolist()), "page_id", "name")
    assert labels["page_id"].nunique() > 1
    grandchildren = wiki.children(wiki.children(pages["id"].iloc[0]).query("type == 'page'"))
    assert set(grandchildren["id"]).isdisjoint(wiki.children(pages["id"].iloc[0])["id"])


def test_files_of_blog_posts_lead_to_the_blog_posts(wiki: Wiki) -> None:
    files = wiki.attachments()
    on_posts = files[files["blog_post_id"].notna()]
    assert on_posts["page_id"].isna().any()
    labels = wiki.labels(files)
    assert rows(labels, "page_id", "name") == rows(
        wiki.labels([*files["page_id"].dropna(), *on_posts["blog_post_id"]]), "page_id", "name"
    )
    assert labels["page_id"].isin(on_posts["blog_post_id"]).any()


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan"), pd.NaT], ids=repr)
def test_a_missing_id_in_a_list_is_called_so(wiki: Wiki, missing: object) -> None:
    with pytest.raises(ConfluenceNBError, match=r"missing\. Leave out .*dropna"):
        wiki.labels(["1", missing])


def test_two_columns_of_one_name_are_refused(wiki: Wiki, pages: pd.DataFrame, tmp_path: Path) -> None:
    files = wiki.attachments(limit=3)
    for ask, frame in (
        (wiki.labels, pages),
        (wiki.users, pages),
        (wiki.pages, wiki.spaces()),
        (lambda frame: wiki.download(frame, tmp_path), files),
    ):
        with pytest.raises(ConfluenceNBError, match=r"'(id|author_id)' more than once"):
            ask(pd.concat([frame.head(3), frame.head(3)], axis=1))


def test_a_column_stands_for_itself(wiki: Wiki, pages: pd.DataFrame) -> None:
    talk = wiki.comments(pages.head(60))
    likes = wiki.likes(talk["id"].head(30))
    assert likes["page_id"].isin(talk["id"]).all()
    with pytest.raises(ConfluenceNBError, match="content id"):
        wiki.likes(pages["title"])


@pytest.mark.parametrize("other", ["spaces", "labels"])
@pytest.mark.parametrize("helper", [*HELPERS, "children", "watchers", "restrictions", "views"])
def test_a_frame_of_what_is_no_content_is_refused(
    wiki: Wiki, sandbox: Sandbox, helper: str, other: str
) -> None:
    frame = getattr(wiki, other)().head(3)
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match=f"is of {other}"):
        getattr(wiki, helper)(frame)
    assert sandbox.counts()["requests"] == before


def test_a_frame_of_another_site_is_refused(
    wiki: Wiki, sandbox: Sandbox, pages: pd.DataFrame, tmp_path: Path
) -> None:
    files = wiki.attachments(limit=3)
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url)).use("globex")
    spaces = other.spaces()
    assert spaces.attrs["site"] == "globex.atlassian.net"
    before = sandbox.counts()["requests"]
    for ask in (other.labels, other.children, other.watchers, lambda frame: other.labels(frame["id"])):
        with pytest.raises(ConfluenceNBError, match=r"use\('acme"):
            ask(pages)
    with pytest.raises(ConfluenceNBError, match=r"use\('acme"):
        other.download(files, tmp_path)
    other.use("acme")
    with pytest.raises(ConfluenceNBError, match=r"use\('globex"):
        other.pages(space=spaces)
    with pytest.raises(ConfluenceNBError, match=r"use\('globex"):
        other.permissions(spaces)
    assert sandbox.counts()["requests"] == before


def test_tasks_of_blog_posts_come_back_with_the_id_given(wiki: Wiki) -> None:
    posts = wiki.blogposts()
    tasks = wiki.tasks(posts)
    assert len(tasks) > 0
    assert (tasks["page_id"] == tasks["blog_post_id"]).all()
    assert list(wiki.tasks([], body="storage").columns) == list(wiki.tasks(posts, body="storage").columns)


# --------------------------------------------------------------------------- what attrs say


@pytest.mark.parametrize("helper", [*HELPERS, "children", "descendants", "ancestors"])
def test_every_request_is_counted(sandbox: Sandbox, pages: pd.DataFrame, helper: str) -> None:
    fresh = open_wiki(sandbox)
    fresh.sign_in(sandbox.approve(fresh.consent_url)).use("acme")
    fresh.spaces(limit=1)  # the sites are known now
    named = {"names": True} if helper in HELPERS and helper not in ("labels", "properties") else {}
    calls = [lambda: getattr(fresh, helper)(pages["id"].head(9).tolist(), **named)]
    if helper in HELPERS:
        calls.append(lambda: getattr(fresh, helper)(space="ENG", **named))
    for call in calls:
        frame, requests = asked(sandbox, call)
        assert frame.attrs["requests"] == requests


def test_an_iterator_is_not_said_to_have_been_empty(wiki: Wiki, pages: pd.DataFrame) -> None:
    frame = wiki.labels(iter(pages["id"].head(5)))
    assert frame.attrs["parameters"]["pages"] != []
