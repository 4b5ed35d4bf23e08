"""The links of a page: to pages, files, people, addresses and places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    page's own space).
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


def links_in(root: Any, resolve: Resolve) -> list[Link]:
    """The links of a body in the order of reading.

    Parameters
    ----------
    resolve:
        Finds the id of a page that is named by its title.
    """
    found = []
    for element in each(root, "a", AC + "link"):
        target = _target(element)
        if target is None:
            continue
        found.append(
            Link(
                target.kind,
                text_of(element, {}) or target.words,
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


def _target(element: Any) -> Target | None:
    if element.tag == "a":
        href = element.get("href", "").strip()
        return addressed(href) if href else None
    parent = element.getparent()
    return None if parent is not None and parent.tag == AC + "parameter" else target_in(element)


class Titles:
    """Finds pages by title and space.

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
        if not {"id", "title"} <= set(pages.columns):
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
                self._ids[(key if isinstance(key, str) else None, title)] = str(page)
                self._anywhere[title] = None if title in self._anywhere else str(page)
        self._knows_spaces = "space_key" in pages

    def resolver(self, own_space: object) -> Resolve:
        """Finds the targets of a page that lies in a space of that key, None when it is not known."""

        def resolve(target: Target) -> str | None:
            if target.kind not in ("page", "blogpost") or not target.title:
                return None
            key = target.space_key or (own_space if isinstance(own_space, str) else None)
            if key and self._knows_spaces:
                return self._ids.get((key, target.title))
            return self._anywhere.get(target.title)

        return resolve


def unresolved(target: Target) -> str | None:
    """Without a frame of pages, a title stays a title."""
    return None
