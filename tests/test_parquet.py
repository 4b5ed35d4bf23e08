"""Frames through Parquet and back: equal dtypes and equal values, whatever JSON the rows hold."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confluence_nb.api.catalog import collection
from confluence_nb.frames import FrameBuilder, cells


def framed(path: str, rows: list[Any], *, window: int = 250, **params: object) -> pd.DataFrame:
    frames = FrameBuilder(collection(path).columns_for(params))
    for start in range(0, len(rows), window):
        frames.add(rows[start : start + window], base=None)
    return frames.frame({"site": "acme", "parameters": params})


def through_parquet(frame: pd.DataFrame) -> pd.DataFrame:
    file = BytesIO()
    frame.to_parquet(file)
    return pd.read_parquet(BytesIO(file.getvalue()))


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain Python, lists as lists, what is empty as None."""
    return [
        {
            str(name): [_item(item) for item in cell] if hasattr(cell, "__len__") and not isinstance(cell, str)
            else None if pd.isna(cell) else cell
            for name, cell in row.items()
        }
        for row in frame.astype(object).to_dict("records")
    ]  # fmt: skip


def _item(item: Any) -> Any:
    return item.item() if hasattr(item, "item") else item


def assert_survives(frame: pd.DataFrame) -> None:
    back = through_parquet(frame)
    assert list(map(str, back.dtypes)) == list(map(str, frame.dtypes))
    assert plain(back) == plain(frame)
    assert back.attrs == frame.attrs


def only(frame: pd.DataFrame, name: str) -> list[Any]:
    """The cells of one column, after Parquet."""
    assert_survives(frame)
    return [None if cell is None else list(cell) for cell in frame[name]]


@pytest.mark.parametrize("rows", [0, 1, 300])
def test_pages(rows: int) -> None:
    pages = [
        {
            "id": str(number),
            "status": ["current", "archived", "new one"][number % 3],
            "position": None if number % 4 else number,
            "createdAt": "2024-01-02T03:04:05.678Z",
            "version": {"number": number, "minorEdit": None},
            "body": {"storage": {"value": f"<p>{number} é 𝒳</p>"}},
        }
        for number in range(rows)
    ]
    frame = framed("/pages", pages, body_format="storage")
    assert_survives(frame)
    if rows:
        # Parquet keeps the values of a category with its rows: without rows only the type comes back.
        pd.testing.assert_frame_equal(through_parquet(frame), frame)


@pytest.mark.parametrize(
    ("lists", "shown"),
    [
        ([["a", "b"], [], None, ["é"]], [["a", "b"], [], None, ["é"]]),
        ([[1, 2], [], None], [[1, 2], [], None]),
        ([[True], [False, True]], [[True], [False, True]]),
        ([[0.5], [1.5, -2]], [[0.5], [1.5, -2]]),
        ([[1], [2.5]], [[1], [2.5]]),
        ([[], []], [[], []]),
        ([["a"], [1]], [['"a"'], ["1"]]),
        ([[True], [1]], [["true"], ["1"]]),
        ([["a", None]], [['"a"', "null"]]),
        ([[2**70], [1]], [[str(2**70)], ["1"]]),
        ([[2**60], [0.5]], [[str(2**60)], ["0.5"]]),
        ([[{}], [{"a": 1}], ["b"]], [["{}"], ['{"a":1}'], ['"b"']]),
        ([[{"a": 1}], [{"b": {"c": []}}], []], [['{"a":1}'], ['{"b":{"c":[]}}'], []]),
        ([[[1, 2], []]], [["[1,2]", "[]"]]),
        ([["half \ud800"], ["x"]], [["half \\ud800"], ["x"]]),
    ],
    ids=str,
)
@pytest.mark.parametrize("block", [1, 8_192])
@pytest.mark.parametrize(("path", "field"), [("/space-roles", "spacePermissions"), ("/pages", "surprise")])
def test_lists_of_one_plain_kind_stay_and_others_hold_json(
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    field: str,
    block: int,
    lists: list[Any],
    shown: list[Any],
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    frame = framed(path, [{field: cell} for cell in lists], window=1)
    assert only(frame, {"spacePermissions": "space_permissions"}.get(field, field)) == shown


def test_objects_of_a_list_are_read_again_one_by_one() -> None:
    rows = [
        {
            "operation": "read",
            "restrictions": {"user": {"results": [{"accountId": "a"}, {"accountId": "b"}]}},
        },
        {"operation": "update", "restrictions": {"user": {"results": []}}},
    ]
    frame = framed("/wiki/rest/api/content/{id}/restriction", rows)
    people = frame.explode("restrictions_user").dropna(subset="restrictions_user")
    assert list(pd.json_normalize(people["restrictions_user"].map(json.loads).tolist())["accountId"]) == [
        "a",
        "b",
    ]
    assert_survives(frame)


@pytest.mark.parametrize(
    "values",
    [
        ["text"],
        [{"any": [1, {"deep": None}]}, {}],
        [1, "one", [1], True, 0.5, {"a": {}}, "", None, 2**70],
        ["half \ud800"],
        [],
    ],
    ids=str,
)
@pytest.mark.parametrize("block", [1, 8_192])
def test_any_value_of_a_property_is_json_text(
    monkeypatch: pytest.MonkeyPatch, values: list[Any], block: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    rows = [{"id": str(number), "key": "k", "value": value} for number, value in enumerate(values)]
    frame = framed("/pages/{page-id}/properties", rows, window=1)
    assert frame["value"].dtype == "string"
    assert [None if pd.isna(text) else json.loads(text) for text in frame["value"]] == values
    assert_survives(frame)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
anything = st.recursive(
    scalars | st.sampled_from(["2024-01-02T03:04:05Z", "current"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)
fields = ("id", "status", "spacePermissions", "value", "createdAt", "labels", "restrictions", "new")


@pytest.mark.parametrize(
    "path",
    [
        "/space-roles",
        "/pages",
        "/pages/{page-id}/properties",
        "/wiki/rest/api/content/{id}/restriction",
        "/wiki/rest/api/template/page",
        "/wiki/rest/api/search",
    ],
)
@settings(max_examples=25)
@given(
    rows=st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, anything)), max_size=5),
    window=st.integers(1, 5),
)
def test_no_shape_of_json_is_lost(path: str, rows: list[Any], window: int) -> None:
    assert_survives(framed(path, rows, window=window))


@settings(max_examples=25)
@given(
    cells_given=st.lists(
        st.none() | st.lists(scalars | st.lists(scalars, max_size=2), max_size=3), max_size=6
    ),
    block=st.integers(1, 4),
)
def test_blocks_leave_no_trace_in_lists(cells_given: list[Any], block: int) -> None:
    rows = [{"spacePermissions": cell} for cell in cells_given]
    at_once = framed("/space-roles", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "ROWS_PER_BLOCK", block)
        in_blocks = framed("/space-roles", rows, window=1)
    assert plain(in_blocks) == plain(at_once)
