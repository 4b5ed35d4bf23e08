"""What a cell shows of a page: written anew from the tree of the body, so that nothing of its own markup comes through.

Nothing is fetched either: a picture is its name, and a link is followed when somebody clicks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from confluence_nb.content.document import parsed
from confluence_nb.content.elements import is_bare_card
from confluence_nb.content.emoticons import character_of
from confluence_nb.content.grid import span
from confluence_nb.content.macro_rules import rule_of
from confluence_nb.content.macro_values import name_of, shown_values, stands_alone
from confluence_nb.content.names import AC
from confluence_nb.content.own_space import in_space, space_of
from confluence_nb.content.targets import Target, has_words, target_in
from confluence_nb.content.unreadable import UnreadableBody
from confluence_nb.content.walk import source_in, walk
from confluence_nb.page.html import Html, safe_address
from confluence_nb.page.style import STYLE

if TYPE_CHECKING:
    from confluence_nb.page.page import Page

MOST_PLACES = 20_000
"""Places in tables that merged cells may cover."""
_CLASSES = "cnb-page tex2jax_ignore mathjax_ignore"
"""Notebooks read what stands between two dollars as a formula; of a page it is a price."""
_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)
_PANELS = {"info": "", "note": "cnb-note", "tip": "cnb-tip", "success": "cnb-tip", "warning": "cnb-warning"}
_PANELS["error"] = "cnb-warning"


def preview(page: Page) -> str:
    """The page as HTML for the output of a cell.

    Parameters
    ----------
    page:
        Its title, version, address, body and the names of people are shown.
    """
    address = safe_address(page.url or "")
    head = Html()
    head.open("div", **{"class": "cnb-title"})
    head.add_link(address, page.title or "(without a title)")
    head.close()
    facts = (
        "Blog post" if page.type == "blogpost" else "Page",
        "" if page.status == "current" else page.status,
        f"version {page.version}" if page.version else "",
        f"{page.modified_at:%Y-%m-%d}" if page.modified_at else "",
        page.names.get(page.modified_by or "", ""),
    )
    head.add("div", " · ".join(filter(None, facts)), **{"class": "cnb-soft"})
    body = f'<div class="cnb-body" dir="auto">{_body(page, address)}</div>'
    return f'<div class="{_CLASSES}">{STYLE}{head}{body}</div>'


def _body(page: Page, address: str) -> str:
    try:
        root = in_space(parsed(page.body), space_of(page.url))
    except UnreadableBody as error:
        return f'<div class="cnb-soft">{escape(str(error))}</div>'
    shown = _Shown(page.names, address)
    walk(root, shown, shown.html.say, _STARTS, _ENDS)
    cut = (
        ' <span class="cnb-soft">… and more. .text and .markdown have all of it.</span>'
        if shown.html.is_cut
        else ""
    )
    return f"{shown.html}{cut}" or '<div class="cnb-soft">This page is empty.</div>'


class _Shown:
    """Hears the tree in the order of reading, and writes it.

    Each method is told of an element and opens just one; True when it has written what is inside.
    """

    def __init__(self, names: Mapping[str, str], base: str) -> None:
        self.html = Html()
        self._names = names
        self._base = base
        self._places = MOST_PLACES

    def end(self, element: Any) -> None:
        self.html.close()

    def nothing(self, element: Any) -> bool:
        self.html.open()
        return True

    def link(self, element: Any) -> bool:
        href = element.get("href") or ""
        is_full = self.html.open_link(safe_address(href, self._base))
        if not is_full and is_bare_card(element):
            self.html.say(href.strip())
        return is_full

    def wiki_link(self, element: Any) -> bool:
        target = target_in(element)
        if target is None:
            return self.html.open()
        # A title alone does not tell in which space the page is, nor a file's name on which page it is.
        is_named = bool(target.space_key) and not target.filename
        address = target.address if target.id or target.url or target.account_id or is_named else ""
        is_full = self.html.open_link(safe_address(address, self._base) if address else "")
        if is_full or has_words(element):
            return is_full
        self.html.say(self._words(target))
        return True

    def _words(self, target: Target) -> str:
        name = self._names.get(target.account_id or "")
        return f"@{name}" if name else target.words

    def cell(self, element: Any) -> bool:
        wide, high = span(element, "colspan"), span(element, "rowspan")
        # A browser lays out every place: a few cells that cover thousands each would stop it.
        if wide * high > self._places:
            wide = high = 1
        self._places -= wide * high
        told = {"colspan": wide, "rowspan": high}
        return self.html.open(
            element.tag, **{name: str(covered) for name, covered in told.items() if covered > 1}
        )

    def numbered_list(self, element: Any) -> bool:
        start = element.get("start") or ""
        return self.html.open("ol", start=start if _NUMBER.fullmatch(start) else "")

    def image(self, element: Any) -> bool:
        is_full = self.html.open("span", **{"class": "cnb-mark"})
        if not is_full:
            self._picture(target_in(element), element.get(f"{AC}alt") or "")
        return is_full

    def html_image(self, element: Any) -> bool:
        if not self.html.open("span", **{"class": "cnb-mark"}):
            source = element.get("src")
            self._picture(Target("url", url=source) if source else None, element.get("alt") or "")
        return True

    def _picture(self, target: Target | None, alternative: str) -> None:
        """A picture's name; of one that is elsewhere in the web, a link that says where."""
        words = (target.filename if target else None) or alternative
        address = safe_address(target.url or "", self._base) if target and target.kind == "url" else ""
        host = urlsplit(address).hostname or ""
        words = ", ".join(filter(None, (words, f"on {host}" if host else "")))
        self.html.add_link(address, f"[picture: {words}]" if words else "[picture]")

    def emoticon(self, element: Any) -> bool:
        return self._said(character_of(element))

    def time(self, element: Any) -> bool:
        return self._said(element.get("datetime") or "")

    def _said(self, words: str) -> bool:
        if not self.html.open():
            self.html.say(words)
        return True

    def task(self, element: Any) -> bool:
        is_full = self.html.open("li")
        if not is_full:
            self.html.say(
                "☑ " if (element.findtext(f"{AC}task-status") or "").strip() == "complete" else "☐ "
            )
        return is_full

    def verbatim(self, element: Any) -> bool:
        if not self.html.open("pre"):
            self.html.say(source_in(element))
        return True

    def macro(self, element: Any) -> bool:
        name = name_of(element)
        rule = rule_of(name)
        values = ", ".join(shown_values(element, rule, self._words))
        if rule.form == "anchor":
            return self.nothing(element)
        if rule.form == "words":
            is_full = self.html.open("span", **{"class": "cnb-status"})
            self.html.say(values)
            return is_full or not _has_body(element)
        is_expand = name in ("expand", "ui-expand")
        is_apart = _has_body(element) or not rule.is_inline or stands_alone(element)
        look = "cnb-p" if rule.form == "mark" and is_apart else ""
        if rule.form == "quote":
            look = f"cnb-panel {_PANELS.get(name, '')}".strip()
        tag = "details" if is_expand else "div" if is_apart else "span"
        if self.html.open(tag, **{"class": look}):
            return True
        if rule.form == "mark":
            self.html.add(
                "span", f"[{rule.label}: {values}]" if values else f"[{rule.label}]", **{"class": "cnb-mark"}
            )
        elif values or is_expand:
            self.html.add("summary" if is_expand else "strong", values or "More")
        return False


def _has_body(macro: Any) -> bool:
    return any(child.tag in (f"{AC}rich-text-body", f"{AC}plain-text-body") for child in macro)


def _plain(tag: str, **attributes: str) -> Callable[[_Shown, Any], bool]:
    return lambda shown, element: shown.html.open(tag, **attributes)


def _alone(tag: str) -> Callable[[_Shown, Any], bool]:
    def alone(shown: _Shown, element: Any) -> bool:
        shown.html.alone(tag)
        return shown.nothing(element)

    return alone


_PARAGRAPHS = (
    *("p", "div", "dt", "dd", "section", "article", "aside", "header", "footer", "figure", "figcaption"),
    *("caption", "address", "details", "summary", "center", f"{AC}caption"),
)
_AS_THEY_ARE = (
    *(
        "table",
        "tr",
        "ul",
        "li",
        "blockquote",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "s",
        "del",
        "sub",
        "sup",
        "code",
        "pre",
    ),
    *(f"h{level}" for level in range(1, 7)),
)
_NOT_SHOWN = (
    *(
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "template",
        "textarea",
        "svg",
        "math",
        "form",
        "colgroup",
    ),
    *(AC + name for name in ("parameter", "default-parameter", "task-id", "task-uuid", "task-status")),
)
_STARTS: dict[str, Callable[[Any, Any], bool | None]] = {
    **{tag: _plain(tag) for tag in _AS_THEY_ARE},
    **dict.fromkeys(_NOT_SHOWN, _Shown.nothing),
    **dict.fromkeys(_PARAGRAPHS, _plain("div", **{"class": "cnb-p"})),
    **dict.fromkeys(("td", "th"), _Shown.cell),
    **dict.fromkeys((f"{AC}structured-macro", f"{AC}macro"), _Shown.macro),
    "ol": _Shown.numbered_list,
    "br": _alone("br"),
    "hr": _alone("hr"),
    "a": _Shown.link,
    "img": _Shown.html_image,
    "time": _Shown.time,
    f"{AC}link": _Shown.wiki_link,
    f"{AC}image": _Shown.image,
    f"{AC}emoticon": _Shown.emoticon,
    f"{AC}task-list": _plain("ul", **{"class": "cnb-tasks"}),
    f"{AC}task": _Shown.task,
    f"{AC}placeholder": _plain("span", **{"class": "cnb-mark"}),
    f"{AC}layout-section": _plain("div", **{"class": "cnb-columns"}),
    f"{AC}layout-cell": _plain("div"),
    f"{AC}plain-text-body": _Shown.verbatim,
    f"{AC}rich-text-body": _plain("div"),
}
_ENDS: dict[str, Callable[[Any, Any], None]] = dict.fromkeys(_STARTS, _Shown.end)
