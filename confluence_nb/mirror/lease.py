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
"""Silence, by the clocks of two machines, after which a holder is listened for: it is dead if it says nothing."""

_HELD: set[str] = set()
"""The holders that are at work in this process: one that is not has failed to let go."""

_SHORT_MEMORY = {"delta.logRetentionDuration": "interval 1 days"}


@dataclass(frozen=True)
class Hold:
    """Who holds a mirror, or held it last, and of what wiki it is.

    Parameters
    ----------
    process:
        When that process began, and where its number means it: a number alone may be another process by now.
    held:
        False once the holder has let go.
    site, account, account_id:
        The host of the site; the account whose view of it this is, by name and, where the site tells it, by id.
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
    account_id: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it is certain that nobody will let go of this any more."""
        if self.host != platform.node() or not self.process.startswith(_here()):
            return False
        if _began(self.pid) != self.process:
            return True
        return self.pid == os.getpid() and self.holder not in _HELD

    def is_silent(self, now: datetime) -> bool:
        """Whether it has said nothing for long, as far as two clocks agree."""
        return abs(now - self.beat_at) > timedelta(seconds=DEAD_SECONDS)


def own_hold(
    site: str,
    account: str,
    spaces: tuple[str, ...] | None,
    collections: tuple[str, ...],
    account_id: str = "",
) -> Hold:
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
        account_id,
    )


def last_hold(store: Store) -> Hold | None:
    """Who holds a mirror or held it last, None when nobody did or that is lost."""
    return _read(store)[1] if store.has(TABLE) else None


class Lease:
    """The hold of one sync on one mirror, renewed from a thread of its own."""

    def __init__(self, store: Store, hold: Hold) -> None:
        self._store = store
        self._hold = hold
        self._ended = threading.Event()
        self._one_writes = threading.Lock()
        self._lost: str | None = None

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Hold the mirror for the length of a `with` block.

        Raises
        ------
        SyncUnderWay
            When another sync holds it.
        """
        _HELD.add(self._hold.holder)
        try:
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
        finally:
            _HELD.discard(self._hold.holder)

    def check(self) -> None:
        """Raise when another has taken the mirror meanwhile: what this one would write is not wanted any more."""
        if self._lost:
            raise ConfluenceNBError(self._lost)

    def prove(self) -> None:
        """The same, looked up at this moment: a machine that slept may not have noticed yet.

        Raises
        ------
        ConfluenceNBError
        """
        self._renew(held=True)

    def _take(self) -> None:
        from deltalake.exceptions import CommitFailedError

        self._store.make(TABLE, _schema(), _SHORT_MEMORY)
        table, other = _read(self._store)
        now = datetime.now(UTC)
        if other is not None and other.held and not self._is_dead(other):
            raise SyncUnderWay(_refusal(other, now))
        try:
            self._write(table, self._hold)
        except CommitFailedError:
            _, winner = _read(self._store)
            raise SyncUnderWay(
                _refusal(winner, now) if winner else "Another sync began at this moment. Try again."
            ) from None

    def _is_dead(self, other: Hold) -> bool:
        """Whether a hold is to be taken over."""
        if other.has_ended:
            return True
        if not other.is_silent(datetime.now(UTC)):
            return False
        # Its clock may be minutes off, or both machines have just woken up: whoever lives is heard within a beat.
        self._ended.wait(1.5 * BEAT_SECONDS)
        return _read(self._store)[1] == other

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

        with self._one_writes:
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
                schema_mode="overwrite",
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
    except OSError:
        return ""
    # The name of the program, in brackets, may hold spaces and brackets of its own.
    after = stat.rpartition(")")[2].split()
    return "" if after[0] in "ZX" else f"{_here()}{after[19]}"


def _here() -> str:
    """Where the number of a process means what it means here: this machine since it started, and this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{boot}:{os.readlink('/proc/self/ns/pid')}:"
    except OSError:
        return "nowhere"


def _schema() -> pa.Schema:
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    texts = ("site", "account", "spaces", "collections", "account_id")
    return pa.schema(
        [
            *(("holder", pa.string()), ("host", pa.string()), ("pid", pa.int64()), ("process", pa.string())),
            *(("started_at", moment), ("beat_at", moment), ("held", pa.bool_())),
            *((name, pa.string()) for name in texts),
        ]
    )
