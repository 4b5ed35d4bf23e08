"""What a body is written with: one method per thing a page can hold, one subclass per format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class Writer(ABC):
    """Renders inline and block pieces to strings of one format; `join` puts pieces side by side."""

    representation: str

    @abstractmethod
    def join(self, pieces: Sequence[str]) -> str:
        """Pieces one after another."""

    @abstractmethod
    def document(self, body: str) -> str:
        """The joined blocks as the whole value of a body."""

    @abstractmethod
    def text(self, words: str) -> str:
        """Plain words."""

    @abstractmethod
    def styled(self, words: str, mark: str) -> str:
        """Words with a mark: `strong`, `em` or `code`."""

    @abstractmethod
    def link(self, words: str, address: str) -> str:
        """A link out of the wiki."""

    @abstractmethod
    def mention(self, account_id: str, name: str) -> str:
        """A person."""

    @abstractmethod
    def page_link(self, title: str, page_id: str, space_key: str) -> str:
        """A link to a page of the wiki, named by its title."""

    @abstractmethod
    def status(self, words: str, color: str) -> str:
        """A coloured lozenge."""

    @abstractmethod
    def date(self, day: str) -> str:
        """A day, given as YYYY-MM-DD."""

    @abstractmethod
    def emoticon(self, name: str, character: str) -> str:
        """A small picture of a feeling."""

    @abstractmethod
    def marked(self, words: str, marker: str) -> str:
        """Words that an inline comment refers to."""

    @abstractmethod
    def paragraph(self, *inlines: str) -> str:
        """A paragraph of inline pieces."""

    @abstractmethod
    def heading(self, level: int, words: str) -> str:
        """A heading, level 1 to 6."""

    @abstractmethod
    def items(self, entries: Sequence[str], *, ordered: bool = False) -> str:
        """A list, each entry an inline piece."""

    @abstractmethod
    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide_last: bool = False) -> str:
        """A table of inline pieces; `wide_last` adds a row whose one cell spans all columns."""

    @abstractmethod
    def tasks(self, entries: Sequence[tuple[int, bool, str]]) -> str:
        """A task list: number, done or not, inline piece."""

    @abstractmethod
    def image(self, filename: str, media_id: str) -> str:
        """An attached picture."""

    @abstractmethod
    def code(self, language: str, source: str) -> str:
        """A block of code."""

    @abstractmethod
    def panel(self, mood: str, *blocks: str) -> str:
        """A coloured panel: `info`, `note`, `tip` or `warning`."""

    @abstractmethod
    def expand(self, title: str, *blocks: str) -> str:
        """Blocks behind a title that opens them."""

    @abstractmethod
    def columns(self, left: str, right: str) -> str:
        """Two columns of blocks."""

    @abstractmethod
    def macro(self, name: str, parameters: dict[str, str]) -> str:
        """A macro without a body, such as a table of contents."""
