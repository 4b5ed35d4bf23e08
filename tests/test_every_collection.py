"""Every list of both APIs, read from the sandbox for 0, 1 and 600 rows: the same columns and dtypes each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki

from confluence_nb import Wiki
from confluence_nb.api.catalog import Collection, collections
from confluence_nb.api.columns import Column
from confluence_nb.api.parameters import Parameter
from confluence_nb.frames import FrameBuilder
from confluence_nb.sandbox import Sandbox

SIZES = (0, 1, 600)

SCOPES = tuple(
    sorted({scope for entry in collections() for scope in entry.scopes[0]} | {"offline_access", "read:me"})
)

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

lists = pytest.mark.parametrize("entry", collections(), ids=lambda entry: entry.path)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3, app_scopes=SCOPES) as running:
        yield running


@pytest.fixture(scope="module")
def wiki(sandbox: Sandbox) -> Wiki:
    """Signed in with every scope that any list needs."""
    opened = open_wiki(sandbox, app=app_of(sandbox, scopes=SCOPES))
    opened.sign_in(sandbox.approve(opened.consent_url))
    return opened.use("acme")


def needed(entry: Collection) -> dict[str, Any]:
    """A value for each parameter that the list cannot do without; the sandbox knows every id here."""
    return {
        parameter.keyword: _value(entry, parameter) for parameter in entry.parameters if parameter.required
    }


def _value(entry: Collection, parameter: Parameter) -> object:
    if parameter.name == "cql":
        return "type = user" if entry.path.endswith("/user") else "type = page"
    if parameter.name == "targetType":
        return "content"  # the sandbox relates people to content, and nothing else
    if parameter.allowed:
        return parameter.allowed[0]
    return {"string": "any", "boolean": True}.get(parameter.type, 1)


def as_dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def values(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The cells as plain Python: arrays are lists, and what is empty is None."""
    return {str(name): [_plain(cell) for cell in column.astype(object)] for name, column in frame.items()}


def _plain(cell: Any) -> Any:
    if isinstance(cell, list) or hasattr(cell, "tolist"):
        return [_plain(item) for item in list(cell)]
    return None if pd.isna(cell) else cell


@lists
def test_a_list_is_the_same_frame_whatever_its_length(
    entry: Collection, sandbox: Sandbox, wiki: Wiki, tmp_path: Path
) -> None:
    frames = {}
    for rows in SIZES:
        sandbox.set(rows_per_list=rows)
        frames[rows] = wiki.table(entry.path, **needed(entry))
        assert len(frames[rows]) == rows
    promised = entry.columns_for(needed(entry))
    for rows, frame in frames.items():
        assert as_dtypes(frame) == {column.name: DTYPES[column.dtype] for column in promised}
        pd.testing.assert_series_equal(frame.dtypes, frames[0].dtypes)

        file = tmp_path / f"{rows}.parquet"
        frame.to_parquet(file)
        back = pd.read_parquet(file)
        assert as_dtypes(back) == as_dtypes(frame)
        assert values(back) == values(frame)
        assert back.attrs == frame.attrs


@lists
def test_nulls_and_surplus_fields_survive(entry: Collection) -> None:
    """As the service answers: nulls where its own specification forbids them, and fields it does not know."""
    columns = entry.columns_for(needed(entry))
    row = _row_of_nulls(columns)
    frames = FrameBuilder(columns)
    frames.add([row, {**row, "surprise": {"deep": [{"any": 1}, "thing"]}, "futureId": 7}, {}], base=None)
    frame = frames.frame()
    empty = FrameBuilder(columns).frame()
    pd.testing.assert_series_equal(frame.dtypes[list(empty)], empty.dtypes)
    assert frame[list(empty)].isna().all(axis=None)
    assert values(frame.drop(columns=list(empty))) == {
        "future_id": [None, "7", None],
        "surprise_deep": [None, ['{"any":1}', '"thing"'], None],
    }


def _row_of_nulls(columns: tuple[Column, ...]) -> dict[str, Any]:
    """Every promised field, null; of nested ones the innermost."""
    row: dict[str, Any] = {}
    for column in columns:
        fields = row
        for key in column.source[:-1]:
            fields = fields.setdefault(key, {})
        fields[column.source[-1]] = None
    return row


@pytest.mark.parametrize(
    ("path", "expand"),
    [
        ("/wiki/rest/api/content/search", "version"),
        ("/wiki/rest/api/content/search", "space,history.lastUpdated"),
        ("/wiki/rest/api/content/search", "ancestors,metadata.labels,body.storage"),
        ("/wiki/rest/api/search", "content.version,content.space"),
        ("/wiki/rest/api/search", "content.history.lastUpdated,content.body.storage,content.ancestors"),
    ],
)
def test_what_expand_adds_is_promised_too(path: str, expand: str, sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(rows_per_list=-1)
    some = wiki.table(path, cql="type = page", expand=expand)
    none = wiki.table(path, cql='type = page and title = "no page has this"', expand=expand)
    plain = wiki.table(path, cql="type = page")
    assert (len(none), len(some) > 10) == (0, True)
    pd.testing.assert_series_equal(none.dtypes, some.dtypes)
    added = [name for name in some if name not in plain]
    assert added
    assert some[added].notna().any(axis=None)
