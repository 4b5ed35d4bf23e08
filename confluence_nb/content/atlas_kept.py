"""What the editor has no node for and keeps as a whole: as storage format, or as a document within the document."""

from __future__ import annotations

import json
from typing import Any

from confluence_nb.content.atlas_macros import unknown
from confluence_nb.content.atlas_values import Node, attrs_of, text_of
from confluence_nb.content.mending import mended

_KEEPS = "com.atlassian.confluence.migration"
"""The type of the extensions that keep: a table within a table, what a list or a panel may not hold."""
_DOCUMENTS = ("adf", "nestedContent")
_INLINE = ("paragraph", "heading", "taskItem", "decisionItem", "caption")


def kept(node: Node) -> Node:
    """The node that an extension stands for; one that keeps nothing stands for itself."""
    attrs = attrs_of(node)
    given = attrs.get("parameters")
    if text_of(attrs.get("extensionType")) != _KEEPS or not isinstance(given, dict):
        return node
    # Storage format has the titles of pages and the names of files, of which the document has ids alone.
    if text_of(given.get("cxhtml")).strip():
        return {"type": "confluenceUnsupportedBlock", "attrs": given}
    return next((found for found in map(_document, map(given.get, _DOCUMENTS)) if found), node)


def _document(value: Any) -> Node | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) and isinstance(value.get("type"), str) else None


def unsupported(node: Node, place: Any, within: str) -> Any:
    """What is kept as the storage format that it was."""
    source = text_of(attrs_of(node).get("cxhtml"))
    if not source.strip():
        return unknown(node, place, within)
    whole = mended(source)
    whole.tag = "span" if within in _INLINE else "div"
    place.append(whole)
    return whole
