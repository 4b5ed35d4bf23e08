"""The catalog: every list of both APIs, and what is refused before a request is made."""

from __future__ import annotations

import importlib.util
import json
import operator
import os
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confluence_nb.api.catalog import collection, collections, scopes_for
from confluence_nb.api.columns import column_name, snake_case
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.frames import FrameBuilder

ROOT = Path(__file__).parent.parent


def _builder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "tools")
    spec = importlib.util.spec_from_file_location("build_catalog", ROOT / "tools" / "build_catalog.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def specs() -> Path:
    folder = Path(os.environ.get("CONFLUENCE_SPECS", ROOT.parent / "shared" / "specs"))
    if not (folder / "confluence-v2.json").exists():
        pytest.skip("the official OpenAPI files are not here: name their folder in CONFLUENCE_SPECS")
    return folder


def test_the_catalog_says_what_the_specifications_say(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = _builder(monkeypatch)
    fresh = builder.written(builder.build(specs))
    assert fresh == builder.CATALOG.read_text(encoding="utf-8"), "run tools/build_catalog.py again"


def _sample(root: dict[str, Any], schema: dict[str, Any], above: tuple[str, ...] = ()) -> Any:
    """A value with every field that the schema has, save those that would hold their like again."""
    while "$ref" in schema:
        if schema["$ref"] in above or len(above) > 4:
            return None
        above = (*above, schema["$ref"])
        schema = reduce(operator.getitem, schema["$ref"].removeprefix("#/").split("/"), root)
    if "properties" in schema:
        return {name: _sample(root, field, above) for name, field in schema["properties"].items()}
    match schema.get("type"):
        case "array":
            return [_sample(root, schema["items"], above)]
        case "string":
            moment = "2024-01-02T03:04:05.678Z" if schema.get("format") == "date-time" else "text"
            return schema.get("enum", [moment])[0]
        case "integer" | "number" | "boolean" as plain:
            return {"integer": 1_704_164_645_678, "number": 0.5, "boolean": True}[plain]
    return {"any": "thing"}


SAID_IN_WORDS = {"url", "tiny_url", "edit_url", "space_id", "space_key", "space_name", "account_id"}
"""What v1 sends without a schema: its links, the space of a template, and whichever was not found."""

RECORDED = {"version_ncs_step_version", "source_template_entity_id", "resolution_status"}
"""What v2 sends without saying so."""


def test_rows_as_the_specifications_describe_them_fill_the_promised_columns(specs: Path) -> None:
    filled = 0
    for name in ("confluence-v2.json", "confluence-v1.json"):
        root = json.loads((specs / name).read_text(encoding="utf-8"))
        for entry in collections():
            if entry.path not in root["paths"]:
                continue
            answer = root["paths"][entry.path][entry.method.lower()]["responses"]["200"]
            sample = _sample(root, answer["content"]["application/json"]["schema"])
            form = {"body-format": "storage"} if "body-format" in {p.name for p in entry.parameters} else {}
            columns = entry.columns_for(form)
            rows = sample if isinstance(sample, list) else sample["results"]
            if "/search" in entry.path:  # what is found is one thing
                found = "user" if entry.path.endswith("user") else "content"
                rows = [
                    {key: row[key] for key in row if key not in {"user", "space", "content"} - {found}}
                    for row in rows
                ]
            frames = FrameBuilder(columns)
            frames.add(rows, base=None)
            frame = frames.frame()
            promised = FrameBuilder(columns).frame()
            assert list(map(str, frame.dtypes[list(promised)])) == list(map(str, promised.dtypes))
            empty = {column.name for column in columns if frame[column.name].isna().all()}
            assert empty <= (RECORDED if "v2" in name else SAID_IN_WORDS), entry.path
            filled += 1
    assert filled == len(collections())


def test_every_list_of_both_apis_is_in_it() -> None:
    v2 = [entry for entry in collections() if entry.url.startswith("/wiki/api/v2/")]
    v1 = [entry for entry in collections() if entry.url.startswith("/wiki/rest/api/")]
    assert len([entry for entry in v2 if entry.method == "GET"]) == 79
    assert [entry.path for entry in v2 if entry.method == "POST"] == ["/users-bulk"]
    assert len(v1) == 28
    assert len(v1) + len(v2) == len(collections())


@pytest.mark.parametrize(
    ("path", "paging", "default", "maximum"),
    [
        ("/pages", "cursor", 25, 250),
        ("/pages/{id}/attachments", "cursor", 50, 250),
        ("/pages/{id}/ancestors", "ancestors", 25, 250),
        ("/wiki/rest/api/search", "cql", 25, None),
        ("/wiki/rest/api/group", "offset", 200, 200),
        ("/wiki/rest/api/longtask", "offset", 100, None),
        ("/wiki/rest/api/space/{spaceKey}/state/content", "offset", 25, 100),
    ],
)
def test_how_a_list_pages(path: str, paging: str, default: int, maximum: int | None) -> None:
    entry = collection(path)
    assert entry.paging == paging
    assert entry.limit is not None
    assert (entry.limit.default, entry.limit.maximum) == (default, maximum)


def test_a_list_that_comes_whole_has_no_limit() -> None:
    levels = collection("classification-levels")
    assert levels.paging == "none"
    assert levels.limit is None


def test_scopes_are_alternatives_with_the_current_ones_first() -> None:
    assert collection("/pages").scopes == (("read:page:confluence",),)
    assert collection("/wiki/rest/api/search").scopes == (
        ("search:confluence",),
        ("read:content-details:confluence",),
    )
    assert all(entry.scopes for entry in collections())


def test_deprecated_lists_say_so() -> None:
    assert [entry.path for entry in collections() if entry.deprecated] == [
        "/pages/{id}/children",
        "/wiki/rest/api/content/{id}/descendant/{type}",
    ]


@pytest.mark.parametrize(
    "spelling", ["/pages", "pages", "/pages/", "/wiki/api/v2/pages", " wiki/api/v2/pages"]
)
def test_a_path_may_be_spelt_in_several_ways(spelling: str) -> None:
    assert collection(spelling).path == "/pages"


@pytest.mark.parametrize(
    ("path", "needs", "method"),
    [
        ("/pages/{id}", "id", "GET"),
        ("/blogposts/{id}", "id", "GET"),
        ("/attachments/{id}", "id", "GET"),
        ("/spaces/{id}", "id", "GET"),
        ("/folders/{id}", "id", "GET"),
        ("/databases/{id}", "id", "GET"),
        ("/whiteboards/{id}", "id", "GET"),
        ("/embeds/{id}", "id", "GET"),
        ("/footer-comments/{comment-id}", "comment-id", "GET"),
        ("/inline-comments/{comment-id}", "comment-id", "GET"),
        ("/content/convert-ids-to-types", "contentIds", "POST"),
        ("/wiki/rest/api/analytics/content/{contentId}/views", "contentId", "GET"),
        ("/wiki/rest/api/analytics/content/{contentId}/viewers", "contentId", "GET"),
        ("/wiki/rest/api/user/current", None, "GET"),
    ],
)
def test_what_is_read_one_at_a_time_is_found_and_is_no_list(
    path: str, needs: str | None, method: str
) -> None:
    entry = collection(path)
    assert entry not in collections()
    assert (entry.method, entry.paging, entry.limit) == (method, "none", None)
    assert [parameter.name for parameter in entry.parameters if parameter.required] == [needs] * bool(needs)
    assert scopes_for(method, entry.url) == entry.scopes != ()
    assert entry.columns


def test_ids_of_any_kind_of_content_are_converted_a_hundred_at_once() -> None:
    conversion = collection("/content/convert-ids-to-types")
    assert conversion.body({"content_ids": [98310, "att98311"]}) == {"contentIds": ["98310", "att98311"]}
    with pytest.raises(ConfluenceNBError, match=r"101 values.*takes 100"):
        conversion.body({"content_ids": range(101)})


def test_an_unknown_path_names_the_nearest() -> None:
    with pytest.raises(ConfluenceNBError, match=r"/blogpost'.*Did you mean '/blogposts'"):
        collection("/blogpost")
    with pytest.raises(ConfluenceNBError, match="'/wiki/rest/api/group'"):
        collection("/wiki/rest/api/groups")


def test_every_path_finds_its_collection_and_its_scopes() -> None:
    for entry in collections():
        assert collection(entry.path) is entry
        assert collection(entry.url) is entry
        assert scopes_for(entry.method, entry.url) == entry.scopes


def test_every_other_operation_finds_its_scopes() -> None:
    facts = json.loads((ROOT / "confluence_nb" / "api" / "catalog.json").read_text(encoding="utf-8"))
    assert len(facts["scopes"]) > 200
    for operation, scopes in facts["scopes"].items():
        assert [list(alternative) for alternative in scopes_for(*operation.split(" "))] == scopes, operation


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("GET", "/wiki/api/v2/pages/123", (("read:page:confluence",),)),
        ("get", "/wiki/api/v2/pages/123/versions?limit=3", (("read:page:confluence",),)),
        ("POST", "/wiki/api/v2/pages", (("write:page:confluence",),)),
        (
            "GET",
            "/wiki/rest/api/user/current",
            (("read:confluence-user",), ("read:content-details:confluence",)),
        ),
        ("GET", "/wiki/rest/api/group/by-id", (("read:confluence-groups",), ("read:group:confluence",))),
        ("GET", "/wiki/rest/api/space", ()),
        ("PATCH", "/wiki/api/v2/pages", ()),
    ],
)
def test_scopes_of_any_call(method: str, path: str, scopes: tuple[tuple[str, ...], ...]) -> None:
    assert scopes_for(method, path) == scopes


def test_a_request_is_a_filled_path_and_a_query() -> None:
    path, query = collection("/pages/{id}/versions").request(
        {"id": 123, "limit": 50, "body_format": "storage", "sort": None}
    )
    assert path == "/wiki/api/v2/pages/123/versions"
    assert query == [("body-format", "storage"), ("limit", "50")]


def test_several_values_go_as_one_text_in_v2_and_as_the_specification_says_in_v1() -> None:
    assert collection("/pages").request({"space_id": [1, 2], "status": ["current", "archived"]})[1] == [
        ("space-id", "1,2"),
        ("status", "current,archived"),
    ]
    assert collection("/wiki/rest/api/user/bulk").request({"account_id": ["a:1", "b:2"]})[1] == [
        ("accountId", "a:1"),
        ("accountId", "b:2"),
    ]
    assert collection("/wiki/rest/api/user/email/bulk").request({"accountId": ["a", "b"]})[1] == [
        ("accountId", "a,b")
    ]


@pytest.mark.parametrize(
    "several",
    [
        [3, 1, 3],
        ["3", "1"],
        (3, "1"),
        "3,1",
        "3, 1",
        np.array([3, 1]),
        pd.Series([3, 1], index=[9, 8]),
        pd.Series(["3", "1"], dtype="string"),
        pd.Index(["3", "1"]),
    ],
    ids=repr,
)
def test_any_kind_of_sequence_of_ids(several: object) -> None:
    assert collection("/pages").request({"id": several})[1] == [("id", "3,1")]


def test_an_attachment_has_its_own_kind_of_id() -> None:
    for spelling in ("att98311", "98311", 98311):
        path, _ = collection("/attachments/{id}/labels").request({"id": spelling})
        assert path == f"/wiki/api/v2/attachments/{spelling}/labels"


def test_a_set_has_no_order_so_it_is_sorted() -> None:
    assert collection("/pages").request({"id": {30, 4}})[1] == [("id", "30,4")]


@pytest.mark.parametrize(
    "moment",
    [
        1_700_000_000_000,
        "1700000000000",
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20+01:00",
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        datetime(2023, 11, 14, 22, 13, 20),  # noqa: DTZ001
        pd.Timestamp("2023-11-14T22:13:20Z"),
    ],
    ids=repr,
)
def test_a_moment_goes_as_milliseconds(moment: object) -> None:
    assert collection("/tasks").request({"created_at_from": moment})[1] == [
        ("created-at-from", "1700000000000")
    ]


def test_true_and_false_go_as_the_api_spells_them() -> None:
    spaces = collection("/spaces")
    assert spaces.request({"include_icon": True})[1] == [("include-icon", "true")]
    assert spaces.request({"include_icon": np.False_})[1] == [("include-icon", "false")]


def test_ids_of_a_post_go_in_the_body() -> None:
    users = collection("/users-bulk")
    ids = {"account_ids": pd.Series(["a", "b", "a"])}
    assert users.method == "POST"
    assert users.request(ids) == ("/wiki/api/v2/users-bulk", [])
    assert users.body(ids) == {"accountIds": ["a", "b"]}
    assert collection("/pages").body({}) is None


@given(st.text(min_size=1).filter(lambda text: text.strip() not in ("", ".", "..")))
def test_what_fills_a_path_stays_one_segment(name: str) -> None:
    path, _ = collection("/wiki/rest/api/space/{spaceKey}/label").request({"spaceKey": name})
    before, segment, after = "/wiki/rest/api/space/", path.split("/")[5], "/label"
    assert path == before + segment + after
    assert not set(segment) & set("?#%&=;/\\ ") - {"%"}
    assert unquote(segment) == name


@pytest.mark.parametrize(
    ("path", "params", "says"),
    [
        ("/pages", {"space": 1}, r"no parameter 'space'.*Did you mean 'space_id'"),
        ("/pages", {"bodyformat": "wiki"}, r"body-format='wiki'.*storage, atlas_doc_format"),
        ("/pages", {"body_format": "Storage"}, "Did you mean 'storage'"),
        ("/pages", {"status": ["current", "archvied"]}, "'archvied'.*Did you mean 'archived'"),
        ("/pages", {"status": "draft"}, "current, archived, deleted, trashed"),
        ("/pages", {"sort": "modified"}, "Did you mean 'modified-date'"),
        ("/pages", {"sort": ["id", "title"]}, "takes one value"),
        ("/pages", {"limit": 251}, "1 to 250"),
        ("/pages", {"limit": 0}, "1 to 250"),
        ("/pages", {"limit": "many"}, "whole number"),
        ("/pages", {"limit": True}, "whole number"),
        ("/pages", {"limit": 2.5}, "whole number"),
        ("/pages", {"space_id": []}, "no filter at all"),
        ("/pages", {"space_id": "ENG"}, "key is not its id"),
        ("/pages", {"space_id": [1, None]}, "empty value"),
        ("/pages", {"space_id": pd.Series([pd.NA, "1"], dtype="string")}, "empty value"),
        ("/pages", {"space_id": list(range(101))}, "101 values.*takes 100"),
        ("/pages", {"id": pd.DataFrame({"id": [1]})}, "one column of it"),
        ("/pages", {"id": {"id": 1}}, "one column of it"),
        ("/pages", {"id": -1}, "takes an id"),
        ("/pages", {"id": "att98311"}, "takes an id"),
        ("/pages", {"id": 12.0}, "takes an id"),
        ("/pages", {"space_id": 1, "space-id": 2}, "given twice"),
        ("/pages", {"title": ["a"]}, "takes one value"),
        ("/pages", {"title": b"a"}, "takes text"),
        ("/spaces", {"include_icon": 1}, "True or False"),
        ("/tasks", {"due_at_to": "tomorrow"}, "takes a moment"),
        ("/pages/{id}/versions", {}, "needs id"),
        ("/pages/{id}/versions", {"id": "12/../13"}, "takes an id"),
        ("/pages/{id}/versions", {"id": ""}, "takes an id"),
        ("/wiki/rest/api/space/{spaceKey}/label", {"spaceKey": ".."}, "names nothing"),
        ("/wiki/rest/api/search", {"cql": "  "}, "blank"),
        ("/wiki/rest/api/search", {"limit": 5}, "needs cql"),
        ("/users-bulk", {"account_ids": ["x"] * 2 + [str(n) for n in range(250)]}, "251 values"),
    ],
)
def test_what_the_api_would_refuse_is_refused_at_once(
    path: str, params: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfluenceNBError, match=says):
        collection(path).request(params)


def test_a_body_is_a_column_only_when_it_was_asked_for() -> None:
    pages = collection("/pages")
    assert "body" not in [column.name for column in pages.columns_for({})]
    (body,) = [column for column in pages.columns_for({"body_format": "storage"}) if column.name == "body"]
    assert body.source == ("body", "storage", "value")
    assert body.dtype == "string"
    (inner,) = [
        column
        for column in collection("/pages/{id}/versions").columns_for(
            {"id": 1, "body-format": "atlas_doc_format"}
        )
        if column.name == "page_body"
    ]
    assert inner.source == ("page", "body", "atlas_doc_format", "value")


def test_v1_asks_for_a_body_by_expanding_it() -> None:
    content = collection("/wiki/rest/api/content/search")
    assert "body" not in [column.name for column in content.columns_for({"cql": "x", "expand": "version"})]
    columns = content.columns_for({"cql": "x", "expand": ["version", "body.view"]})
    assert ("body", "view", "value") in [column.source for column in columns]


def promised(path: str, **params: object) -> set[str]:
    return {column.name for column in collection(path).columns_for(params)}


def test_what_is_expanded_is_promised_with_all_that_stands_above_it() -> None:
    path = "/wiki/rest/api/content/search"
    plain = promised(path, cql="x")
    deep = promised(path, cql="x", expand="history.lastUpdated") - plain
    assert {"history_created_date", "history_last_updated_when"} <= deep
    assert not {name for name in deep if not name.startswith("history_")}
    assert promised(path, cql="x", expand="history") - plain < deep
    assert promised(path, cql="x", expand=["ancestors", "children.page"]) - plain == {
        "ancestors",
        "children_page",
    }
    assert promised(path, cql="x", expand="children.page.body.storage") - plain == {"children_page"}
    assert promised(path, cql="x", expand="no.such.part") == plain


def test_what_a_search_row_holds_is_expanded_below_content() -> None:
    path = "/wiki/rest/api/search"
    plain = promised(path, cql="x")
    assert promised(path, cql="x", expand="version") == plain
    assert {"version_number", "version_when"} <= promised(path, cql="x", expand="content.version")
    assert promised(path, cql="x", expand="content.space") - plain == {
        "space_alias",
        "space_type",
        "space_status",
        "space_url",
    }
    assert "body" in promised(path, cql="x", expand="content.body.view")


def test_the_ends_of_a_relation_are_of_the_kinds_in_its_path() -> None:
    path = "/wiki/rest/api/relation/{relationName}/from/{sourceType}/{sourceKey}/to/{targetType}"
    ends = {"relationName": "favourite", "sourceKey": "current"}
    saved = promised(path, **ends, sourceType="user", targetType="content")
    assert {"source_account_id", "source_display_name", "target_title", "target_url"} <= saved
    assert not {"source_title", "target_account_id"} & saved
    assert "target_key" in promised(path, **ends, sourceType="user", targetType="space")


def test_what_is_included_in_a_single_thing_is_promised_when_it_is_asked_for() -> None:
    plain = promised("/pages/{id}", id=1)
    assert "labels" not in plain | promised("/pages/{id}", id=1, include_labels=False)
    assert promised("/pages/{id}", id=1, include_labels=True) - plain == {"labels"}
    favorite = promised("/pages/{id}", id=1, include_favorited_by_current_user_status=True)
    assert favorite - plain == {"is_favorited_by_current_user"}


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/pages", 250),
        ("/wiki/rest/api/search", 100),
        ("/wiki/rest/api/group", 200),
        ("/wiki/rest/api/audit", 1000),
        ("/wiki/rest/api/user/{userId}/property", 25),
        ("/classification-levels", None),
    ],
)
def test_the_rows_to_ask_for_at_once(path: str, most: int | None) -> None:
    assert collection(path).most_at_once == most


def test_a_description_is_always_a_column() -> None:
    sources = {
        form: [column.source for column in collection("/spaces").columns_for({"description_format": form})]
        for form in (None, "view")
    }
    assert ("description", "plain", "value") in sources[None]
    assert ("description", "view", "value") in sources["view"]


def test_columns_are_named_once_and_categories_are_fixed() -> None:
    for entry in collections():
        # The ends of a relation are of one kind at a time, which the path says.
        names = [(column.name, column.asked.partition("=")[2]) for column in entry.columns]
        assert names, entry.path
        assert len(set(names)) == len(names), entry.path
        for column in entry.columns:
            assert column.name == snake_case(column.name)
            assert bool(column.categories) == (column.dtype == "category")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("version", "number"), "version_number"),
        (("blogPostId",), "blog_post_id"),
        (("body", "storage", "value"), "body"),
        (("labels", "results"), "labels"),
        (("_links", "webui"), "url"),
        (("_links", "tinyui"), "tiny_url"),
        (("content", "_links", "webui"), "content_url"),
        (("inline-marker-ref",), "inline_marker_ref"),
        (("siteURL",), "site_url"),
        (("HTMLBody2x",), "html_body2x"),
        (("value",), "value"),
        (("",), "field"),
    ],
)
def test_names_of_columns(path: tuple[str, ...], name: str) -> None:
    assert column_name(path) == name
