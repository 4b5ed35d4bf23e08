"""Reads the comments of a whole site in one list: on what page each is, and the answers, should the list lack them.

The specification says of a page's own list that it holds the first comments only, and of the site's list neither. A
list without a single answer in it is therefore not believed: some of its comments are asked for theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from confluence_nb.pull.pull import Part
from confluence_nb.pull.routes import Routes
from confluence_nb.pull.shapes import HOLDERS, Rows

PROBED = 20
"""Comments that are asked for answers, where the list has none."""

Holder = tuple[str, str]
"""What a comment is on: the field that says so, and the id."""


class SiteThreads:
    """One of the site's lists of comments, and what becomes of its rows.

    Parameters
    ----------
    path, kind:
        The list, and what its rows are called.
    ids:
        Only comments on these are wanted, with the id as `pageId`; None wants all, as they are.
    params:
        What is asked of each list, such as the format of the bodies.
    """

    def __init__(
        self, routes: Routes, path: str, kind: str, ids: Collection[str] | None, params: Mapping[str, object]
    ) -> None:
        self._routes = routes
        self._path = path
        self._kind = kind
        self._ids = ids
        self._params = params
        self._holders: dict[str, Holder] = {}
        self._lost: dict[str, Rows] = {}
        self._unasked: dict[str, None] = {}
        self._has_answers = False
        self._lacks_answers = False

    def part(self) -> Part:
        """The list as a part of a pull."""
        reader = self._routes.reader(self._path, **self._params)
        return Part(
            reader, shape=self._placed, follow=lambda _: self._questions() if reader.done else iter(())
        )

    @property
    def lost(self) -> dict[str, str]:
        """Answers of which nobody tells what they are on, and a sentence that says so."""
        return {
            str(
                row.get("id")
            ): f"It answers comment {parent}, which is not shown, so nobody tells what it is on."
            for parent, rows in self._lost.items()
            for row in rows
        }

    def _placed(self, rows: Rows) -> Rows:
        """The rows that are wanted; one whose comment is still to come is kept until then."""
        found: Rows = []
        waiting = [row for row in reversed(rows) if isinstance(row, Mapping)]
        while waiting:
            row = waiting.pop()
            parent = str(row.get("parentCommentId") or "")
            self._has_answers |= bool(parent)
            holder = next(((key, str(row[key])) for key in HOLDERS if row.get(key)), None)
            holder = holder or self._holders.get(parent)
            if holder is None:
                # Of the whole site, a comment that is on nothing known is a comment all the same.
                if parent:
                    self._lost.setdefault(parent, []).append(row)
                elif self._ids is None:
                    found.append({**row, "kind": self._kind})
                continue
            is_ours = self._ids is None or holder[1] in self._ids
            if is_ours:
                found.append(self._told(row, holder))
            if row.get("id") in (None, ""):
                continue  # nothing can answer to it
            own = str(row["id"])
            self._holders[own] = holder
            if is_ours:
                self._unasked[own] = None
            waiting += reversed(self._lost.pop(own, []))
        return found

    def _told(self, row: Mapping[str, Any], holder: Holder) -> dict[str, Any]:
        key, held_by = holder if self._ids is None else ("pageId", holder[1])
        return {**row, key: held_by, "kind": self._kind}

    def _questions(self) -> Iterator[Part]:
        """At the end of the list: whether it has told of answers at all."""
        if not self._has_answers:
            comments = list(self._unasked)
            for comment in comments[:: max(1, len(comments) // PROBED)][:PROBED]:
                yield self._answers_to(comment)

    def _answers_to(self, comment: str) -> Part:
        del self._unasked[comment]
        return Part(
            self._routes.reader(f"{self._path}/{{id}}/children", id=comment, **self._params),
            subject=comment,
            shape=lambda rows: self._unlisted(comment, rows),
            follow=lambda _: self._further(),
        )

    def _unlisted(self, comment: str, rows: Rows) -> Rows:
        """Of the answers to a comment, those that the list does not have."""
        holder = self._holders[comment]
        found = [row for row in rows if isinstance(row, Mapping) and str(row.get("id")) not in self._holders]
        for own in [str(row["id"]) for row in found if row.get("id") not in (None, "")]:
            self._holders[own] = holder
            self._unasked[own] = None
        self._lacks_answers |= bool(found)
        return [self._told(row, holder) for row in found]

    def _further(self) -> Iterator[Part]:
        """Once the list is known to lack answers, every comment is asked for its own, and so are these."""
        while self._lacks_answers and self._unasked:
            yield self._answers_to(next(iter(self._unasked)))
