"""One page with what it says, by its id or its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any

from confluence_nb import content
from confluence_nb.api.client import Query
from confluence_nb.errors import MissingScope, NotFound, NotPermitted, Unreachable
from confluence_nb.frames.links import absolute
from confluence_nb.oauth.sites import Site
from confluence_nb.page import Address, Named, Page, address_of
from confluence_nb.pull.people import PeopleIndex
from confluence_nb.pull.spaces import SpaceIndex
from confluence_nb.pull.spent import Spent
from confluence_nb.wiki.tree import Tree

_LISTS = {"page": "/wiki/api/v2/pages", "blogpost": "/wiki/api/v2/blogposts"}


class Single(Tree):
    """`page`."""

    def page(self, id_or_url: object) -> Page:
        """One page or blog post with its body, by its id or the address that a browser shows for it.

        Parameters
        ----------
        id_or_url:
            An id, or an address on the site in use: of a page or blog post, of its editor, a short link, one with the
            title of a page, one of a space for its home page. One that names a version gives that version; one of a
            draft that nobody published gives the draft.

        Returns
        -------
        A `Page`: `.text`, `.markdown`, `.tables`, `.links`, `.headings`, `.children`, beside its title, version,
        author and `url`. A cell that ends in it shows a preview: no scripts, and no picture is fetched.

        Two requests: the page, and the names of the people in it. One more for a blog post that is given by its id;
        two more for a page that an address names without one.

        Raises
        ------
        NotFound
            Nothing has that id, or this account may not see it.
        ConfluenceNBError
            What is given is no page's id or address, or is of another site; nothing was asked then.

        Source: `GET /wiki/api/v2/pages/{id}` and `GET /wiki/api/v2/blogposts/{id}`; `GET /wiki/api/v2/spaces`,
        `/spaces/{id}` and `/pages?space-id=&title=` for addresses without an id.
        """
        site = self._chosen_site()
        return self._run(self._read_page(site, address_of(id_or_url, site)))

    async def _read_page(self, site: Site, given: Address | Named) -> Page:
        address = await self._found(site, given) if isinstance(given, Named) else given
        kind, row = await self._row(site, address)
        version = _part(row, "version")
        storage = _part(_part(row, "body"), "storage")
        body = storage.get("value")
        body = body if isinstance(body, str) else ""
        author, saver = _text(row, "authorId"), _text(version, "authorId")
        links = _part(row, "_links")
        return Page(
            id=_text(row, "id") or address.id,
            type=kind,
            title=_text(row, "title") or "",
            status=_text(row, "status") or "",
            space_id=_text(row, "spaceId"),
            parent_id=_text(row, "parentId"),
            author_id=author,
            owner_id=_text(row, "ownerId"),
            created_at=_moment(row),
            version=number if isinstance(number := version.get("number"), int) else None,
            modified_at=_moment(version),
            modified_by=saver,
            url=absolute([_text(links, "webui")], _text(links, "base") or f"{site.url}/wiki")[0],
            body=body,
            names=await self._names((author, saver, *_mentioned(body))),
            _read_children=lambda: self.children(address.id),
        )

    async def _found(self, site: Site, named: Named) -> Address:
        """The page that an address names by its space, and its title."""
        [space_id] = await self._index(SpaceIndex).ids_of([named.space], Spent())
        if named.title is None:
            path = f"/wiki/api/v2/spaces/{space_id}"
            space = (await self._client.ask(site, "GET", path)).said
            home = _text(space, "homepageId") if isinstance(space, Mapping) else None
            if home is None:
                raise NotFound(
                    f"The space {named.space[:40]!r} has no home page, or this account may not see it. "
                    f"wiki.pages(space={named.space[:40]!r}) has its pages.",
                    status=404,
                    path=path,
                )
            return Address(home, "page")
        query = [("space-id", space_id), ("title", named.title), ("limit", "25")]
        said = (await self._client.ask(site, "GET", _LISTS["page"], query=query)).said
        listed = said.get("results") if isinstance(said, Mapping) else None
        rows = [row for row in listed or () if isinstance(row, Mapping) and _text(row, "id")]
        if not rows:
            raise NotFound(
                f"{site.host} has no page {named.title[:120]!r} in the space {named.space[:40]!r}, or this account may "
                "not see it. A page that was renamed since has another address: open it in the browser and copy that.",
                status=404,
                path=_LISTS["page"],
            )
        # An archived page may have the title of a present one.
        row = min(rows, key=lambda row: row.get("status") != "current")
        return Address(str(row["id"]), "page")

    async def _row(self, site: Site, address: Address) -> tuple[str, Mapping[str, Any]]:
        """The page as the API has it. An id alone does not tell whether it is a page's or a blog post's."""
        asked: list[tuple[str, str]] = [("body-format", "storage")]
        if address.version is not None:
            asked.append(("version", str(address.version)))
        queries: list[Query] = [asked, [*asked, ("get-draft", "true")]] if address.is_draft else [asked]
        missing: list[NotFound] = []
        for kind, query in product([address.kind] if address.kind else _LISTS, queries):
            path = f"{_LISTS[kind]}/{address.id}"
            try:
                answer = await self._client.ask(site, "GET", path, query=query)
            except NotFound as error:
                missing.append(error)
                continue
            if isinstance(answer.said, Mapping):
                return kind, answer.said
            raise Unreachable(
                f"{site.host} answered {path} with something else than a page. Try again.", path=path
            )
        raise missing[0]

    async def _names(self, accounts: Iterable[str | None]) -> dict[str, str]:
        """The names of people, as far as the sign-in may know them: a page can be read without."""
        wanted = [account for account in accounts if account]
        try:
            names = await self._index(PeopleIndex).names_of(wanted, Spent()) if wanted else {}
        except (MissingScope, NotPermitted):
            return {}
        return {account: name for account, name in names.items() if name}


def _mentioned(body: str) -> Iterable[str]:
    try:
        return [mention.account_id for mention in content.mentions(body) if mention.account_id]
    except content.UnreadableBody:
        return []


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(row: Mapping[str, Any], name: str) -> str | None:
    found = row.get(name)
    return str(found) if isinstance(found, (str, int)) else None


def _moment(row: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(row.get("createdAt")))
    except ValueError:
        return None
