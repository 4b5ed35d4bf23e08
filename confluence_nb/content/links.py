"""The links of a page: to pages, files, people, addresses and places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from confluence_nb.content.names import AC
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
        A frame with `id`, `title` and, to tell pages of one title apart, `space_key`.

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
        keys = (
            pages["space_key"] if "space_key" in pages else pd.Series(None, index=pages.index, dtype="object")
        )
        self._ids: dict[tuple[Any, str], str] = {}
        self._anywhere: dict[str, str | None] = {}
        for page, title, key in zip(pages["id"], pages["title"], keys, strict=True):
            if isinstance(title, str):
                name = title.casefold()
                self._ids[(key.upper() if isinstance(key, str) else None, name)] = str(page)
                self._anywhere[name] = None if name in self._anywhere else str(page)
        self._knows_spaces = "space_key" in pages

    def resolver(self, own_space: object) -> Resolve:
        """Finds the targets of a page that lies in a space of that key, None when it is not known."""

        def resolve(target: Target) -> str | None:
            if target.kind not in ("page", "blogpost") or not target.title:
                return None
            key = target.space_key or (own_space if isinstance(own_space, str) else None)
            name = target.title.casefold()
            if key and self._knows_spaces:
                return self._ids.get((key.upper(), name))
            return self._anywhere.get(name)

        return resolve


def unresolved(target: Target) -> str | None:
    """Without a frame of pages, a title stays a title."""
    return None
