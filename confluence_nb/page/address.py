"""Which page somebody means: by its id, or by any of the addresses that a browser shows for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Integral
from typing import Literal
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from confluence_nb.content.short_links import id_in_short_link
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.sites import Site

_ID = re.compile(r"\d{1,19}", re.ASCII)
_PAGE = re.compile(r"/spaces/[^/]+/pages/(?:edit(?:-v2)?/)?(\d{1,19})(?:/|$)", re.ASCII)
_BLOG_POST = re.compile(
    r"/spaces/[^/]+/blog/(?:edit(?:-v2)?/|\d{4}/\d\d?/\d\d?/)?(\d{1,19})(?:/|$)", re.ASCII
)
_OF_THE_API = re.compile(r"/(?:api/v2/(pages|blogposts)|rest/api/content)/(\d{1,19})$", re.ASCII)
_OTHER_CONTENT = re.compile(r"/spaces/[^/]+/(folder|whiteboard|database|embed)s?/(\d{1,19})(?:/|$)", re.ASCII)
_POST_BY_TITLE = re.compile(r"/display/([^/]+)/\d{4}/\d\d/\d\d/([^/]+)$", re.ASCII)
_BY_TITLE = re.compile(r"/display/([^/]+)/([^/]+)$")
_SHORT = re.compile(r"/x/([\w-]{1,11})/?$", re.ASCII)
_HOME = re.compile(r"/(?:spaces|display)/([^/.]+)(?:/overview)?/?$")
_OF_A_SPACE = re.compile(r"/spaces/([^/.]+)/(?:pages|blog)/?$")
_AROUND = " \t\r\n\u00a0\u200b\ufeff<>\"'“”‘’(),;"
"""What comes along when an address is copied out of a text."""

EXAMPLE = "https://acme.atlassian.net/wiki/spaces/ENG/pages/123/Title"


@dataclass(frozen=True)
class Address:
    """A page or blog post.

    Parameters
    ----------
    id:
        Its id.
    kind:
        What it is; None where that cannot be told.
    is_draft:
        The address is one of the editor's, where a page may be that nobody has published yet.
    version:
        The version that the address names, None for the present one.
    """

    id: str
    kind: Literal["page", "blogpost"] | None = None
    is_draft: bool = False
    version: int | None = None


@dataclass(frozen=True)
class Named:
    """A page that an address names, without an id.

    Parameters
    ----------
    space:
        The key of its space.
    title:
        Its title; None for the home page of the space.
    """

    space: str
    title: str | None


def address_of(given: object, site: Site) -> Address | Named:
    """Read an id or an address; asks nobody.

    Parameters
    ----------
    given:
        Digits, a whole number, or an address on the site, with or without its host.

    Raises
    ------
    ConfluenceNBError
        For anything else: another site's address, a folder's, a list of pages', a title.
    """
    if isinstance(given, Integral) and not isinstance(given, bool):
        given = str(int(given))
    if not isinstance(given, str):
        raise ConfluenceNBError(
            f"A page is given by its id or its address, and this is of type {type(given).__name__}. Give a text, such "
            f"as '123' or '{EXAMPLE}'; for many pages use wiki.pages()."
        )
    text = _stripped(given)
    if _ID.fullmatch(text):
        return Address(text)
    if "/" not in text:
        raise ConfluenceNBError(
            f"{text[:80]!r} is neither a page's id nor its address. An id is digits, an address is such as {EXAMPLE}. "
            "wiki.pages(title=…) finds a page by its title."
        )
    try:
        parts = urlsplit(text if "://" in text or text.startswith("/") else f"https://{text}")
        host = parts.hostname
    except ValueError:
        raise ConfluenceNBError(
            f"{text[:200]!r} is no address. Copy it from the browser again, or give the page's id."
        ) from None
    path = _path_on(site, host, parts.path, text)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return _named_by(path, asked, text)


def _stripped(given: str) -> str:
    """The address without what comes along; a bracket that closes one inside of it ends a title."""
    begun = given.lstrip(_AROUND)
    text = begun.rstrip(_AROUND)
    while text.count("(") > text.count(")") and begun.startswith(f"{text})"):
        text += ")"
    return text


def _path_on(site: Site, host: str | None, path: str, text: str) -> str:
    """The path below the wiki of the site."""
    gateway = f"/ex/confluence/{site.id}/"
    if host is not None and host != site.host and not path.startswith(gateway):
        raise ConfluenceNBError(
            f"{text[:200]!r} is on {host}, and {site.host} is in use. Choose that site first, with "
            f"wiki.use({host!r}), or give the address of a page on {site.host}."
        )
    return "/" + path.removeprefix(gateway.rstrip("/")).removeprefix("/wiki/").lstrip("/")


def _named_by(path: str, asked: dict[str, str], text: str) -> Address | Named:
    version = int(asked["pageVersion"]) if _ID.fullmatch(asked.get("pageVersion", "")) else None
    if found := _PAGE.match(path):
        return Address(found[1], "page", "/edit" in path, version)
    if found := _BLOG_POST.match(path):
        return Address(found[1], "blogpost", "/edit" in path, version)
    if found := _OF_THE_API.match(path):
        kind: Literal["page", "blogpost"] | None = "blogpost" if found[1] == "blogposts" else None
        return Address(found[2], "page" if found[1] == "pages" else kind)
    for name in ("pageId", "draftId", "homepageId"):
        if _ID.fullmatch(asked.get(name, "")):
            return Address(asked[name], None, name == "draftId", version)
    if found := _SHORT.match(path):
        return Address(_of_short_link(found[1], text))
    if path.endswith("/tinyurl.action") and (found := _SHORT.match(f"/x/{asked.get('urlIdentifier', '')}")):
        return Address(_of_short_link(found[1], text))
    if found := _HOME.match(path):
        return Named(unquote(found[1]), None)
    if found := _BY_TITLE.match(path):
        return Named(*map(unquote_plus, found.groups()))
    if path.endswith("/viewspace.action") and asked.get("key"):
        return Named(asked["key"], None)
    space, title = asked.get("spaceKey"), asked.get("title")
    if path.endswith("/viewpage.action") and space and title and "postingDay" not in asked:
        return Named(space, title)
    raise ConfluenceNBError(_why_not(path, text))


def _of_short_link(code: str, text: str) -> str:
    number = id_in_short_link(code)
    if number is None:
        raise ConfluenceNBError(
            f"{text[:200]!r} is no short link of a page. Open it in the browser and give the address that it leads to."
        )
    return number


def _why_not(path: str, text: str) -> str:
    if found := _OTHER_CONTENT.match(path):
        return (
            f"{text[:200]!r} is a {found[1]}, which has no text of its own. "
            f'wiki.children("{found[2]}") has what is in it.'
        )
    if found := _POST_BY_TITLE.match(path):
        space, title = map(unquote_plus, found.groups())
        return (
            f"{text[:200]!r} names a blog post by its day and title. Find its id with "
            f"wiki.blogposts(space={space[:40]!r}, title={title[:120]!r})."
        )
    if found := _OF_A_SPACE.match(path):
        space = unquote_plus(found[1])[:40]
        return (
            f"{text[:200]!r} lists what is in a space. wiki.pages(space={space!r}) and wiki.blogposts(space={space!r}) "
            "read that."
        )
    return (
        f"{text[:200]!r} is no address of a page. Those are such as {EXAMPLE}; open the page in the browser and copy "
        "its address, or give its id."
    )
