"""Fields that the specification lacks, or spells otherwise: all of them arrive, and none breaks a frame."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from frame_rows import BASE, DTYPES, framed, one, page
from hypothesis import given, settings
from hypothesis import strategies as st

from confluence_nb.api.catalog import collection
from confluence_nb.frames import FrameBuilder, builder, cells

INLINE = "/pages/{id}/inline-comments"


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


def test_an_object_whose_keys_are_data_does_not_widen_the_frame_without_end() -> None:
    rows = [page(number, seen={f"user {number}-{n}": n for n in range(50)}) for number in range(20)]
    frame = framed("/pages", rows, window=5)
    assert len(frame.columns) < len(framed("/pages", []).columns) + builder.MOST_UNDOCUMENTED + 2
    assert json.loads(frame["other_fields"].iloc[19]) == {f"seen.user 19-{n}": n for n in range(50)}


def test_a_builder_without_columns_takes_what_comes() -> None:
    frames = FrameBuilder([])
    frames.add([{"a": 1}, {"b": {"c": "x"}}, "bare"], base=None)
    assert sorted(frames.frame().columns) == ["a", "b_c", "value"]


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
@settings(max_examples=60)
@given(rows=st.lists(row_shapes, max_size=6), window=st.integers(1, 6))
def test_no_shape_of_json_breaks_a_frame(path: str, rows: list[Any], window: int) -> None:
    frame = framed(path, rows, window=window)
    assert len(frame) == len(rows)
    assert frame.columns.is_unique
    assert {str(dtype) for dtype in frame.dtypes} <= set(DTYPES.values())
    promised = [column.name for column in collection(path).columns_for({})]
    assert list(frame.columns[: len(promised)]) == promised


@settings(max_examples=60)
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
