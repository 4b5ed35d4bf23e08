"""What a link, an image or a macro's parameter leads to: a page, a file, a person, an address or a place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from confluence_nb.content.names import AC, RI

Kind = Literal["page", "blogpost", "attachment", "user", "space", "content", "shortcut", "url", "anchor"]

_RESOURCES: dict[str, Kind] = {
    RI + "page": "page",
    RI + "blog-post": "blogpost",
    RI + "attachment": "attachment",
    RI + "user": "user",
    RI + "space": "space",
    RI + "content-entity": "content",
    RI + "shortcut": "shortcut",
    RI + "url": "url",
}
_IN_A_WIKI = re.compile(
    r"(?:/wiki)?/(?:spaces/(?P<space>[^/]+)(?:/(?P<kind>pages|blog)(?:/edit-v2|/\d{4}/\d\d/\d\d)?/(?P<id>\d+))?"
    r"|people/(?P<user>[^/]+)"
    r"|download/(?:attachments|thumbnails)/(?P<of>\d+)/(?P<file>[^/]+))(?:/.*)?"
)
_PERSON = (RI + "account-id", RI + "userkey", RI + "username")
_ANCHOR, _LINK = AC + "anchor", AC + "link"
_PAGE_ID = re.compile(r"(?:^|&)pageId=(\d+)")


class Target(NamedTuple):
    """What is led to.

    `title`, `space_key`: of a page, post or space as the storage format names it; `id`: of a page or post, where
    the address has it; `filename`: of an attachment; `account_id`: of a person; `anchor`: a place in a page.
    """

    kind: Kind
    title: str | None = None
    space_key: str | None = None
    id: str | None = None
    filename: str | None = None
    account_id: str | None = None
    anchor: str | None = None
    url: str | None = None

    @property
    def words(self) -> str:
        """What a reader is shown where the author wrote no words for it."""
        if self.account_id:
            return f"@{self.account_id}"
        return self.filename or self.title or self.url or self.anchor or self.space_key or self.id or ""

    @property
    def address(self) -> str:
        """Where it leads: a web address, or a path below the site's."""
        place = f"#{quote(self.anchor)}" if self.anchor and self.kind != "anchor" else ""
        if self.kind == "user":
            return f"/wiki/people/{quote(self.account_id or '')}"
        if self.kind == "shortcut":  # only the site's administrators know where it leads
            return ""
        if self.kind == "anchor":
            return f"#{quote(self.anchor or '')}"
        if self.url is not None:
            return self.url
        if self.id:
            return f"/wiki/pages/viewpage.action?pageId={quote(self.id)}{place}"
        if self.filename is not None:
            return quote(self.filename, safe="")
        title = quote(self.title or "", safe="")
        if not self.space_key:
            return title + place
        below = f"display/{quote(self.space_key)}/{title}" if title else f"spaces/{quote(self.space_key)}"
        return f"/wiki/{below}{place}"


def resource_in(element: Any) -> Any | None:
    """The first resource identifier directly inside an element."""
    for child in element:
        if child.tag in _RESOURCES:
            return child
    return None


def target_in(element: Any) -> Target | None:
    """What an `ac:link`, `ac:image` or `ac:parameter` leads to, None when it names nothing."""
    anchor = element.get(_ANCHOR)
    resource = resource_in(element)
    if resource is not None:
        return _named(resource, anchor)
    link = element.find(_LINK)
    if link is not None:
        return target_in(link)
    return Target("anchor", anchor=anchor) if anchor else None


def _named(resource: Any, anchor: str | None) -> Target:
    kind = _RESOURCES[resource.tag]
    if kind == "user":
        account_id = resource.get(_PERSON[0]) or resource.get(_PERSON[1]) or resource.get(_PERSON[2]) or ""
        return Target(kind, account_id=account_id)
    inner = resource_in(resource)
    of = resource if inner is None else inner
    return Target(
        kind,
        title=_shortcut(resource) if kind == "shortcut" else of.get(RI + "content-title"),
        space_key=of.get(RI + "space-key"),
        id=resource.get(RI + "content-id"),
        filename=resource.get(RI + "filename"),
        anchor=anchor,
        url=resource.get(RI + "value"),
    )


def _shortcut(resource: Any) -> str:
    """As an author types it: `ABC-1@jira`."""
    return f"{resource.get(RI + 'parameter', '')}@{resource.get(RI + 'key', '')}"


@lru_cache(maxsize=4_096)
def addressed(href: str) -> Target:
    """What a web address leads to; one of a wiki is read for the id of its page, person or file."""
    if href.startswith("#"):
        return Target("anchor", anchor=unquote(href[1:]))
    try:
        parts = urlsplit(href)
    except ValueError:  # no address at all, such as http://[
        return Target("url", url=href)
    if parts.scheme not in ("http", "https", "") or (parts.netloc and not parts.path.startswith("/wiki/")):
        return Target("url", url=href)
    anchor = unquote(parts.fragment) or None
    found = _IN_A_WIKI.fullmatch(parts.path)
    if found is None:
        page = _PAGE_ID.search(parts.query)
        return Target("page" if page else "url", id=page[1] if page else None, anchor=anchor, url=href)
    if found["user"]:
        return Target("user", account_id=unquote(found["user"]), url=href)
    if found["file"]:
        return Target("attachment", filename=unquote(found["file"]), id=found["of"], url=href)
    kind: Kind = "space" if not found["id"] else "page" if found["kind"] == "pages" else "blogpost"
    return Target(kind, space_key=unquote(found["space"]), id=found["id"], anchor=anchor, url=href)
