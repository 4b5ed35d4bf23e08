"""What one sync carries along: where from, where to, as which number; and what every write of it has in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb import content
from confluence_nb.mirror.holdings import HOLDINGS, Holding
from confluence_nb.mirror.lease import Lease
from confluence_nb.mirror.renames import old_titles
from confluence_nb.mirror.rounds import Round
from confluence_nb.mirror.schema import arrow_schema, promised, schema_of, to_arrow
from confluence_nb.mirror.source import Source
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import SyncRecord
from confluence_nb.mirror.table import MirrorTable
from confluence_nb.notices import LeftOut

if TYPE_CHECKING:
    import pyarrow as pa

LINKED = ("pages", "blogposts")
"""Whose bodies have links."""

Progress = Callable[[int], object]
"""Told the rows so far."""

_TOLD_OF_DELETED = ("id", "space_id", "title", "version_number")


@dataclass
class Run:
    """One sync under way.

    Parameters
    ----------
    number:
        The version of the mirror that it makes.
    before:
        The sync before, None for the first.
    """

    source: Source
    store: Store
    lease: Lease
    number: int
    before: SyncRecord | None
    started_at: datetime
    collections: tuple[str, ...]
    progress: Progress
    tables: dict[str, MirrorTable] = field(default_factory=dict)
    rounds: dict[str, dict[str, Round]] = field(default_factory=dict)
    rows: int = 0

    def table(self, name: str, like: pd.DataFrame | None = None) -> MirrorTable:
        """The table of a collection, opened once; what no specification promises is kept as a frame has it."""
        if name not in self.tables:
            holding, columns = HOLDINGS[name], promised(name)
            self.tables[name] = MirrorTable(
                self.store,
                name,
                key=holding.key,
                facts=holding.facts,
                schema=arrow_schema(columns or ()) if like is None else schema_of(like),
                shares_keys=name == "links",
            )
        return self.tables[name]

    def since(self, name: str) -> int:
        """The Delta version that the sync before left a table at, -1 for none."""
        return -1 if self.before is None else self.before.tables.get(name, -1)

    def write(
        self,
        holding: Holding,
        frame: pd.DataFrame,
        *,
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Put rows into the table of a collection, and what follows from them into others first.

        Links go first: should the sync be killed in between, the rows come again and bring them once more.
        """
        self.lease.check()
        table = self.table(holding.name)
        rows = to_arrow(frame, table.schema)
        if holding.name in LINKED and "links" in self.collections:
            links = self.table("links")
            found = to_arrow(_links(frame), links.schema)
            links.put(found, gone=links.keys_of(rows.select(["id"]).rename_columns(["page_id"])))
            note = {**(note or {}), "renamed": old_titles(table, rows)}
        began = self.started_at.isoformat()
        table.put(rows, note={"sync": self.number, "began": began, **(note or {})})
        self.rows += len(frame)
        self.progress(self.rows)

    def delete(self, holding: Holding, gone: pa.Table) -> None:
        """Take rows out, and note them among the deletions first.

        Parameters
        ----------
        gone:
            The rows, at least the columns of their keys.
        """
        import pyarrow as pa

        if not gone.num_rows:
            return
        self.lease.check()
        table = self.table(holding.name)
        keys = table.keys_of(gone)
        self._note_deleted(holding.name, table.rows_of(keys))
        if holding.name in LINKED and "links" in self.collections:
            links = self.table("links")
            pages = pa.table({"page_id": gone.column("id")})
            links.put(links.schema.empty_table(), gone=links.keys_of(pages))
        table.put(table.schema.empty_table(), gone=keys, note={"sync": self.number})

    def _note_deleted(self, name: str, rows: pa.Table) -> None:
        import pyarrow as pa

        if name == "users":
            rows = rows.rename_columns({"account_id": "id"})
        if "id" not in rows.column_names:
            return
        deletions, count = self.deletions(), rows.num_rows
        noted: dict[str, Any] = {
            "collection": pa.array([name] * count),
            "found_at": pa.array([self.started_at] * count, pa.timestamp("us", tz="UTC")),
            "sync": pa.array([self.number] * count, pa.int64()),
        }
        noted |= {column: rows.column(column) for column in _TOLD_OF_DELETED if column in rows.column_names}
        deletions.put(
            pa.table(
                {
                    column.name: noted.get(column.name, pa.nulls(count, column.type))
                    for column in deletions.schema
                }
            )
        )

    def deletions(self) -> MirrorTable:
        """The table of what was deleted on the site."""
        import pyarrow as pa

        if "deletions" not in self.tables:
            schema = pa.schema(
                [
                    *((name, pa.string()) for name in ("collection", "id", "space_id", "title")),
                    ("version_number", pa.int64()),
                    ("found_at", pa.timestamp("us", tz="UTC")),
                    ("sync", pa.int64()),
                ]
            )
            self.tables["deletions"] = MirrorTable(
                self.store, "deletions", key=("collection", "id", "sync"), facts=(), schema=schema
            )
        return self.tables["deletions"]


def _links(frame: pd.DataFrame) -> pd.DataFrame:
    """The links of some pages, those by title without an id: titles change more often than the pages that name them.

    What cannot be read has none; whoever reads the page itself is told why.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOut)
        return content.links(frame[["id", "body", "url"]])
