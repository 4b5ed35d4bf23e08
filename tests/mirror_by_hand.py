"""A mirror written by hand, as a sync would leave it: what its readers are tested with, whatever a sync does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from deltalake import write_deltalake

from confluence_nb.mirror.schema import arrow_schema, promised, schema_of, to_arrow
from confluence_nb.mirror.store import Store
from confluence_nb.mirror.syncs import SyncRecord, Syncs

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def sync_by_hand(path: str | Path, frames: Mapping[str, pd.DataFrame], *, files: int = 1) -> SyncRecord:
    """Make the frames the newest version of a mirror, each table in so many files; tables not given stay."""
    store = Store(path)
    finished = Syncs(store).finished()
    tables = dict(finished[-1].tables) if finished else {}
    for name, frame in frames.items():
        columns = promised(name)
        schema = schema_of(frame) if columns is None else arrow_schema(columns)
        store.make(name, schema)
        mode = "overwrite"
        for number in range(files):
            part = to_arrow(frame.iloc[number::files].reset_index(drop=True), schema)
            write_deltalake(store.table(name), part, mode=mode, schema_mode="merge")
            mode = "append"
        tables[name] = store.table(name).version()
    number = len(finished) + 1
    record = SyncRecord(
        number=number,
        started_at=BEGAN + timedelta(days=number),
        ended_at=BEGAN + timedelta(days=number, minutes=2),
        site="acme.atlassian.net",
        account="Ada Lovelace",
        tables=tables,
        counts={name: {"added": len(frame), "changed": 0, "deleted": 0} for name, frame in frames.items()},
        requests=7,
        points=70,
    )
    Syncs(store).add(record)
    return record
