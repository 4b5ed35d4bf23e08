"""Reads the tree around content: children in the wiki's order, descendants at any depth, ancestors from the top."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from confluence_nb.api.catalog import Collection, collection
from confluence_nb.api.paging import ListReader, Window
from confluence_nb.errors import NotFound, NotPermitted
from confluence_nb.pull.pull import Part
from confluence_nb.pull.shapes import Rows
from confluence_nb.pull.subjects import list_below
from confluence_nb.pull.titles import TREE_KINDS, Lineage, ancestors_in, kind_of

DEEPEST = 10
"""Levels that one descendants list goes down."""

LINES_AT_ONCE = 250
"""Ids whose ancestors are looked up together."""

ReaderOf = Callable[[Collection, str, int], ListReader]
"""Makes the reader of a descendants list: the list, the id it is about, the levels asked for."""

Family = dict[str | None, list[int]]
"""The numbers of the rows that hang under each parent."""


@dataclass
class Siblings(ListReader):
    """The children of one parent, all in one window and in the order of the wiki.

    They are asked for by id: in their own order the service ends a list at a child without a position
    (CONFCLOUD-84015).
    """

    _held: Rows = field(init=False, default_factory=list)

    async def window(self) -> Window | None:
        """All children at once; None when they were handed out before."""
        if self.done:
            return None
        base = ""
        while (window := await super().window()) is not None:
            self._held += [row for row in window.rows if isinstance(row, Mapping)]
            base = window.base
        return Window(sorted(self._held, key=_place), base)


@dataclass
class Line(ListReader):
    """The ancestors of one id in one window, highest first, each with its `depth` counted from the top.

    Many lines share what stands above them, so a lineage that knows them spares this list its own request.
    """

    lineage: Lineage | None = None
    together: Sequence[str] = ()
    _line: list[Mapping[str, Any]] = field(init=False, default_factory=list)

    async def window(self) -> Window | None:
        """The whole line; None when it was handed out before."""
        if self.done:
            return None
        subject = str(self.params["id"])
        if self.lineage is not None:
            if self.lineage.line(subject) is None:
                await self.lineage.complete_lines(self.together)
            known = self.lineage.line(subject)
            if known is not None:
                self.done = True
                return Window(_numbered(known), "")
        try:
            while (window := await super().window()) is not None:
                self._line = ancestors_in(window) + self._line
        except (NotFound, NotPermitted) as error:
            if error.of_site or not self._line:
                raise
            self.done = True  # the highest is not visible itself, so that nobody tells what is above it
        return Window(_numbered(self._line), "")


class Descent:
    """The descendants of one root, down to a depth or to the leaves.

    Parameters
    ----------
    depth:
        Levels below the root, None for all. What lies deeper than one list goes is asked of its lowest rows.
    """

    def __init__(self, root: str, depth: int | None, reader_of: ReaderOf) -> None:
        self._root = root
        self._depth = depth
        self._reader_of = reader_of
        self._continued: dict[str, ListReader] = {}

    def part(self, kind: str, top: str, above: int = 0, *, subject: str | None = None) -> Part:
        """The list below one thing, which lies so many levels below the root."""
        left = DEEPEST if self._depth is None else self._depth - above
        levels = min(left, DEEPEST)
        # A kind that is news to this package is taken for a page; where that is wrong, the site says 404.
        entry = list_below(kind if kind in TREE_KINDS else "page", "descendants")
        reader = self._reader_of(entry or collection("/pages/{id}/descendants"), top, levels)
        goes_on = self._depth is None or self._depth > above + levels
        return Part(
            reader,
            subject=subject,
            shape=partial(self._shape, above),
            follow=partial(self._below, reader, above, levels) if goes_on else None,
        )

    def _shape(self, above: int, rows: Rows) -> Rows:
        return [
            {**row, "pageId": self._root, "depth": above + row["depth"]}
            if isinstance(row.get("depth"), int)
            else {**row, "pageId": self._root}
            for row in rows
            if isinstance(row, Mapping)
        ]

    def _below(self, reader: ListReader, above: int, levels: int, rows: Rows) -> Iterator[Part]:
        """The lists that go on from the lowest rows, each once, whatever the server repeats."""
        for row in rows:
            if not isinstance(row, Mapping) or row.get("depth") != levels or "id" not in row:
                continue
            leaf = str(row["id"])
            if leaf != self._root and self._continued.setdefault(leaf, reader) is reader:
                kind = kind_of(str(row.get("type")))
                yield self.part(kind, leaf, above + levels, subject=leaf)


def in_tree_order(
    roots: Sequence[str | None],
    ids: Sequence[str | None],
    parents: Sequence[str | None],
    positions: Sequence[int | None],
) -> list[int]:
    """The order in which a person reads a tree: each row, then everything below it, then its next sibling.

    Parameters
    ----------
    roots, ids, parents, positions:
        Of each row: the root it belongs to, itself, what it hangs under, its place among its siblings.

    Returns
    -------
    The numbers of the rows, each root's together and roots as they first come. A row that comes twice under a root
    is there once; one whose parent is not there, or that hangs under itself, follows the others of its root.
    """
    families: dict[str | None, Family] = {}
    for number, (root, parent) in enumerate(zip(roots, parents, strict=True)):
        families.setdefault(root, {}).setdefault(parent, []).append(number)
    order: list[int] = []
    for root, family in families.items():
        placed = {root}
        for top in (root, *family):
            order += _below(top, family, ids, positions, placed)
    return order


def _below(
    top: str | None,
    family: Family,
    ids: Sequence[str | None],
    positions: Sequence[int | None],
    placed: set[str | None],
) -> Iterator[int]:
    """Everything below `top`, without recursion: a tree may be deeper than Python's stack."""

    def siblings(parent: str | None) -> list[int]:
        found = family.get(parent, [])
        return sorted(found, key=lambda number: _key(positions[number], ids[number]), reverse=True)

    waiting = siblings(top)
    while waiting:
        number = waiting.pop()
        own = ids[number]
        if own is None or own not in placed:
            yield number
        if own is not None and own not in placed:
            placed.add(own)
            waiting += siblings(own)


def _place(row: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    position = row.get("childPosition")
    return _key(position if isinstance(position, int) else None, str(row.get("id")))


def _key(position: int | None, content: str | None) -> tuple[bool, int, int, str]:
    """By position, those without one last, then by id."""
    own = content or ""
    return position is None, position or 0, int(own) if own.isascii() and own.isdigit() else 0, own


def _numbered(line: Sequence[Mapping[str, Any]]) -> Rows:
    return [{**row, "depth": depth} for depth, row in enumerate(line, 1)]
