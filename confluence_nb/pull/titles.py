"""Finds what stands above content, titles up to the top of the space: rows of a tree hold no more than ids."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from confluence_nb.api.budget import points_of
from confluence_nb.api.catalog import V2, collection, scopes_for
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader, Window
from confluence_nb.errors import NotFound, NotPermitted
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.pull import AT_ONCE
from confluence_nb.pull.routes import FEW
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.subjects import ROOTS, Subjects, list_below, with_kinds

T = TypeVar("T")
R = TypeVar("R")

TREE_KINDS = ("page", "whiteboard", "database", "embed", "folder")
"""What can have children."""

NOT_VISIBLE = "(not visible)"
"""Stands in a path for what this account cannot see."""

PAGES_AT_ONCE = 250
"""Ids that one GET /pages takes."""

_STATUSES = ("current", "archived", "trashed", "deleted")


class Lineage:
    """Titles and parents of one site's content, for the length of one call: pages are moved and renamed.

    Parameters
    ----------
    granted:
        The scopes that the sign-in has on the site; they decide how a folder's title can be had.
    """

    def __init__(self, client: ApiClient, site: Site, granted: Collection[str] = ()) -> None:
        self._client = client
        self._site = site
        self._granted = frozenset(granted)
        self._kinds: dict[str, str] = {}
        self._titles: dict[str, str | None] = {}
        self._parents: dict[str, str | None] = {}
        self._cut_off: set[str] = set()
        self._lock = asyncio.Lock()
        self.spent = Spent()

    # ------------------------------------------------------------ what is known

    def learn(self, content: str, *, kind: object = None, title: object = None) -> None:
        """What something is and is called, where a row says so."""
        # A kind that the tree does not have makes nothing of what is known to have a place in it.
        if isinstance(kind, str) and (kind_of(kind) in TREE_KINDS or content not in self._kinds):
            self._kinds[content] = kind_of(kind)
        if isinstance(title, str):
            self._titles[content] = title

    def hang(self, content: str, under: str | None) -> None:
        """What something hangs under, None at the top of its space."""
        self._parents[content] = under
        self._cut_off.discard(content)

    def hang_line(self, line: Iterable[Mapping[str, Any]]) -> None:
        """Ancestors of something, from the top of its space down."""
        above: str | None = None
        for row in line:
            self.learn(str(row["id"]), kind=row.get("type"))
            self.hang(str(row["id"]), above)
            above = str(row["id"])

    def line(self, content: str) -> list[dict[str, str | None]] | None:
        """The ancestors, highest first, with `id` and `type`; None unless all of them are known."""
        above = self._upward(content)[1:]
        top = above[-1] if above else content
        if top in self._cut_off or top not in self._parents or self._parents[top] is not None:
            return None
        return [{"id": ancestor, "type": self._kinds.get(ancestor)} for ancestor in reversed(above)]

    def title(self, content: str) -> str | None:
        """The title, None when it is not visible."""
        return self._titles.get(content)

    def path(self, content: str) -> str:
        """The titles from the top of the space down to the thing itself."""
        upward = self._upward(content)
        titles = [self._titles.get(step) for step in upward]
        if upward[-1] in self._cut_off and titles[-1] is not None:
            titles.append(None)
        return " / ".join(NOT_VISIBLE if title is None else title for title in reversed(titles))

    def _upward(self, content: str) -> list[str]:
        """The thing and what is above it, nearest first; a line that runs into itself ends there."""
        steps: dict[str, None] = {}
        at: str | None = content
        while at is not None and at not in steps:
            steps[at] = None
            at = self._parents.get(at)
        return list(steps)

    # ------------------------------------------------------------ what is asked

    async def complete(self, contents: Iterable[str]) -> None:
        """Make the paths of all of them known.

        Costs a request for 250 pages of each level, and one or two for each folder, whiteboard, database or embed.
        """
        wanted = list(dict.fromkeys(contents))
        while True:  # a title that is looked up may tell of a parent that no line told of
            await self.complete_lines(wanted)
            async with self._lock:
                steps = dict.fromkeys(step for content in wanted for step in self._upward(content))
                lacking = [step for step in steps if step not in self._titles]
                if not lacking:
                    return
                await self._find_titles(lacking)

    async def complete_lines(self, contents: Iterable[str]) -> None:
        """Make the ancestors of all of them known, titles aside."""
        async with self._lock:
            level = list(dict.fromkeys(contents))
            walked: set[str] = set()
            while level:
                walked.update(level)
                await self._find_parents([content for content in level if content not in self._parents])
                above = dict.fromkeys(self._parents.get(content) for content in level)
                level = [parent for parent in above if parent is not None and parent not in walked]

    async def _find_parents(self, contents: list[str]) -> None:
        known = await self._with_kinds(contents)
        if len(known) <= FEW:  # one answer tells of all that is above them
            await _together(self._read_line, known)
        else:
            await self._read_pages([content for content in known if self._kinds[content] == "page"])
            others = [content for content in known if self._kinds[content] != "page"]
            await _together(self._open, [content for content in others if self._may_open(content)])
            await _together(self._read_line, [content for content in others if content not in self._parents])
        for content in contents:
            if content not in self._parents:
                self._parents[content] = None
                self._cut_off.add(content)

    async def _find_titles(self, contents: list[str]) -> None:
        known = await self._with_kinds(contents)
        await self._read_pages([content for content in known if self._kinds[content] == "page"])
        others = [content for content in known if self._kinds[content] != "page"]
        await _together(self._open, [content for content in others if self._may_open(content)])
        # A sign-in without a scope for folders still sees them among the children of what they hang under.
        families: dict[str, set[str]] = {}
        for content in others:
            parent = self._parents.get(content)
            if content not in self._titles and parent is not None:
                families.setdefault(parent, set()).add(content)
        await _together(self._read_children, list(families.items()))
        for content in contents:
            self._titles.setdefault(content, None)

    async def _with_kinds(self, contents: list[str]) -> list[str]:
        """Those of a kind that has a place in the tree; unknown kinds are asked for."""
        unknown = tuple(content for content in contents if content not in self._kinds)
        if unknown:
            found = await with_kinds(Subjects(unknown, spent=self.spent), self._client, self._site)
            self._kinds |= found.kinds
        return [content for content in contents if self._kinds.get(content) in TREE_KINDS]

    async def _read_pages(self, pages: list[str]) -> None:
        pieces = [pages[start : start + PAGES_AT_ONCE] for start in range(0, len(pages), PAGES_AT_ONCE)]
        await _together(self._read_some_pages, pieces)

    async def _read_some_pages(self, pages: list[str]) -> None:
        params = {"id": pages, "status": _STATUSES}
        reader = ListReader(self._client, self._site, collection("/pages"), params)
        try:
            while (window := await reader.window()) is not None:
                for row in window.rows:
                    self._learn_of(row)
        finally:
            self.spent.add(reader)
        for page in pages:
            self._titles.setdefault(page, None)

    async def _open(self, content: str) -> None:
        """One folder, whiteboard, database or embed by its id."""
        path = f"{V2}/{ROOTS[self._kinds[content]]}/{content}"
        self.spent.add(Spent(1, points_of(path, 1)))
        try:
            answer = await self._client.ask(self._site, "GET", path)
        except (NotFound, NotPermitted) as error:
            if error.of_site:
                raise
            self._titles.setdefault(content, None)
            return
        self._learn_of(answer.said)

    def _may_open(self, content: str) -> bool:
        scopes = scopes_for("GET", f"{V2}/{ROOTS[self._kinds[content]]}/{content}")
        return any(self._granted.issuperset(alternative) for alternative in scopes)

    async def _read_line(self, content: str) -> None:
        """What one answer tells of the ancestors of something."""
        entry = list_below(self._kinds[content], "ancestors")
        if entry is None:
            return
        reader = ListReader(self._client, self._site, entry, {"id": content})
        try:
            window = await reader.window()
        except (NotFound, NotPermitted) as error:
            if error.of_site:
                raise
            return
        finally:
            self.spent.add(reader)
        # What is above the highest of them is asked with the next level: many lines meet there.
        rows = ancestors_in(window) if window is not None else []
        for row in rows:
            self.learn(str(row["id"]), kind=row.get("type"))
        steps = [*(str(row["id"]) for row in rows), content]
        for above, below in pairwise(steps):
            self.hang(below, above)
        if not rows:
            self.hang(content, None)

    async def _read_children(self, family: tuple[str, set[str]]) -> None:
        """The children of something, until those whose titles are wanted are found."""
        parent, wanted = family
        kind = self._kinds.get(parent)
        entry = list_below(kind, "direct-children") if kind in TREE_KINDS else None
        if entry is None:
            return
        reader = ListReader(self._client, self._site, entry, {"id": parent, "sort": "id"})
        try:
            while not wanted <= self._titles.keys() and (window := await reader.window()) is not None:
                for row in window.rows:
                    if isinstance(row, Mapping) and str(row.get("id")) in wanted:
                        self.learn(str(row["id"]), title=row.get("title"))
        except (NotFound, NotPermitted) as error:
            if error.of_site:
                raise
        finally:
            self.spent.add(reader)

    def _learn_of(self, row: Any) -> None:
        """A page, folder … as the API shows one."""
        if not isinstance(row, Mapping) or "id" not in row:
            return
        self.learn(str(row["id"]), title=row.get("title"))
        parent = row.get("parentId")
        self.hang(str(row["id"]), None if parent is None else str(parent))
        if parent is not None:
            self.learn(str(parent), kind=row.get("parentType"))


def kind_of(name: str) -> str:
    """A type as `ROOTS` has it; an embed is also called a smart link."""
    return "embed" if name == "smartLink" else name


def ancestors_in(window: Window) -> list[Mapping[str, Any]]:
    """The rows of an ancestors list that name something."""
    return [row for row in window.rows if isinstance(row, Mapping) and row.get("id")]


async def _together(ask: Callable[[T], Awaitable[R]], items: Sequence[T]) -> None:
    """Ask about each, some at the same time; the first error is raised when those under way have ended."""
    for start in range(0, len(items), AT_ONCE):
        asked = (ask(item) for item in items[start : start + AT_ONCE])
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
