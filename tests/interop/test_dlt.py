"""dlt's REST client, over the OAuth gateway, reads the rows that we read."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from confluence_nb import Wiki
from confluence_nb.sandbox import Sandbox

from .other_client import OtherClient, OtherClientFailed
from .same_rows import (
    ATTACHMENTS,
    BLOGPOSTS,
    COMMENTS,
    HITS,
    PAGES,
    SPACES,
    STORAGE,
    TASKS,
    USERS,
    Fields,
    differences,
    fields,
)

Windows = Callable[[str], int]
STORED = {"body-format": "storage"}


@pytest.mark.parametrize(
    ("path", "asked", "ours", "compared"),
    [
        ("/spaces", {"limit": 60}, lambda wiki: wiki.spaces(), SPACES),
        ("/pages", {"limit": 250}, lambda wiki: wiki.pages(), PAGES),
        ("/pages", {"limit": 100} | STORED, lambda wiki: wiki.pages(body="storage"), {**PAGES, **STORAGE}),
        (
            "/blogposts",
            {"limit": 50} | STORED,
            lambda wiki: wiki.blogposts(body="storage"),
            {**BLOGPOSTS, **STORAGE},
        ),
        ("/footer-comments", {"limit": 250}, lambda wiki: wiki.table("/footer-comments"), COMMENTS),
        ("/inline-comments", {"limit": 100}, lambda wiki: wiki.table("/inline-comments"), COMMENTS),
        ("/attachments", {"limit": 250}, lambda wiki: wiki.attachments(), ATTACHMENTS),
        ("/tasks", {"limit": 100}, lambda wiki: wiki.tasks(), TASKS),
    ],
    ids=[
        "spaces",
        "pages",
        "pages with bodies",
        "blogposts",
        "footer comments",
        "inline comments",
        "files",
        "tasks",
    ],
)
def test_a_list(
    dlt: OtherClient,
    wiki: Wiki,
    windows: Windows,
    path: str,
    asked: dict[str, object],
    ours: Callable[[Wiki], pd.DataFrame],
    compared: Fields,
) -> None:
    rows = dlt(f"/wiki/api/v2{path}", **asked)
    assert windows(f"/wiki/api/v2{path}") > 4
    assert differences(ours(wiki), rows, compared) == []


def test_a_search(dlt: OtherClient, wiki: Wiki, windows: Windows) -> None:
    cql = 'type = blogpost and title ~ "a*" or type = page order by created desc'
    rows = dlt("/wiki/rest/api/search", cql=cql, limit=100)
    assert windows("/wiki/rest/api/search") > 5
    assert differences(wiki.search(cql), rows, HITS, known_by=fields("id=content.id")) == []


def test_names_of_people(dlt: OtherClient, wiki: Wiki) -> None:
    accounts = sorted(wiki.pages()["author_id"].dropna().unique())
    rows = dlt("/wiki/api/v2/users-bulk", json={"accountIds": accounts})
    assert differences(wiki.users(accounts), rows, USERS, known_by=fields("account_id=accountId")) == []


def test_its_own_reading_of_a_next_link_leaves_the_gateway(dlt: OtherClient, sandbox: Sandbox) -> None:
    """A next link begins below the gateway's address: joined to the host alone, it leads past the gateway."""
    with pytest.raises(OtherClientFailed, match=r"HTTPError: 40[14]"):
        dlt("/wiki/api/v2/pages", limit=100, links="stock")
    first, second = sandbox.log(2)
    assert first["outcome"] == "200"
    assert second["path"] == "/wiki/api/v2/pages"
    assert "cursor" in second["query"]
