"""Frames from answers in the forms recorded of the real service: nulls, surplus fields, links in any order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest
from strange_cloud import Asked, Says, StrangeCloud, strange_cloud

from confluence_nb import Wiki

SITE_URL = "https://strange.atlassian.net/wiki"
DEPRECATED = '<https://developer.example/changelog/#CHANGE-1411>; rel="deprecation"'

PAGE = {
    "parentType": "page",
    "createdAt": "2024-03-01T09:30:00.123Z",
    "authorId": "712020:0a1b",
    "id": "98306",
    "version": {
        "number": 3, "message": "", "minorEdit": False, "authorId": "712020:0a1b",
        "createdAt": "2024-03-05T10:00:00.000Z", "ncsStepVersion": "12",
    },
    "position": 817,
    "title": "Größe & <Maß>",
    "status": "current",
    "ownerId": "712020:0a1b",
    "body": {},
    "parentId": "98304",
    "spaceId": "65538",
    "lastOwnerId": None,
    "_links": {
        "editui": "/pages/resumedraft.action?draftId=98306",
        "webui": "/spaces/ENG/pages/98306/Gr",
        "edituiv2": "/spaces/ENG/pages/edit-v2/98306",
        "tinyui": "/x/AoAB",
    },
}  # fmt: skip
TOP_PAGE = PAGE | {
    "id": "98304", "parentId": None, "parentType": None,
    "sourceTemplateEntityId": "com.atlassian.confluence.plugins.confluence-business-blueprints:meeting-notes-blueprint",
    "version": {**PAGE["version"], "ncsStepVersion": None}, "position": None,
}  # fmt: skip


class Recording:
    """Answers by path, each a list of windows; the cursor of a window is its number, in a disguise."""

    def __init__(self) -> None:
        self.windows: dict[str, list[Says]] = {}

    def __call__(self, asked: Asked) -> Says:
        path = "/wiki" + asked.path.partition("/wiki")[2]
        windows = self.windows.get(path)
        if windows is None:
            return Says({"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found"}]}, 404)
        cursors = [value for name, value in _raw_pairs(asked.raw_query) if name == "cursor"]
        if not cursors:
            return windows[0]
        number = CURSORS.index(cursors[0]) + 1 if cursors[0] in CURSORS else -1
        if number < 0:
            return Says({"errors": [{"status": 400, "code": "INVALID_REQUEST_PARAMETER"}]}, 400)
        return windows[number]


CURSORS = ["eyJpZCI6Ijk4MzA0IiwiY29udGVudE9yZGVyIjoiaWQifQ==", "_t_+/M30="]
"""Base64 with its padding, plus sign and slash: what an escaping too many, or too few, destroys."""


def _raw_pairs(query: str) -> list[tuple[str, str]]:
    """Decoded once, a plus sign being itself."""
    return [
        (unquote(name), unquote(value))
        for name, _, value in (pair.partition("=") for pair in query.split("&"))
    ]


def listed(*rows: Any, following: str | None = None, **headers: str) -> Says:
    links = {"base": SITE_URL} | ({"next": following} if following else {})
    return Says({"results": list(rows), "_links": links}, headers=headers)


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def cloud(recording: Recording) -> Iterator[StrangeCloud]:
    with strange_cloud(recording) as running:
        yield running


@pytest.fixture
def wiki(cloud: StrangeCloud) -> Wiki:
    return cloud.open_wiki()


def test_pages_with_nulls_and_surplus_fields(recording: Recording, wiki: Wiki) -> None:
    recording.windows["/wiki/api/v2/pages"] = [listed(PAGE, TOP_PAGE)]
    frame = wiki.pages()
    first, top = frame.iloc[0], frame.iloc[1]
    expected = {
        "id": "98306", "status": "current", "title": "Größe & <Maß>", "space_id": "65538", "parent_id": "98304",
        "parent_type": "page", "position": 817, "author_id": "712020:0a1b", "owner_id": "712020:0a1b",
        "created_at": pd.Timestamp("2024-03-01T09:30:00.123Z"),
        "version_created_at": pd.Timestamp("2024-03-05T10:00:00Z"), "version_message": "", "version_number": 3,
        "version_author_id": "712020:0a1b", "url": f"{SITE_URL}/spaces/ENG/pages/98306/Gr",
        "edit_url": f"{SITE_URL}/pages/resumedraft.action?draftId=98306", "tiny_url": f"{SITE_URL}/x/AoAB",
        "version_ncs_step_version": "12",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert not first["version_minor_edit"]
    assert first[["last_owner_id", "source_template_entity_id"]].isna().all()
    assert top[["parent_id", "parent_type", "position", "version_ncs_step_version"]].isna().all()
    assert top["source_template_entity_id"].endswith(":meeting-notes-blueprint")
    assert frame["subtype"].isna().all(), "no live doc is among them"
    assert frame["subtype"].dtype == "category"
    assert not [name for name in frame.columns if "body" in name], "no body was asked for and none came"
    assert {name: str(frame[name].dtype) for name in ("id", "position", "parent_type", "created_at")} == {
        "id": "string", "position": "Int64", "parent_type": "category", "created_at": "datetime64[us, UTC]"
    }  # fmt: skip


def test_an_empty_list_has_the_columns_of_a_full_one(recording: Recording, wiki: Wiki) -> None:
    recording.windows["/wiki/api/v2/pages"] = [listed()]
    empty = wiki.pages()
    recording.windows["/wiki/api/v2/pages"] = [listed(PAGE)]
    full = wiki.pages()
    promised = full.columns[: len(empty.columns)]
    assert list(empty.columns) == list(promised)
    assert empty.dtypes.to_dict() == full[promised].dtypes.to_dict()
    assert len(empty) == 0
    assert empty.attrs["complete"]


def test_columns_of_which_no_row_says_anything_keep_their_types(recording: Recording, wiki: Wiki) -> None:
    recording.windows["/wiki/api/v2/pages"] = [listed(PAGE)]
    ordinary = wiki.pages()
    recording.windows["/wiki/api/v2/pages"] = [listed(TOP_PAGE, PAGE | {"subtype": "live"})]
    special = wiki.pages()
    for name in ("subtype", "source_template_entity_id"):
        assert ordinary[name].isna().all()
        assert special[name].notna().any()
        assert ordinary[name].dtype == special[name].dtype


NEXT_LINKS = {
    "in the body": lambda cursor: listed(
        PAGE, following=f"/wiki/api/v2/pages?limit=250&cursor={cursor.replace('=', '%3D').replace('+', '%2B')}"
    ),
    "cursor first and unescaped": lambda cursor: listed(
        PAGE, following=f"/wiki/api/v2/pages?cursor={cursor}&status=current&limit=250"
    ),
    "a whole address elsewhere": lambda cursor: listed(
        PAGE, following=f"https://strange.atlassian.net/wiki/api/v2/pages?cursor={cursor}"
    ),
    "in the header after a deprecation": lambda cursor: listed(
        PAGE, Link=f'{DEPRECATED}, </wiki/api/v2/pages?cursor={cursor}>; rel="next", <{SITE_URL}>; rel="base"'
    ),
    "in the header before the base": lambda cursor: listed(
        PAGE, Link=f'</wiki/api/v2/pages?limit=250&cursor={cursor}>; rel="next", <{SITE_URL}>; rel="base"'
    ),
    "in the header with commas inside": lambda cursor: listed(
        PAGE, Link=f'{DEPRECATED}, </wiki/api/v2/pages?status=current,archived&cursor={cursor}>; rel=next'
    ),
}  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("link", NEXT_LINKS.values(), ids=NEXT_LINKS.keys())
def test_the_next_window_is_found_wherever_its_link_is(
    recording: Recording, cloud: StrangeCloud, wiki: Wiki, link: Any, cursor: str
) -> None:
    windows = [link(cursor), *[listed(TOP_PAGE, Link=DEPRECATED)] * 2]
    recording.windows["/wiki/api/v2/pages"] = windows
    assert list(wiki.pages()["id"]) == ["98306", "98304"]
    first, second = cloud.wiki_calls
    assert second["limit"] == first["limit"] == "250"
    assert all(call.path.startswith("/ex/confluence/cloud-1/wiki/") for call in cloud.wiki_calls)


def test_spaces_of_types_that_the_specification_lacks(recording: Recording, wiki: Wiki) -> None:
    row = {
        "id": "65538", "key": "ENG", "currentActiveAlias": "eng", "name": "Engineering", "type": "collaboration",
        "status": "current", "authorId": None, "createdAt": "2023-01-02T03:04:05.678Z", "homepageId": "65600",
        "icon": None, "description": None, "_links": {"webui": "/spaces/ENG"},
    }  # fmt: skip
    personal = row | {
        "id": "65540", "key": "~712020abc", "type": "personal",
        "icon": {"path": "/images/logo.svg", "apiDownloadLink": "/download/logo"},
        "description": {"plain": {"value": "Mine", "representation": "plain"}},
    }  # fmt: skip
    recording.windows["/wiki/api/v2/spaces"] = [listed(row, personal)]
    frame = wiki.spaces()
    assert list(frame["type"]) == ["collaboration", "personal"]
    assert str(frame["type"].dtype) == "category"
    assert frame["description"].isna().tolist() == [True, False]
    assert frame["description"].iloc[1] == "Mine"
    assert frame["icon_path"].isna().tolist() == [True, False]
    assert list(frame["current_active_alias"]) == ["eng", "eng"]
    assert list(frame["url"]) == [f"{SITE_URL}/spaces/ENG"] * 2
    assert "icon" not in frame.columns


def test_comments_have_their_time_and_author_in_the_version(recording: Recording, wiki: Wiki) -> None:
    version = {"number": 1, "authorId": "712020:0a1b", "createdAt": "2024-03-05T10:00:00Z"}
    footer = {
        "id": "200001", "status": "current", "title": "Re: Größe", "pageId": "98306", "version": version,
        "resolutionStatus": "open", "body": {}, "_links": {"webui": "/spaces/ENG/pages/98306?focusedCommentId=200001"},
    }  # fmt: skip
    inline = footer | {
        "id": "200002", "resolutionLastModifierId": None, "resolutionLastModifiedAt": None,
        "properties": {
            "inlineMarkerRef": "ref-1", "inlineOriginalSelection": "Maß",
            "inline-marker-ref": "ref-1", "inline-original-selection": "Maß",
        },
    }  # fmt: skip
    recording.windows["/wiki/api/v2/footer-comments"] = [listed(footer)]
    recording.windows["/wiki/api/v2/inline-comments"] = [listed(inline, Link=DEPRECATED, Warning='299 - "x"')]
    below, beside = wiki.table("/footer-comments"), wiki.table("/inline-comments")
    for frame in (below, beside):
        assert frame["version_created_at"].iloc[0] == pd.Timestamp("2024-03-05T10:00:00Z")
        assert frame["version_author_id"].iloc[0] == "712020:0a1b"
        assert frame["resolution_status"].iloc[0] == "open"
        assert frame["url"].iloc[0].startswith(f"{SITE_URL}/spaces/ENG/")
        assert "created_at" not in frame.columns
        assert not frame.columns.has_duplicates
    assert beside["properties_inline_marker_ref"].iloc[0] == "ref-1"
    assert beside["properties_inline_original_selection"].iloc[0] == "Maß"
    assert pd.isna(beside["resolution_last_modified_at"].iloc[0])


def test_attachments_have_ids_that_are_no_numbers(recording: Recording, wiki: Wiki) -> None:
    row = {
        "id": "att98400", "status": "current", "title": "plan.pdf", "createdAt": "2024-03-05T10:00:00.000Z",
        "pageId": "98306", "mediaType": "application/pdf", "mediaTypeDescription": None, "comment": "",
        "fileId": "5f0c", "fileSize": 3_000_000_000, "webuiLink": "/pages/viewpageattachments.action?pageId=98306",
        "downloadLink": "/download/attachments/98306/plan.pdf?version=1",
        "version": {"number": 1, "createdAt": "2024-03-05T10:00:00.000Z"},
        "_links": {"download": "/download/attachments/98306/plan.pdf?version=1", "webui": "/pages/x"},
    }  # fmt: skip
    recording.windows["/wiki/api/v2/attachments"] = [listed(row)]
    frame = wiki.table("/attachments")
    found = frame.iloc[0]
    assert (found["id"], found["page_id"], found["file_size"]) == ("att98400", "98306", 3_000_000_000)
    assert str(frame["file_size"].dtype) == "Int64"
    assert pd.isna(found["media_type_description"])
    assert pd.isna(found["blog_post_id"])
    assert found["download_url"] == f"{SITE_URL}/download/attachments/98306/plan.pdf?version=1"


def hit(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "content": {
            "id": str(number), "type": "page", "status": "current", "title": "Größe & Maß",
            "_expandable": {"space": "/rest/api/space/ENG"}, "_links": {"webui": f"/spaces/ENG/pages/{number}"},
        },
        "title": "@@@hl@@@Größe@@@endhl@@@ &amp; Maß", "excerpt": "a @@@hl@@@Größe@@@endhl@@@ &lt; b\n…",
        "url": f"/spaces/ENG/pages/{number}", "entityType": "content", "iconCssClass": "icon", "score": 0.0,
        "resultGlobalContainer": {"title": "R&amp;D", "displayUrl": "/spaces/ENG"}, "breadcrumbs": [],
        "lastModified": "2024-03-05T10:00:00.000Z", "friendlyLastModified": "Mar 05, 2024",
    } | changes  # fmt: skip


def found(*rows: Any, following: str | None = None, total: int = 294) -> Says:
    links = {"base": SITE_URL, "context": "/wiki", "self": "x"} | ({"next": following} if following else {})
    size = {
        "start": 0,
        "limit": 100,
        "size": len(rows),
        "totalSize": total,
        "cqlQuery": "q",
        "searchDuration": 9,
    }
    return Says({"results": list(rows), "_links": links} | size)


def test_a_search_is_read_past_short_and_empty_windows(
    recording: Recording, cloud: StrangeCloud, wiki: Wiki
) -> None:
    space = {
        "space": {"id": 65538, "key": "ENG", "name": "R&D", "type": "global", "_links": {"webui": "/spaces/ENG"}},
        "title": "R&amp;D", "excerpt": "", "url": "/spaces/ENG", "entityType": "space", "score": 0.0,
        "lastModified": "2024-03-05T10:00:00.000Z",
    }  # fmt: skip
    steps = [
        f"/rest/api/search?next=true&cursor={cursor}&limit=5&start=5&cql=siteSearch+~+x" for cursor in CURSORS
    ]
    recording.windows["/wiki/rest/api/search"] = [
        found(hit(1), hit(2), following=steps[0]),
        found(following=steps[1]),
        found(hit(2), hit(3), space, total=289),
    ]
    frame = wiki.search('siteSearch ~ "x, y" and type in (page, space)')
    assert list(frame["id"]) == ["1", "2", "3", "65538"]
    assert frame["title"].tolist() == ["Größe & Maß"] * 3 + ["R&D"]
    assert frame["excerpt"].iloc[0] == "a Größe < b\n…"
    assert frame["space_key"].tolist() == ["ENG"] * 4
    assert frame["space_name"].tolist() == ["R&D"] * 4
    assert frame["type"].tolist() == ["page", "page", "page", "global"]
    assert frame["entity_type"].tolist() == ["content"] * 3 + ["space"]
    assert frame["last_modified"].iloc[0] == pd.Timestamp("2024-03-05T10:00:00Z")
    assert frame["url"].iloc[0] == f"{SITE_URL}/spaces/ENG/pages/1"
    assert (
        not frame.map(lambda cell: isinstance(cell, str) and ("@@@" in cell or "&amp;" in cell)).any().any()
    )
    cql = {call["cql"] for call in cloud.wiki_calls}
    assert cql == {'siteSearch ~ "x, y" and type in (page, space)'}, "the query stays as it was asked"


def test_an_excerpt_cut_through_an_emoji_is_read(recording: Recording, wiki: Wiki) -> None:
    half = found(hit(1, excerpt="HALF")).body
    recording.windows["/wiki/rest/api/search"] = [
        Says(json.dumps(half).replace("HALF", "cut \\ud83d").encode())
    ]
    frame = wiki.search("type = page")
    assert frame["id"].tolist() == ["1"]
    assert frame["excerpt"].iloc[0].startswith("cut ")
    frame["excerpt"].iloc[0].encode()


def test_sites_listed_twice_for_jira_and_with_scopes_of_their_own(cloud: StrangeCloud) -> None:
    jira = ["read:jira-work", "write:jira-work"]
    listing = [
        {"id": "cloud-9", "name": "acme", "url": "https://acme.atlassian.net", "scopes": jira, "avatarUrl": "x"},
        {"id": "cloud-7", "name": "only jira", "url": "https://j.atlassian.net", "scopes": jira, "avatarUrl": "x"},
        {"id": "cloud-8", "name": "narrow", "url": "https://narrow.atlassian.net",
         "scopes": ["read:page:confluence"], "avatarUrl": None},
        {"id": "cloud-9", "name": "acme", "url": "https://acme.atlassian.net",
         "scopes": ["read:page:confluence", "read:space:confluence", "search:confluence"], "avatarUrl": "x"},
        {"id": "cloud-9", "name": "acme", "url": "https://acme.atlassian.net",
         "scopes": ["read:comment:confluence", "read:page:confluence"]},
    ]  # fmt: skip
    plain = cloud.answer
    cloud.answer = lambda asked: (
        Says(listing) if asked.path.endswith("accessible-resources") else plain(asked)
    )
    wiki = cloud.open_wiki()
    sites = wiki.sites().set_index("name")
    assert sorted(sites.index) == ["acme", "narrow"]
    wiki.use("https://ACME.atlassian.net/wiki/spaces/ENG")
    assert wiki.site is not None
    assert wiki.site.id == "cloud-9"
    assert set(wiki.site.scopes) == {
        "read:page:confluence", "read:space:confluence", "search:confluence", "read:comment:confluence"
    }  # fmt: skip
    with pytest.warns(UserWarning, match="lacks 2 of the scopes"):
        wiki.use("narrow")
    assert set(wiki.status().missing_scopes) == {"read:space:confluence", "search:confluence"}
