"""SQL over one version of a mirror: DuckDB reads the tables' files as it needs them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.edition import Edition
from confluence_nb.mirror.schema import to_frame

if TYPE_CHECKING:
    import pyarrow as pa

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
"""A query sees the tables and no file, no network and no variable of the notebook."""

_SETTLED = "set TimeZone = 'UTC'; set lock_configuration = true"
"""Days and months begin when they do in UTC, on any machine; and a query changes no setting."""


def answer(edition: Edition, query: str) -> pd.DataFrame:
    """The rows that a query gives, in its order.

    Raises
    ------
    ConfluenceNBError
        When DuckDB is missing, or does not take the query.
    """
    try:
        import duckdb
    except ImportError:
        raise ConfluenceNBError(
            'SQL over a mirror needs duckdb. Install it with: pip install "confluence_nb[mirror]"'
        ) from None
    if not isinstance(query, str) or not query.strip():
        raise ConfluenceNBError('The query is empty. Give SQL, such as "select title from pages limit 5".')
    names = edition.names()
    with duckdb.connect(":memory:", config=_CLOSED) as connection:
        connection.execute(_SETTLED)
        for name in names:
            connection.register(name, edition.delta(name).to_pyarrow_dataset())
        try:
            found = connection.sql(query)
            rows: pa.Table | None = None if found is None else found.to_arrow_table()
        except duckdb.Error as error:
            raise ConfluenceNBError(
                f"DuckDB does not take the query: {_first_lines(error)} The tables are {', '.join(names)}."
            ) from error
    if rows is None:
        raise ConfluenceNBError(
            "The query gives no rows. A mirror is only read; begin with select, with, or from."
        )
    names = _apart(rows.column_names)
    frame = pd.DataFrame({name: _cells(values) for name, values in zip(names, rows.columns, strict=True)})
    frame.attrs = {"site": edition.record.site, "path": edition.store.path, "version": edition.record.number}
    return frame


def _first_lines(error: Exception) -> str:
    said = " ".join(str(error).split("\n\n")[0].split())[:500]
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _apart(names: Sequence[str]) -> list[str]:
    """The names of columns, numbered where two have the same."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{number}" for number in count(1))
        found.append(name if name not in found else next(each for each in numbered if each not in found))
    return found


def _cells(values: pa.ChunkedArray) -> Any:
    """One column with a dtype that frames have; days and hours of another zone are moments without a zone."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
        return values.cast(pa.timestamp("us")).to_pandas().astype("datetime64[us]")
    return to_frame(pa.table({"cells": _plain(values)}), None)["cells"]


def _plain(values: pa.ChunkedArray) -> Any:
    """A count comes as a number of its own width, a sum as a decimal of many digits."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        try:
            return values.cast(pa.int64())
        except pa.ArrowInvalid:  # more than fits
            return values.cast(pa.float64())
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return values.cast(pa.float64())
    if pa.types.is_timestamp(kind):
        return values.cast(pa.timestamp("us", "UTC"), safe=False)
    if pa.types.is_null(kind) or pa.types.is_large_string(kind):
        return values.cast(pa.string())
    return values
