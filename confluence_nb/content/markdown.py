"""A body as Markdown (CommonMark with GitHub's tables, tasks and strikethrough)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from confluence_nb.content.composer import Composer
from confluence_nb.content.elements import begins_with_block
from confluence_nb.content.escapes import escaped, escaped_with_addresses, perhaps_special
from confluence_nb.content.grid import Cell, written
from confluence_nb.content.marks import BRACKETS, CODE, DELETED, EMPHASIS, STRONG, marked
from confluence_nb.content.targets import Target

_BEGINNING = re.compile(r"(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|-{2,}|=+(?=\s*$)|~(?=~~))|(\d{1,9})([.)](?=\s|$))")
_BEGINNERS = frozenset("#-+>=~0123456789")
_BACKTICKS = re.compile("`+")
_ODD_IN_ADDRESS = re.compile(r"[\s<>()\\\0$]")
_STYLES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("strong", "b"), STRONG),
    **dict.fromkeys(("em", "i", "cite"), EMPHASIS),
    **dict.fromkeys(("del", "s", "strike"), DELETED),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), CODE),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
}
_BARE_MARK = re.compile("(?<!\\\\)((?:\\\\\\\\)*)!([\2\4\6]*)$")
"""An exclamation mark at the end that no backslash has escaped, or before the end of marks there."""
_OUTER_TILDE = re.compile(r"^~|(?<!\\)~$")
"""One that stands apart is not escaped, but would be one with the mark that comes close around it."""
_LIKE_AN_END = re.compile(r"(?:^|(?<=\s))#+$")


_BAR = "\\|"


class MarkdownWriter(Composer):
    """Writes Markdown."""

    line_break = "\\\n"
    cell_break = "<br>"
    items_are_loose = True
    brackets = BRACKETS

    @property
    def said(self) -> Callable[[str], object]:
        append, depths, code = self.words.append, self._depths, CODE[0]

        def say(text: str) -> None:
            if perhaps_special(text) and not depths.get(code):
                text = escaped(text) if depths.get("link") else escaped_with_addresses(text)
            append(text)

        return say

    def without_signs(self, words: str) -> str:
        return marked(words, self.code)

    def line(self, words: str) -> str:
        if self.in_heading and words[-1] == "#":
            words = _LIKE_AN_END.sub(r"\\\g<0>", words)
        if words[0] in _BEGINNERS:
            return _BEGINNING.sub(_escaped_beginning, words, count=1) if _BEGINNING.match(words) else words
        return words

    def open_style(self, element: Any) -> None:
        style = _STYLES[element.tag]
        self.open_mark(style[0], lambda words: self.in_style(style, words))

    def close_style(self, element: Any) -> None:
        self.close_mark(_STYLES[element.tag][0])

    def in_style(self, style: tuple[str, str], words: str) -> str:
        if self.is_in(CODE[0]):
            return words
        self.has_signs = True
        if style is DELETED:
            words = _OUTER_TILDE.sub(r"\\~", words)
        return f"{style[0]}{words}{style[1]}"

    def strong(self, words: str) -> str:
        return self.in_style(STRONG, words)

    def open_address(self, element: Any) -> None:
        self.no_image()
        super().open_address(element)

    def open_link(self, element: Any) -> None:
        self.no_image()
        super().open_link(element)

    def no_image(self) -> None:
        """An exclamation mark before a link would make an image of it."""
        if self.words and "!" in self.words[-1][-4:] and not self.is_in(CODE[0]):
            self.words[-1] = _BARE_MARK.sub(r"\1\\!\2", self.words[-1])

    def code(self, words: str) -> str:
        """Words in a fence of backticks that they do not hold."""
        words = " ".join(words.replace("\0", " ").split())
        if self.in_cell and "|" in words:
            return f"<code>{escaped(words).replace('|', '&#124;')}</code>"
        fence = "`" * (max(map(len, _BACKTICKS.findall(words)), default=0) + 1)
        gap = " " if words[0] == "`" or words[-1] == "`" else ""
        return f"{fence}{gap}{words}{gap}{fence}"

    def code_line(self, line: str) -> str:
        """A line of source within a cell, where white space before it would be lost."""
        line = line.expandtabs(4).rstrip()
        words = line.lstrip()
        return f"{'&nbsp;' * (len(line) - len(words))}{self.code(words)}" if words else ""

    def code_words(self, source: str) -> None:
        self.open_mark(CODE[0], lambda words: self.in_style(CODE, words))
        self.said(source)
        self.close_mark(CODE[0])

    def said_link(self, words: str, target: Target) -> str:
        address = _address(target)
        return f"[{words}]({address})" if address and not self.is_in(CODE[0]) else words

    def said_image(self, words: str, target: Target | None) -> str:
        address = _address(target) if target else ""
        if address:
            return f"![{escaped(words)}]({address})"
        self.has_signs = True  # a picture without an address would be shown as a broken one
        return f"{BRACKETS[0]}{super().said_image(escaped(words), target)[1:-1]}{BRACKETS[1]}"

    def whole_title(self, label: str, title: str) -> str:
        return ": ".join(filter(None, (label, title)))

    def said_anchor(self, name: str) -> str:
        return f'<a id="{escape(name)}"></a>' if name else ""

    def open_heading(self, element: Any) -> None:
        self.indent("" if self.in_cell else f"{'#' * int(element.tag[1])} ", "")
        self.in_heading = True

    def close_heading(self, element: Any) -> None:
        self.unindent()
        self.in_heading = False

    def open_quote(self, element: Any) -> None:
        mark = "" if self.in_cell else "> "
        self.indent(mark, mark)

    def close_quote(self, element: Any) -> None:
        self.unindent()

    def rule(self, element: Any) -> None:
        self.close_paragraph()
        # Right behind the dash of an item, three others would make a rule of the whole line.
        self.put("---" if self._sheet.marker is None else "___")

    def item_marker(self, number: int | None) -> str:
        if number is None:
            return "* " if self.in_other_list else "- "
        return f"{number}) " if self.in_other_list else f"{number}. "

    def open_task(self, element: Any) -> None:
        super().open_task(element)
        if not self.in_cell and begins_with_block(element):
            self.put("")  # the box alone: what follows would be words behind it

    def task_marker(self, is_done: bool) -> str:
        return f"{self.item_marker(None)}{super().task_marker(is_done)}"

    def open_caption(self, element: Any) -> None:
        self.close_paragraph()
        self.open_mark(EMPHASIS[0], lambda words: self.in_style(EMPHASIS, words))

    def close_caption(self, element: Any) -> None:
        self.close_paragraph()
        self.close_mark(EMPHASIS[0])

    def verbatim(self, source: str, language: str) -> None:
        if self.in_cell:
            self.put("<br>".join(map(self.code_line, source.splitlines())))
            return
        fence = "`" * max(3, max(map(len, _BACKTICKS.findall(source)), default=0) + 1)
        name = "".join(language.split()).replace("`", "")
        self.put(f"{fence}{name}\n{source}\n{fence}")

    def table(self, rows: list[list[Cell]]) -> None:
        lines, has_head = written(rows)
        if self.in_cell:
            self.put("<br>".join([" | ".join(line) for line in lines]))
            return
        width = max(map(len, lines))
        head = lines.pop(0) if has_head else [""] * width
        self.put("\n".join(map(_row, [head, ["---"] * width, *lines])))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"


def _escaped_beginning(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


@lru_cache(maxsize=4_096)  # people and pages are linked to again and again
def _address(target: Target) -> str:
    return _ODD_IN_ADDRESS.sub(lambda odd: f"%{ord(odd[0]):02X}", target.address)


def markdown_of(element: Any, names: Mapping[str, str]) -> str:
    """What is inside an element, as Markdown.

    Parameters
    ----------
    names:
        Names of people by their account ids.
    """
    return MarkdownWriter(names).read(element)
