"""The marks of the editor's document: strong words, links, comments' places, as elements around what they mark."""

from __future__ import annotations

from typing import Any

from lxml import etree

from confluence_nb.content.atlas_values import Node, attrs_of, nodes_of, text_of
from confluence_nb.content.names import AC

Mark = tuple[str, tuple[tuple[str, str], ...]]
"""An element: its name and its attributes."""

_PLAIN = {"strong": "strong", "em": "em", "underline": "u", "strike": "s", "code": "code"}
# Neighbours share the elements of their marks only when these nest in the same order everywhere.
_OUTERMOST_FIRST = (f"{AC}inline-comment-marker", "a", "strong", "em", "u", "s", "sub", "sup", "code")


class Marks:
    """Puts a node into the elements of its marks; a neighbour with the same marks goes into the same elements."""

    def __init__(self) -> None:
        self._parent: Any = None
        self._open: list[tuple[Mark, Any]] = []

    def place(self, node: Node, parent: Any) -> Any:
        """Where the node goes: its parent, or the innermost of its marks in there."""
        around, self._parent = self._parent, parent
        given = node.get("marks")
        if not given:
            self._open = []
            return parent
        wanted = _marks(given)
        shared = 0
        if parent is around:
            for (mark, _), other in zip(self._open, wanted, strict=False):
                if mark != other:
                    break
                shared += 1
        del self._open[shared:]
        place = self._open[-1][1] if self._open else parent
        for mark in wanted[shared:]:
            place = etree.SubElement(place, mark[0], dict(mark[1]))
            self._open.append((mark, place))
        return place


def _marks(given: Any) -> list[Mark]:
    found = [
        mark for entry in nodes_of(given) if (mark := _mark(text_of(entry.get("type")), attrs_of(entry)))
    ]
    return sorted(dict.fromkeys(found), key=lambda mark: _OUTERMOST_FIRST.index(mark[0]))


def _mark(kind: str, attrs: Node) -> Mark | None:
    if kind in _PLAIN:
        return _PLAIN[kind], ()
    if kind == "link" and (href := text_of(attrs.get("href"))):
        return "a", (("href", href),)
    if kind == "subsup":
        return ("sub" if attrs.get("type") == "sub" else "sup"), ()
    if kind == "annotation" and (marker := text_of(attrs.get("id"))):
        return f"{AC}inline-comment-marker", ((f"{AC}ref", marker),)
    return None
