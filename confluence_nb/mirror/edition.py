"""One version of a mirror: the tables that belong together, each at the Delta version that a sync left it at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.frames import reordered
from confluence_nb.mirror.holdings import HOLDINGS
from confluence_nb.mirror.schema import promised, to_frame
from confluence_nb.mirror.store import Store, in_words
from confluence_nb.mirror.syncs import SyncRecord

if TYPE_CHECKING:
    from deltalake import DeltaTable

MADE_OF = "confluence_nb.version"
"""Under this name a commit of a table that `mirror.map` made says which version of the mirror it was made of."""


@dataclass(frozen=True)
class Edition:
    """What the mirror held when one sync had finished.

    Parameters
    ----------
    store:
        Where the tables lie.
    record:
        That sync.
    is_newest:
        A newest edition also has the tables that were made of an older one, as they stand.
    """

    store: Store
    record: SyncRecord
    is_newest: bool

    def names(self) -> list[str]:
        """The tables: the collections, then what was made of them."""
        made = (name for name in self.store.names() if name not in self.record.tables)
        return [*sorted(self.record.tables), *(name for name in made if self._made(name) is not None)]

    def delta(self, name: str) -> DeltaTable:
        """One of the tables.

        Raises
        ------
        ConfluenceNBError
            When this edition has no such table.
        """
        if not isinstance(name, str):
            raise TypeError(f"The name of a table is a string such as 'pages', not a {type(name).__name__}.")
        version = self.record.tables.get(name)
        found = self._made(name) if version is None else (version, self.record.number)
        if found is None:
            raise ConfluenceNBError(
                f"Version {self.record.number} of the mirror in {self.store.path} has no table {name!r}. It has "
                f"{', '.join(self.names())}. A collection is added with wiki.sync(path, collections=[...])."
            )
        return self.store.table(name, found[0])

    def frame(self, name: str) -> pd.DataFrame:
        """The rows of a table in the order of their ids, with the dtypes of the live helper."""
        table = self.delta(name)
        with in_words(self.store):
            rows = table.to_pyarrow_table()
        frame = _in_order(name, to_frame(rows, self.columns(name)))
        frame.attrs = {
            "site": self.record.site,
            "path": self.store.path,
            "table": name,
            "version": self.made_of(name),
        }
        if name in self.record.tables:
            frame.attrs["synced_at"] = self.record.ended_at.isoformat()
        return frame

    def columns(self, name: str) -> Any:
        """The promised columns of a table; None when its own Arrow types say all there is to say."""
        return promised(name) if name in self.record.tables else None

    def made_of(self, name: str) -> int:
        """The version of the mirror that a table tells about."""
        made = None if name in self.record.tables else self._made(name)
        return self.record.number if made is None else made[1]

    def rows(self) -> dict[str, int]:
        """The number of rows of each collection; reads no more than the tables' logs."""
        return {name: self.delta(name).count() for name in sorted(self.record.tables)}

    def _made(self, name: str) -> tuple[int, int] | None:
        """Delta version of a table that was made of this edition, and the mirror's; None when there is none."""
        if name.startswith("_") or "/" in name or not self.store.has(name):
            return None
        for commit in self.store.table(name).history():
            of = commit.get(MADE_OF)
            if of is not None and (self.is_newest or int(of) == self.record.number):
                return int(commit["version"]), int(of)
        return None


def key_columns(name: str, columns: Iterable[str]) -> list[str]:
    """Those that tell one row of a table from all others; empty when nothing but the whole row does."""
    there = set(columns)
    keys = HOLDINGS[name].key if name in HOLDINGS else ("id",)
    return [key for key in keys if key in there]


def _in_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows by id, as numbers: a table's files know no order."""
    keys = key_columns(name, frame.columns) or [key for key in frame.columns[:1] if key.endswith("_id")]
    by = {
        f"{part} of {key}": frame[key].str.len() if part == "length" else frame[key]
        for key in keys
        for part in ("length", "text")
    }
    if not by:
        return frame
    order = pd.DataFrame(by).sort_values(list(by), kind="stable").index.to_numpy()
    return reordered(frame, order)
