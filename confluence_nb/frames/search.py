"""A search row is about one thing, a page, a space or a person, whose fields come up a level."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from confluence_nb.api.columns import Column
from confluence_nb.frames.links import absolute

_MARKS = re.compile(r"@@@(?:end)?hl@@@")
_SPACE_KEY = re.compile(r"/(?:spaces|display|space)/([^/?#]+)")

# How a browser shows the row, not what it is; where its containers are is in the columns of the space.
_SHOWN_ONLY = ("iconCssClass", "friendlyLastModified", "resultGlobalContainer", "resultParentContainer")
_PARTS = ("content", "space", "user")


def are_found(columns: Sequence[Column]) -> bool:
    """True for the columns of `/search` and `/search/user`, whose rows say what kind of thing was found."""
    return any(column.source == ("entityType",) for column in columns)


def lifted(row: Mapping[str, Any], base: str | None) -> dict[str, Any]:
    """The row as one thing: `content.*`, `space.*` or `user.*` beside its own fields.

    `title` and `excerpt` are plain text, `url` is absolute, and the space of a page is found wherever the
    row names it.
    """
    content, space, user = (_mapping(row.get(name)) for name in _PARTS)
    links = _mapping((content or space or user).get("_links"))
    thing: dict[str, Any] = {**user, **_without(space, ("key", "name")), **_without(content, ("space",))}
    opened = tuple(name for name in _PARTS if row.get(name) is None or isinstance(row[name], Mapping))
    thing |= _without(row, opened + _SHOWN_ONLY)
    thing["title"] = content.get("title") or plain(row.get("title"))
    thing["excerpt"] = plain(row.get("excerpt"))
    thing["url"] = absolute([row.get("url") or links.get("webui")], base)[0]
    thing.pop("_links", None)
    if content or space:
        around = space or _mapping(content.get("space"))
        thing |= _space_of(row, content, around)
        thing["parent_title"] = plain(_mapping(row.get("resultParentContainer")).get("title"))
    if content.get("space"):
        thing["space"] = _without(_mapping(content["space"]), ("id", "key", "name"))
    return thing


def plain(text: Any) -> Any:
    """A text of the search without its marks and entities; what is no text as it is."""
    return html.unescape(_MARKS.sub("", text)) if isinstance(text, str) else text


def _space_of(row: Mapping[str, Any], content: Mapping[str, Any], space: Mapping[str, Any]) -> dict[str, Any]:
    container = _mapping(row.get("resultGlobalContainer"))
    unexpanded = _mapping(content.get("_expandable")).get("space")
    key = space.get("key")
    for address in (unexpanded, container.get("displayUrl")):
        if key is None and isinstance(address, str) and (match := _SPACE_KEY.search(address)):
            key = unquote(match[1])
    name = space.get("name") or plain(container.get("title"))
    return {"space_id": space.get("id"), "space_key": key, "space_name": name}


def _without(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
