"""One sync at a time: who holds the mirror, since when, and when a dead holder's place may be taken."""

from __future__ import annotations

import json
import os
import platform
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confluence_nb.errors import ConfluenceNBError, SyncUnderWay
from confluence_nb.mirror.store import Store, in_words

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "_lease"

BEAT_SECONDS = 20.0
"""How often the holder says that it lives."""

DEAD_SECONDS = 120.0
"""Silence after which a holder on another machine is taken to be dead."""

_SHORT_MEMORY = {"delta.logRetentionDuration": "interval 1 days"}


@dataclass(frozen=True)
class Hold:
    """Who holds a mirror, or held it last, and of what wiki it is.

    Parameters
    ----------
    process:
        When that process began: a number alone may be another process by now.
    held:
        False once the holder has let go.
    site, account:
        The host of the site; the name of the account whose view of it this is.
    spaces, collections:
        What the mirror holds: ids of spaces, None for all; names of tables.
    """

    holder: str
    host: str
    pid: int
    process: str
    started_at: datetime
    beat_at: datetime
    held: bool
    site: str
    account: str
    spaces: tuple[str, ...] | None
    collections: tuple[str, ...]

    def is_dead(self, now: datetime) -> bool:
        """Whether nobody will let go of this any more."""
        if self.host == platform.node() and self.process:
            return _began(self.pid) != self.process
        return now - self.beat_at > timedelta(seconds=DEAD_SECONDS)


def own_hold(site: str, account: str, spaces: tuple[str, ...] | None, collections: tuple[str, ...]) -> Hold:
    """This process as a holder."""
    now = datetime.now(UTC)
    pid = os.getpid()
    return Hold(
        uuid.uuid4().hex,
        platform.node(),
        pid,
        _began(pid),
        now,
        now,
        True,
        site,
        account,
        spaces,
        collections,
    )


def last_hold(store: Store) -> Hold | None:
    """Who holds a mirror or held it last, None when nobody ever did."""
    return _read(store)[1] if store.has(TABLE) else None


class Lease:
    """The hold of one sync on one mirror, renewed from a thread of its own."""

    def __init__(self, store: Store, hold: Hold) -> None:
        self._store = store
        self._hold = hold
        self._ended = threading.Event()
        self._lost: str | None = None

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Hold the mirror for the length of a `with` block.

        Raises
        ------
        SyncUnderWay
            When another sync holds it.
        """
        self._take()
        beats = threading.Thread(target=self._beat, name="confluence_nb-lease", daemon=True)
        beats.start()
        try:
            yield self
        finally:
            self._ended.set()
            beats.join()
            # Whatever ended the sync is what counts; a hold that stays is taken over.
            with suppress(Exception):
                self._renew(held=False)
                self._tidy()

    def check(self) -> None:
        """Raise when another has taken the mirror meanwhile: what this one would write is not wanted any more."""
        if self._lost:
            raise ConfluenceNBError(self._lost)

    def _take(self) -> None:
        from deltalake.exceptions import CommitFailedError

        self._store.make(TABLE, _schema(), _SHORT_MEMORY)
        table, other = _read(self._store)
        now = datetime.now(UTC)
        if other is not None and other.held and not other.is_dead(now):
            raise SyncUnderWay(_refusal(other, now))
        try:
            self._write(table, self._hold)
        except CommitFailedError:
            _, winner = _read(self._store)
            raise SyncUnderWay(
                _refusal(winner, now) if winner else "Another sync began at this moment. Try again."
            ) from None

    def _beat(self) -> None:
        silent_since = datetime.now(UTC)
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self._renew(held=True)
                silent_since = datetime.now(UTC)
            except ConfluenceNBError as error:
                # A store that is away for a moment is no loss; after two minutes another may have taken over.
                if self._lost or datetime.now(UTC) - silent_since > timedelta(seconds=DEAD_SECONDS):
                    self._lost = self._lost or str(error)
                    return

    def _renew(self, *, held: bool) -> None:
        from deltalake.exceptions import CommitFailedError

        table, present = _read(self._store)
        if present is None or present.holder != self._hold.holder:
            self._lost = (
                "Another sync has taken this mirror over, because this one gave no sign of life for too long. Look "
                "whether it is still at it; what was read so far stays."
            )
            raise ConfluenceNBError(self._lost)
        self._hold = replace(self._hold, beat_at=datetime.now(UTC), held=held)
        try:
            self._write(table, self._hold)
        except CommitFailedError as error:
            raise ConfluenceNBError("The hold on the mirror could not be renewed.") from error

    def _write(self, table: Any, hold: Hold) -> None:
        """The hold as the one row of the table; fails when another has written since it was read."""
        import pyarrow as pa
        from deltalake import CommitProperties, write_deltalake

        row = asdict(hold) | {
            "spaces": None if hold.spaces is None else json.dumps(hold.spaces),
            "collections": json.dumps(hold.collections),
        }
        with in_words(self._store):
            write_deltalake(
                table,
                pa.Table.from_pylist([row], schema=_schema()),
                mode="overwrite",
                commit_properties=CommitProperties(max_commit_retries=0),
            )

    def _tidy(self) -> None:
        """Holds of long ago are of no use to anybody."""
        self._store.table(TABLE).vacuum(retention_hours=1, dry_run=False, enforce_retention_duration=False)


def _read(store: Store) -> tuple[Any, Hold | None]:
    """The table as it was read, and the hold in it."""
    table = store.table(TABLE)
    with in_words(store):
        rows = table.to_pyarrow_table().to_pylist()
    if not rows:
        return table, None
    row = rows[0]
    spaces = None if row["spaces"] is None else tuple(json.loads(row["spaces"]))
    return table, Hold(**row | {"spaces": spaces, "collections": tuple(json.loads(row["collections"]))})


def _refusal(other: Hold, now: datetime) -> str:
    seconds = max(0, int((now - other.started_at).total_seconds()))
    age = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    if seconds >= 7_200:
        age = f"{seconds // 3_600} h"
    return (
        f"Another sync of this mirror is under way: process {other.pid} on {other.host}, since {age}. Wait until it "
        "has ended, or end it: what it has read so far stays."
    )


def _began(pid: int) -> str:
    """When a process began, empty where it is not there or the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        # The name of the program, in brackets, may hold spaces and brackets of its own.
        after = stat.rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after[0] in "ZX" else f"{boot}:{after[19]}"


def _schema() -> pa.Schema:
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    texts = ("site", "account", "spaces", "collections")
    return pa.schema(
        [
            *(("holder", pa.string()), ("host", pa.string()), ("pid", pa.int64()), ("process", pa.string())),
            *(("started_at", moment), ("beat_at", moment), ("held", pa.bool_())),
            *((name, pa.string()) for name in texts),
        ]
    )
