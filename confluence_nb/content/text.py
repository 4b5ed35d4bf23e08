"""A body as plain text: a paragraph, an item or a row of a table on each line, cells apart by tabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluence_nb.content.composer import Composer
from confluence_nb.content.elements import ELEMENTS, is_bare_card
from confluence_nb.content.grid import Cell, written
from confluence_nb.content.targets import NOWHERE, target_in


class TextWriter(Composer):
    """Writes what a reader would read aloud."""

    passed_through = frozenset(tag for tag, methods in ELEMENTS.items() if "open_style" in methods)

    def open_address(self, element: Any) -> None:
        if is_bare_card(element):
            self.say(element.get("href", "").strip())

    def open_link(self, element: Any) -> None:
        self.say_target(element, target_in(element) or NOWHERE)

    def end_link(self, element: Any) -> None:
        """A link leaves nothing but its words."""

    def verbatim(self, source: str, language: str) -> None:
        self.put(" ".join(source.split()) if self.in_cell else source)

    def table(self, rows: list[list[Cell]]) -> None:
        lines = ["\t".join(line) for line in written(rows)[0]]
        if self.in_cell:
            self.put(" ".join([" ".join(line.split()) for line in lines]))
        else:
            self.put("\n".join([line.rstrip("\t") for line in lines if line.strip()]))


def text_of(element: Any, names: Mapping[str, str]) -> str:
    """What is inside an element, as plain text.

    Parameters
    ----------
    names:
        Names of people by their account ids.
    """
    return TextWriter(names).read(element)
