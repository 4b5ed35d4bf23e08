"""Frames: the promised columns and dtypes whatever arrives, and whatever arrives is in the frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confluence_nb.api.catalog import Collection, collection, collections
from confluence_nb.api.columns import Column
from confluence_nb.frames import FrameBuilder, builder, cells

BASE = "https://acme.atlassian.net/wiki"

DTYPES = {
    "string": "string",
    "Int64": "Int64",
    "Float64": "Float64",
    "boolean": "boolean",
    "datetime": "datetime64[us, UTC]",
    "category": "category",
    "list": "object",
    "json": "string",
}


def framed(path: str, rows: Sequence[Any], *, window: int = 250, **params: object) -> pd.DataFrame:
    frames = FrameBuilder(collection(path).columns_for(params))
    for start in range(0, len(rows), window):
        frames.add(rows[start : start + window], base=BASE)
    return frames.frame()


def one(frame: pd.DataFrame) -> dict[str, Any]:
    """The one row, without the empty cells."""
    assert len(frame) == 1
    return {
        name: value for name, value in frame.iloc[0].items() if isinstance(value, list) or pd.notna(value)
    }


def page(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": str(number),
        "status": "current",
        "title": f"Page {number}",
        "spaceId": "65537",
        "parentId": None,
        "parentType": None,
        "position": number,
        "authorId": "712020:ada",
        "ownerId": None,
        "lastOwnerId": None,
        "subtype": None,
        "createdAt": "2024-01-02T03:04:05.678Z",
        "version": {
            "createdAt": "2024-02-03T04:05:06.007Z",
            "message": "",
            "number": 7,
            "minorEdit": False,
            "authorId": "712020:ada",
        },
        "body": {},
        "_links": {
            "webui": f"/spaces/ENG/pages/{number}",
            "editui": "/e",
            "tinyui": "/x/1",
            "edituiv2": "/v2",
        },
    }
    return row | changes


def test_a_page_is_typed_and_flat() -> None:
    assert one(framed("/pages", [page(1)])) == {
        "id": "1",
        "status": "current",
        "title": "Page 1",
        "space_id": "65537",
        "position": 1,
        "author_id": "712020:ada",
        "created_at": pd.Timestamp("2024-01-02T03:04:05.678Z"),
        "version_created_at": pd.Timestamp("2024-02-03T04:05:06.007Z"),
        "version_message": "",
        "version_number": 7,
        "version_minor_edit": False,
        "version_author_id": "712020:ada",
        "url": f"{BASE}/spaces/ENG/pages/1",
        "edit_url": f"{BASE}/e",
        "tiny_url": f"{BASE}/x/1",
    }


@pytest.mark.parametrize("entry", collections(), ids=lambda entry: entry.path)
def test_no_rows_have_the_promised_columns_and_dtypes(entry: Collection) -> None:
    frame = FrameBuilder(entry.columns).frame()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        column.name: DTYPES[column.dtype] for column in entry.columns
    }
    assert len(frame) == 0
    for column in entry.columns:
        if column.dtype == "category":
            assert list(frame[column.name].cat.categories) == list(column.categories)


def test_no_rows_and_many_have_the_same_columns_and_dtypes() -> None:
    many = framed("/pages", [page(number) for number in range(20_000)])
    pd.testing.assert_series_equal(framed("/pages", []).dtypes, many.dtypes)
    assert list(many["position"]) == list(range(20_000))
    assert many.index.equals(pd.RangeIndex(20_000))


def test_rows_of_nothing_but_nulls_keep_the_dtypes() -> None:
    rows = [dict.fromkeys(page(1)), {}, None]
    frame = framed("/pages", rows)
    pd.testing.assert_series_equal(framed("/pages", []).dtypes, frame.dtypes)
    assert frame.isna().all(axis=None)
    assert len(frame) == 3


@pytest.mark.parametrize("form", ["storage", "atlas_doc_format"])
def test_a_body_is_one_column_when_asked_for(form: str) -> None:
    body = {form: {"representation": form, "value": "<p>é</p>"}}
    frame = framed("/pages", [page(1, body=body), page(2, body={}), page(3, body=None)], body_format=form)
    assert list(frame["body"].fillna("none")) == ["<p>é</p>", "none", "none"]
    assert not [name for name in frame if name.startswith("body_")]


@pytest.mark.parametrize("body", [{}, None])
def test_a_body_that_was_not_asked_for_is_no_column(body: object) -> None:
    assert "body" not in framed("/pages", [page(1, body=body)])


def test_a_body_that_comes_unasked_is_kept() -> None:
    body = {form: {"representation": form, "value": form.upper()} for form in ("storage", "view")}
    row = one(framed("/pages", [page(1, body=body)]))
    assert (row["body"], row["body_view_value"]) == ("STORAGE", "VIEW")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05.678+05:30", "2024-01-01T21:34:05.678Z"),
        ("2024-01-02T03:04:05.678-0800", "2024-01-02T11:04:05.678Z"),
        ("2024-01-02", "2024-01-02T00:00:00Z"),
        (1_704_164_645_678, "2024-01-02T03:04:05.678Z"),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc_with_microseconds(written: object, moment: str | None) -> None:
    frame = framed("/pages", [page(1, createdAt=written), page(2)], window=1)
    assert frame["created_at"].dtype == "datetime64[us, UTC]"
    assert frame["created_at"][0] == pd.Timestamp(moment) if moment else pd.isna(frame["created_at"][0])


def test_the_audit_log_counts_milliseconds() -> None:
    frame = framed("/wiki/rest/api/audit", [{"creationDate": 1_704_164_645_678, "sysAdmin": True}])
    assert one(frame) == {"creation_date": pd.Timestamp("2024-01-02T03:04:05.678Z"), "sys_admin": True}


def test_ids_are_texts_even_when_sent_as_numbers() -> None:
    frame = framed("/pages", [page(1, id=98310, spaceId=2**70, futureId=5)])
    row = one(frame)
    assert (row["id"], row["space_id"], row["future_id"]) == ("98310", str(2**70), "5")
    assert str(frame["id"].dtype) == str(frame["future_id"].dtype) == "string"


def test_a_category_has_fixed_values_and_takes_others() -> None:
    fixed = list(framed("/pages", [])["status"].cat.categories)
    frame = framed(
        "/pages", [page(1), page(2, status="quarantined"), page(3, status=4), page(4, status=None)], window=2
    )
    assert list(frame["status"].cat.categories) == [*fixed, "quarantined", "4"]
    assert list(frame["status"].astype("string").fillna("none")) == ["current", "quarantined", "4", "none"]


@pytest.mark.parametrize(
    ("field", "value", "column", "kept"),
    [
        ("position", "first", "position", "first"),
        ("position", [1], "position", "[1]"),
        ("position", True, "position", "true"),
        ("position", 2**70, "position", str(2**70)),
        ("createdAt", "not a date", "created_at", "not a date"),
        ("createdAt", "now", "created_at", "now"),
        ("createdAt", "NaT", "created_at", "NaT"),
        ("createdAt", 10**30, "created_at", str(10**30)),
        ("createdAt", {"year": 2024}, "created_at", '{"year":2024}'),
        ("title", {"de": "Größe"}, "title", '{"de":"Größe"}'),
        ("title", 12, "title", "12"),
        ("title", "half \ud800", "title", "half \\ud800"),
        ("status", "half \ud800", "status", "half \\ud800"),
        ("version", "seven", "version", "seven"),
        ("_links", "none", "links", "none"),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 3, 8_192])
def test_a_value_of_another_type_is_kept_and_the_rest_stays_readable(
    monkeypatch: pytest.MonkeyPatch, field: str, value: object, column: str, kept: str, block: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    usual = framed("/pages", [page(number) for number in (1, 2, 3)])
    frame = framed(
        "/pages", [page(1), page(2, **{field: value}), page(3), page(4, **{field: None})], window=1
    )
    assert frame[column].astype("object")[1] == kept
    assert pd.isna(frame[column][3])
    if column in usual and column != "status":
        assert str(frame[column].dtype) == "string"
    if column == "created_at":
        assert list(frame[column])[::2] == ["2024-01-02T03:04:05.678Z"] * 2
    if column == "position":
        assert list(frame[column])[::2] == ["1", "3"]
    others = [
        name for name in usual if name != column and not name.startswith(("version", "url", "edit_", "tiny_"))
    ]
    pd.testing.assert_series_equal(frame[others].dtypes, usual[others].dtypes)


@pytest.mark.parametrize("block", [1, 8_192])
def test_whole_numbers_become_fractions_only_when_they_must(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    whole = framed("/pages", [page(1, position=3.0)])
    half = framed("/pages", [page(1), page(2, position=2.5)], window=1)
    exact = framed("/pages", [page(2**60), page(2, position=2.5)], window=1)
    assert (str(whole["position"].dtype), list(whole["position"])) == ("Int64", [3])
    assert list(half["position"]) == [1.0, 2.5]
    assert list(exact["position"]) == [str(2**60), "2.5"]


def test_a_scalar_where_a_list_is_promised_is_a_list_of_one() -> None:
    frame = framed("/space-roles", [{"spacePermissions": "read"}, {"spacePermissions": ["a", "b"]}, {}])
    assert list(frame["space_permissions"]) == [["read"], ["a", "b"], None]


def test_lists_of_one_length_stay_lists() -> None:
    frame = framed("/space-roles", [{"spacePermissions": ["a", "b"]}, {"spacePermissions": ["c", "d"]}])
    assert list(frame["space_permissions"]) == [["a", "b"], ["c", "d"]]


def test_a_field_that_the_specification_lacks_still_arrives() -> None:
    surprising = page(
        2,
        sourceTemplateEntityId=None,
        newCount=3,
        newFlag=True,
        newShare=0.5,
        newTimeAt="2024-01-02T03:04:05.678Z",
        newThing={
            "innerName": "x",
            "deep": {"er": 1},
            "_expandable": {"y": ""},
            "_links": {"webui": "/there"},
        },
        newNames=["a"],
        labels={
            "results": [{"id": "1"}],
            "meta": {"hasMore": False},
            "_links": {"self": "https://s"},
            "size": 1,
        },
    )
    surprising["version"]["ncsStepVersion"] = None
    frame = framed("/pages", [page(1), surprising], window=1)
    assert one(frame.iloc[1:][[name for name in frame if name not in framed("/pages", [])]]) == {
        "new_count": 3,
        "new_flag": True,
        "new_share": 0.5,
        "new_time_at": pd.Timestamp("2024-01-02T03:04:05.678Z"),
        "new_thing_inner_name": "x",
        "new_thing_deep_er": 1,
        "new_thing_url": f"{BASE}/there",
        "new_names": ["a"],
        "labels": ['{"id":"1"}'],
        "labels_meta_has_more": False,
    }
    added = {
        name: str(dtype)
        for name, dtype in frame.dtypes.items()
        if name.startswith(("new_", "source_", "version_n"))
    }
    assert added == {
        "version_number": "Int64",
        "version_ncs_step_version": "string",
        "new_count": "Int64",
        "new_flag": "boolean",
        "new_names": "object",
        "new_share": "Float64",
        "new_thing_inner_name": "string",
        "new_thing_deep_er": "Int64",
        "new_thing_url": "string",
        "new_time_at": "datetime64[us, UTC]",
        "source_template_entity_id": "string",
    }


def test_an_object_that_is_null_elsewhere_is_no_extra_column() -> None:
    frame = framed("/pages", [page(1, extra=None), page(2, extra={"name": "x"})], window=1)
    assert [name for name in frame if name.startswith("extra")] == ["extra_name"]


def test_an_unknown_field_of_several_types_is_text() -> None:
    values = [1, "two", [3], True, None, 1.5]
    frame = framed("/pages", [page(number, mixed=value) for number, value in enumerate(values)], window=1)
    assert list(frame["mixed"].fillna("none")) == ["1", "two", "[3]", "true", "none", "1.5"]


def test_fields_whose_names_become_one_are_both_kept() -> None:
    row = one(
        framed("/pages", [page(1, version_number="x", spaceID="y", fooBar=1, foo_bar=2, foo={"bar": 3})])
    )
    assert row["version_number"] == 7
    assert row["space_id"] == "65537"
    assert sorted(value for name, value in row.items() if name.startswith("foo_bar")) == [1, 2, 3]
    assert {"x", "y"} <= {str(value) for value in row.values()}


INLINE = "/pages/{id}/inline-comments"


@pytest.mark.parametrize("window", [1, 250])
def test_a_field_sent_in_two_spellings_is_one_column(window: int) -> None:
    rows = [
        {"id": "1", "properties": {"inlineMarkerRef": "m1", "inline-marker-ref": "m1"}},
        {"id": "2", "properties": {"inline-marker-ref": "m2"}},
        {"id": "3", "properties": {"inlineMarkerRef": None, "inline-marker-ref": "m3"}},
        {"id": "4", "properties": {"inlineMarkerRef": "m4", "inline-marker-ref": None}},
        {"id": "5", "properties": {}},
    ]
    frame = framed(INLINE, rows, window=window)
    assert list(frame["properties_inline_marker_ref"].fillna("none")) == ["m1", "m2", "m3", "m4", "none"]
    assert list(frame) == list(framed(INLINE, []))


@pytest.mark.parametrize("window", [1, 250])
def test_two_spellings_that_differ_are_both_kept(window: int) -> None:
    rows = [
        {"properties": {"inlineMarkerRef": "m1", "inline-marker-ref": "other"}},
        {"properties": {"inlineMarkerRef": "m2", "inline-marker-ref": "m2"}},
    ]
    frame = framed(INLINE, rows, window=window)
    assert list(frame["properties_inline_marker_ref"]) == ["m1", "m2"]
    assert list(frame["properties_inline_marker_ref_2"].fillna("none")) == ["other", "none"]


@pytest.mark.parametrize(
    ("path", "params", "closed"),
    [
        (
            "/wiki/rest/api/search",
            {"cql": "x"},
            {"type": "page", "entity_type": "content", "status": "current"},
        ),
        ("/wiki/rest/api/content/search", {"cql": "x"}, {"type": "blogpost", "status": "archived"}),
        ("/pages/{id}/labels", {"id": 1}, {"prefix": "global"}),
        ("/pages/{id}/descendants", {"id": 1}, {"type": "whiteboard", "status": "current"}),
        ("/pages", {}, {"subtype": "live"}),
        ("/wiki/rest/api/space/{spaceKey}/label", {"spaceKey": "ENG"}, {"prefix": "my"}),
    ],
)
def test_values_of_a_closed_set_are_categories(
    path: str, params: dict[str, object], closed: dict[str, str]
) -> None:
    frame = framed(path, [], **params)
    for name, value in closed.items():
        assert value in frame[name].cat.categories


def test_an_object_whose_keys_are_data_does_not_widen_the_frame_without_end() -> None:
    rows = [page(number, seen={f"user {number}-{n}": n for n in range(50)}) for number in range(20)]
    frame = framed("/pages", rows, window=5)
    assert len(frame.columns) < len(framed("/pages", []).columns) + builder.MOST_UNDOCUMENTED + 2
    assert json.loads(frame["other_fields"].iloc[19]) == {f"seen.user 19-{n}": n for n in range(50)}


def test_bare_texts_are_one_column() -> None:
    frame = framed("/pages/{id}/likes/users", ["712020:ada", {"accountId": "712020:bob"}, None])
    assert list(frame.columns) == ["account_id"]
    assert list(frame["account_id"].fillna("none")) == ["712020:ada", "712020:bob", "none"]


@pytest.mark.parametrize(
    ("link", "base", "url"),
    [
        ("/spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("/spaces/ENG", f"{BASE}/", f"{BASE}/spaces/ENG"),
        ("/wiki/spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("/wikis/ENG", BASE, f"{BASE}/wikis/ENG"),
        ("spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("https://elsewhere.net/x", BASE, "https://elsewhere.net/x"),
        ("/spaces/ENG", None, "/spaces/ENG"),
        ("/spaces/ENG", "http://127.0.0.1:8000", "http://127.0.0.1:8000/spaces/ENG"),
        ("", BASE, ""),
    ],
)
def test_links_are_made_absolute(link: str, base: str | None, url: str) -> None:
    frames = FrameBuilder(collection("/spaces").columns)
    frames.add([{"_links": {"webui": link}}], base=base)
    assert frames.frame()["url"][0] == url


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


def test_restrictions_are_lists_in_a_row() -> None:
    row = {
        "operation": "read",
        "restrictions": {
            "user": {"results": [{"accountId": "712020:ada"}], "start": 0, "limit": 100, "size": 1},
            "group": {"results": [], "start": 0, "limit": 100, "size": 0},
            "_expandable": {},
        },
        "_expandable": {},
        "_links": {"self": "https://acme.atlassian.net/x"},
    }
    frame = framed("/wiki/rest/api/content/{id}/restriction", [row])
    assert one(frame) == {
        "operation": "read",
        "restrictions_user": ['{"accountId":"712020:ada"}'],
        "restrictions_group": [],
    }


def test_a_frame_can_be_had_midway_and_the_reading_goes_on() -> None:
    frames = FrameBuilder(collection("/pages").columns_for({}))
    assert frames.add([page(1), page(2)], base=BASE) == 2
    midway = frames.frame()
    midway.loc[0, "title"] = "changed by the reader"
    midway.loc[0, "position"] = -1
    assert frames.add([page(3)], base=BASE) == 1
    whole = frames.frame()
    assert list(midway["id"]) == ["1", "2"]
    assert list(whole["title"]) == ["Page 1", "Page 2", "Page 3"]
    assert list(whole["position"]) == [1, 2, 3]
    assert len(frames) == 3


def test_attrs_survive_as_json() -> None:
    moment = pd.Timestamp("2024-01-02T03:04:05Z")
    frame = FrameBuilder(collection("/pages").columns).frame(
        {"site": "acme", "at": moment, "params": {"ids": ("1",)}}
    )
    assert frame.attrs == {"site": "acme", "at": str(moment), "params": {"ids": ["1"]}}


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
names = st.sampled_from(
    [*page(1), "results", "value", "storage", "webui", "entityType", "content", ""]
) | st.text(max_size=6)
anything = st.recursive(
    scalars | st.sampled_from(["2024-01-02T03:04:05Z", "current"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=12,
)
row_shapes = st.fixed_dictionaries({}, optional=dict.fromkeys(page(1), anything)) | anything


@pytest.mark.parametrize(
    "path", ["/pages", "/wiki/rest/api/search", "/pages/{id}/likes/users", "/pages/{page-id}/properties"]
)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(row_shapes, max_size=6), window=st.integers(1, 6))
def test_no_shape_of_json_breaks_a_frame(path: str, rows: list[Any], window: int) -> None:
    frame = framed(path, rows, window=window)
    assert len(frame) == len(rows)
    assert frame.columns.is_unique
    assert {str(dtype) for dtype in frame.dtypes} <= set(DTYPES.values())
    promised = [column.name for column in collection(path).columns_for({})]
    assert list(frame.columns[: len(promised)]) == promised


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"id": st.integers(1, 9).map(str)},
            optional={
                "title": st.none() | st.text(),
                "position": st.none() | st.integers(-(2**31), 2**31),
                "status": st.none() | st.sampled_from(["current", "archived", "new one", "newer one"]),
                "createdAt": st.none()
                | st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda at: f"{at.isoformat()}Z"),  # noqa: DTZ001
                "version": st.none() | st.fixed_dictionaries({"minorEdit": st.none() | st.booleans()}),
            },
        ),
        max_size=12,
    ),
    window=st.integers(1, 5),
    block=st.integers(1, 5),
)
def test_windows_leave_no_trace(rows: list[dict[str, Any]], window: int, block: int) -> None:
    at_once = framed("/pages", rows, window=100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "ROWS_PER_BLOCK", block)
        in_windows = framed("/pages", rows, window=window)
    pd.testing.assert_frame_equal(in_windows, at_once)


def test_what_is_text_reads_back_as_it_was_sent() -> None:
    texts = ["", " ", "null", "NaN", "é\u0000\n", "𝒳", "0012", "true"]
    frame = framed("/pages", [page(number, title=text) for number, text in enumerate(texts)])
    assert list(frame["title"]) == texts


def test_a_builder_without_columns_takes_what_comes() -> None:
    frames = FrameBuilder([])
    frames.add([{"a": 1}, {"b": {"c": "x"}}, "bare"], base=None)
    assert sorted(frames.frame().columns) == ["a", "b_c", "value"]


def test_columns_may_be_promised_by_hand() -> None:
    frames = FrameBuilder(
        [Column("share", "Float64", ("stats", "share")), Column("value", "json", ("value",))]
    )
    frames.add([{"stats": {"share": 1}, "value": {"any": [1]}}, {"stats": None, "value": 3}], base=None)
    frame = frames.frame()
    assert list(frame["share"].fillna(-1)) == [1.0, -1.0]
    assert list(frame["value"]) == ['{"any":[1]}', "3"]
    assert frame["value"].dtype == "string"
