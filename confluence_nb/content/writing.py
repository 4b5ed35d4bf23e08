"""What text and Markdown write differently, each in its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from confluence_nb.content.atlas_values import text_of
from confluence_nb.content.grid import Cell
from confluence_nb.content.paper import Paper
from confluence_nb.content.targets import Target


class Writing(Paper):
    """Paper that is written on in some way; what a way says nothing of is plain words."""

    brackets: ClassVar[str] = "[]"
    """What stands around the mark of a macro; signs, where more is to be known before they are written."""

    @property
    def said(self) -> Callable[[str], object]:
        """What takes words of the document."""
        return self.words.append

    def say(self, words: str) -> None:
        """Words that stand in an attribute, or come from elsewhere: what XML cannot hold is a sign to us."""
        self.said(text_of(words))

    def said_link(self, words: str, target: Target) -> str:
        return words

    def said_image(self, words: str, target: Target | None) -> str:
        return f"[image: {words}]" if words else "[image]"

    def code_words(self, source: str) -> None:
        """A line of source in the middle of a sentence."""
        self.said(source)

    def verbatim(self, source: str, language: str) -> None:
        raise NotImplementedError

    def table(self, rows: list[list[Cell]]) -> None:
        raise NotImplementedError

    def item_marker(self, number: int | None) -> str:
        return "- " if number is None else f"{number}. "

    def task_marker(self, is_done: bool) -> str:
        return "[x] " if is_done else "[ ] "

    def open_heading(self, element: Any) -> None:
        self.close_paragraph()

    def close_heading(self, element: Any) -> None:
        self.close_paragraph()

    def open_quote(self, element: Any) -> None:
        self.close_paragraph()

    def close_quote(self, element: Any) -> None:
        self.close_paragraph()

    def rule(self, element: Any) -> None:
        self.close_paragraph()

    def open_style(self, element: Any) -> None:
        """Bold, italic, struck out."""

    def close_style(self, element: Any) -> None:
        """The end of it."""

    def strong(self, words: str) -> str:
        return words

    def whole_title(self, label: str, title: str) -> str:
        return title

    def said_anchor(self, name: str) -> str:
        return ""
