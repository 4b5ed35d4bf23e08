"""Frames of a search: what was found comes up a level, whether a page, a space or a person."""

from __future__ import annotations

from typing import Any

import pandas as pd
from frame_rows import BASE, framed, one, page


def found(**changes: Any) -> dict[str, Any]:
    row = {
        "content": {
            "id": "98310",
            "type": "page",
            "status": "current",
            "title": "R&D <plans>",
            "childTypes": {},
            "restrictions": {"_expandable": {"read": ""}},
            "_expandable": {"container": "", "space": "/rest/api/space/~ada%20l"},
            "_links": {"webui": "/spaces/ENG/pages/98310", "self": "https://acme.atlassian.net/x"},
        },
        "title": "R&amp;D &lt;@@@hl@@@plans@@@endhl@@@&gt;",
        "excerpt": "the @@@hl@@@plans@@@endhl@@@ of R&amp;D",
        "url": "/spaces/ENG/pages/98310",
        "resultParentContainer": {"title": "Home &amp; away", "displayUrl": "/x"},
        "resultGlobalContainer": {"title": "Ada &amp; co", "displayUrl": "/spaces/~ada"},
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": "aui-icon",
        "lastModified": "2024-01-02T03:04:05.000Z",
        "friendlyLastModified": "Jan 02, 2024",
        "score": 0,
    }
    return row | changes


def test_a_page_that_was_found_comes_up_a_level() -> None:
    assert one(framed("/wiki/rest/api/search", [found()], cql="type=page")) == {
        "id": "98310",
        "type": "page",
        "status": "current",
        "title": "R&D <plans>",
        "space_key": "~ada l",
        "space_name": "Ada & co",
        "excerpt": "the plans of R&D",
        "last_modified": pd.Timestamp("2024-01-02T03:04:05Z"),
        "url": f"{BASE}/spaces/ENG/pages/98310",
        "entity_type": "content",
        "score": 0.0,
        "parent_title": "Home & away",
        "breadcrumbs": [],
    }


def test_what_was_expanded_in_a_found_page_comes_up_too() -> None:
    content = found()["content"] | {
        "space": {
            "id": 65537,
            "key": "ENG",
            "name": "Engineering",
            "type": "global",
            "_links": {"webui": "/s"},
        },
        "version": {"number": 3, "when": "2024-01-02T03:04:05.000Z", "by": {"accountId": "712020:ada"}},
    }
    row = one(framed("/wiki/rest/api/search", [found(content=content)], cql="type=page"))
    assert (row["space_id"], row["space_key"], row["space_name"], row["space_type"]) == (
        "65537",
        "ENG",
        "Engineering",
        "global",
    )
    assert (row["version_number"], row["version_by_account_id"]) == (3, "712020:ada")
    assert row["version_when"] == pd.Timestamp("2024-01-02T03:04:05Z")


def test_a_space_and_a_person_that_were_found() -> None:
    space = {"id": 12345, "key": "OPS", "name": "Ops", "type": "global", "status": "current", "_links": {}}
    user = {"type": "known", "accountId": "712020:bob", "displayName": "Bob", "email": "", "_expandable": {}}
    rows = [
        found(content=None, space=space, title="Ops", url="/spaces/OPS", entityType="space"),
        found(content=None, user=user, title="Bob", url="/people/712020:bob", entityType="user"),
    ]
    frame = framed("/wiki/rest/api/search", rows, cql="x").set_index("entity_type")
    assert list(frame.loc["space", ["id", "title", "space_id", "space_key", "space_name"]]) == [
        "12345",
        "Ops",
        "12345",
        "OPS",
        "Ops",
    ]
    assert list(frame.loc["user", ["type", "title", "account_id", "display_name"]]) == [
        "known",
        "Bob",
        "712020:bob",
        "Bob",
    ]
    assert pd.isna(frame.loc["user", "space_key"])


def test_people_that_were_found_have_the_promised_columns() -> None:
    row = {"type": "known", "accountId": "712020:bob", "displayName": "Bob", "profilePicture": {"path": "/p"}}
    frame = framed(
        "/wiki/rest/api/search/user", [found(content=None, user=row, title="Bob")], cql="type=user"
    )
    nobody = framed("/wiki/rest/api/search/user", [], cql="type=user")
    pd.testing.assert_series_equal(frame.dtypes, nobody.dtypes)
    assert frame["account_id"][0] == "712020:bob"


def test_only_a_search_lifts_its_rows() -> None:
    row = one(framed("/pages", [page(1, entityType="content", content={"id": "2"})]))
    assert (row["id"], row["entity_type"], row["content_id"]) == ("1", "content", "2")
