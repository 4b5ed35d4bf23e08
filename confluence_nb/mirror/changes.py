"""What happened on the wiki between two versions of its mirror: rows added, changed and deleted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from confluence_nb.mirror.edition import Edition, key_columns
from confluence_nb.mirror.index import Numbers, Places, hashes
from confluence_nb.mirror.schema import to_frame
from confluence_nb.mirror.store import in_words

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

FOLLOWS = frozenset({"links", "deletions"})
"""Tables that say nothing that the others do not."""

_DTYPES = {
    "collection": "string",
    "id": "string",
    "page_id": "string",
    "change": "string",
    "title": "string",
    "space_id": "string",
    "version_number_before": "Int64",
    "version_number_after": "Int64",
    "columns": "object",
}
_TITLES = ("title", "name", "display_name")
_KNOWN_BY = (*_TITLES, "page_id", "space_id", "version_number")
BATCH_ROWS = 2_000
_CHANGES = ["added", "changed", "deleted"]


def changes(before: Edition, after: Edition) -> pd.DataFrame:
    """The difference of two editions; see `Mirror.changes`.

    Only files that one of the two alone has are read: what a sync leaves alone it does not write anew.
    """
    names = sorted(set(after.record.tables) - FOLLOWS)
    with in_words(after.store):
        found = [_of_table(name, before, after) for name in names]
    frame = pd.concat([part for part in found if len(part)] or [_typed({}, 0)], ignore_index=True)
    frame["collection"] = pd.Categorical(frame["collection"], names)
    frame["change"] = pd.Categorical(frame["change"], _CHANGES)
    frame.attrs = {
        "site": after.record.site,
        "path": after.store.path,
        "since": before.record.number,
        "version": after.record.number,
    }
    return frame


@dataclass(frozen=True)
class _Side:
    """Rows that one edition alone has written.

    Parameters
    ----------
    keys:
        What tells each from the others.
    shown:
        What a person knows it by.
    marks:
        A number for each of its values, one column for each of `facts`.
    """

    keys: pd.Index[Any]
    shown: pd.DataFrame
    marks: Numbers

    def taken(self, rows: Places) -> _Side:
        return _Side(self.keys.take(rows), self.shown.take(rows), self.marks[rows])


def _of_table(name: str, before: Edition, after: Edition) -> pd.DataFrame:
    if before.record.tables.get(name) == after.record.tables[name]:
        return _typed({}, 0)
    written_before, written_after = _apart(name, before, after)
    keys = key_columns(name, written_after.schema.names) or list(written_after.schema.names)
    facts = [column for column in written_after.schema.names if column not in keys]
    old, new = (_side(rows, keys, facts) for rows in (written_before, written_after))
    place = old.keys.get_indexer(new.keys)
    stayed = np.flatnonzero(place >= 0)
    added = new.taken(np.flatnonzero(place < 0))
    gone = old.taken(np.setdiff1d(np.arange(len(old.keys)), place))
    differs = old.marks[place[stayed]] != new.marks[stayed]
    is_changed = differs.any(axis=1)
    was, now = old.taken(place[stayed][is_changed]), new.taken(stayed[is_changed])
    return pd.concat(
        [
            _told(name, "added", None, added, []),
            _told(name, "changed", was, now, [list(compress(facts, row)) for row in differs[is_changed]]),
            _told(name, "deleted", gone, None, []),
        ],
        ignore_index=True,
    )


def _apart(name: str, before: Edition, after: Edition) -> tuple[Dataset, Dataset]:
    """The rows of files that only the first, and only the second edition has."""
    from pyarrow.dataset import FileSystemDataset

    new = after.delta(name).to_pyarrow_dataset()
    old = before.delta(name).to_pyarrow_dataset() if name in before.record.tables else None
    fragments = [{part.path: part for part in each.get_fragments()} if each else {} for each in (old, new)]
    alone = [
        [part for path, part in mine.items() if path not in others]
        for mine, others in (fragments, reversed(fragments))
    ]
    first, second = (FileSystemDataset(parts, new.schema, new.format, new.filesystem) for parts in alone)
    return first, second


def _side(rows: Dataset, keys: list[str], facts: list[str]) -> _Side:
    """The rows of some files, a batch at a time: bodies are never all in memory."""
    import pyarrow as pa

    names: list[pd.Index[Any]] = [pd.Index([], dtype="object")]
    shown: list[pd.DataFrame] = []
    marks: list[Numbers] = [np.zeros((0, len(facts)), np.uint64)]
    for batch in rows.to_batches(batch_size=BATCH_ROWS):
        table = pa.Table.from_batches([batch])
        texts = [table.column(key).cast(pa.string()).to_pandas().astype(object) for key in keys]
        names.append(pd.MultiIndex.from_arrays(texts).to_flat_index())
        shown.append(to_frame(table.select([name for name in _KNOWN_BY if name in table.column_names]), None))
        if facts:
            marks.append(np.column_stack([hashes(table, [fact]) for fact in facts]))
    side = _Side(
        names[0].append(names[1:]),
        pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(),
        np.concatenate(marks) if facts else np.zeros((sum(map(len, names)), 0), np.uint64),
    )
    return side.taken(np.flatnonzero(~side.keys.duplicated()))


def _told(
    name: str, change: str, was: _Side | None, now: _Side | None, columns: list[list[str]]
) -> pd.DataFrame:
    """One row for each thing, by what it is called now, or was when it was last there."""
    side = now or was
    if side is None:
        return _typed({}, 0)
    title = next((each for each in _TITLES if each in side.shown), None)
    rows = len(side.keys)
    cells = {
        "collection": [name] * rows,
        "id": [key[-1] for key in side.keys],
        "page_id": side.shown.get("page_id"),
        "change": [change] * rows,
        "title": side.shown.get(title),
        "space_id": side.shown.get("space_id"),
        "version_number_before": None if was is None else was.shown.get("version_number"),
        "version_number_after": None if now is None else now.shown.get("version_number"),
        "columns": columns or [[] for _ in range(rows)],
    }
    return _typed(cells, rows)


def _typed(cells: dict[str, Any], rows: int) -> pd.DataFrame:
    def column(name: str, dtype: str) -> Any:
        values = cells.get(name)
        values = [None] * rows if values is None else list(values)
        return pd.Series(values, dtype=dtype)

    return pd.DataFrame({name: column(name, dtype) for name, dtype in _DTYPES.items()})
