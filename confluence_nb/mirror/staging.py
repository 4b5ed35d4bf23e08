"""Results that many workers make of a table: each part a file that nobody sees until one commit takes them all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pandas as pd

from confluence_nb.mirror.store import Store

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Part:
    """A staged file; `path` is None where there was no row to write.

    `unreadable` are the bodies that a function of `content` left out, each with its reason.
    """

    path: str | None
    size: int
    rows: int
    schema: pa.Schema
    unreadable: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Stage:
    """The folder of a table that is being made.

    A worker that dies leaves at most a file that no commit names, and another worker makes the part again: so no row
    is ever there twice, and none is missing.
    """

    store: Store
    name: str

    def put(self, table: pa.Table, unreadable: Iterable[dict[str, Any]] = ()) -> Part:
        """Write the rows of one part."""
        import pyarrow.parquet

        if not table.num_rows:
            return Part(None, 0, 0, table.schema, tuple(unreadable))
        if self.store.is_local:
            Path(self.store.address(self.name)).mkdir(parents=True, exist_ok=True)
        path = f"part-{uuid4()}.parquet"
        files = self.store.files(self.name)
        with files.open_output_stream(path) as sink:
            pyarrow.parquet.write_table(table, sink)
        return Part(path, files.get_file_info(path).size, table.num_rows, table.schema, tuple(unreadable))

    def widened(self, part: Part, schema: pa.Schema) -> Part:
        """The same rows under the schema that all parts have in common."""
        import pyarrow as pa
        import pyarrow.parquet

        if part.path is None or part.schema == schema:
            return part
        with self.store.files(self.name).open_input_file(part.path) as source:
            rows = pyarrow.parquet.read_table(source)
        columns = [
            _widened(rows.column(field.name), field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in schema
        ]
        return self.put(pa.table(columns, schema=schema), part.unreadable)

    def drop(self, parts: Iterable[Part]) -> None:
        """Remove files that no commit will name."""
        files = self.store.files(self.name)
        for part in parts:
            if part.path is not None:
                files.delete_file(part.path)

    def commit(self, parts: Sequence[Part], schema: pa.Schema, said: dict[str, str]) -> None:
        """Make the parts the rows of the table, whole and at once; its versions so far stay."""
        from deltalake import CommitProperties
        from deltalake.transaction import AddAction, RemoveAction

        now = int(time.time() * 1000)
        actions: list[AddAction | RemoveAction] = [
            AddAction(part.path, part.size, {}, now, True, json.dumps({"numRecords": part.rows}))
            for part in parts
            if part.path is not None
        ]
        # Without the note that says what it was made of, nobody sees a table that is only made.
        table = self.store.make(self.name, schema)
        table.create_write_transaction(
            actions, "overwrite", schema, commit_properties=CommitProperties(custom_metadata=said)
        )


def as_table(frame: pd.DataFrame) -> pa.Table:
    """Rows of any frame in the few types that tables of a mirror have; of what kind nothing is stays open."""
    import pyarrow as pa

    return pa.table({str(name): _array(values) for name, values in frame.items()})


def common_schema(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """A type for each column that holds the values of all parts: numbers stay numbers, anything else is text."""
    import pyarrow as pa

    def wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
        if one == other or pa.types.is_null(other):
            return one
        if pa.types.is_null(one):
            return other
        return pa.float64() if {one, other} == {pa.int64(), pa.float64()} else pa.string()

    kinds: dict[str, list[pa.DataType]] = {}
    for schema in schemas:
        for field in schema:
            kinds.setdefault(field.name, []).append(field.type)
    found = {name: reduce(wider, types) for name, types in kinds.items()}
    return pa.schema(
        [(name, pa.string() if pa.types.is_null(kind) else kind) for name, kind in found.items()]
    )


def _array(values: pd.Series[Any]) -> Any:
    import pyarrow as pa

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("string")
    if values.dtype == object:
        return _of_objects(values)
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        moments = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        return pa.array(moments, pa.timestamp("us", "UTC"), from_pandas=True)
    found = pa.array(values, from_pandas=True)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.cast(_plain(found.type))


def _of_objects(values: pd.Series[Any]) -> Any:
    """Python objects: lists of one plain kind stay lists, frames and anything else of a shape are JSON."""
    import pyarrow as pa

    cells = [None if _is_missing(value) else value for value in values]
    try:
        found = pa.array(cells)
        if _plain(found.type) == found.type:
            return found
        if not pa.types.is_nested(found.type):
            return found.cast(_plain(found.type))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        pass
    return pa.array([None if cell is None else _json(cell) for cell in cells], pa.string())


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind):
        inner = _plain(kind.value_type)
        return pa.string() if pa.types.is_nested(inner) else pa.list_(inner)
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_temporal(kind) and not pa.types.is_time(kind):
        return pa.timestamp("us", "UTC") if not pa.types.is_duration(kind) else pa.string()
    return kind if pa.types.is_boolean(kind) or pa.types.is_null(kind) else pa.string()


def _widened(values: pa.ChunkedArray, kind: pa.DataType) -> Any:
    import pyarrow as pa

    if values.type == kind:
        return values
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), kind)
    if pa.types.is_string(kind):
        return pa.array([None if value is None else _json(value) for value in values.to_pylist()], kind)
    return values.cast(kind)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return str(value.to_json(orient="split", date_format="iso", force_ascii=False))
    return json.dumps(value, ensure_ascii=False, default=str)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
