"""SQL over one version of a mirror: DuckDB reads the tables' files as it needs them, and nothing else."""

from __future__ import annotations

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
    "lock_configuration": "true",
}
"""A query sees the tables and no file, no network and no variable of the notebook."""


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
    frame = to_frame(_plain(rows), None)
    frame.attrs = {"site": edition.record.site, "path": edition.store.path, "version": edition.record.number}
    return frame


def _first_lines(error: Exception) -> str:
    said = " ".join(str(error).split("\n\n")[0].split())[:500]
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _plain(rows: pa.Table) -> pa.Table:
    """The columns in the few types that frames have: a sum comes as a decimal, a count as a number of its own width."""
    import pyarrow as pa

    def kind(given: Any) -> Any:
        if pa.types.is_integer(given):
            return pa.int64()
        if pa.types.is_decimal(given):
            return pa.int64() if given.scale == 0 else pa.float64()
        if pa.types.is_floating(given):
            return pa.float64()
        if pa.types.is_timestamp(given):
            return pa.timestamp("us", tz="UTC")
        if pa.types.is_large_string(given):
            return pa.string()
        return given

    schema = pa.schema([field.with_type(kind(field.type)) for field in rows.schema])
    return rows.cast(schema, safe=False)
