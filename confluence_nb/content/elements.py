"""What each element of the storage format means: which methods of the composer begin and end it."""

from __future__ import annotations

from typing import Any

from confluence_nb.content.macro_rules import rule_of
from confluence_nb.content.names import AC, AT

_BLOCK = ("block", "block")
_STYLE = ("open_style", "close_style")
_HEADING = ("open_heading", "close_heading")
_CELL = ("start_cell", "end_cell")
_MACRO = ("open_macro", "end_macro")
_UNSEEN = ("passed_over", "")

ELEMENTS: dict[str, tuple[str, str]] = {
    # XHTML.
    **dict.fromkeys(
        ("p", "div", "address", "article", "section", "aside", "header", "footer", "figure"), _BLOCK
    ),
    **dict.fromkeys(
        ("body", "main", "nav", "dl", "dt", "caption", "figcaption", "details", "summary"), _BLOCK
    ),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADING),
    **dict.fromkeys(
        ("strong", "b", "em", "i", "cite", "del", "s", "strike", "code", "tt", "kbd", "samp"), _STYLE
    ),
    **dict.fromkeys(("sub", "sup"), _STYLE),
    **dict.fromkeys(("th", "td"), _CELL),
    **dict.fromkeys(("script", "style", "colgroup"), _UNSEEN),
    "blockquote": ("open_quote", "close_quote"),
    "dd": ("open_quote", "close_quote"),
    "ul": ("open_bullets", "end_list"),
    "ol": ("open_numbers", "end_list"),
    "li": ("open_item", "end_indent"),
    "table": ("open_table", "end_table"),
    "tr": ("open_row", "block"),
    "pre": ("preformatted", "block"),
    "br": ("line_end", ""),
    "hr": ("rule", ""),
    "a": ("open_address", "end_link"),
    "img": ("web_image", ""),
    "time": ("date", ""),
    # What Confluence adds.
    **dict.fromkeys(
        [AC + name for name in ("layout", "layout-section", "layout-cell", "rich-text-body")], _BLOCK
    ),
    **dict.fromkeys([AC + name for name in ("structured-macro", "macro")], _MACRO),
    **dict.fromkeys(
        [AC + name for name in ("parameter", "default-parameter", "task-id", "task-uuid")], _UNSEEN
    ),
    **dict.fromkeys([AC + name for name in ("task-status", "adf-mark")], _UNSEEN),
    AC + "plain-text-body": ("plain_body", ""),
    AC + "link": ("open_link", "end_link"),
    AC + "image": ("image", ""),
    AC + "caption": ("open_caption", "close_caption"),
    AC + "placeholder": ("placeholder", ""),
    AC + "emoticon": ("emoticon", ""),
    AC + "task-list": ("open_bullets", "end_list"),
    AC + "task": ("open_task", "end_indent"),
    AT + "declarations": _UNSEEN,
    AT + "var": ("variable", ""),
}

_LISTS = ("ul", "ol", AC + "task-list")


def list_around(inner: Any) -> Any | None:
    """The list in which another one stands beside the item that it belongs under, None for one in its right place."""
    parent = inner.getparent()
    is_beside = parent is not None and parent.tag in _LISTS and inner.getprevious() is not None
    return parent if is_beside else None


def is_bare_card(link: Any) -> bool:
    """Whether it is a card without words: a reader sees what it leads to."""
    return "data-card-appearance" in link.attrib and not len(link) and not (link.text or "").strip()


_LINES_OF_THEIR_OWN = frozenset(
    [
        *("blockquote", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "pre", "table", "ul"),
        *(AC + name for name in ("plain-text-body", "task-list")),
    ]
)


def begins_with_block(element: Any) -> bool:
    """Whether the first thing inside has to begin a line in Markdown, as a list or a fence of code has."""
    inner = element
    while inner is not None:
        if inner.tag in _LINES_OF_THEIR_OWN or rule_of(inner.get(AC + "name", "")).form == "quote":
            return True
        if inner.text and inner.text.strip():
            return False
        inner = next((child for child in inner if ELEMENTS.get(child.tag) != _UNSEEN), None)
    return False
