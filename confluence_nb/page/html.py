"""HTML that is safe to show: balanced, bounded, of the elements that it is told to write, with every word escaped."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

MOST_CHARACTERS = 20_000
"""Of a body that are shown: some ten screens."""
MOST_ELEMENTS = 5_000
DEEPEST = 60
"""Elements in one another; browsers pass over what is nested some hundred deep."""

_HEADINGS = tuple(f"h{level}" for level in range(1, 7))
_CELLS = ("td", "th")
# Browsers pass over some of these within a scheme, and people do not see them.
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\ufeff]")


class Html:
    """Writes elements and words one after another.

    An element is opened and closed also where it may not be written: its content then stands without it.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._characters = 0
        self._elements = 0
        self.is_cut = False

    def __str__(self) -> str:
        return "".join(self._pieces).strip()

    def say(self, words: str) -> None:
        """Write words, as many as there is room for."""
        left = MOST_CHARACTERS - self._characters
        if len(words) > left:
            self.is_cut = True
            words = words[:left]
        self._characters += len(words)
        self._pieces.append(escape(words))

    def open(self, tag: str = "", **attributes: str) -> bool:
        """Begin an element; True when there is no more room for what is in it.

        `tag` and the names of the attributes are never taken from a page.
        """
        is_full = self._characters >= MOST_CHARACTERS or self._elements >= MOST_ELEMENTS
        self.is_cut |= is_full
        self._elements += 1
        written = "" if is_full or not tag or not self._may_hold(tag) else tag
        self._open.append(written)
        if written:
            told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
            self._pieces.append(f"<{written}{told}>")
        return is_full

    def close(self, *_: Any) -> None:
        """End the element that was opened last."""
        tag = self._open.pop()
        if tag:
            self._pieces.append(f"</{tag}>")

    def add(self, tag: str, words: str, **attributes: str) -> None:
        """Write an element with these words in it."""
        if not self.open(tag, **attributes):
            self.say(words)
        self.close()

    def alone(self, tag: str) -> None:
        """Write an element that has no end."""
        if not self.open():
            self._pieces.append(f"<{tag}>")
        self.close()

    def add_link(self, address: str, words: str) -> None:
        if not self.open_link(address):
            self.say(words)
        self.close()

    def open_link(self, address: str) -> bool:
        """Begin a link to an address that `safe_address` gave; to none it is words alone."""
        if not address:
            return self.open("span")
        return self.open("a", href=address, target="_blank", rel="noopener noreferrer")

    def _may_hold(self, tag: str) -> bool:
        """Whether browsers leave an element of that name where it is written."""
        if len(self._open) >= DEEPEST:
            return False
        around = self._innermost("table", "tr", *_CELLS)
        if tag == "tr" or tag in _CELLS:
            return around == ("table" if tag == "tr" else "tr")
        if around in ("table", "tr"):
            return False
        if tag == "li":
            return self._innermost("ul", "ol", "li", *_CELLS) in ("ul", "ol")
        if tag in _HEADINGS:
            return self._innermost(*_HEADINGS) is None
        return tag != "a" or self._innermost("a") is None

    def _innermost(self, *tags: str) -> str | None:
        return next((tag for tag in reversed(self._open) if tag in tags), None)


def safe_address(address: str, base: str = "") -> str:
    """The whole address, when a click on it leads to a web page or opens a letter; else nothing."""
    try:
        whole = urljoin(base, _UNSEEN.sub("", address))
        parts = urlsplit(whole)
        is_safe = parts.scheme == "mailto" or (parts.scheme in ("https", "http") and bool(parts.hostname))
    except ValueError:
        return ""
    return whole if is_safe else ""
