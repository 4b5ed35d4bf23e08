"""Reads a body that is no well-formed XML, or is nested deeper than the parser goes, without losing its words.

What is no tag is text; an end tag that closes nothing is passed over; what stays open is closed at the end, and an
item, a cell or a paragraph where the next one begins.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml import etree

from confluence_nb.content.names import NAMESPACES

DEEPEST = 6_000
"""Elements that are nested deeper are passed over; their words stay."""

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_QUALIFIED = rf"{_NAME}(?::{_NAME})?"
# No part of a token passes over another "<", so that the time is in proportion to the length.
_TOKEN = re.compile(
    r"<!\[CDATA\[(?P<verbatim>.*?)(?:\]\]>|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<[?!][^<>]*>"
    rf"|<(?P<close>/?)(?P<name>{_QUALIFIED})(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"(?<![\w.:-])({_QUALIFIED})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>]+))")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CELLS = ("td", "th", "p")
_ENDED_BY = {
    "p": ("p",),
    **dict.fromkeys(("li", "dt", "dd"), ("li", "dt", "dd", "p")),
    **dict.fromkeys(("td", "th"), _CELLS),
    **dict.fromkeys(("tr", "tbody", "tfoot"), (*_CELLS, "tr")),
}
"""Elements that HTML leaves open, and that end where one of this name begins."""
_WITHOUT_CONTENT = frozenset({"area", "br", "col", "hr", "img", "input", "wbr"})


def mended(body: str) -> Any:
    """The body as an element `body` with all of its words.

    Parameters
    ----------
    body:
        Storage format, more or less.
    """
    tree = _Tree()
    end = 0
    for token in _TOKEN.finditer(body):
        tree.text(_characters(body[end : token.start()]))
        end = token.end()
        if token["name"] is None:
            tree.text(_clean(token["verbatim"] or ""))
        elif token["close"]:
            tree.close(_expanded(token["name"]))
        else:
            tree.open(token["name"], token["attributes"])
    tree.text(_characters(body[end:]))
    return tree.finished()


class _Tree:
    """The elements that are open, and where text goes."""

    def __init__(self) -> None:
        root = etree.Element("body", nsmap=NAMESPACES)
        self._open: list[tuple[str, Any]] = [("", root)]
        self._names: dict[str, int] = {}
        self._before: Any = None
        self._words: list[str] = []

    def text(self, words: str) -> None:
        if words:
            self._words.append(words)

    def open(self, name: str, attributes: str) -> None:
        if len(self._open) > DEEPEST:
            return
        tag = _expanded(name)
        while (innermost := self._open[-1][0]) in _ENDED_BY.get(tag, ()):
            self.close(innermost)
        self._flush()
        element = etree.SubElement(self._open[-1][1], tag)
        for key, *values in _ATTRIBUTE.findall(attributes):
            element.set(_expanded(key), _characters("".join(values)))
        if attributes.endswith("/") or tag in _WITHOUT_CONTENT:
            self._before = element
        else:
            self._open.append((tag, element))
            self._names[tag] = self._names.get(tag, 0) + 1
            self._before = None

    def close(self, tag: str) -> None:
        if not self._names.get(tag):
            return
        self._flush()
        last = ""
        while last != tag:
            last, self._before = self._open.pop()
            self._names[last] -= 1

    def finished(self) -> Any:
        self._flush()
        return self._open[0][1]

    def _flush(self) -> None:
        words, self._words = "".join(self._words), []
        if not words:
            return
        if self._before is None:
            self._open[-1][1].text = words
        else:
            self._before.tail = words


def _expanded(name: str) -> str:
    """The name as lxml has it; a prefix that nobody declared becomes part of the name."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return name.lower()
    uri = NAMESPACES.get(prefix)
    return f"{{{uri}}}{local}" if uri else f"{prefix}-{local}"


def _characters(words: str) -> str:
    if "&" in words:
        words = _REFERENCE.sub(lambda reference: unescape(reference[0]), words)
    return _clean(words)


def _clean(words: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", words)
