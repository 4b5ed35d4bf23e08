"""What lies above and below a page in the tree of its space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from numbers import Integral
from operator import index

import pandas as pd

from confluence_nb.api.catalog import Collection
from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.pull import Part, Subjects
from confluence_nb.pull.routes import FEW
from confluence_nb.pull.shapes import Rows
from confluence_nb.pull.subjects import ROOTS
from confluence_nb.pull.titles import TREE_KINDS, Lineage
from confluence_nb.pull.tree import LINES_AT_ONCE, Descent, Line, Siblings, in_tree_order
from confluence_nb.wiki.pulling import Step, rows_wanted
from confluence_nb.wiki.reading import Reading

_PAGE_ID = Column("page_id", "string", ("pageId",))
_ID = Column("id", "string", ("id",))
_PARENT_ID = Column("parent_id", "string", ("parentId",))
_TITLE = Column("title", "string", ("title",))
_TYPE = Column("type", "category", ("type",), TREE_KINDS)
_STATUS = Column("status", "category", ("status",), ("current", "archived"))
_SPACE_ID = Column("space_id", "string", ("spaceId",))
_POSITION = Column("child_position", "Int64", ("childPosition",))
_DEPTH = Column("depth", "Int64", ("depth",))
_PATH = Column("path", "string", ("path",))

_CHILDREN = (_PAGE_ID, _PARENT_ID, _ID, _TITLE, _TYPE, _STATUS, _SPACE_ID, _POSITION, _PATH)
_DESCENDANTS = (_PAGE_ID, _ID, _PARENT_ID, _TITLE, _TYPE, _STATUS, _DEPTH, _POSITION, _PATH)
_ANCESTORS = (_PAGE_ID, _ID, _TITLE, _TYPE, _DEPTH, _PATH)


class Tree(Reading):
    """What lies above and below a page in the tree of its space.

    A `path` is the titles from the top of the space down to the row itself, joined by " / ". What this account
    cannot see stands in it as "(not visible)".
    """

    def children(
        self, parents: object, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """What hangs directly under pages, folders, whiteboards, databases and embeds.

        Parameters
        ----------
        parents:
            An id, several, a Series, or a frame of `pages()`. Blog posts have no children and are left out.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` and `parent_id` (both the id given), `id`, `title`, `space_id`, `path` string; `type` (page,
        folder …), `status` category; `child_position` Int64, missing where the wiki has none. Parents come in the
        order given, and under each its children in the order of the wiki, those without a position last.

        Costs a request for 250 children of each parent, so 10,000 for 10,000 pages. What is above parents that are
        nobody's children here costs, for the paths, as in `ancestors`.

        Source: `GET /wiki/api/v2/pages/{id}/direct-children` and those of folders, whiteboards, databases, embeds.
        """
        rows_wanted(limit)
        found = self._subjects(parents)
        lineage = self._lineage(found)
        return self._pulled(
            self._parts_of_children(found),
            _CHILDREN,
            endpoint=_endpoint(found, "direct-children"),
            said={"parents": parents},
            limit=limit,
            progress=progress,
            skipped=found.left_out("direct-children"),
            steps=[self._with_paths(lineage)],
            spent=found.spent,
        )

    def descendants(
        self,
        roots: object,
        *,
        depth: int | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Everything below pages, folders, whiteboards, databases and embeds, at any depth.

        Parameters
        ----------
        roots:
            An id, several, a Series, or a frame of `pages()`. Blog posts have nothing below and are left out.
        depth:
            Levels below each root, None for all. 1 gives its children.
        limit:
            Rows wanted, None for all: those of the first roots, and of each the upper levels first.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the root given), `id`, `parent_id`, `title`, `path` string; `type` (page, folder …), `status`
        category; `depth` (1 for a child of the root), `child_position` Int64. Rows are in the order in which one reads
        a tree: each page, then all that is below it, then its next sibling, those without a position last. A page below
        two of the roots comes once for each.

        Costs a request for 250 rows of each root, and one for each row at every tenth level, since a list ends there.

        Source: `GET /wiki/api/v2/pages/{id}/descendants` and those of folders, whiteboards, databases, embeds.
        """
        rows_wanted(limit)
        levels = _levels(depth)
        found = self._subjects(roots)
        lineage = self._lineage(found)
        return self._pulled(
            self._parts_of_descendants(found, levels),
            _DESCENDANTS,
            endpoint=_endpoint(found, "descendants"),
            said={"roots": roots, "depth": levels},
            limit=limit,
            progress=progress,
            skipped=found.left_out("descendants"),
            steps=[_as_a_tree, self._with_paths(lineage)],
            spent=found.spent,
        )

    def ancestors(
        self, ids: object, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """What pages, folders, whiteboards, databases and embeds hang under, up to the top of the space.

        Parameters
        ----------
        ids:
            An id, several, a Series, or a frame of `pages()`. Blog posts have no ancestors and are left out.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `page_id` (the id given), `id`, `title` (missing for what this account cannot see), `path` string; `type`
        category; `depth` Int64, 1 at the top. Ids come in the order given, the ancestors of each highest first; a page
        at the top of its space has no row.

        Up to three ids are asked for one by one. More cost a request for 250 pages of each level, and one or two for
        each folder, whiteboard, database or embed on the way: 10,000 pages take about 50 requests, 2,000 when a
        thousand folders are among them, and one more for each page whose parent is not visible.

        Source: `GET /wiki/api/v2/pages/{id}/ancestors`, or `GET /wiki/api/v2/pages`.
        """
        rows_wanted(limit)
        found = self._subjects(ids)
        lineage = self._lineage(found)
        return self._pulled(
            self._parts_of_ancestors(found, lineage),
            _ANCESTORS,
            endpoint=_endpoint(found, "ancestors"),
            said={"ids": ids},
            limit=limit,
            progress=progress,
            skipped=found.left_out("ancestors"),
            steps=[self._with_titles(lineage)],
            spent=found.spent,
        )

    # ---------------------------------------------------------------------- inside

    def _lineage(self, found: Subjects) -> Lineage:
        lineage = Lineage(self._client, self._chosen_site(), self._session.granted_scopes())
        for subject, kind in found.kinds.items():
            lineage.learn(subject, kind=kind)
        return lineage

    def _parts_of_children(self, found: Subjects) -> Iterator[Part]:
        site = self._chosen_site()
        for subject, entry in found.lists("direct-children"):
            reader = Siblings(self._client, site, entry, {"id": subject, "sort": "id"})
            yield Part(
                reader, subject=_skippable(found, subject), shape=_told(pageId=subject, parentId=subject)
            )

    def _parts_of_descendants(self, found: Subjects, depth: int | None) -> Iterator[Part]:
        site = self._chosen_site()

        def reader_of(entry: Collection, top: str, levels: int) -> ListReader:
            return ListReader(self._client, site, entry, {"id": top, "depth": levels})

        for subject, _ in found.lists("descendants"):
            descent = Descent(subject, depth, reader_of)
            yield descent.part(found.kinds[subject], subject, subject=_skippable(found, subject))

    def _parts_of_ancestors(self, found: Subjects, lineage: Lineage) -> Iterator[Part]:
        site = self._chosen_site()
        lists = list(found.lists("ancestors"))
        for start in range(0, len(lists), LINES_AT_ONCE):
            some = lists[start : start + LINES_AT_ONCE]
            together = [subject for subject, _ in some]
            shared = lineage if len(lists) > FEW else None
            for subject, entry in some:
                reader = Line(self._client, site, entry, {"id": subject}, lineage=shared, together=together)
                yield Part(reader, subject=_skippable(found, subject), shape=_told(pageId=subject))

    def _with_paths(self, lineage: Lineage) -> Step:
        """The step that fills `path` from the rows themselves and from what is above them."""

        def filled(frame: pd.DataFrame) -> pd.DataFrame:
            rows = zip(*(_texts(frame, name) for name in ("id", "parent_id", "type", "title")), strict=True)
            for own, parent, kind, title in rows:
                if own is not None:
                    lineage.learn(own, kind=kind, title=title)
                if own is not None and parent is not None:
                    lineage.hang(own, parent)
            self._complete(lineage, frame, _texts(frame, "id"))
            return frame.assign(path=_column(lineage.path, _texts(frame, "id")))

        return filled

    def _with_titles(self, lineage: Lineage) -> Step:
        """The step that fills `title` and `path` of ancestors."""

        def filled(frame: pd.DataFrame) -> pd.DataFrame:
            ids = _texts(frame, "id")
            rows = [{"id": own, "type": kind} for own, kind in zip(ids, _texts(frame, "type"), strict=True)]
            for _, line in groupby(range(len(rows)), key=frame["page_id"].tolist().__getitem__):
                lineage.hang_line(rows[number] for number in line)
            self._complete(lineage, frame, ids)
            return frame.assign(title=_column(lineage.title, ids), path=_column(lineage.path, ids))

        return filled

    def _complete(self, lineage: Lineage, frame: pd.DataFrame, ids: Iterable[str | None]) -> None:
        """Ask for the titles that are not known, and count that among the frame's requests."""
        self._run(lineage.complete(own for own in ids if own is not None))
        lineage.spent.add_to(frame.attrs)


def _as_a_tree(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order in which one reads a tree."""
    positions = [int(told) if isinstance(told, Integral) else None for told in frame["child_position"]]
    roots, ids, parents = (_texts(frame, name) for name in ("page_id", "id", "parent_id"))
    order = in_tree_order(roots, ids, parents, positions)
    frame.attrs["rows"] = len(order)
    return frame.iloc[order].reset_index(drop=True)


def _levels(depth: object) -> int | None:
    if depth is None:
        return None
    try:
        levels = 0 if isinstance(depth, bool) else index(depth)  # type: ignore[arg-type]  # numpy's integers too
    except TypeError:
        levels = 0
    if levels < 1:
        raise ConfluenceNBError(
            f"depth={repr(depth)[:40]} is no number of levels. Give a whole number from 1 on, or None for all."
        )
    return levels


def _skippable(found: Subjects, subject: str) -> str | None:
    """The one thing that was asked about is not gone on without."""
    return None if found.single else subject


def _told(**ids: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{**row, **ids} for row in rows]


def _texts(frame: pd.DataFrame, column: str) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in frame[column]]


def _column(find: Callable[[str], str | None], ids: list[str | None]) -> pd.Series:
    return pd.Series([None if own is None else find(own) for own in ids], dtype="string")


def _endpoint(found: Subjects, name: str) -> str:
    """The lists that were asked: those of pages, or of whatever was given."""
    roots = dict.fromkeys(ROOTS[found.kinds[subject]] for subject, _ in found.lists(name))
    return f"GET /wiki/api/v2/{'|'.join(roots or ['pages'])}/{{id}}/{name}"
