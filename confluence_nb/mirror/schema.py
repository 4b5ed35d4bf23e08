"""How the promised columns of a frame are kept in a Delta table, and come back from it as they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.content import Link
from confluence_nb.pull.shapes import PAGE_ID, columns_about

if TYPE_CHECKING:
    import pyarrow as pa

KIND = Column("kind", "category", ("kind",), ("footer", "inline"))
"""Which of the two lists a comment is from."""

_BODY = {"body_format": "storage"}


def promised(name: str) -> tuple[Column, ...] | None:
    """The columns of a collection that every mirror may hold, None for another one."""
    match name:
        case "pages" | "blogposts":
            return collection(f"/{name}").columns_for(_BODY)
        case "comments":
            lists = (collection(path).columns_for(_BODY) for path in ("/footer-comments", "/inline-comments"))
            return columns_about([PAGE_ID, KIND], *lists)
        case "attachments" | "spaces" | "labels":
            return collection(f"/{name}").columns_for({})
        case "tasks":
            return collection("/tasks").columns_for(_BODY)
        case "users":
            return collection("/users-bulk").columns_for({})
        case "links":
            names = ("page_id", *(field.name for field in fields(Link)))
            return tuple(Column(name, "string", (name,)) for name in names)
    return None


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """The Arrow types of promised columns: categories as their texts, lists as lists of texts."""
    import pyarrow as pa

    types = {
        "Int64": pa.int64(),
        "Float64": pa.float64(),
        "boolean": pa.bool_(),
        "datetime": pa.timestamp("us", tz="UTC"),
        "list": pa.list_(pa.string()),
    }
    return pa.schema([(column.name, types.get(column.dtype, pa.string())) for column in columns])


def schema_of(frame: pd.DataFrame) -> pa.Schema:
    """The Arrow types of a frame whose columns nobody promised: each as its dtype has it."""
    import pyarrow as pa

    def kind(values: pd.Series[Any]) -> pa.DataType:
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            return pa.timestamp("us", tz="UTC")
        by_name = {"Int64": pa.int64(), "Float64": pa.float64(), "boolean": pa.bool_()}
        if values.dtype == object:
            return pa.list_(pa.string())
        return by_name.get(str(values.dtype), pa.string())

    return pa.schema([(str(name), kind(frame[name])) for name in frame.columns])


def to_arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """The rows as a table of that schema.

    What the schema lacks follows as text, a value that is none as its JSON: of what kind a field is that no
    specification promises may differ from one window to the next. So does what is not of the promised kind, in a column
    of its own.
    """
    import pyarrow as pa

    known: dict[str, pa.Array] = {}
    surplus = {
        str(name): _array(frame[name], pa.string()) for name in frame.columns if name not in schema.names
    }
    for field in schema:
        if field.name not in frame:
            known[field.name] = pa.nulls(len(frame), field.type)
            continue
        try:
            known[field.name] = _array(frame[field.name], field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
            known[field.name], others = _apart(frame[field.name], field.type)
            surplus[f"{field.name}_as_sent"] = others
    return pa.table({**known, **surplus})


def to_frame(table: pa.Table, columns: Sequence[Column] | None) -> pd.DataFrame:
    """The rows as a frame with the dtypes of `columns`; what they lack follows with the dtypes that the table has."""
    kinds = {column.name: column for column in columns or ()}
    ordered = [name for name in kinds if name in table.column_names]
    ordered += [name for name in table.column_names if name not in kinds]
    return pd.DataFrame({name: _series(table.column(name), kinds.get(name)) for name in ordered})


def _array(values: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("string")
    if pa.types.is_string(kind) and str(values.dtype) != "string":
        texts = [_text(value) for value in values.astype(object)]
        return pa.array(texts, kind)
    if pa.types.is_list(kind):
        return pa.array(
            [None if value is None else [_text(item) for item in value] for value in values], kind
        )
    found = pa.array(values, from_pandas=True)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found if found.type == kind else found.cast(kind)


def _apart(values: pd.Series[Any], kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """The values that are of a kind, and the texts of those that are not."""
    import pyarrow as pa

    fitting: list[Any] = []
    others: list[str | None] = []
    for value in values.astype(object):
        text = _text(value)
        try:
            fitting.append(None if text is None else pa.scalar(text).cast(kind).as_py())
            others.append(None)
        except (pa.ArrowException, OverflowError):  # the latter for a day before the first or after the last
            fitting.append(None)
            others.append(text)
    return pa.array(fitting, kind), pa.array(others, pa.string())


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value), ensure_ascii=False, default=str)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return json.dumps(value.item() if hasattr(value, "item") else value, ensure_ascii=False, default=str)


def _series(values: pa.ChunkedArray, column: Column | None) -> Any:
    import pyarrow as pa

    dtypes: dict[Any, Any] = {
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    kind = values.type
    if column is not None and column.dtype == "category":
        texts = values.to_pandas().astype(object)
        others = sorted(set(texts.dropna()) - set(column.categories))
        return pd.Categorical(texts, categories=[*column.categories, *others])
    if pa.types.is_timestamp(kind):
        return values.to_pandas().astype("datetime64[us, UTC]")
    if pa.types.is_list(kind):
        return pd.Series(values.to_pylist(), dtype=object)
    if kind in dtypes:
        return dtypes[kind].__from_arrow__(values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        text: Any = pd.StringDtype("pyarrow")
        return text.__from_arrow__(values).astype("string")
    return values.to_pandas()
