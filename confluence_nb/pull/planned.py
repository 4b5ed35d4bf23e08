"""A long list of pages or blog posts as the parts of a pull: begun with one cursor, gone on with as the plan says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from confluence_nb.api.ends import DOWN, UP, Beside, End, Meeting, id_of
from confluence_nb.api.paging import ListReader
from confluence_nb.api.plan import (
    BODIES_ALONE,
    COSTLY_WINDOW,
    FEW_WINDOWS,
    ROWS_AT_ONCE,
    SLOW_WINDOWS,
    Plan,
    chosen,
)
from confluence_nb.errors import ApiError, ConfluenceNBError, RateLimited, Unreachable
from confluence_nb.frames import reordered
from confluence_nb.pull.bodies import Bodies
from confluence_nb.pull.counting import count_reader
from confluence_nb.pull.forecast import Forecast
from confluence_nb.pull.pull import Follow, Part
from confluence_nb.pull.shapes import Rows, Shape, of_none
from confluence_nb.pull.wanted import Wanted
from confluence_nb.pull.watch import Watch

LONG_WINDOW = 50
"""Rows of a first window from which on a list is worth a plan: one that comes in drops is read as it comes."""

LAST = 2**62
"""Stands behind the number of any window."""

SHORT = Plan("one cursor", "it is all that a short list takes")


class PlannedList:
    """One list under way; `told` is what `attrs["plan"]` says of it, and changes as the list is read."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._forecast = Forecast(wanted)
        self.told = self._forecast.told
        self._meeting = Meeting()
        self._part = self._upwards()
        self._first_came = asyncio.Event()
        self._down: End | None = None
        self._streams_down = 0
        self._plan = SHORT
        self._is_begun = False
        self._rows: int | None = None
        self._window_seconds = 0.0
        self._bodies = Bodies(self._chunk_reader, self._tell)
        self._slow_windows = 0
        self._ids: End | None = None
        self._is_taken_for_short = False
        self._do_bodies_cost = True
        self._tell()

    @property
    def rows(self) -> int | None:
        """How many rows there are, about, once somebody told."""
        return self._rows

    def parts(self) -> list[Part]:
        """The list as parts of a pull; further ones follow from what its first window takes."""
        if not self._wanted.has_bodies:
            return [self._part]
        watch = Watch(self._first_came, COSTLY_WINDOW)
        return [self._part, Part(watch, follow=lambda _: () if self._is_begun else self._count())]

    def in_order(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of this list in the order of their ids, where the server keeps that order."""
        if not (self._meeting.trusted or self._plan.name == "spaces side by side"):
            return frame
        own = frame["id"].isin(self._meeting.taken).to_numpy()
        numbers = pd.to_numeric(frame.loc[own, "id"], errors="coerce")
        if numbers.is_monotonic_increasing:
            return frame
        rows = np.arange(len(frame))
        rows[own] = rows[own][numbers.argsort(kind="stable")]
        return reordered(frame, rows)

    # ------------------------------------------------------------------ choosing

    def _after_window(self, up: End, rows: Rows) -> Iterable[Part]:
        """After the first window upwards: when more follows, ask how much, while the cursor goes on."""
        if not self._first_came.is_set():
            self._first_came.set()
            self._measure(up, rows)
            if self._ids is not None and not self._ids.done:
                up.stop()
        if up.stopped:
            return () if self._meeting.trusted else self._upwards_again()
        if self._is_begun:
            return self._reconsidered(up, rows)
        self._is_begun = True
        if up.done:
            return self._tell()
        if len(rows) < LONG_WINDOW:
            return self._tell(Plan("one cursor", f"its windows are short, of {len(rows)} rows"))
        return self._count()

    def _count(self) -> Iterable[Part]:
        """Ask a search how long the list is, then choose."""
        self._is_begun = True
        if self._wanted.cql is None:
            return self._begun(None)
        count = count_reader(self._wanted.client, self._wanted.site, self._wanted.cql)
        return [
            Part(count, shape=of_none, follow=lambda _: self._begun(count.total), instead=self._uncounted)
        ]

    def _uncounted(self, error: ConfluenceNBError) -> Iterable[Part] | None:
        """A sign-in that may not search, and a site whose search is ill, is read all the same."""
        return None if isinstance(error, RateLimited) else self._begun(None)

    def _begun(self, rows: int | None) -> Iterable[Part]:
        self._rows = rows
        if self._meeting.over:
            return self._tell(Plan("one cursor", "the list ended while its length was asked for"))
        if not self._first_came.is_set():
            self._window_seconds = COSTLY_WINDOW  # and more: it has not come yet
        plan = self._chosen()
        if rows is not None and rows <= (
            ROWS_AT_ONCE if plan.name == "ids first" else FEW_WINDOWS * ROWS_AT_ONCE
        ):
            self._is_taken_for_short = True
            return self._tell(Plan("one cursor", f"it is short, of about {rows:,} rows"))
        self._tell(plan)
        self._forecast.warn(plan, rows)
        if plan.name == "ids first":
            return [self._ids_downwards()]
        if plan.name == "spaces side by side":
            return list(self._side_by_side())
        return [self._downwards()]

    def _reconsidered(self, reader: End, rows: Rows) -> Iterable[Part]:
        """After a further window: choose again when windows take long by now, or no search knows of most rows."""
        self._tell()
        if self._is_taken_for_short and len(self._meeting.taken) > (self._rows or 0) + 2 * ROWS_AT_ONCE:
            self._is_taken_for_short = False
            return self._begun(None)
        self._slow_windows = self._slow_windows + 1 if reader.seconds >= COSTLY_WINDOW else 0
        if self._slow_windows < SLOW_WINDOWS or self._down is None or self._meeting.over or not rows:
            return ()
        self._slow_windows = 0
        self._measure(reader, rows)
        plan = self._chosen()
        if plan.name != "ids first":
            return ()
        self._down.stop()
        self._down = None
        self._tell(plan)
        return [self._ids_downwards()]

    def _chosen(self) -> Plan:
        return chosen(
            wish=self._wanted.wish,
            seconds=self._window_seconds,
            has_bodies=self._wanted.has_bodies and self._do_bodies_cost,
            rows=self._rows,
            left=self._wanted.points()[0],
            spaces=len(self._wanted.spaces),
        )

    def _measure(self, reader: ListReader, rows: Rows) -> None:
        self._window_seconds = reader.seconds
        if rows:
            self._bodies.seconds_each = reader.seconds / len(rows)

    # ------------------------------------------------------------------- reading

    def _end(self, end: str, **changes: object) -> End:
        reader = End(**self._wanted.reader(**changes), meeting=self._meeting, end=end)
        return self._forecast.counting(reader)

    def _upwards(self) -> Part:
        up = self._up = self._end(UP)

        def instead(error: ConfluenceNBError) -> Iterable[Part] | None:
            # Nothing depends on it any more: the other end brings what it would have brought.
            return () if self._meeting.over or (up.stopped and self._meeting.trusted) else None

        return Part(up, follow=lambda rows: self._after_window(up, rows), instead=instead)

    def _downwards(self) -> Part:
        """The other end of the list, with bodies where they are wanted."""
        down = self._down = self._end(DOWN, sort=DOWN)

        def follow(rows: Rows) -> Iterable[Part]:
            under_way = ROWS_AT_ONCE  # what the cursor upwards brings next
            if self._rows is not None and len(self._meeting.taken) + under_way >= self._rows:
                down.stop()
            return self._reconsidered(down, rows)

        return self._from_the_end(down, follow)

    def _ids_downwards(self) -> Part:
        """The other end of the list, ids alone; their bodies follow."""
        ids = self._end(DOWN, sort=DOWN, body_format=None)

        def follow(rows: Rows) -> Iterable[Part]:
            goes_on = not ids.done and not self._meeting.over
            if goes_on and self._ids is None and ids.seconds > BODIES_ALONE * self._window_seconds:
                return self._after_all(ids, rows)
            self._ids = ids
            if goes_on and self._first_came.is_set():
                self._up.stop()  # one window after the other is the slower way
            further = self._bodies.parts([id_of(row) for row in rows if id_of(row)])
            return further if self._meeting.trusted else [*further, *self._upwards_again()]

        return self._from_the_end(ids, follow, shape=of_none)

    def _chunk_reader(self, ids: Sequence[str]) -> ListReader:
        return ListReader(**self._wanted.reader(space_id=None, id=list(ids)))

    def _after_all(self, ids: End, rows: Rows) -> Iterable[Part]:
        """Ids alone take as long as bodies: nothing is gained by asking for them first."""
        self._meeting.give_back(rows)
        self._do_bodies_cost = False
        ids.stop()
        reason = f"ids alone took {ids.seconds:.1f} s, with bodies {self._window_seconds:.1f} s: bodies cost little"
        self._tell(Plan("both ends", reason))
        return [self._downwards()]

    def _from_the_end(self, end: End, follow: Follow, shape: Shape | None = None) -> Part:
        """The part of an end that comes down: behind all that is read upwards, before what came down earlier."""
        self._streams_down += 1
        place = (*self._part.place, LAST - self._streams_down)

        def instead(error: ConfluenceNBError) -> Iterable[Part] | None:
            # What was answered once is no question of the order: that is an outage, to be gone on from.
            return None if end.rows else self._upwards_alone(error)

        return Part(end, shape=shape, follow=follow, instead=instead, backwards=True, place=place)

    def _upwards_alone(self, error: ConfluenceNBError) -> Iterable[Part] | None:
        """A server that does not take the other order is read upwards, to the end."""
        if not _is_refused(error):
            return None
        self._tell(Plan("one cursor", f"the list cannot be read from its end: {error}"))
        return self._upwards_again()

    def _upwards_again(self) -> Iterable[Part]:
        """The end that comes down is not trusted: the list counts as read when it was read upwards, to the end."""
        self._meeting.trusted = False
        if not self._up.stopped:
            return ()
        self._tell(Plan("one cursor", "from its end the list is not what it is from its beginning"))
        again = self._upwards()
        again.place = (*self._part.place, LAST // 2)  # what came down is behind it
        return [again]

    def _side_by_side(self) -> Iterator[Part]:
        """Each space by itself; the list of all of them stops, and what it has read is not taken twice."""
        self._meeting.trusted, self._meeting.over = False, True
        for space in self._wanted.spaces:
            beside = Beside(**self._wanted.reader(space_id=[space]), meeting=self._meeting)
            yield Part(self._forecast.counting(beside), follow=lambda rows: self._tell())

    # ------------------------------------------------------------------- telling

    def _tell(self, plan: Plan | None = None) -> Iterable[Part]:
        """Bring `told` up to date; leads to no further parts."""
        if plan is not None and plan.name != self._plan.name:
            self._forecast.begin_anew()
        self._plan = plan or self._plan
        rows = max(self._rows or 0, len(self._meeting.taken))
        self._forecast.tell(self._plan, rows, self._bodies.smallest_chunk)
        self.told.update({"gone": self._bodies.gone} if self._bodies.gone else {})
        return ()


def rows_of(lists: Sequence[PlannedList]) -> int | None:
    """The rows of all, about; None when it is not known of each."""
    known = [planned.rows for planned in lists if planned.rows is not None]
    return sum(known) if len(known) == len(lists) else None


def told_of(lists: Sequence[PlannedList]) -> dict[str, Any]:
    """What `attrs["plan"]` says: of one list its plan, of several each of them."""
    return lists[0].told if len(lists) == 1 else {"lists": [planned.told for planned in lists]}


def _is_refused(error: ConfluenceNBError) -> bool:
    """Whether the server answered, and this request alone is what it does not take."""
    if isinstance(error, Unreachable):
        return error.status is not None and error.status >= 500
    return isinstance(error, ApiError) and not isinstance(error, RateLimited)
