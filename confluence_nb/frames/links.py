"""Where a link of the API leads a reader: an address that a browser can open."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def absolute(links: list[Any], base: str | None) -> list[Any]:
    """The links below the site's `_links.base`; what is absolute already, or no link at all, stays as it is.

    A link may begin with the path that the base ends with (`/wiki`); it is not doubled.
    """
    if not base:
        return links
    root = base.rstrip("/")
    try:
        context = urlsplit(root).path
    except ValueError:  # no address: what is below it is none either
        return links
    origin = root.removesuffix(context)
    return [
        _absolute(link, root, origin, context) if isinstance(link, str) and link else link for link in links
    ]


def _absolute(link: str, root: str, origin: str, context: str) -> str:
    if link.startswith(("https://", "http://")):
        return link
    if not link.startswith("/"):
        return f"{root}/{link}"
    return (origin if context and f"{link}/".startswith(f"{context}/") else root) + link
