"""Reads one list to its true end: cursor, CQL, offset and ancestors lists as one stream of windows.

The end of a list is the absence of a next link, never a short window. Only a cursor or the number of a row is taken
from a next link: the address stays our own, so the token is not led astray and the gateway's prefix is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluence_nb._patience import TRIES
from confluence_nb.api.budget import points_of
from confluence_nb.api.catalog import Collection
from confluence_nb.api.client import Answer, ApiClient
from confluence_nb.api.following import cursor_in, next_link, start_in
from confluence_nb.api.rows import base_of, echoed_limit, echoed_start, identity, total_of
from confluence_nb.errors import BadRequest, Interrupted, Unreachable
from confluence_nb.oauth.sites import Site

MOST_EMPTY_WINDOWS = 100
"""Empty windows in a row, each with a new cursor, before a list is taken to be broken."""

MOST_KNOWN_WINDOWS = 3
"""Windows in a row of known rows alone, each from a later row, before they are taken to come round for ever."""

TRIES_OF_A_WINDOW = 2
"""Sendings of a window that can still be halved: a server that cannot make it will not make it the fifth time."""

SEARCH_WINDOW = 100
"""Rows asked of a search at once; it answers with fewer whenever it likes."""

_STEP = re.compile(r"[\w-]{1,40}", re.ASCII)
"""A step of a path that was made of an answer: it neither climbs nor ends the path."""

_ROOTS = {"smartLink": "embeds", "embed": "embeds"}
"""Kinds whose lists are not called as they are, with an s."""

_ONE = object()
"""Stands for the rows of an answer that is one thing."""


@dataclass(frozen=True)
class Window:
    """Rows of one answer, those seen before left out; `base` makes their links absolute."""

    rows: list[Any]
    base: str


@dataclass
class ListReader:
    """One list under way. What `window()` changes, it changes after the answer: a failed call can be repeated.

    Parameters
    ----------
    wanted:
        Rows wanted at the most, None for all.
    cursor:
        Where to begin, as another reader of the same list has told it; None begins at the top. From then on where
        the next window begins: None at the top, and of lists that are counted.
    """

    client: ApiClient
    site: Site
    collection: Collection
    params: Mapping[str, object]
    wanted: int | None = None
    cursor: str | None = None
    done: bool = False
    requests: int = 0
    points: int = 0
    rows: int = 0
    total: int | None = None
    seconds: float = 0.0
    """What the latest window took."""
    _path: str = field(init=False, default="")
    _query: list[tuple[str, str]] = field(init=False, default_factory=list)
    _next: list[tuple[str, str]] = field(init=False, default_factory=list)
    _limit: int | None = field(init=False, default=None)
    _whole: int | None = field(init=False, default=None)
    _given: int | None = field(init=False, default=None)
    """The limit of the window that told where the next one begins."""
    _bound: bool = field(init=False, default=False)
    """Whether the server takes a cursor with the limit alone that it was given with."""
    _seen: dict[str, None] = field(init=False, default_factory=dict)
    _cursors: set[str] = field(init=False, default_factory=set)
    _empty: int = field(init=False, default=0)
    _stale: int = field(init=False, default=0)
    _broken: Interrupted | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._path, self._query = self.collection.request(self.params)
        self._limit = self._whole = self._given = self._first_limit()
        if self.cursor is not None:
            self._next = [("cursor", self.cursor)]
        self.done = self.wanted == 0

    async def window(self) -> Window | None:
        """The next window, None at the end.

        Raises
        ------
        Interrupted
            When the list cannot go on: a cursor comes back, or its form is not known.
        ConfluenceNBError
            As the request raises it.
        """
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        if self.done:
            return None
        answer = await self._ask()
        said = answer.said
        rows = self._rows(said)
        following: list[tuple[str, str]] | None = self._next
        try:
            following = self._following(answer, rows)
        except Interrupted as error:
            # This window's rows are good: hand them out before saying that no more can come.
            self._broken = error
        fresh = [row for row in rows if self._is_new(row)]
        if self.wanted is not None:
            fresh = fresh[: self.wanted - self.rows]
        self.rows += len(fresh)
        self._empty = 0 if rows else self._empty + 1
        if self._empty > MOST_EMPTY_WINDOWS:
            self._empty = 0
            raise Interrupted(
                f"{self.collection.path} keeps saying that more follows, and nothing does. Try again; if it stays "
                "so, ask for less at once."
            )
        if following is None or (self.wanted is not None and self.rows >= self.wanted):
            self.done = True
        else:
            self._next = following
            self.cursor = dict(following).get("cursor")
        total = total_of(said)
        self.total = self.total if total is None else total
        return Window(fresh, base_of(said, self.site))

    async def _ask(self) -> Answer:
        """One request; a window that the server fails to make is asked for again at half its size."""
        if self._limit is not None and self._whole is not None and not self._bound:
            self._limit = min(self._whole, 2 * self._limit)  # what was too much once need not stay so
        while True:
            can_be_less = self._limit is not None and self._limit > 1 and not self._bound
            query = list(self._query)
            if self._limit is not None:
                query.append(("limit", str(self._limit)))
            self.requests += 1
            try:
                answer = await self.client.ask(
                    self.site,
                    self.collection.method,
                    self._path,
                    query=query + self._next,
                    json=self.collection.body(self.params),
                    tries=TRIES_OF_A_WINDOW if can_be_less else TRIES,
                )
            except BadRequest as error:
                if error.status != 400 or self.cursor is None or self._limit == self._given:
                    raise
                self._limit, self._bound = self._given, True
                continue
            except Unreachable as error:
                # Large bodies can be more than the server makes in its time; a network that is away is not that.
                if self._limit is None or not can_be_less or not _is_too_much(error):
                    # Not the size was wrong: whoever resumes asks for whole windows.
                    self._limit = self._given if self._bound else self._whole
                    raise
                self._limit = max(1, self._limit // 2)
                continue
            self._given = self._limit
            self.seconds = answer.seconds
            self.points += points_of(self._path, len(self._rows(answer.said)))
            return answer

    def _first_limit(self) -> int | None:
        most = self.collection.most_at_once
        if most is None:
            return None
        if self.collection.paging == "cql":
            most = SEARCH_WINDOW
        return most if self.wanted is None else max(1, min(most, self.wanted))

    def _is_unseen(self, row: Any) -> bool:
        key = identity(row)
        return key is None or key not in self._seen

    def _is_new(self, row: Any) -> bool:
        """Whether a row is seen for the first time; rows without an id of their own are all new."""
        key = identity(row)
        if key is None:
            return True
        if key in self._seen:
            return False
        self._seen[key] = None
        return True

    def _following(self, answer: Answer, rows: list[Any]) -> list[tuple[str, str]] | None:
        """The parameters that lead to the next window, None at the end."""
        paging = self.collection.paging
        if paging == "none":
            return None
        if paging == "ancestors":
            return self._higher(rows)
        link = next_link(answer.said, answer.headers)
        if paging == "offset":
            return self._by_offset(answer.said, rows, link)
        if link is None:
            return None
        cursor = cursor_in(link)
        if cursor is None and paging == "cql" and (start := start_in(link)) is not None:
            return self._by_start(answer.said, rows, start)
        if cursor is None:
            raise self._lost(f"{self.collection.path} says that more follows, but not where.")
        if cursor in self._cursors:
            raise Interrupted(
                f"{self.collection.path} gave the same cursor twice and would go round for ever. The rows so far are "
                "in .frame; try again."
            )
        self._cursors.add(cursor)
        self._stale = 0 if not rows or any(map(self._is_unseen, rows)) else self._stale + 1
        if self._stale > (MOST_EMPTY_WINDOWS if paging == "cql" else MOST_KNOWN_WINDOWS):
            raise self._lost(f"{self.collection.path} answers the same rows again and again.")
        goes_on = [("next", "true")] if paging == "cql" else []
        return [*goes_on, ("cursor", cursor)]

    def _by_start(self, said: Any, rows: list[Any], following: int) -> list[tuple[str, str]]:
        """A search that counts; only as long as that leads on, since Confluence may well ignore the number."""
        start = int(dict(self._next).get("start", "0"))
        is_there = echoed_start(said) == start
        has_new = any(identity(row) is not None and identity(row) not in self._seen for row in rows)
        self._stale = 0 if has_new or not rows else self._stale + 1
        if following <= start or self._stale > (MOST_KNOWN_WINDOWS if is_there else 0):
            raise self._lost(f"{self.collection.path} answers the same rows again and again.")
        return [("start", str(following))]

    def _by_offset(self, said: Any, rows: list[Any], link: str | None) -> list[tuple[str, str]] | None:
        start = int(dict(self._next).get("start", "0"))
        if link is not None:
            following = start_in(link)
            if following is not None and following > start:
                return [("start", str(following))]
        elif not rows or (
            len(rows) < echoed_limit(said, self._limit) and (total_of(said) or 0) <= start + len(rows)
        ):
            return None
        if not rows:
            raise self._lost(f"{self.collection.path} says that more follows, but not where.")
        if not any(map(self._is_unseen, rows)):
            # It did go on from there: this is the end, and some of the rows that it counts it does not show.
            if link is None and echoed_start(said) == start and identity(rows[0]) != next(iter(self._seen)):
                return None
            raise self._lost(f"{self.collection.path} answers the same rows again and again.")
        return [("start", str(start + len(rows)))]

    def _lost(self, how: str) -> Interrupted:
        return Interrupted(
            f"{how} The rows so far are in .frame; try again, for less at once where you can, and report it if it "
            "stays so."
        )

    def _higher(self, rows: list[Any]) -> list[tuple[str, str]] | None:
        """Ancestors come highest first and a few at a time: ask again from the highest one."""
        highest = identity(rows[0]) if rows and isinstance(rows[0], Mapping) else None
        if highest is None or highest in self._seen:
            return None
        kind = rows[0].get("type") or "page"
        root = _ROOTS.get(kind, f"{kind}s") if isinstance(kind, str) else ""
        if not _STEP.fullmatch(root) or not _STEP.fullmatch(highest):
            raise Interrupted(
                f"{self.collection.path} names an ancestor by no id, so that nobody tells what is above it. Try again, "
                "and report it if it stays so."
            )
        self._path = f"/wiki/api/v2/{root}/{highest}/ancestors"
        return []

    def _rows(self, said: Any) -> list[Any]:
        """The rows of an answer: under `results`, the answer itself, or its one object."""
        rows = said.get("results", _ONE) if isinstance(said, Mapping) else said
        if rows is _ONE and said and self.collection.paging == "none":
            return [said]
        if rows is None and said is not None:
            return []
        # Of one column the rows may be bare values, as who likes something may be told by an account's id.
        kind = object if len(self.collection.columns) == 1 else Mapping
        if isinstance(rows, list) and all(isinstance(row, kind) for row in rows):
            return rows
        raise Unreachable("The list came in a form that is not known. Try again; if it stays so, report it.")


def _is_too_much(error: Unreachable) -> bool:
    """Whether the server failed at the answer, or made none in time; one that is busy, or names a moment, is away."""
    failed = error.status is not None and error.status >= 500 and error.status not in (501, 503)
    return error.timed_out or (failed and error.reset_at is None)
