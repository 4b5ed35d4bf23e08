"""The versions of a mirror as a frame: when each sync was, what it found and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from confluence_nb.mirror.changes import FOLLOWS
from confluence_nb.mirror.syncs import SyncRecord


def versions(syncs: Sequence[SyncRecord]) -> pd.DataFrame:
    """One row for each finished sync; see `Mirror.versions`."""

    def column(values: Iterable[Any], dtype: str) -> Any:
        return pd.Series(list(values), dtype=dtype)

    def counted(kind: str) -> Any:
        """Rows of all tables that say something of their own."""
        return column(
            (
                sum(counts.get(kind, 0) for name, counts in sync.counts.items() if name not in FOLLOWS)
                for sync in syncs
            ),
            "Int64",
        )

    return pd.DataFrame(
        {
            "version": column((sync.number for sync in syncs), "Int64"),
            "started_at": column((sync.started_at for sync in syncs), "datetime64[us, UTC]"),
            "ended_at": column((sync.ended_at for sync in syncs), "datetime64[us, UTC]"),
            "site": column((sync.site for sync in syncs), "string"),
            "account": column((sync.account for sync in syncs), "string"),
            **{kind: counted(kind) for kind in ("added", "changed", "deleted")},
            "requests": column((sync.requests for sync in syncs), "Int64"),
            "points": column((sync.points for sync in syncs), "Int64"),
            "ids_listed": column((sync.ids_listed for sync in syncs), "boolean"),
        }
    )
