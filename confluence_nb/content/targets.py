"""What a link, an image or a macro's parameter leads to: a page, a file, a person, an address or a place."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from confluence_nb.content.names import AC, RI
from confluence_nb.content.short_links import id_in_short_link

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
_ID = r"(?P<id>\d{1,19})"
_SPACE = r"/spaces/(?P<space>[^/]+)"
_PATHS: tuple[tuple[Kind, str], ...] = (
    ("page", rf"{_SPACE}/pages/(?:edit(?:-v2)?/)?{_ID}(?:/.*)?"),
    ("blogpost", rf"{_SPACE}/blog/(?:edit(?:-v2)?/|\d{{4}}/\d\d?/\d\d?/)?{_ID}(?:/.*)?"),
    ("content", rf"{_SPACE}/(?:folder|whiteboard|database|embed)s?/{_ID}(?:/.*)?"),
    ("space", r"/(?:spaces|display)/(?P<space>[^/.]+)(?:/overview|/pages|/blog)?/?"),
    ("blogpost", r"/display/(?P<space>[^/]+)/(?P<day>\d{4}/\d\d/\d\d)/(?P<title>[^/]+)"),
    ("page", r"/display/(?P<space>[^/]+)/(?P<title>[^/]+)"),
    ("page", r"/x/(?P<code>[\w-]{1,11})/?"),
    ("user", r"/people/(?P<user>[^/]+)/?"),
    ("attachment", rf"/download/(?:attachments|thumbnails)/{_ID}/(?P<file>[^/]+)"),
)
"""The paths of a wiki's addresses."""
_FORMS = [(kind, re.compile(path, re.ASCII)) for kind, path in _PATHS]
_PERSON = (RI + "account-id", RI + "userkey", RI + "username")
_ANCHOR, _LINK = AC + "anchor", AC + "link"
_LINK_BODIES = (AC + "link-body", AC + "plain-text-link-body")
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)
_CODE = re.compile(r"[\w-]{1,11}", re.ASCII)


class Target(NamedTuple):
    """What is led to.

    `title`, `space_key`: of a page, post or space as the storage format names it; `posting_day`: of a post, such as
    2024/01/31; `id`: of a page or post, where the address has it; `filename`: of an attachment; `account_id`: of a
    person; `anchor`: a place in a page.
    """

    kind: Kind
    title: str | None = None
    space_key: str | None = None
    id: str | None = None
    filename: str | None = None
    account_id: str | None = None
    anchor: str | None = None
    url: str | None = None
    posting_day: str | None = None

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
        if not self.title:
            return f"/wiki/spaces/{quote(self.space_key)}{place}" if self.space_key else place
        title = quote(self.title, safe="")
        if not self.space_key:
            return title + place
        if self.kind == "blogpost" and not self.posting_day:  # several posts of a space may have one title
            return ""
        day = f"&postingDay={quote(self.posting_day, safe='')}" if self.posting_day else ""
        # A path with the title in it (/display/ENG/Title) leads nowhere for titles with / ? + & and others.
        return f"/wiki/pages/viewpage.action?spaceKey={quote(self.space_key)}&title={title}{day}{place}"


NOWHERE = Target("url", url="")


def resource_in(element: Any) -> Any | None:
    """The first resource identifier directly inside an element."""
    for child in element:
        if child.tag in _RESOURCES:
            return child
    return None


def target_in(element: Any) -> Target | None:
    """What an `ac:link`, `ac:image` or `ac:parameter` leads to, None when it names nothing."""
    target = _target_at(element)
    if target is None:
        for child in element:
            if child.tag == _LINK:
                return _target_at(child)
    return target


def targets_in(parameter: Any) -> list[Target]:
    """What an `ac:parameter` leads to: often several spaces, people or files, one after the other."""
    named = [child for place in parameter for child in (place if place.tag == _LINK else (place,))]
    several = [_named(child, None) for child in named if child.tag in _RESOURCES]
    if len(several) > 1:
        return several
    one = target_in(parameter)
    return [one] if one else []


def _target_at(place: Any) -> Target | None:
    anchor, resource = place.get(_ANCHOR), resource_in(place)
    if anchor:  # the editor writes it as in an address, older pages as it is
        anchor = unquote(anchor)
    if resource is not None:
        return _named(resource, anchor)
    return Target("anchor", anchor=anchor) if anchor else None


def has_words(link: Any) -> bool:
    """Whether the author wrote words, or put an image, into a link."""
    return any(child.tag in _LINK_BODIES and (len(child) or (child.text or "").strip()) for child in link)


@lru_cache(maxsize=4_096)
def _person(account_id: str) -> Target:
    return Target("user", account_id=account_id)


def _named(resource: Any, anchor: str | None) -> Target:
    kind = _RESOURCES[resource.tag]
    if kind == "user":
        account_id = resource.get(_PERSON[0]) or resource.get(_PERSON[1]) or resource.get(_PERSON[2]) or ""
        return _person(account_id)
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
        posting_day=of.get(RI + "posting-day"),
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
    path = parts.path.removeprefix("/wiki")
    known = _by_path(path) or _by_query(path, dict(parse_qsl(parts.query))) or Target("url")
    return known._replace(url=href, anchor=unquote(parts.fragment) or None)


def _by_path(path: str) -> Target | None:
    for kind, form in _FORMS:
        if found := form.fullmatch(path):
            said = found.groupdict()
            number = said.get("id")
            if code := said.get("code"):
                number = id_in_short_link(code)
                kind = kind if number else "url"
            return Target(
                kind,
                title=_plain(said.get("title")),
                space_key=_plain(said.get("space")),
                id=number,
                filename=_plain(said.get("file"), unquote),
                account_id=_plain(said.get("user"), unquote),
                posting_day=said.get("day"),
            )
    return None


def _by_query(path: str, asked: dict[str, str]) -> Target | None:
    if _DIGITS.fullmatch(asked.get("pageId", "")):
        return Target("page", id=asked["pageId"])
    if path.endswith("/tinyurl.action") and _CODE.fullmatch(code := asked.get("urlIdentifier", "")):
        return Target("page", id=number) if (number := id_in_short_link(code)) else None
    space = asked.get("spaceKey")
    if path.endswith("/viewpage.action") and space and asked.get("title"):
        day = asked.get("postingDay")
        return Target("blogpost" if day else "page", title=asked["title"], space_key=space, posting_day=day)
    if path.endswith("/viewspace.action") and asked.get("key"):
        return Target("space", space_key=asked["key"])
    return None


def _plain(part: str | None, decoded: Callable[[str], str] = unquote_plus) -> str | None:
    return None if part is None else decoded(part)
