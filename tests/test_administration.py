"""Permissions, views, templates and the audit log as frames, held against what the site says one call at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import Wiki
from confluence_nb.errors import ConfluenceNBError, MissingScope, NotFound, NotPermitted, Unreachable
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

SCOPES = ("read:confluence-content.summary", "read:audit-log:confluence")
VIEWS = "/wiki/rest/api/analytics/content/{id}/views"
VIEWERS = "/wiki/rest/api/analytics/content/{id}/viewers"
AUDIT = "/wiki/rest/api/audit"
NOBODY = "99999999"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    with Sandbox(pages=60, spaces=4) as sandbox:
        wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=[*DEFAULT_SCOPES, *SCOPES]))
        yield sandbox, wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")


@pytest.fixture
def sandbox(shared: tuple[Sandbox, Wiki]) -> Sandbox:
    return shared[0]


@pytest.fixture
def wiki(shared: tuple[Sandbox, Wiki]) -> Wiki:
    return shared[1]


def calls(sandbox: Sandbox, path: str) -> int:
    """How often that was asked for since the counts began."""
    return sum(sandbox.counts()["routes"].get(f"GET {path}", {}).values())


# ------------------------------------------------------------------------ permissions


def test_permissions_of_every_space(wiki: Wiki, sandbox: Sandbox) -> None:
    spaces = wiki.spaces()
    sandbox.reset_counts()
    frame = wiki.permissions()
    assert calls(sandbox, "/wiki/api/v2/spaces/{id}/permissions") == len(spaces)
    assert sandbox.counts()["requests"] == len(spaces) + 1 == frame.attrs["requests"]
    assert list(frame["space_id"].unique()) == list(spaces["id"])
    for space in spaces.itertuples():
        said = wiki.get(f"/spaces/{space.id}/permissions", limit=250)["results"]
        rows = frame[frame["space_id"] == space.id]
        assert list(rows["id"]) == [row["id"] for row in said]
        assert list(rows["principal_id"]) == [row["principal"]["id"] for row in said]
        assert list(rows["operation_key"]) == [row["operation"]["key"] for row in said]
        assert set(rows["space_key"]) == {space.key}
    kinds = frame.dtypes.map(str)
    assert kinds["space_id"] == kinds["space_key"] == kinds["principal_id"] == "string"
    assert kinds["principal_type"] == kinds["operation_key"] == "category"


@pytest.mark.parametrize("column", ["id", "key"])
def test_permissions_of_some_spaces(wiki: Wiki, column: str) -> None:
    spaces = wiki.spaces().head(2)
    frame = wiki.permissions(list(spaces[column]))
    assert set(frame["space_id"]) == set(spaces["id"])
    assert set(frame["space_key"]) == set(spaces["key"])
    assert len(wiki.permissions(spaces[column].iloc[0])) < len(frame) == len(wiki.permissions(spaces))


def permission_script(hidden: str) -> Callable[[Asked], Says]:
    """A site of two spaces, one of which does not show who may do what there; cursors in the other."""
    spaces = [{"id": "1", "key": "ONE"}, {"id": "2", "key": "TWO"}]

    def script(asked: Asked) -> Says:
        _, _, below = asked.path.partition("/spaces/")
        if not below:
            wanted = (asked["ids"] or asked["keys"] or "1,2,ONE,TWO").split(",")
            return Says({"results": [space for space in spaces if {space["id"], space["key"]} & {*wanted}]})
        space_id = below.removesuffix("/permissions")
        if space_id == hidden:
            return Says({"errors": [{"status": 403, "code": "FORBIDDEN", "title": "Not for you"}]}, 403)
        first = int(asked["cursor"] or 0)
        rows = [{"id": str(first + n), "principal": {"type": "user", "id": "acc"}} for n in range(250)]
        links = {"next": f"/wiki/api/v2/x?cursor={first + 250}"} if first < 500 else {}
        return Says({"results": rows, "_links": links})

    return script


def test_permissions_window_by_window_and_one_space_hidden() -> None:
    with strange_cloud(permission_script(hidden="1")) as cloud:
        wiki = cloud.open_wiki()
        with pytest.warns(UserWarning, match="Not for you"):
            frame = wiki.permissions()
        assert frame["id"].nunique() == len(frame) == 750
        assert set(frame["space_key"]) == {"TWO"}
        assert [skipped["id"] for skipped in frame.attrs["skipped"]] == ["1"]
        with pytest.raises(NotPermitted, match="Not for you"):
            wiki.permissions("ONE")
        assert len(wiki.permissions(["two"], limit=300)) == 300


# ------------------------------------------------------------------------------ views


def test_views_two_requests_for_each_page(wiki: Wiki, sandbox: Sandbox) -> None:
    pages = wiki.pages()
    sandbox.reset_counts()
    frame = wiki.views(pages)
    assert calls(sandbox, VIEWS) == calls(sandbox, VIEWERS) == len(pages)
    assert sandbox.counts()["requests"] == frame.attrs["requests"] == 2 * len(pages)
    assert list(frame["page_id"]) == list(pages["id"])
    assert frame.dtypes.map(str).to_dict() == {"page_id": "string", "views": "Int64", "viewers": "Int64"}
    for row in frame.head(5).itertuples():
        assert row.views == wiki.get(VIEWS.replace("{id}", str(row.page_id)))["count"]
        assert row.viewers == wiki.get(VIEWERS.replace("{id}", str(row.page_id)))["count"]
    assert frame["views"].nunique() > 5
    posts = wiki.blogposts(limit=2)
    assert list(wiki.views(posts)["page_id"]) == list(posts["id"])


def test_views_since_a_moment(wiki: Wiki) -> None:
    pages = wiki.pages(limit=10)
    everything = wiki.views(pages)
    created = wiki.pages()["created_at"].min()
    assert wiki.views(pages, since=created)["views"].equals(everything["views"])
    recent = wiki.views(pages, since=datetime.now(UTC) - timedelta(days=30))
    assert recent["views"].sum() < everything["views"].sum()
    assert (recent["views"] <= everything["views"]).all()


def test_views_of_the_first_pages_alone(wiki: Wiki, sandbox: Sandbox) -> None:
    pages = wiki.pages()
    sandbox.reset_counts()
    frame = wiki.views(pages, limit=3)
    assert list(frame["page_id"]) == list(pages["id"].head(3))
    assert sandbox.counts()["requests"] == 6


def test_views_of_pages_that_are_not_there(wiki: Wiki) -> None:
    page = wiki.pages(limit=1)["id"].iloc[0]
    with pytest.warns(UserWarning, match=NOBODY):
        frame = wiki.views([NOBODY, page])
    assert list(frame["page_id"]) == [page]
    assert [skipped["id"] for skipped in frame.attrs["skipped"]] == [NOBODY]
    with pytest.raises(NotFound, match=NOBODY):
        wiki.views(NOBODY)


def test_no_views_have_the_same_columns(wiki: Wiki) -> None:
    assert wiki.views([]).dtypes.to_dict() == wiki.views(wiki.pages(limit=1)).dtypes.to_dict()


def test_views_that_a_site_does_not_count_are_missing() -> None:
    with strange_cloud(
        lambda asked: Says({"id": 5, "count": None} if asked.path.endswith("5/views") else {"id": 5})
    ) as cloud:
        frame = cloud.open_wiki().views(["5", "6"])
    assert list(frame["page_id"]) == ["5", "6"]
    assert frame[["views", "viewers"]].isna().all(axis=None)


def test_views_go_on_where_they_broke_off(hurried: None) -> None:
    broken = True

    def script(asked: Asked) -> Says:
        if broken and asked.path.endswith("3/viewers"):
            return Says(b"", 503)
        return Says({"id": 1, "count": 7 if asked.path.endswith("views") else 2})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable) as caught:
            wiki.views(["1", "2", "3", "4"])
        assert caught.value.frame is not None
        assert "3" not in set(caught.value.frame["page_id"])
        broken = False
        frame = wiki.resume()
    assert list(frame["page_id"]) == ["1", "2", "3", "4"]
    assert set(frame["views"]) == {7}
    assert set(frame["viewers"]) == {2}


# -------------------------------------------------------------------------- templates


def test_templates_of_the_whole_site(wiki: Wiki) -> None:
    frame = wiki.templates()
    for kind in ("page", "blueprint"):
        said = wiki.get(f"/wiki/rest/api/template/{kind}")["results"]
        rows = frame[frame["kind"] == kind]
        assert list(rows["template_id"]) == [row["templateId"] for row in said]
        assert list(rows["name"]) == [row["name"] for row in said]
    assert list(frame["kind"].cat.categories) == ["page", "blueprint"]
    assert frame["space_key"].isna().all()
    assert frame["labels"].map(lambda labels: isinstance(labels, list)).all()
    assert wiki.templates(limit=0).dtypes.to_dict() == frame.dtypes.to_dict()


def test_templates_of_spaces(wiki: Wiki, sandbox: Sandbox) -> None:
    spaces = wiki.spaces().head(2)
    wiki.templates(spaces)
    sandbox.reset_counts()
    frame = wiki.templates(list(spaces["id"]))
    assert sandbox.counts()["requests"] == 4
    assert set(frame["space_key"]) == set(spaces["key"])
    assert len(frame) == 2 * len(wiki.templates())
    one = wiki.templates(spaces["key"].iloc[1].lower())
    assert set(one["space_key"]) == {spaces["key"].iloc[1]}
    with pytest.raises(NotFound, match="NOSUCH"):
        wiki.templates("NOSUCH")


def test_many_templates() -> None:
    def script(asked: Asked) -> Says:
        start, limit = int(asked["start"] or 0), min(40, int(asked["limit"] or 25))
        many = 95 if asked.path.endswith("page") else 0
        rows = [{"templateId": str(n), "name": f"T{n}"} for n in range(start, min(many, start + limit))]
        return Says({"results": rows, "start": start, "limit": limit, "size": len(rows), "_links": {}})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().templates()
    assert list(frame["template_id"]) == [str(n) for n in range(95)]
    assert set(frame["kind"]) == {"page"}


# -------------------------------------------------------------------------- audit log


def records(wiki: Wiki, **params: Any) -> list[dict[str, Any]]:
    """Every record, one call at a time."""
    found: list[dict[str, Any]] = []
    while window := wiki.get(AUDIT, start=len(found), limit=500, **params)["results"]:
        found += window
    return found


def test_the_audit_log(wiki: Wiki) -> None:
    frame = wiki.audit()
    assert len(frame) == len(records(wiki)) > 1_000
    kinds = frame.dtypes.map(str)
    assert kinds["creation_date"] == "datetime64[us, UTC]"
    assert kinds["summary"] == kinds["author_account_id"] == "string"
    assert kinds["sys_admin"] == "boolean"
    assert frame["creation_date"].is_monotonic_decreasing
    none = wiki.audit(search="no record has this in it")
    assert none.empty
    assert set(none.columns) <= set(frame.columns)
    assert none.dtypes.to_dict().items() <= frame.dtypes.to_dict().items()


def test_the_audit_log_between_two_moments(wiki: Wiki) -> None:
    dates = wiki.audit()["creation_date"]
    first, last = dates.iloc[700], dates.iloc[300]
    frame = wiki.audit(first + pd.Timedelta(hours=12), last)
    assert frame["creation_date"].between(first + pd.Timedelta(hours=12), last).all()
    said = records(
        wiki,
        startDate=int((first + pd.Timedelta(hours=12)).timestamp() * 1000),
        endDate=int(last.timestamp() * 1000),
    )
    assert abs(len(frame) - len(said)) <= 1  # the sandbox's log moves with its clock
    assert 100 < len(frame) < 400


def test_the_audit_log_searched(wiki: Wiki) -> None:
    frame = wiki.audit(search="space created", limit=20)
    assert len(frame) == 20
    assert set(frame["summary"]) == {"Space created"}


EASTERN = timezone(timedelta(hours=-5))
NOON = {
    "naive": datetime(2026, 3, 1, 12),  # noqa: DTZ001 (a moment without a zone is the case at hand)
    "in UTC": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "elsewhere": datetime(2026, 3, 1, 7, tzinfo=EASTERN),
    "text": "2026-03-01T12:00",
    "text with a zone": " 2026-03-01T12:00:00Z ",
    "text with an offset": "2026-03-01T13:00:00+01:00",
    "pandas": pd.Timestamp("2026-03-01 12:00"),
    "pandas with a zone": pd.Timestamp("2026-03-01 21:00", tz="Asia/Tokyo"),
    "numpy": np.datetime64("2026-03-01T12:00"),
}


@pytest.mark.parametrize("moment", NOON.values(), ids=NOON.keys())
def test_every_way_to_say_a_moment(moment: object) -> None:
    with strange_cloud(lambda asked: Says({"results": [], "id": 5, "count": 1})) as cloud:
        wiki = cloud.open_wiki()
        wiki.audit(since=moment, until=moment)
        wiki.views("5", since=moment)
    audit, views, viewers = cloud.wiki_calls
    assert audit["startDate"] == audit["endDate"] == "1772366400000"
    assert views["fromDate"] == viewers["fromDate"] == "2026-03-01T12:00:00.000Z"


def test_a_date_is_its_first_moment() -> None:
    with strange_cloud(lambda asked: Says({"results": []})) as cloud:
        wiki = cloud.open_wiki()
        wiki.audit(since=date(2026, 3, 1))
        wiki.audit(since="2026-03-01")
    assert [call["startDate"] for call in cloud.wiki_calls] == ["1772323200000"] * 2
    assert all(call["endDate"] is None for call in cloud.wiki_calls)


# ------------------------------------------------------------------------ what is no use

NO_MOMENTS: list[object] = [
    "",
    "yesterday",
    "2026-13-01",
    1772366400000,
    1.5,
    True,
    pd.NaT,
    float("nan"),
    [],
    {},
]

BAD: dict[str, Callable[[Wiki], object]] = {
    "an audit the wrong way round": lambda wiki: wiki.audit("2026-03-02", "2026-03-01"),
    "a search for a list": lambda wiki: wiki.audit(search=["a"]),  # type: ignore[arg-type]
    "views of a word": lambda wiki: wiki.views("ENG"),
    "views of nothing": lambda wiki: wiki.views(None),
    "permissions of no space": lambda wiki: wiki.permissions([]),
    "permissions of a number with a fraction": lambda wiki: wiki.permissions(1.5),
    "templates of no space": lambda wiki: wiki.templates(" "),
    "too few views": lambda wiki: wiki.views("1", limit=-1),
    "too few permissions": lambda wiki: wiki.permissions("NOT-LOOKED-UP-YET", limit=-1),
    "too few templates": lambda wiki: wiki.templates("NOT-LOOKED-UP-YET", limit=-1),
    "too few records": lambda wiki: wiki.audit(limit=-1),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_fails_before_any_request(
    wiki: Wiki, sandbox: Sandbox, call: Callable[[Wiki], object]
) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError):
        call(wiki)
    assert sandbox.counts()["requests"] == before


@pytest.mark.parametrize("moment", NO_MOMENTS, ids=repr)
def test_what_is_no_moment_is_named(wiki: Wiki, sandbox: Sandbox, moment: object) -> None:
    before = sandbox.counts()["requests"]
    for name, call in (
        ("since", lambda: wiki.audit(since=moment)),
        ("until", lambda: wiki.audit(until=moment)),
        ("since", lambda: wiki.views("1", since=moment)),
    ):
        with pytest.raises(ConfluenceNBError, match=f"{name}=.* is no moment"):
            call()
    assert sandbox.counts()["requests"] == before


NEEDS: dict[str, tuple[Callable[[Wiki], object], str]] = {
    "views": (lambda wiki: wiki.views(wiki.pages(limit=2)), "read:confluence-content.summary"),
    "templates": (lambda wiki: wiki.templates(), "read:confluence-content.summary"),
    "audit": (lambda wiki: wiki.audit(), "read:audit-log:confluence"),
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
