"""atlassian-python-api's v2 class, over the OAuth gateway, reads the rows that we read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from confluence_nb import Wiki

from .other_client import OtherClient
from .same_rows import (
    ATLAS_DOC,
    ATTACHMENTS,
    BLOGPOSTS,
    COMMENTS,
    HITS,
    LABELS,
    PAGES,
    SPACES,
    STORAGE,
    TASKS,
    USERS,
    VERSIONS,
    Fields,
    differences,
    fields,
)

Windows = Callable[[str], int]


def test_spaces(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    rows = atlassian("get_spaces", limit=50)
    assert windows("/wiki/api/v2/spaces") > 5
    assert differences(wiki.spaces(), rows, SPACES) == []


@pytest.mark.parametrize(("body", "place"), [("storage", STORAGE), ("atlas_doc_format", ATLAS_DOC)])
def test_pages_with_bodies(
    atlassian: OtherClient, wiki: Wiki, windows: Windows, body: str, place: dict[str, str]
) -> None:
    rows = atlassian("get_pages", status="current", body_format=body, limit=100)
    assert windows("/wiki/api/v2/pages") > 20
    assert differences(wiki.pages(status="current", body=body), rows, {**PAGES, **place}) == []


def test_pages_as_its_defaults_ask_for_them(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    rows = atlassian("get_pages", limit=250)
    assert windows("/wiki/api/v2/pages") > 5
    assert differences(wiki.pages(status="current"), rows, PAGES) == []
    assert not any((row.get("body") or {}).get("storage") for row in rows)


@pytest.mark.parametrize("status", ["current", "archived"])
def test_pages_of_a_space(atlassian: OtherClient, wiki: Wiki, status: str) -> None:
    space = most(wiki.pages(status=status)["space_id"])
    rows = atlassian("get_pages", space_id=space, status=status, body_format="storage", limit=5)
    ours = wiki.pages(space=space, status=status, body="storage")
    assert differences(ours, rows, {**PAGES, **STORAGE}) == []


def test_blogposts(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    rows = atlassian("listed", path="api/v2/blogposts", **{"limit": 40, "body-format": "storage"})
    assert windows("/wiki/api/v2/blogposts") > 5
    assert differences(wiki.blogposts(body="storage"), rows, {**BLOGPOSTS, **STORAGE}) == []


def test_comments(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    asked = {"limit": 100, "body-format": "storage"}
    kinds = [f"api/v2/{kind}" for kind in ("footer-comments", "inline-comments")]
    footer, inline = atlassian.each("listed", [{"path": path, **asked} for path in kinds])
    assert all(windows(f"/wiki/{path}") > 5 for path in kinds)
    assert differences(wiki.comments(body="storage"), footer + inline, {**COMMENTS, **STORAGE}) == []


def test_attachments(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    rows = atlassian("listed", path="api/v2/attachments", limit=250)
    assert windows("/wiki/api/v2/attachments") > 5
    assert differences(wiki.attachments(), rows, ATTACHMENTS) == []


def test_tasks(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    rows = atlassian("get_tasks", limit=50)
    assert windows("/wiki/api/v2/tasks") > 5
    assert differences(wiki.tasks(), rows, TASKS) == []


@pytest.mark.parametrize(
    ("method", "helper", "compared", "known_by"),
    [
        ("get_page_labels", "labels", LABELS, "page_id=pageId id"),
        ("get_all_page_versions", "versions", VERSIONS, "page_id=pageId number"),
    ],
)
def test_what_hangs_on_many_pages(
    atlassian: OtherClient, wiki: Wiki, method: str, helper: str, compared: Fields, known_by: str
) -> None:
    pages = list(wiki.pages(limit=250)["id"])
    lists = atlassian.each(method, [{"page_id": page, "limit": 2} for page in pages])
    rows = [{**row, "pageId": page} for page, found in zip(pages, lists, strict=True) for row in found]
    ours = getattr(wiki, helper)(pages)
    assert differences(ours, rows, compared, known_by=fields(known_by)) == []


def test_children(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    parent = most(wiki.pages()["parent_id"].dropna())
    rows = atlassian("get_child_pages", parent_id=parent, limit=2)
    assert windows("/wiki/api/v2/pages/{id}/direct-children") > 1
    assert differences(wiki.children(parent), rows, fields("title type status")) == []


def test_a_search(atlassian: OtherClient, wiki: Wiki, windows: Windows) -> None:
    cql = "type = page and lastmodified > 2020-01-01 order by created"
    rows = atlassian("listed", path="rest/api/search", cql=cql, limit=100)
    assert windows("/wiki/rest/api/search") > 5
    assert differences(wiki.search(cql), rows, HITS, known_by=fields("id=content.id")) == []


def test_names_of_people(atlassian: OtherClient, wiki: Wiki) -> None:
    accounts = sorted(wiki.pages()["author_id"].dropna().unique())
    rows: list[dict[str, Any]] = atlassian("bulk_get_users", data={"accountIds": accounts})
    assert differences(wiki.users(accounts), rows, USERS, known_by=fields("account_id=accountId")) == []


def most(values: pd.Series) -> str:
    """The value that comes most often."""
    return str(values.mode().iloc[0])
