"""Tells what each element of a body is to a reader; text and Markdown say how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from confluence_nb.content.elements import ELEMENTS, is_bare_card, list_around
from confluence_nb.content.emoticons import character_of
from confluence_nb.content.grid import Cell, span
from confluence_nb.content.macro_rules import MacroRule, rule_of
from confluence_nb.content.macro_values import flowing_body, name_of, shown_values, stands_alone, value_of
from confluence_nb.content.marks import STRONG
from confluence_nb.content.names import AC, AT
from confluence_nb.content.paper import LINE_END
from confluence_nb.content.targets import NOWHERE, Target, addressed, has_words, target_in
from confluence_nb.content.walk import End, Start, source_in, walk
from confluence_nb.content.writing import Writing


class Composer(Writing):
    """A body as it is read from its first word to its last.

    Parameters
    ----------
    names:
        Names of people by their account ids.
    """

    passed_through: ClassVar[frozenset[str]] = frozenset()
    """Elements that a way of writing hears nothing of but the words."""

    starts: ClassVar[dict[str, Start]] = {}
    ends: ClassVar[dict[str, End]] = {}

    def __init_subclass__(cls) -> None:
        heard = {tag: methods for tag, methods in ELEMENTS.items() if tag not in cls.passed_through}
        cls.starts = {tag: getattr(cls, start) for tag, (start, _) in heard.items() if start}
        cls.ends = {tag: getattr(cls, end) for tag, (_, end) in heard.items() if end}

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names
        self._tables: list[list[list[Cell]]] = []
        self._macros: list[tuple[MacroRule, bool]] = []
        self._flowing: tuple[Any, ...] = ()

    def read(self, element: Any) -> str:
        """All that is inside the element."""
        walk(element, self, self.said, self.starts, self.ends)
        return self.finished()

    # Blocks.

    def block(self, element: Any) -> None:
        if self.words and element not in self._flowing:
            self.close_paragraph()

    def passed_over(self, element: Any) -> bool:
        return True

    def line_end(self, element: Any) -> None:
        self.words.append(LINE_END)

    def preformatted(self, element: Any) -> bool:
        self.close_paragraph()
        source = source_in(element)
        if source.strip():
            self.verbatim(source.strip("\n"), "")
        return True

    def open_bullets(self, element: Any) -> None:
        self.indent_under_item(element)
        self.open_list()

    def open_numbers(self, element: Any) -> None:
        self.indent_under_item(element)
        start = element.get("start", "")
        first = int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 1
        self.open_list(first, is_numbered=True)

    def end_list(self, element: Any) -> None:
        self.close_list()
        if list_around(element) is not None:
            self.unindent()

    def indent_under_item(self, element: Any) -> None:
        """Some editors put a list beside the item that it belongs under."""
        around = list_around(element)
        if around is not None:
            under = " " * len(self.item_marker(self.last_item if around.tag == "ol" else None))
            self.indent(under, under)

    def open_item(self, element: Any) -> None:
        number = self.next_item()
        marker = self.item_marker(number if self.in_numbered_list else None)
        self.indent(marker, " " * len(marker))

    def end_indent(self, element: Any) -> None:
        self.unindent()

    def open_task(self, element: Any) -> None:
        self.next_item()
        self.indent(self.task_marker(element.findtext(AC + "task-status", "").strip() == "complete"), "  ")

    # Tables.

    def open_table(self, element: Any) -> None:
        self.close_paragraph()
        self._tables.append([])

    def open_row(self, element: Any) -> None:
        self.close_paragraph()
        if self._tables:
            self._tables[-1].append([])

    def start_cell(self, element: Any) -> None:
        self.open_cell()

    def end_cell(self, element: Any) -> None:
        text = self.close_cell()
        if self._tables:
            cell = Cell(text, span(element, "colspan"), span(element, "rowspan"), element.tag == "th")
            if not self._tables[-1]:
                self._tables[-1].append([])
            self._tables[-1][-1].append(cell)
        elif text:  # a cell that is in no table
            self.put(text)

    def end_table(self, element: Any) -> None:
        self.close_paragraph()
        rows = [row for row in self._tables.pop() if row]
        if any(cell.text for row in rows for cell in row):
            self.table(rows)

    # Links, people, images, small things.

    def open_address(self, element: Any) -> None:
        href = element.get("href", "").strip()
        target = addressed(href)
        self.open_mark("link", lambda words: self.said_link(words, target))
        if is_bare_card(element):
            self.say(href)

    def end_link(self, element: Any) -> None:
        self.close_mark("link")

    def open_link(self, element: Any) -> None:
        target = target_in(element) or NOWHERE
        self.open_mark("link", lambda words: self.said_link(words, target))
        self.say_target(element, target)

    def say_target(self, element: Any, target: Target) -> None:
        """What a link leads to, where the author wrote no words for it."""
        if not has_words(element):
            self.say(self.spoken(target))

    def spoken(self, target: Target) -> str:
        """What a target without words of the author is called; a person by name, where it is known."""
        name = self.names.get(target.account_id or "")
        return f"@{name}" if name else target.words

    def image(self, element: Any) -> None:
        target = target_in(element)
        words = element.get(AC + "alt") or element.get(AC + "title") or (target.words if target else "")
        self.words.append(self.said_image(words, target))

    def web_image(self, element: Any) -> None:
        address = element.get("src", "")
        self.words.append(self.said_image(element.get("alt") or address, addressed(address)))

    def emoticon(self, element: Any) -> None:
        self.say(character_of(element))

    def date(self, element: Any) -> None:
        if not element.text:
            self.say(element.get("datetime", ""))

    def placeholder(self, element: Any) -> bool:
        """What a template asks its author to fill in: readers of the page do not see it."""
        self.say_mark("placeholder", " ".join("".join(element.itertext()).split()))
        return True

    def variable(self, element: Any) -> None:
        self.say(f"[{element.get(AT + 'name', 'variable')}]")

    def open_caption(self, element: Any) -> None:
        self.close_paragraph()

    def close_caption(self, element: Any) -> None:
        self.close_paragraph()

    # Macros.

    def open_macro(self, element: Any) -> None:
        rule = rule_of(name_of(element))
        body = flowing_body(element) if rule.is_inline and rule.form in ("mark", "body") else None
        is_apart = body is None and (not rule.is_inline or stands_alone(element))
        self._macros.append((rule, is_apart))
        if is_apart:
            self.close_paragraph()
        _FORMS[rule.form](self, element, rule)
        if body is not None:
            self._flowing = (body, body.getparent())
            if rule.form == "mark":
                self.words.append(" ")

    def end_macro(self, element: Any) -> None:
        rule, is_apart = self._macros.pop()
        self._flowing = ()  # in a body that flows there is no other macro
        if is_apart:
            self.close_paragraph()
        if rule.form == "quote":
            self.close_quote(element)

    def titled(self, element: Any, rule: MacroRule) -> None:
        title = self.whole_title(rule.label, ", ".join(shown_values(element, rule, self.spoken)))
        if title:
            self.open_mark(STRONG[0], self.strong)
            self.say(title)
            self.close_mark(STRONG[0])
            self.close_paragraph()

    def quoted(self, element: Any, rule: MacroRule) -> None:
        self.open_quote(element)
        self.titled(element, rule)

    def named(self, element: Any, rule: MacroRule) -> None:
        self.open_mark(STRONG[0], self.strong)
        self.say(" ".join(shown_values(element, rule, self.spoken)))
        self.close_mark(STRONG[0])

    def marked(self, element: Any, rule: MacroRule) -> None:
        self.say_mark(rule.label, ", ".join(shown_values(element, rule, self.spoken)))

    def say_mark(self, label: str, values: str) -> None:
        """What stands there, for what has no words of its own."""
        self.has_signs = True
        self.words.append(self.brackets[0])
        self.say(f"{label}: {values}" if values else label)
        self.words.append(self.brackets[1])

    def anchored(self, element: Any, rule: MacroRule) -> None:
        self.words.append(self.said_anchor(" ".join(shown_values(element, rule, self.spoken))))

    def plain_body(self, element: Any) -> bool:
        if element in self._flowing:
            self.code_words(source_in(element))
            return True
        self.close_paragraph()
        macro = element.getparent()
        language = value_of(macro, "language") if name_of(macro) == "code" else ""
        source = source_in(element)
        if source.strip():
            self.verbatim(source.strip("\n"), language)
        return True


_FORMS: dict[str, Callable[[Composer, Any, MacroRule], None]] = {
    "body": Composer.titled,
    "quote": Composer.quoted,
    "words": Composer.named,
    "mark": Composer.marked,
    "anchor": Composer.anchored,
}
