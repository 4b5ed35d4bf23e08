"""The list of finished syncs: which version of each table belongs together, and what each sync found and cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.rounds import Round
from confluence_nb.mirror.store import Store, in_words

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "_syncs"

FILES = 50
"""So many files lie in the list before it is written as one: each is opened whenever the mirror is."""


@dataclass(frozen=True)
class SyncRecord:
    """One finished sync.

    Parameters
    ----------
    number:
        From 1. It is the version of the mirror.
    started_at, ended_at:
        UTC.
    site, account, account_id:
        The host of the site; whose view of it this is, by name and, where the site tells it, by id.
    spaces:
        The ids of the spaces that the mirror is of, None for all.
    tables:
        The Delta version of each table.
    counts:
        For each table the rows `added`, `changed` and `deleted` since the sync before.
    requests, points:
        What it asked, and what that cost of the hour's budget.
    rounds:
        How far the lists have come of each collection that is too long to be listed at once.
    ids_listed:
        Whether every id was listed: only such a sync finds all deletions and moves.
    """

    number: int
    started_at: datetime
    ended_at: datetime
    site: str
    account: str
    tables: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    requests: int = 0
    points: int = 0
    ids_listed: bool = True
    account_id: str = ""
    spaces: tuple[str, ...] | None = None
    rounds: Mapping[str, Mapping[str, Round]] = field(default_factory=dict)


class Syncs:
    """The finished syncs of one mirror, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def finished(self) -> list[SyncRecord]:
        """All of them; empty before the first is finished."""
        if not self._store.has(TABLE):
            return []
        with in_words(self._store):
            rows = self._store.table(TABLE).to_pyarrow_table().to_pylist()
        return sorted((_record(row) for row in rows), key=lambda record: record.number)

    def record(self, number: int) -> SyncRecord:
        """The sync of that number.

        Raises
        ------
        ConfluenceNBError
            When none of that number is finished.
        """
        finished = self.finished()
        for record in finished:
            if record.number == number:
                return record
        numbers = f"1 to {finished[-1].number}" if finished else "none yet"
        raise ConfluenceNBError(
            f"The mirror in {self._store.path} has no version {number!r}; there are {numbers}."
        )

    def add(self, record: SyncRecord) -> None:
        """Note a sync as finished: from now on readers see what it found."""
        import pyarrow as pa
        from deltalake import write_deltalake

        table = self._store.make(TABLE, _schema())
        is_full = len(table.file_uris()) >= FILES
        rows = [_row(each) for each in [*(self.finished() if is_full else ()), record]]
        with in_words(self._store):
            write_deltalake(
                table,
                pa.Table.from_pylist(rows, schema=_schema()),
                mode="overwrite" if is_full else "append",
                schema_mode="merge",
            )


def _row(record: SyncRecord) -> dict[str, Any]:
    return {
        "sync": record.number,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "site": record.site,
        "account": record.account,
        "tables": json.dumps(dict(record.tables)),
        "counts": json.dumps({name: dict(counts) for name, counts in record.counts.items()}),
        "requests": record.requests,
        "points": record.points,
        "ids_listed": record.ids_listed,
        "account_id": record.account_id,
        "spaces": None if record.spaces is None else json.dumps(record.spaces),
        "rounds": json.dumps(
            {
                name: {key: [each.cursor, each.last] for key, each in rounds.items()}
                for name, rounds in record.rounds.items()
            }
        ),
    }


def _record(row: Mapping[str, Any]) -> SyncRecord:
    return SyncRecord(
        number=row["sync"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        site=row["site"],
        account=row["account"],
        tables=json.loads(row["tables"]),
        counts=json.loads(row["counts"]),
        requests=row["requests"],
        points=row["points"],
        ids_listed=row["ids_listed"],
        account_id=row.get("account_id") or "",
        spaces=tuple(json.loads(row["spaces"])) if row.get("spaces") else None,
        rounds={
            name: {key: Round(*each) for key, each in rounds.items()}
            for name, rounds in json.loads(row.get("rounds") or "{}").items()
        },
    )


def _schema() -> pa.Schema:
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    return pa.schema(
        [
            ("sync", pa.int64()),
            ("started_at", moment),
            ("ended_at", moment),
            ("site", pa.string()),
            ("account", pa.string()),
            ("tables", pa.string()),
            ("counts", pa.string()),
            ("requests", pa.int64()),
            ("points", pa.int64()),
            ("ids_listed", pa.bool_()),
            ("account_id", pa.string()),
            ("spaces", pa.string()),
            ("rounds", pa.string()),
        ]
    )
