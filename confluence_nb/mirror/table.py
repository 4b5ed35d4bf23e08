"""One table of a mirror: rows go in by their keys, many at a time, each time whole or not at all."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.index import NOWHERE, Index, Numbers, hashes
from confluence_nb.mirror.store import Store, in_words

if TYPE_CHECKING:
    import pyarrow as pa

NOTE = "confluence_nb"
"""Under which name a commit carries what the sync noted with it."""

SMALL = 1_000
"""A file of fewer rows is filled up by the next ones, or a year of hourly syncs would leave thousands of them."""

FULL_BYTES = 16 * 2**20
"""A file of so many bytes is left alone."""


class MirrorTable:
    """A Delta table whose rows have keys.

    Parameters
    ----------
    key:
        The columns that make a row itself; none where only the whole row does.
    facts:
        The columns that tell whether a row is as it was.
    schema:
        Of a table that is yet to be made; one that is there gets the columns that it lacks.
    shares_keys:
        Whether several rows may have one key, such as the links of a page; they go in and out together.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        key: Sequence[str],
        facts: Sequence[str],
        schema: pa.Schema,
        shares_keys: bool = False,
    ) -> None:
        self.name = name
        self._shares_keys = shares_keys
        self._store = store
        self._table = store.make(name, schema)
        self._files: list[str | None] = []
        self._rows: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self.index = Index()
        self._widen(schema)
        self.key = tuple(key) or tuple(self.schema.names)
        self.facts = tuple(facts)
        self._short = list(dict.fromkeys([*self.key, *self.facts]))
        self._load()

    @property
    def version(self) -> int:
        """The Delta version."""
        return int(self._table.version())

    @property
    def schema(self) -> pa.Schema:
        """As it is now."""
        import pyarrow as pa

        return pa.schema(self._table.schema().to_arrow())

    def keys_of(self, rows: pa.Table) -> Numbers:
        """The number of each row's key."""
        return hashes(rows, self.key)

    def facts_of(self, rows: pa.Table) -> Numbers:
        """The number of what each row says."""
        return hashes(rows, self.facts)

    def put(
        self,
        rows: pa.Table,
        *,
        gone: Numbers | None = None,
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Put rows in, in place of those with their keys, and take others out; one commit.

        Parameters
        ----------
        gone:
            Keys whose rows are taken out, beside those of `rows`.
        note:
            What the commit carries: a checkpoint.

        The commit also carries how many keys it `added`, `changed` and `deleted`.
        """
        import pyarrow as pa

        keys = self.keys_of(rows)
        if not self._shares_keys:
            rows, keys = _last_of_each(rows, keys)
        there = self.index.has(np.unique(keys))
        gone = np.unique(keys) if gone is None else np.union1d(keys, gone)
        counts = {
            "added": int((~there).sum()),
            "changed": int(there.sum()),
            "deleted": int(self.index.has(gone).sum() - there.sum()),
        }
        taken = {int(file) for file in np.unique(self.index.files_of(gone)) if file != NOWHERE}
        self._widen(rows.schema)
        small = self._small_file() if rows.num_rows else None
        actions: list[Any] = []
        moved: list[tuple[int, str | None, int, int]] = []
        kept: list[pa.Table] = []
        for file in sorted(taken | ({small} if small is not None else set())):
            actions.append(self._remove(file))
            if file == small:
                kept.append(self._without(file, gone))
                moved.append((file, None, 0, 0))
            else:
                action, path, count, size = self._rewritten(file, gone)
                actions += [action] if action else []
                moved.append((file, path, count, size))
        new = pa.concat_tables([*kept, rows], promote_options="default") if rows.num_rows else rows
        if new.num_rows:
            action, path, count, size = self._added(new)
            actions.append(action)
            moved.append((len(self._files), path, count, size))
        self._commit(actions, {**counts, **(note or {})})
        self._note(moved)
        self.index.drop(gone)
        if new.num_rows:
            newest = len(self._files) - 1
            for held in kept:
                self.index.move(self.keys_of(held), newest)
            self.index.put(keys, self.facts_of(rows), newest)

    def unseen(self) -> pa.Table:
        """The rows that the site's lists did not have, no more of them than key and facts."""
        return self._gathered(
            rows.filter(self.index.unseen(self.keys_of(rows)))
            for file in self.index.files_unseen()
            for rows in [self._read(file, self._short)]
        )

    def rows_of(self, keys: Numbers, *, every_column: bool = False) -> pa.Table:
        """The rows of these keys; without `every_column` no more of them than key and facts."""
        wanted = None if every_column else self._short
        return self._gathered(
            rows.filter(np.isin(self.keys_of(rows), keys))
            for file in np.unique(self.index.files_of(keys))
            if file != NOWHERE
            for rows in [self._read(int(file), wanted)]
        )

    def each_file(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """All rows, some columns of them, a file at a time."""
        for file, path in enumerate(self._files):
            if path is not None:
                yield self._read(file, columns)

    def notes(self, since: int) -> list[dict[str, Any]]:
        """What the commits after a version carry, oldest first."""
        history = self._table.history(self.version - since) if self.version > since else []
        return [json.loads(entry[NOTE]) for entry in reversed(history) if NOTE in entry]

    # ---------------------------------------------------------------------- inside

    def _load(self) -> None:
        import pyarrow as pa

        adds = pa.table(self._table.get_add_actions(flatten=True)).to_pylist()
        held: list[tuple[Numbers, Numbers]] = []
        for file, add in enumerate(sorted(adds, key=lambda add: add["path"])):
            self._files.append(add["path"])
            self._sizes[file] = add["size_bytes"]
            rows = self._read(file, self._short)
            self._rows[file] = rows.num_rows
            held.append((self.keys_of(rows), self.facts_of(rows)))
        self.index.fill(held)

    def _read(self, file: int, columns: Sequence[str] | None = None) -> pa.Table:
        import pyarrow.parquet as pq

        with in_words(self._store), self._fs.open_input_file(str(self._files[file])) as opened:
            held = pq.ParquetFile(opened)
            names = held.schema_arrow.names
            chosen = names if columns is None else [name for name in columns if name in names]
            return held.read(columns=chosen)

    def _gathered(self, some: Iterator[pa.Table]) -> pa.Table:
        import pyarrow as pa

        empty = self.schema.empty_table().select(self._short)
        return pa.concat_tables([empty, *some], promote_options="default")

    def _without(self, file: int, gone: Numbers) -> pa.Table:
        rows = self._read(file)
        return rows.filter(~np.isin(self.keys_of(rows), gone))

    def _rewritten(self, file: int, gone: Numbers) -> tuple[Any, str | None, int, int]:
        rows = self._without(file, gone)
        return self._added(rows) if rows.num_rows else (None, None, 0, 0)

    def _added(self, rows: pa.Table) -> tuple[Any, str, int, int]:
        """Write a file; nobody sees it until the commit that names it."""
        import pyarrow.parquet as pq
        from deltalake.transaction import AddAction

        # In the order of time: by name is also in the order of coming.
        path = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.parquet"
        with in_words(self._store):
            with self._fs.open_output_stream(path) as out:
                pq.write_table(rows, out, compression="zstd")
            size = self._fs.get_file_info(path).size
        stats = json.dumps({"numRecords": rows.num_rows})
        action = AddAction(path, size, {}, time.time_ns() // 1_000_000, True, stats)
        return action, path, rows.num_rows, size

    def _remove(self, file: int) -> Any:
        from deltalake.transaction import RemoveAction

        return RemoveAction(
            str(self._files[file]), True, time.time_ns() // 1_000_000, self._sizes.get(file), {}
        )

    def _small_file(self) -> int | None:
        """The newest file, when there is room in it."""
        last = len(self._files) - 1
        if last < 0 or self._files[last] is None or self._rows[last] >= SMALL:
            return None
        return last if self._sizes[last] < FULL_BYTES else None

    def _commit(self, actions: list[Any], note: Mapping[str, Any]) -> None:
        from deltalake import CommitProperties
        from deltalake.exceptions import CommitFailedError

        try:
            with in_words(self._store):
                self._table.create_write_transaction(
                    actions,
                    mode="append",
                    schema=self._table.schema(),
                    # What the index knows is of this version: whoever wrote meanwhile may have put the same rows.
                    commit_properties=CommitProperties({NOTE: json.dumps(note)}, max_commit_retries=0),
                )
                self._table.update_incremental()
        except CommitFailedError as error:
            raise ConfluenceNBError(
                f"Another program has written to the table {self.name!r} in {self._store.path} meanwhile. Sync again; "
                "what was read before stays."
            ) from error

    def _note(self, moved: Sequence[tuple[int, str | None, int, int]]) -> None:
        for file, path, count, size in moved:
            if file == len(self._files):
                self._files.append(path)
            self._files[file] = path
            self._rows[file], self._sizes[file] = count, size

    def _widen(self, schema: pa.Schema) -> None:
        """Add the columns that the table lacks."""
        import pyarrow as pa
        from deltalake import Schema

        known = set(self.schema.names)
        lacking = [field for field in schema if field.name not in known]
        if lacking:
            with in_words(self._store):
                self._table.alter.add_columns(Schema.from_arrow(pa.schema(lacking)).fields)
                self._table.update_incremental()

    @property
    def _fs(self) -> Any:
        return self._store.files(self.name)


def _last_of_each(rows: pa.Table, keys: Numbers) -> tuple[pa.Table, Numbers]:
    """Of rows with one key the last: the same thing came in two windows."""
    _, last = np.unique(keys[::-1], return_index=True)
    chosen = np.sort(len(keys) - 1 - last)
    return rows.take(chosen), keys[chosen]
