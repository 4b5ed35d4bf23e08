"""Reads a search that is too long for its own cursor: cut by date into slices, which together are the whole.

The server writes into a cursor what it has answered so far; after many windows that is more than an address may
hold, and it says 413 or 414. A slice is the same query between two minutes of `created`, or of `lastmodified` where
the query is ordered by it. The first and the last slice are open and neighbours share their bound, so that nothing
lies between two of them, in whatever time zone the server reads the dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from confluence_nb.api.cql import cql, without_order
from confluence_nb.api.paging import ListReader, Window
from confluence_nb.errors import BadRequest

TOO_LONG = (413, 414, None)
"""How an address that is too long ends: as a server or a proxy says it, and unsent when it is past all measure."""

FIRST = datetime(2004, 1, 1, tzinfo=UTC)
"""The year of the first Confluence, where halving begins; what is older is in the first slice, which is open."""

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

UNDATED = ("space", "user")
"""Kinds that a search finds and that have no date to cut by."""

_BY_DATE = re.compile(r"order\s+by\s+(created|lastmodified)\b(\s+desc\b)?", re.IGNORECASE)


@dataclass(frozen=True)
class Slice:
    """From `start` up to, and without, `end`; None is open. With a `kind` it is all of what has no date."""

    start: datetime | None = None
    end: datetime | None = None
    kind: str | None = None

    def halves(self, latest: datetime) -> tuple[Slice, Slice] | None:
        """The earlier and the later half, cut at a full minute; None when there is none in between."""
        low, high = self.start or FIRST, self.end or latest
        middle = low + (high - low) // 2 // MINUTE * MINUTE
        if self.kind is not None or middle <= low:
            return None
        return Slice(self.start, middle), Slice(middle, self.end)


@dataclass
class SlicedReader(ListReader):
    """A CQL list that goes on in slices where its cursor grows too long; no row comes twice.

    The rows that came before the first cut stay where they are, before those of the slices.
    """

    slices: int = field(init=False, default=1)
    """Lists that the search took: 1 while it is whole."""

    _slice: Slice | None = field(init=False, default=None)
    _waiting: list[Slice] = field(init=False, default_factory=list)
    _room: int = field(init=False, default=0)
    _whole_total: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._where, self._order = without_order(dict(self._query)["cql"])
        by_date = _BY_DATE.match(self._order)
        self._field = by_date[1].lower() if by_date else "created"
        self._newest_first = bool(by_date and by_date[2])
        self._latest = (datetime.now(UTC) + DAY).replace(second=0, microsecond=0)

    @property
    def order(self) -> str:
        """How the rows are ordered, in words."""
        asked = self._order or "by relevance"
        if self._slice is None or _BY_DATE.match(self._order):
            return asked
        return f"in slices by created, each {asked}"

    def facts(self) -> dict[str, object]:
        """What the `attrs` of its frame say."""
        return {"total_is_estimate": True, "slices": self.slices, "order": self.order}

    async def window(self) -> Window | None:
        """The next window of the search, of whichever slice.

        Raises
        ------
        BadRequest
            When the search is too long (413, 414) and cannot be cut.
        ConfluenceNBError
            As `ListReader.window` raises it.
        """
        while True:
            try:
                window = await self._window_of_slice()
            except BadRequest as error:
                if self._slice is not None and self._slice.kind is not None and error.status == 400:
                    window, self.done = None, True  # a search that takes no such type finds none
                # Without a cursor it is the query itself that is too long.
                elif error.status not in TOO_LONG or not self._next:
                    raise
                else:
                    self._cut_after(error)
                    continue
            full = self.wanted is not None and self.rows >= self.wanted
            if self.done and self._waiting and not full:
                self._begin(self._waiting.pop())
                if window is None:
                    continue
            return window

    async def _window_of_slice(self) -> Window | None:
        if self._slice is None:
            return await super().window()
        self.total = None
        try:
            window = await super().window()
            halves = self._slice.halves(self._latest)
            # Its rows are good; the rest would only be read to run into the same wall.
            if halves is not None and not self.done and (self.total or 0) > self._room:
                self._go_on_in(halves)
        finally:
            self.total = None if self._whole_total is None else max(self._whole_total, self.rows)
        return window

    def _cut_after(self, error: BadRequest) -> None:
        """Go on in halves of what proved too long, or raise why that cannot be."""
        if self._slice is None:
            # A slice has its bounds in the query, and the address holds less of a cursor.
            self._whole_total, self._room = self.total, max(1, self.rows * 3 // 4)
            self._waiting = [Slice(kind=kind) for kind in UNDATED]
            if self._field == "lastmodified" and self._newest_first:
                # What is saved while the slices are read moves up, past those that are still to come.
                self._waiting.append(Slice(start=self._latest - 2 * DAY))
        else:
            self._room = max(1, self._room // 2)
        halves = (self._slice or Slice()).halves(self._latest)
        if halves is None:
            raise BadRequest(self._why_not(), status=error.status, path=error.path) from None
        self._go_on_in(halves)

    def _go_on_in(self, halves: tuple[Slice, Slice]) -> None:
        earlier, later = halves
        self._waiting += [earlier, later] if self._newest_first else [later, earlier]
        self.slices -= 1
        self._begin(self._waiting.pop())

    def _begin(self, part: Slice) -> None:
        self._slice = part
        self._query = [(name, self._within(part) if name == "cql" else text) for name, text in self._query]
        self._next, self._cursors, self._empty, self._broken, self.done = [], set(), 0, None, False
        self._stale = 0
        self.slices += 1

    def _within(self, part: Slice) -> str:
        """The query, between the bounds of a slice."""
        clauses = [f"({self._where})"] if self._where else []
        if part.kind is not None:
            return " and ".join([*clauses, f"type = {part.kind}"])
        if part.start is not None:
            clauses.append(cql(f"{self._field} >= {{}}", part.start))
        if part.end is not None:
            clauses.append(cql(f"{self._field} < {{}}", part.end))
        return f"{' and '.join(clauses)} {self._order}".strip()

    def _why_not(self) -> str:
        if self._slice is not None and self._slice.kind is not None:
            return (
                "This finds more spaces or people than the search can count through, and those have no date to cut "
                "the search by. wiki.spaces() and wiki.users() read them all; or ask for less at once, by a name or "
                "a letter."
            )
        return (
            f"This finds more of one minute of {self._field} than the search can count through, as after an import. "
            "Ask for less at once: one space or one type at a time."
        )
