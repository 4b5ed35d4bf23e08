"""A look around in the wiki: the explorer, and how it asks the site in use."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.parse import quote

from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.explorer.code import name_in_notebook
from confluence_nb.explorer.source import Entry, Space
from confluence_nb.frames.search import lifted
from confluence_nb.oauth.sites import Site
from confluence_nb.page import Address, Page
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.subjects import list_below
from confluence_nb.pull.titles import TREE_KINDS, kind_of
from confluence_nb.wiki.page import Single
from confluence_nb.wiki.searching import SEARCH

if TYPE_CHECKING:
    from confluence_nb.explorer.explorer import Explorer

T = TypeVar("T")


class Exploring(Single):
    """`explore`."""

    def explore(self, space: object = None) -> Explorer:
        """A widget to look around with: spaces, their trees, a search, and the page that is looked at.

        It shows the code too that gives the same as a DataFrame, to be copied into the next cell.

        Parameters
        ----------
        space:
            The key or id of the space that is open at first. None opens none.

        Returns
        -------
        The explorer. A cell that ends in it shows it; what it shows is asked for when somebody opens it, a space of any
        size in two requests, a page in two.

        Raises
        ------
        SignInRequired, AmbiguousSite
            When nobody is signed in, or no site is chosen.
        NotFound
            For a space that is not there.

        Source: `GET /wiki/api/v2/spaces`, `GET /wiki/api/v2/spaces/{id}/pages`,
        `GET /wiki/api/v2/pages/{id}/direct-children`, `GET /wiki/rest/api/search`.
        """
        site = self._chosen_site()
        names = [] if space is None else self._space_names(space)
        if len(names) > 1:
            raise ConfluenceNBError(
                f"The explorer opens one space at first, and {len(names):,} were given. Give the key of one."
            )
        ids = self._space_ids(names, Spent()) if names else [None]
        from confluence_nb.explorer.explorer import Explorer  # ipywidgets takes a while to import

        source = SiteSource(site, self._client, self._read_page, in_use=lambda: self.site)
        return Explorer(source, lambda: name_in_notebook(self), ids[0])


@dataclass(frozen=True)
class SiteSource:
    """What the explorer asks, of the site that was in use when it was made.

    Parameters
    ----------
    read_page:
        Reads a page of that site.
    in_use:
        Tells the site in use now: the code to copy would ask that one.
    """

    site: Site
    client: ApiClient
    read_page: Callable[[Site, Address], Coroutine[Any, Any, Page]]
    in_use: Callable[[], Site | None]

    @property
    def host(self) -> str:
        return self.site.host

    def spaces(self) -> ReadAsWanted[Space]:
        return self._listed(_space, "/spaces")

    def roots(self, space: Space) -> ReadAsWanted[Entry]:
        def entry(row: Mapping[str, Any], base: str) -> Entry:
            return self._entry({"type": "page", **row}, space.key)

        return self._listed(entry, "/spaces/{id}/pages", id=space.id, depth="root")

    def children(self, entry: Entry) -> ReadAsWanted[Entry]:
        found = list_below(kind_of(entry.type), "direct-children")
        if found is None:
            raise ConfluenceNBError(f"The API has no children of a {entry.type}. Open it in the browser.")

        def child(row: Mapping[str, Any], base: str) -> Entry:
            return self._entry(row, entry.space_key)

        # By id: in its own order the service ends a list at a child without a position (CONFCLOUD-84015).
        return self._listed(child, found.path, id=entry.id, sort="id")

    def search(self, query: str) -> ReadAsWanted[Entry]:
        def entry(row: Mapping[str, Any], base: str) -> Entry:
            thing = lifted(row, base)
            return self._entry(thing, _text(thing.get("space_key")), _text(thing.get("url")))

        return self._listed(entry, SEARCH, cql=query, excerpt="none")

    async def page(self, entry: Entry) -> Page:
        self.refuse_other_site()
        kind: Literal["page", "blogpost"] = "blogpost" if entry.type == "blogpost" else "page"
        return await self.read_page(self.site, Address(entry.id, kind, is_draft=entry.status == "draft"))

    def refuse_other_site(self) -> None:
        used = self.in_use()
        if used is not None and used.id != self.site.id:
            raise ConfluenceNBError(
                f"This explorer is of {self.host}, and {used.host} is in use now. Run the cell of explore() again, or "
                f"choose this site with use({self.host!r})."
            )

    def _listed(
        self, read: Callable[[Mapping[str, Any], str], T], path: str, **params: object
    ) -> ReadAsWanted[T]:
        reader = ListReader(self.client, self.site, collection(path), params)
        return ReadAsWanted(reader, read, self.refuse_other_site)

    def _entry(self, row: Mapping[str, Any], space_key: str | None, url: str | None = None) -> Entry:
        own, kind = str(row.get("id")), kind_of(_text(row.get("type")) or "page")
        position = row.get("position", row.get("childPosition"))
        if url is None and space_key:
            place = {"page": "pages", "blogpost": "blog"}.get(kind, kind)
            url = f"{self.site.url}/wiki/spaces/{quote(space_key, safe='~')}/{place}/{quote(own, safe='')}"
        return Entry(
            id=own,
            type=kind,
            title=_text(row.get("title")) or "",
            status=_text(row.get("status")) or "current",
            space_key=space_key,
            position=position if isinstance(position, int) else None,
            url=url,
            can_have_children=kind in TREE_KINDS,
        )


@dataclass(frozen=True)
class ReadAsWanted(Generic[T]):
    """A list of the site, read one window at a time."""

    reader: ListReader
    read: Callable[[Mapping[str, Any], str], T]
    check: Callable[[], None]

    @property
    def done(self) -> bool:
        return self.reader.done

    async def window(self) -> Sequence[T]:
        """What follows; a window without anything new is passed over."""
        self.check()
        while (window := await self.reader.window()) is not None:
            rows = [row for row in window.rows if isinstance(row, Mapping)]
            if rows:
                return [self.read(row, window.base) for row in rows]
        return []


def _space(row: Mapping[str, Any], base: str) -> Space:
    return Space(
        id=str(row.get("id")),
        key=_text(row.get("key")) or "",
        name=_text(row.get("name")) or "",
        type=_text(row.get("type")) or "",
        status=_text(row.get("status")) or "",
        homepage_id=_text(row.get("homepageId")),
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
