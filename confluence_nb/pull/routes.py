"""Two ways to what hangs on many pages: one list below each, or the whole site's list, whichever asks less often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ApiError, RateLimited
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.counting import count_reader
from confluence_nb.pull.pull import Follow, Part
from confluence_nb.pull.shapes import Rows, Shape
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.subjects import Subjects

ROWS_AT_ONCE = 250
"""Rows that one request for a list brings."""

FEW = 3
"""So few ids are asked one by one: finding out what else there is would take as long."""

LABELS_EACH = 2
"""Labels that a page has, about."""

MANY = 250
"""From so many ids on, a site whose size nobody tells is read whole."""

Told = Callable[[str], Shape]
"""Makes, for an id, the shape that tells rows what they belong to."""


class Routes:
    """Makes the parts of a pull for one site."""

    def __init__(self, client: ApiClient, site: Site) -> None:
        self._client = client
        self._site = site

    def reader(self, path: str, **params: object) -> ListReader:
        """A list of the site; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return ListReader(self._client, self._site, collection(path), given)

    def below_each(
        self, found: Subjects, name: str, told: Told, params: Mapping[str, object]
    ) -> Iterator[tuple[str, Part]]:
        """Each id and its list, `/pages/{id}/<name>` or that of its kind."""
        for subject, entry in found.lists(name):
            reader = self.reader(entry.path, **{entry.path_parameters[0].name: subject}, **params)
            yield subject, Part(reader, subject=None if found.single else subject, shape=told(subject))

    def replies(self, path: str, told: Told, subject: str, params: Mapping[str, object]) -> Follow:
        """What follows from rows that are comments: the answers to each, and to these, to any depth."""

        def follow(rows: Rows) -> Iterator[Part]:
            for comment in (str(row["id"]) for row in rows if row.get("id")):
                reader = self.reader(f"{path}/{{id}}/children", id=comment, **params)
                yield Part(reader, subject=comment, shape=told(subject), follow=follow)

        return follow

    async def is_shorter_whole(self, found: Subjects, cql: str, *, lists: int = 1) -> bool:
        """Whether the site's list of all that `cql` finds takes fewer requests than `lists` lists for each id."""
        if len(found) <= FEW:
            return False
        rows = await self._estimated(cql, found.spent)
        if rows is None:
            return len(found) >= MANY
        return rows // ROWS_AT_ONCE + lists < len(found) * lists

    async def labels(self, found: Subjects, prefix: str | None) -> list[Mapping[str, Any]] | None:
        """The site's labels, when asking each for its pages is shorter than asking each page for its labels."""
        if len(found) <= FEW:
            return None
        pages = await self._estimated("type in (page, blogpost)", found.spent)
        most = len(found) - (pages or 0) * LABELS_EACH // ROWS_AT_ONCE
        if most <= 0:
            return None
        labels: list[Mapping[str, Any]] = []
        reader = self.reader("/labels", prefix=prefix)
        try:
            while (window := await reader.window()) is not None:
                labels += [row for row in window.rows if isinstance(row, Mapping) and row.get("id")]
                if len(labels) >= most:
                    return None
        finally:
            found.spent.add(reader)
        return labels

    async def _estimated(self, cql: str, spent: Spent) -> int | None:
        """How many rows a search says that it would find, for one request; None when the site will not say."""
        reader = count_reader(self._client, self._site, cql)
        try:
            await reader.window()
        except ApiError as error:
            if isinstance(error, RateLimited) or error.status is None:
                raise  # whatever is asked next would end the same way
            return None
        finally:
            spent.add(reader)
        return reader.total
