"""What `expand` adds to rows of content in the v1 API of the sandbox, and what they say without it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest import ApiRequest, answer
from confluence_nb.sandbox.wiki import SiteContent

V1 = "/wiki/rest/api"
SITE = "https://acme.atlassian.net/wiki"


@pytest.fixture(scope="module")
def content() -> SiteContent:
    return SiteContent(
        site_url="https://acme.atlassian.net", accounts=ACCOUNTS, seed=7, spaces=3, pages=120, body_bytes=400
    )


def ask(content: SiteContent, path: str, **query: str) -> Any:
    found = answer(
        content, ApiRequest("GET", f"{V1}{path}", tuple(query.items()), b"", ACCOUNTS[0].account_id)
    )
    assert found.status == 200, found.body
    return json.loads(found.body)


def rows(content: SiteContent, cql: str, expand: str = "", limit: str = "60") -> list[Any]:
    found: list[Any] = ask(content, "/content/search", cql=cql, expand=expand, limit=limit)["results"]
    return found


def test_without_expand_a_row_says_where_its_history_and_its_space_are(content: SiteContent) -> None:
    row = ask(content, "/search", cql="type = page", limit="1")["results"][0]["content"]
    space = row["_links"]["webui"].split("/")[2]
    assert row == {
        "id": row["id"],
        "type": "page",
        "status": "current",
        "title": row["title"],
        "childTypes": {},
        "macroRenderedOutput": {},
        "restrictions": {},
        "_expandable": {
            "container": "", "metadata": "", "extensions": "", "operations": "", "children": "",
            "history": f"/rest/api/content/{row['id']}/history",
            "ancestors": "", "body": "", "version": "", "descendants": "",
            "space": f"/rest/api/space/{space}",
        },
        "_links": {
            "webui": row["_links"]["webui"],
            "self": f"{SITE}/rest/api/content/{row['id']}",
            "tinyui": row["_links"]["tinyui"],
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "parent"),
    [("version.by", "version"), ("space.homepage", "space"), ("history.lastUpdated.by", "history")],
)
def test_a_dotted_name_brings_its_parents(content: SiteContent, name: str, parent: str) -> None:
    row = rows(content, "type = page", name, "1")[0]
    found = ask(content, "/search", cql="type = page", expand=f"content.{name}", limit="1")["results"][0]
    assert row[parent] == found["content"][parent]
    assert parent not in row["_expandable"]


def test_a_search_expands_what_is_named_as_content(content: SiteContent) -> None:
    row = ask(content, "/search", cql="type = page", expand="version,body.storage", limit="1")["results"][0]
    assert not {"version", "body"} & row["content"].keys()


def test_bodies_come_in_representations_that_there_are(content: SiteContent) -> None:
    expand = "body.storage,body.view,body.content,body.storage.content,body.foo"
    row = rows(content, "type = page", expand, "1")[0]
    assert row["body"].keys() == {"storage", "view", "_expandable"}
    assert row["body"]["storage"]["representation"] == "storage"
    assert {"atlas_doc_format", "export_view"} <= row["body"]["_expandable"].keys()
    assert rows(content, "type = page", "body", "1")[0]["body"].keys() == {"_expandable"}


def test_comments_have_bodies_and_files_have_none(content: SiteContent) -> None:
    comments = rows(content, "type = comment", "body.storage")
    assert all(row["body"]["storage"]["value"].startswith("<p>") for row in comments)
    files = rows(content, "type = attachment", "body.storage")
    assert {tuple(row["body"]) for row in files} == {("_expandable",)}


def test_rendered_bodies_come_a_few_at_a_time(content: SiteContent) -> None:
    for name in ("export_view", "styled_view"):
        assert len(rows(content, "type = page", f"body.{name}")) <= 25
    assert len(rows(content, "type = page", "body.storage")) > 25


def test_a_container_is_the_space_or_what_it_hangs_on(content: SiteContent) -> None:
    for row in rows(content, "type = page", "container,space", "5"):
        assert row["container"] == row["space"]
    for row in rows(content, "type in (comment, attachment)", "container"):
        held = ask(content, "/content/search", cql=f"id = {row['container']['id']}")["results"]
        assert held == [row["container"]]
        assert held[0]["type"] in ("page", "blogpost")


def test_extensions_of_files_pages_and_comments(content: SiteContent) -> None:
    for row in rows(content, "type = attachment", "extensions,container"):
        assert row["extensions"].keys() == {
            "mediaType", "fileSize", "comment", "mediaTypeDescription", "fileId", "collectionName",
        }  # fmt: skip
        assert row["extensions"]["collectionName"] == f"contentId-{row['container']['id']}"
    assert {type(row["extensions"]["position"]) for row in rows(content, "type = page", "extensions")} == {
        int,
        str,
    }
    expand = "extensions.inlineProperties,extensions.resolution"
    comments = [row["extensions"] for row in ask_all(content, "type = comment", expand)]
    assert {one["location"] for one in comments} == {"footer", "inline"}
    for one in comments:
        assert ("inlineProperties" in one) == (one["location"] == "inline")
        assert "resolution" in one


def ask_all(content: SiteContent, cql: str, expand: str) -> list[Any]:
    found: list[Any] = []
    page = ask(content, "/content/search", cql=cql, expand=expand, limit="100")
    while True:
        found += page["results"]
        if "next" not in page["_links"]:
            return found
        query = dict(pair.split("=", 1) for pair in page["_links"]["next"].partition("?")[2].split("&"))
        page = ask(
            content,
            "/content/search",
            cql=cql,
            expand=expand,
            limit="100",
            cursor=query["cursor"].replace("%3D", "="),
        )


def test_labels_and_properties_are_metadata(content: SiteContent) -> None:
    expand = "metadata.labels,metadata.properties.editor"
    found = [row["metadata"] for row in rows(content, "type = page", expand)]
    labels = [label for one in found for label in one["labels"]["results"]]
    assert {label["label"] for label in labels if label["prefix"] == "global"} <= {
        label["name"] for label in labels
    }
    assert all(label["label"].startswith("my:") for label in labels if label["prefix"] == "my")
    editors = [one["properties"]["editor"] for one in found if "editor" in one["properties"]]
    assert {editor["value"] for editor in editors} == {"v2"}
    plain = rows(content, "type = page", "metadata", "1")[0]["metadata"]
    assert {"labels", "properties"} <= plain["_expandable"].keys()


def test_restrictions_name_who_may_when_asked_that_far(content: SiteContent) -> None:
    expand = "restrictions.read.restrictions.user,restrictions.update"
    for row in rows(content, "type = page", expand):
        read = row["restrictions"]["read"]
        told = ask(content, f"/content/{row['id']}/restriction/byOperation/read")["restrictions"]
        assert read["restrictions"]["user"] == told["user"]
        assert "group" in read["restrictions"]["_expandable"]
        assert "restrictions" in row["restrictions"]["update"]["_expandable"]


def test_what_one_may_do_with_it(content: SiteContent) -> None:
    row = rows(content, "type = comment", "operations", "1")[0]
    assert {one["targetType"] for one in row["operations"]} == {"comment"}
    assert {"read", "update"} <= {one["operation"] for one in row["operations"]}


def test_children_are_those_of_the_tree(content: SiteContent) -> None:
    row = next(
        row
        for row in rows(content, "type = page", "children.page,children.folder,descendants.page")
        if row["children"]["page"]["size"]
        and row["descendants"]["page"]["size"] > row["children"]["page"]["size"]
    )
    ids = {child["id"] for child in row["children"]["page"]["results"]}
    assert {found["id"] for found in rows(content, f"parent = {row['id']}")} == ids
    assert row["children"]["_expandable"]["comment"] == f"/rest/api/content/{row['id']}/child/comment"


def test_a_history_tells_more_when_asked(content: SiteContent) -> None:
    expand = "history.lastUpdated,history.previousVersion,history.contributors.publishers,history.ownedBy"
    for row in rows(content, "type = page", f"{expand},version"):
        history = row["history"]
        assert history["lastUpdated"]["number"] == row["version"]["number"]
        assert ("previousVersion" in history) == (row["version"]["number"] > 1)
        assert history["contributors"]["publishers"]["users"]
        assert "nextVersion" in history["_expandable"]


def test_names_that_nobody_knows_add_nothing(content: SiteContent) -> None:
    assert rows(content, "type = page", "nothing,version_,.,history.") == rows(
        content, "type = page", "history"
    )
