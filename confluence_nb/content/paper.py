"""What is being written: words gather to paragraphs, paragraphs stand in items, quotations and cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LINE_END = "\0"
"""Stands for a line break among the words of a paragraph; no document can hold this character."""
DEEPEST = 50
"""Items and quotations that are nested deeper are not indented further: each line would be longer than the last."""

_AROUND = "".join(filter(str.isspace, map(chr, range(0x3001)))) + LINE_END
"""White space of all scripts: a mark stands close around its words."""


class _Kind(NamedTuple):
    """What a list is like; `is_other` where it stands right behind another that would be one with it."""

    is_numbered: bool
    is_other: bool


class _Sheet:
    """The page itself, or the inside of one cell of a table.

    `marker` is what the next line begins with, None when that is `indent`; `apart` whether an empty line comes
    before it; `lists` the number of the last item and how many there were, of each open list; `kinds` what
    each of these is like; `closed` the same of one that has just ended; `around` the indents and markers to return to.
    """

    __slots__ = ("apart", "around", "closed", "indent", "kinds", "last_indent", "lists", "marker", "out")

    def __init__(self) -> None:
        self.out: list[str] = []
        self.indent = self.last_indent = ""
        self.marker: str | None = None
        self.apart = True
        self.lists: list[tuple[int, int]] = []
        self.closed: _Kind | None = None
        self.kinds: list[_Kind] = []
        self.around: list[tuple[str, str | None]] = []


class Paper:
    """Paragraphs, one under the other.

    Subclasses say how a line ends, and whether the paragraphs of an item stand apart.
    """

    line_break = "\n"
    cell_break = " "
    items_are_loose = False
    in_heading = False

    def __init__(self) -> None:
        self.words: list[str] = []
        self.has_signs = False
        self._marks: list[tuple[str, int, Callable[[str], str]]] = []
        self._depths: dict[str, int] = {}
        self._sheet = _Sheet()
        self._below: list[_Sheet] = []

    @property
    def in_cell(self) -> bool:
        """Whether all must fit on one line."""
        return bool(self._below)

    def line(self, words: str) -> str:
        """A line of a paragraph in the way that it may begin."""
        return words

    def without_signs(self, words: str) -> str:
        """The words of a paragraph with whatever the way of writing has for the signs that it left in them."""
        return words

    def close_paragraph(self) -> None:
        """What was said so far is a paragraph; white space runs together."""
        if not self.words:
            return
        if self._marks:
            self._interrupt_marks()
        whole = "".join(self.words)
        self.words.clear()
        if self.has_signs:
            whole, self.has_signs = self.without_signs(whole), False
        if (
            "  " not in whole and whole.isprintable()
        ):  # its white space is single spaces: quicker than to split
            paragraph = whole.strip()
            if paragraph:
                paragraph = self.line(paragraph)
        elif LINE_END in whole:
            lines = [self.line(line) for part in whole.split(LINE_END) if (line := " ".join(part.split()))]
            on_one_line = self._below or self.in_heading
            paragraph = (self.cell_break if on_one_line else self.line_break).join(lines)
        else:
            paragraph = " ".join(whole.split())
            if paragraph:
                paragraph = self.line(paragraph)
        if paragraph:
            self.put(paragraph)

    def put(self, block: str) -> None:
        """Write a finished block under the last one."""
        sheet = self._sheet
        indent = sheet.indent
        if sheet.out:
            if sheet.apart:
                between = min(indent, sheet.last_indent, key=len).rstrip() if indent else ""
                sheet.out.append(f"\n{between}\n")
            else:
                sheet.out.append("\n")
        first = indent if sheet.marker is None else sheet.marker
        sheet.marker = None
        if indent and "\n" in block:
            block = block.replace("\n", "\n" + indent)
        sheet.out.append(first + block if block else first.rstrip())
        sheet.closed = None
        sheet.last_indent = indent
        sheet.apart = self.items_are_loose or not sheet.lists

    def finished(self) -> str:
        """All that was written."""
        self.close_paragraph()
        return "".join(self._sheet.out)

    def open_mark(self, name: str, written: Callable[[str], str]) -> None:
        """What is said from here on is written so; where one of that name is open already, once is enough."""
        depth = self._depths[name] = self._depths.get(name, 0) + 1
        if depth == 1:
            self._marks.append((name, len(self.words), written))

    def close_mark(self, name: str) -> None:
        """The mark of that name ends here."""
        depth = self._depths[name] = self._depths[name] - 1
        if not depth:
            _, start, written = self._marks.pop()
            self._write_mark(start, written)

    def is_in(self, name: str) -> bool:
        """Whether a mark of that name is open."""
        return bool(self._depths.get(name))

    def _interrupt_marks(self) -> None:
        """A mark ends with the paragraph, and begins again in the next."""
        depths = dict(self._depths)
        for number in range(len(self._marks) - 1, -1, -1):
            name, start, written = self._marks[number]
            self._depths[name] = 0  # those around it do not stand in it
            self._write_mark(start, written)
            self._marks[number] = (name, 0, written)
        self._depths.update(depths)

    def _write_mark(self, start: int, written: Callable[[str], str]) -> None:
        words = self.words
        whole = words[start] if len(words) == start + 1 else "".join(words[start:])
        inner = whole.strip(_AROUND)
        if inner == whole:
            words[start:] = [written(inner)] if inner else []
        elif inner:
            begin = whole.index(inner)
            around = whole[:begin], written(inner), whole[begin + len(inner) :]
            words[start:] = [piece for piece in around if piece]

    def indent(self, marker: str, rest: str) -> None:
        """The next line stands behind `marker` and those after it behind `rest`, until `unindent`."""
        self.close_paragraph()
        sheet = self._sheet
        sheet.around.append((sheet.indent, sheet.marker))
        if len(sheet.around) <= DEEPEST:
            if sheet.marker is not None or marker != rest:
                sheet.marker = (sheet.indent if sheet.marker is None else sheet.marker) + marker
            sheet.indent += rest

    def unindent(self) -> None:
        """End what `indent` began; what stayed empty leaves nothing."""
        self.close_paragraph()
        sheet = self._sheet
        sheet.indent, before = sheet.around.pop()
        if len(sheet.last_indent) > len(sheet.indent):
            sheet.last_indent = sheet.indent
        if sheet.marker is not None:
            sheet.marker = before

    def open_list(self, first: int = 1, *, is_numbered: bool = False) -> None:
        """Items follow, counted from `first`."""
        self.close_paragraph()
        sheet = self._sheet
        sheet.lists.append((first - 1, 0))
        sheet.kinds.append(_Kind(is_numbered, sheet.closed == (is_numbered, False)))
        if len(sheet.lists) > 1 and sheet.marker is None:
            # Right under a paragraph a list has to begin with 1.
            sheet.apart = self.items_are_loose and is_numbered and first != 1

    def close_list(self) -> None:
        """No more items."""
        self.close_paragraph()
        sheet = self._sheet
        sheet.lists.pop()
        sheet.closed = sheet.kinds.pop()
        sheet.apart = self.items_are_loose or not sheet.lists

    @property
    def in_numbered_list(self) -> bool:
        """Whether the items have numbers."""
        return bool(self._sheet.kinds) and self._sheet.kinds[-1].is_numbered

    @property
    def in_other_list(self) -> bool:
        """Whether the items stand right behind those of another list, to be told apart from them."""
        return bool(self._sheet.kinds) and self._sheet.kinds[-1].is_other

    @property
    def last_item(self) -> int:
        """The number of the item that the list had last."""
        return self._sheet.lists[-1][0] if self._sheet.lists else 1

    def next_item(self) -> int:
        """The number of the item that begins, close under the one before."""
        self.close_paragraph()
        sheet = self._sheet
        if not sheet.lists:
            return 1
        number, items = sheet.lists[-1]
        if items:
            sheet.apart = False
        sheet.lists[-1] = (number + 1, items + 1)
        return number + 1

    def open_cell(self) -> None:
        """What follows stands in a cell of a table."""
        self.close_paragraph()
        self._below.append(self._sheet)
        self._sheet = _Sheet()

    def close_cell(self) -> str:
        """What stands in the cell, on one line."""
        self.close_paragraph()
        out = self._sheet.out
        self._sheet = self._below.pop()
        if len(out) == 1:
            return out[0]
        return self.cell_break.join([block for block in out if block.strip()])
