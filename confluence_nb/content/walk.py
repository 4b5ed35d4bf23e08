"""Goes through a tree from its first word to its last without recursion, however deep it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from lxml import etree

Start = Callable[[Any, Any], bool | None]
"""Called with the listener and an element; True when what is inside is not to be walked."""
End = Callable[[Any, Any], None]

DEEPEST = 20
"""Tables in tables and links in links are found to this depth; further down they are words of those around them."""


def each(root: Any, *tags: str) -> Iterator[Any]:
    """The elements of these names inside another, in the order of reading.

    What each of them says holds what those inside it say: without an end to the depth, the work for a broken body
    of a few kB would have none either.
    """
    for element in root.iter(*tags):
        if next(islice(element.iterancestors(*tags), DEEPEST, None), None) is None:
            yield element


def source_in(element: Any) -> str:
    """What stands in preformatted text or source, its lines as they are."""
    if element.find(".//br") is None:
        return "".join(element.itertext())
    pieces: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            pieces += ["\n" if inner.tag == "br" else "", inner.text or ""]
        elif inner is not element:
            pieces.append(inner.tail or "")
    return "".join(pieces)


def walk(
    root: Any, listener: Any, say: Callable[[str], Any], starts: Mapping[str, Start], ends: Mapping[str, End]
) -> None:
    """Tell a listener what is inside an element, in the order of reading.

    Parameters
    ----------
    root:
        The element; it is not told itself, nor what follows it.
    say:
        Called with each stretch of text.
    starts, ends:
        What to call where an element of that name begins and ends; others are passed through.
    """
    if root.text:
        say(root.text)
    ahead: list[Any] = root[::-1]
    while ahead:
        element = ahead.pop()
        if element.__class__ is tuple:
            end, element = element
        else:
            tag = element.tag
            start = starts.get(tag)
            end = ends.get(tag)
            if start is None or not start(listener, element):
                text = element.text
                if text:
                    say(text)
                if len(element):
                    ahead.append((end, element))
                    ahead += element[::-1]
                    continue
        if end is not None:
            end(listener, element)
        tail = element.tail
        if tail:
            say(tail)
