"""A Dask DataFrame over exactly the files of one version of a table, local or in an object store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from confluence_nb.api.columns import Column
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.edition import Edition
from confluence_nb.mirror.schema import to_frame
from confluence_nb.mirror.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    from dask.dataframe import DataFrame as DaskFrame

ROWS_PER_PARTITION = 4_000
BYTES_PER_PARTITION = 16 * 2**20
"""Small files, such as many syncs leave, are read several at once; in memory bodies take many times their file."""


@dataclass(frozen=True)
class Partitions:
    """What a worker needs to read some files of a table: it asks the store itself, and no rows travel to it.

    Parameters
    ----------
    store, name:
        Where the table lies. Credentials come from the worker's own environment.
    schema:
        Of the whole table, as older files lack newer columns.
    columns:
        The promised ones, None for a table that nobody promised.
    files:
        Groups of files, relative to the table.
    """

    store: Store
    name: str
    schema: pa.Schema
    columns: Sequence[Column] | None
    files: tuple[tuple[str, ...], ...]

    def read(self, files: Sequence[str], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of one group, some columns of them, typed as those of the whole table."""
        from pyarrow.dataset import dataset

        rows = dataset(list(files), self.schema, format="parquet", filesystem=self.store.files(self.name))
        table = rows.to_table(columns=None if columns is None else list(columns))
        frame = to_frame(table, self.columns)
        return frame if columns is None else frame[list(columns)]

    def meta(self) -> pd.DataFrame:
        """No rows, with the dtypes that all have."""
        return to_frame(self.schema.empty_table(), self.columns)


def partitions(edition: Edition, name: str) -> Partitions:
    """The files of a table, in groups of a size that a worker takes at once."""
    import pyarrow as pa

    table = edition.delta(name)
    listed = pa.table(table.get_add_actions()).select(["path", "size_bytes", "num_records"]).to_pylist()
    groups: list[list[str]] = []
    size = rows = 0
    for file in sorted(listed, key=lambda file: str(file["path"])):
        size += file["size_bytes"]
        rows += file["num_records"] or 0
        if not groups or size > BYTES_PER_PARTITION or rows > ROWS_PER_PARTITION:
            groups.append([])
            size, rows = file["size_bytes"], file["num_records"] or 0
        groups[-1].append(file["path"])
    schema = table.to_pyarrow_dataset().schema
    return Partitions(edition.store, name, schema, edition.columns(name), tuple(map(tuple, groups)))


def dask_frame(edition: Edition, name: str) -> DaskFrame:
    """See `Mirror.dask`."""
    need_dask()
    import dask
    import dask.dataframe as dd
    from dask.dataframe.utils import clear_known_categories

    found = partitions(edition, name)
    # A value that the specification lacks may be in any file.
    meta = clear_known_categories(found.meta())  # type: ignore[no-untyped-call]
    # Dask would make texts of the lists in a column.
    with dask.config.set({"dataframe.convert-string": False}):
        frame: DaskFrame = (
            dd.from_map(found.read, found.files, meta=meta, label=f"mirror-{name}")  # type: ignore[no-untyped-call]
            if found.files
            else dd.from_pandas(meta, npartitions=1)  # type: ignore[no-untyped-call]
        )
    return frame


def need_dask() -> None:
    """Say how Dask is installed, where it is not.

    Raises
    ------
    ConfluenceNBError
    """
    try:
        import dask.dataframe
        import distributed
    except ImportError as error:
        raise ConfluenceNBError(
            f'This needs {error.name}. Install it with: pip install "confluence_nb[cluster]"'
        ) from None
    del dask, distributed
