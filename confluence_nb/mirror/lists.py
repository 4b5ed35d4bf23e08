"""Brings a collection of long lists up to date: the first time, by all its ids, or by its latest changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from typing import Any

import numpy as np

from confluence_nb.api.budget import points_of
from confluence_nb.api.catalog import collection
from confluence_nb.api.columns import Column
from confluence_nb.mirror.batch import Batch, framed
from confluence_nb.mirror.holdings import IDS_AT_ONCE, Holding
from confluence_nb.mirror.index import Numbers
from confluence_nb.mirror.rounds import Round, Walk
from confluence_nb.mirror.run import Run
from confluence_nb.mirror.schema import promised, to_arrow
from confluence_nb.mirror.source import Rows, Strand, Stretch
from confluence_nb.mirror.table import MirrorTable
from confluence_nb.pull.shapes import HOLDERS

OVERLAP = timedelta(hours=1)
"""What two clocks, and an index that lags, may differ by."""

SHARE = 20_000
"""Rows that one sync asks about by their ids, where the hour's points do not suffice to list them all."""

_HELD_IN = {"pageId": "pages", "blogPostId": "blogposts", "attachmentId": "attachments"}
"""Where a row says what it hangs on, and the table that would have that."""


class Lists:
    """One collection of a mirror and its lists on the site.

    Parameters
    ----------
    spaces:
        The spaces to read.
    is_part:
        Whether the mirror is of these spaces alone.
    """

    def __init__(self, run: Run, holding: Holding, spaces: Sequence[str], *, is_part: bool) -> None:
        self._run = run
        self.holding = holding
        self._spaces = spaces
        self._is_part = is_part
        self._table = run.table(holding.name)
        self._columns: tuple[Column, ...] = promised(holding.name) or ()
        self._with_rows: set[str] = set()
        self._with_answers: set[str] = set()
        self.is_whole = self.is_in_order = True

    @property
    def tells_of_others(self) -> bool:
        """Whether its lists are of the whole site, and the mirror is of a part: how long they are nobody knows."""
        return self._is_part and bool(self.holding.holders)

    @property
    def rows(self) -> int:
        """Rows in the mirror."""
        return len(self._table.index)

    def points_of_ids(self, most: int | None = None) -> int:
        """What it costs of the hour's points to list them all, or at the `most` so many; about."""
        rows = self.rows if most is None else min(self.rows, most)
        windows = -(-rows // IDS_AT_ONCE)
        return windows * points_of(collection(self.holding.path).url, min(rows, IDS_AT_ONCE))

    def read_first(self) -> datetime | None:
        """Read what the checkpoints do not have yet; when a sync before this began with that, None for none."""
        notes = self._table.notes(self._run.since(self.holding.name))
        at = _positions(notes)
        strands = self.holding.strands(self._spaces, bodies=True)
        left = [strand for strand in strands if at.get(strand.key, "") is not None]
        self._take(left, {key: cursor for key, cursor in at.items() if cursor})
        return min((datetime.fromisoformat(note["began"]) for note in notes if "began" in note), default=None)

    def read_all_ids(self) -> None:
        """List everything, read what is new or different, take out what is gone."""
        self._table.index.begin_seeing()
        self._read_what_differs(self.holding.strands(self._spaces, bodies=False))

    def ask_about_a_share(self, turn: int) -> None:
        """Ask about some of the rows by their ids, in each turn about others: so what is gone is found in the end."""
        index, shares = self._table.index, -(-self.rows // SHARE)
        index.begin_seeing()
        asked: list[str] = []
        for rows in self._table.each_file(["id"]):
            keys = self._table.keys_of(rows)
            is_asked = keys % np.uint64(shares) == np.uint64(turn % shares)
            index.see(keys[~is_asked])
            asked += rows.column("id").filter(is_asked).to_pylist()
        self._read_what_differs(self.holding.by_ids(asked, bodies=False))

    def read_a_stretch(self, begun: Mapping[str, Round], most: int) -> dict[str, Round]:
        """Go on through what cannot be asked for by its ids, for so many rows; how far that came."""
        strands = self.holding.strands(self._spaces, bodies=False)
        walks = {strand.key: Walk(begun.get(strand.key, Round()), most // len(strands)) for strand in strands}
        by_kind = {strand.adds.get("kind"): walks[strand.key] for strand in strands}
        self._table.index.begin_seeing()

        def spare() -> None:
            for rows in self._table.each_file(["id", "kind"]):
                kinds = rows["kind"].to_pylist() if "kind" in rows.column_names else [None] * rows.num_rows
                told = zip(rows["id"].to_pylist(), kinds, strict=True)
                shown = np.array([kind in by_kind and by_kind[kind].covers(own) for own, kind in told], bool)
                self._table.index.see(self._table.keys_of(rows)[~shown])

        self._read_what_differs(
            [replace(strand, is_enough=walks[strand.key].take) for strand in strands],
            {key: walk.begun.cursor for key, walk in walks.items() if walk.begun.cursor},
            spare,
        )
        self.is_whole = all(walk.is_whole for walk in walks.values())
        self.is_in_order = all(walk.is_in_order for walk in walks.values())
        return {key: walk.round for key, walk in walks.items()}

    def read_latest(self, last: datetime) -> None:
        """Read what changed since a moment, the latest first, and stop where all is known."""
        cut = last - OVERLAP
        known, table = copy(self._table.index), self._table

        def is_known(stretch: Stretch) -> bool:
            if any(_changed_at(row) >= cut for row in stretch.rows):
                return False
            rows = to_arrow(framed(self._columns, self._ours(stretch)), table.schema)
            return not known.differs(table.keys_of(rows), table.facts_of(rows)).any()

        def different(stretch: Stretch) -> Rows:
            rows = to_arrow(framed(self._columns, stretch), table.schema)
            differs = table.index.differs(table.keys_of(rows), table.facts_of(rows))
            return list(compress(stretch.rows, differs))

        spaces = self._spaces if self._is_part else None
        strands = [replace(strand, is_enough=is_known) for strand in self.holding.latest(spaces)]
        self._take(strands, {}, chosen=different, notes_places=False)

    def read_again(self, ids: Iterable[str]) -> None:
        """Read things of these ids with their bodies, as far as the mirror has them."""
        each = list(ids)
        known = self._table.index.has(_keys(self._table, each))
        self._take(
            self.holding.by_ids(self._by_file(compress(each, known)), bodies=True), {}, notes_places=False
        )

    @property
    def lacks_answers(self) -> bool:
        """Whether a list of comments was read and had not one answer: then it may not tell them at all."""
        return self.holding.name == "comments" and bool(self._with_rows - self._with_answers)

    # ---------------------------------------------------------------------- inside

    def _read_what_differs(
        self,
        strands: Sequence[Strand],
        positions: Mapping[str, str] | None = None,
        spare: Callable[[], None] | None = None,
    ) -> None:
        """Go through lists without bodies, read what is new or different, take out what was not seen."""
        index, table, holding = self._table.index, self._table, self.holding
        wanted: list[str] = []

        def different(stretch: Stretch) -> Rows:
            rows = to_arrow(framed(self._columns, stretch), table.schema)
            keys = table.keys_of(rows)
            differs = index.differs(keys, table.facts_of(rows))
            index.see(keys)
            if holding.by_id:
                wanted.extend(rows.column("id").filter(differs).to_pylist())
                return []
            return list(compress(stretch.rows, differs))

        self._take(strands, positions or {}, chosen=different, notes_places=False)
        if spare is not None:
            spare()
        wanted += self._take_out_unseen()
        if wanted:
            self._take(holding.by_ids(self._by_file(wanted), bodies=True), {}, notes_places=False)

    def _take(
        self,
        strands: Sequence[Strand],
        positions: Mapping[str, str],
        *,
        chosen: Callable[[Stretch], Rows] | None = None,
        notes_places: bool = True,
    ) -> None:
        """Read lists and write what they hold, or what is chosen of it; what was read stays when they break off."""
        batch = Batch(self._columns)
        run, holding = self._run, self.holding

        def write() -> None:
            frame, at = batch.take()
            if len(frame) or (notes_places and at):
                run.write(holding, frame, note={"positions": at} if notes_places else None)

        try:
            with run.source.windows(strands, positions) as windows:
                for stretch in windows:
                    ours = self._ours(stretch)
                    batch.add(ours, chosen(ours) if chosen else None)
                    if batch.is_full:
                        write()
        finally:
            write()

    def _ours(self, stretch: Stretch) -> Stretch:
        """The rows that hang on what the mirror holds, when it is of some spaces only."""
        rows = [row for row in stretch.rows if isinstance(row, Mapping)]
        if rows:
            self._with_rows.add(stretch.strand.key)
        if any(row.get("parentCommentId") for row in rows):
            self._with_answers.add(stretch.strand.key)
        if self._is_part and self.holding.holders and rows:
            rows = list(compress(rows, self._are_held(rows)))
        if self._is_part and self.holding.of_spaces:
            # Asked for by its id a page is told wherever it is by now.
            rows = [row for row in rows if str(row.get("spaceId")) in self._spaces]
        return Stretch(stretch.strand, rows, stretch.base, stretch.cursor, stretch.done)

    def _are_held(self, rows: Rows) -> Any:
        # An answer that does not say on what it is may be on anything, until its comment has told.
        found = np.array(
            [
                bool(row.get("parentCommentId")) and not any(row.get(field) for field in HOLDERS)
                for row in rows
            ]
        )
        for field, name in _HELD_IN.items():
            table = self._run.tables.get(name)
            if table is not None:
                found |= table.index.has(_keys(table, [row.get(field) for row in rows]))
        return found

    def _take_out_unseen(self) -> list[str]:
        """Take out what no list had, as far as the site does not show it by its id; the ids that it does show."""
        unseen = self._table.unseen()
        if self.lacks_answers:
            # They are asked for by themselves, and taken out then.
            unseen = unseen.filter(unseen.column("parent_comment_id").is_null())
        ids = unseen.column("id").to_pylist()
        found = self._still_there(ids) if self.holding.by_id else set()
        self._run.delete(self.holding, unseen.filter(np.array([own not in found for own in ids], dtype=bool)))
        return sorted(found)

    def _still_there(self, ids: Sequence[str]) -> set[str]:
        """Of ids that no list had, those that the site shows all the same."""
        found: set[str] = set()
        spaces = set(self._spaces)
        with self._run.source.windows(self.holding.by_ids(ids, bodies=False), {}) as windows:
            for stretch in windows:
                found |= {
                    str(row["id"])
                    for row in stretch.rows
                    if not self._is_part or str(row.get("spaceId")) in spaces
                }
        return found

    def _by_file(self, ids: Iterable[str]) -> list[str]:
        """Ids in the order of the files that they lie in, so that a batch writes few files anew."""
        each = list(dict.fromkeys(ids))
        files = self._table.index.files_of(_keys(self._table, each))
        return [each[place] for place in np.argsort(files, kind="stable")]


def _keys(table: MirrorTable, ids: Sequence[str | None]) -> Numbers:
    """The keys of rows that have these ids."""
    import pyarrow as pa

    return table.keys_of(pa.table({"id": pa.array(ids, pa.string())}))


def _positions(notes: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Where each list has come to: the cursor, None at its end."""
    at: dict[str, str | None] = {}
    for note in notes:
        at.update(note.get("positions", {}))
    return at


def _changed_at(row: Any) -> datetime:
    """When a row was last changed; one that does not say so counts as new."""
    version = row.get("version") if isinstance(row, Mapping) else None
    said = version.get("createdAt") if isinstance(version, Mapping) else None
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
