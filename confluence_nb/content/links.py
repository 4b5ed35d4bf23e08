"""The links of a page: to pages, files, people, addresses and places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from confluence_nb.content.names import AC
from confluence_nb.content.own_space import space_of
from confluence_nb.content.targets import Target, addressed, target_in
from confluence_nb.content.text import text_of
from confluence_nb.content.walk import each
from confluence_nb.errors import ConfluenceNBError

Resolve = Callable[[Target], str | None]


@dataclass(frozen=True)
class Link:
    """One link.

    `kind` is page, blogpost, attachment, user, space, content, shortcut, url or anchor; `target_id` the id of the
    page or post, where it is known; `title` and `space_key` as the link names it (without a space key it is the
    page's own space, which the frame does not tell).
    """

    kind: str
    text: str
    target_id: str | None
    title: str | None
    space_key: str | None
    filename: str | None
    account_id: str | None
    anchor: str | None
    url: str | None


def links_in(root: Any, resolve: Resolve, host: str | None = None) -> list[Link]:
    """The links of a body in the order of reading.

    Parameters
    ----------
    resolve:
        Finds the id of a page that is named by its title.
    host:
        The body's own site, where it is known: what is on another one is an address, its ids mean nothing here.
    """
    found = []
    for element in each(root, "a", AC + "link"):
        target = _target(element, host)
        if target is None:
            continue
        found.append(
            Link(
                target.kind,
                " ".join(text_of(element, {}).split()) or target.words,
                target.id
                if target.kind in ("page", "blogpost", "content") and target.id
                else resolve(target),
                target.title,
                target.space_key,
                target.filename,
                target.account_id,
                target.anchor,
                target.url,
            )
        )
    return found


def _target(element: Any, host: str | None) -> Target | None:
    if element.tag == "a":
        href = element.get("href", "").strip()
        return _on(host, addressed(href)) if href else None
    parent = element.getparent()
    return None if parent is not None and parent.tag == AC + "parameter" else target_in(element)


def _on(host: str | None, target: Target) -> Target:
    if host is None or target.url is None or target.kind == "url":
        return target
    return target if host_of(target.url) in (None, host) else Target("url", url=target.url)


def host_of(url: object) -> str | None:
    """The host in an address, None where it names none."""
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None


class Titles:
    """Finds pages by title and space, in any letter case, as Confluence does.

    Parameters
    ----------
    pages:
        A frame with `id`, `title` and, to tell pages of one title apart, `space_key` or `url`, and `site` where they
        are of several.

    Raises
    ------
    ConfluenceNBError
        It has no titles.
    """

    def __init__(self, pages: pd.DataFrame) -> None:
        if not isinstance(pages, pd.DataFrame) or not {"id", "title"} <= set(pages.columns):
            raise ConfluenceNBError(
                "pages= lacks the columns id and title. Pass what wiki.pages(names=True) gives."
            )
        nothing = [None] * len(pages)
        told = (cells_of(pages, name) or nothing for name in ("space_key", "url", "site"))
        self._ids: dict[tuple[str | None, str | None, str], str] = {}
        self._anywhere: dict[tuple[str | None, str], str | None] = {}
        self._hosts: set[str | None] = set()
        self._knows_spaces = "space_key" in pages
        for page, title, key, url, site in zip(pages["id"], pages["title"], *told, strict=True):
            space, host = key if isinstance(key, str) else space_of(url), _host(site)
            self._hosts.add(host)
            self._knows_spaces |= space is not None
            if isinstance(title, str):
                name = title.casefold()
                self._ids[(host, space and space.upper(), name)] = str(page)
                self._anywhere[(host, name)] = None if (host, name) in self._anywhere else str(page)

    def resolver(self, own_space: object, own_site: object = None) -> Resolve:
        """Finds the targets of a page that lies in a space of that key on that site, None when these are not known."""
        host = _host(own_site)
        if len(self._hosts) == 1 and None in (host, *self._hosts):  # one of both does not tell
            [host] = self._hosts

        def resolve(target: Target) -> str | None:
            if target.kind not in ("page", "blogpost") or not target.title:
                return None
            key = target.space_key or (own_space if isinstance(own_space, str) else None)
            name = target.title.casefold()
            if key and self._knows_spaces:
                return self._ids.get((host, key.upper(), name))
            return self._anywhere.get((host, name))

        return resolve


def cells_of(frame: object, name: str) -> list[Any]:
    """What a column tells; nothing where there is none of that name, or more than one."""
    cells = frame.get(name) if isinstance(frame, pd.DataFrame) else None
    return list(cells) if isinstance(cells, pd.Series) else []


def _host(site: object) -> str | None:
    """The site that a cell tells; a column of one's own says nothing."""
    return site if isinstance(site, str) and "." in site else None


def unresolved(target: Target) -> str | None:
    """Without a frame of pages, a title stays a title."""
    return None
