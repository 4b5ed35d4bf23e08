"""Pages to preview, and a reader of previews that refuses whatever a browser should not get."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pandas as pd

from confluence_nb.page import Page
from confluence_nb.page.style import STYLE

HERE = "https://acme.atlassian.net"

ELEMENTS = {
    *(
        "div",
        "span",
        "a",
        "table",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "br",
        "hr",
    ),
    *("strong", "b", "em", "i", "u", "s", "del", "sub", "sup", "details", "summary"),
    *(f"h{level}" for level in range(1, 7)),
}
ATTRIBUTES = {
    "a": {"href", "target", "rel"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "div": {"class", "dir"},
    "span": {"class"},
    "ul": {"class"},
}
WITHOUT_END = {"br", "hr"}
# Anywhere else a browser would close what is around them, and an end tag later on something further out.
MUST_LIE_IN = {"tr": {"table"}, "td": {"tr"}, "th": {"tr"}, "li": {"ul", "ol"}}


class Checked(HTMLParser):
    """Reads HTML as a browser would and refuses whatever is not on the lists, or not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.addresses: list[str] = []
        self.opened: list[str] = []
        self.depth = 0
        assert html.count("<style") == 1
        self.feed(html.replace(STYLE, ""))
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set())
        given_ = dict(attrs)
        if tag == "a":
            address = given_["href"] or ""
            assert address.startswith(("https://", "http://", "mailto:"))
            assert given_["rel"] == "noopener noreferrer"
            self.addresses.append(address)
        for name in given_.keys() & {"colspan", "rowspan", "start"}:
            assert (given_[name] or "").isdigit()
        ours = ("cnb-", "tex2jax_ignore", "mathjax_ignore")
        assert all(word.startswith(ours) for word in (given_.get("class") or "").split())
        if tag in MUST_LIE_IN:
            around = [
                open_ for open_ in self.opened if open_ in ("table", "tr", "td", "th", "ul", "ol", "li")
            ]
            assert around
            assert around[-1] in MUST_LIE_IN[tag]
        assert tag != "a" or "a" not in self.opened
        if tag not in WITHOUT_END:
            self.opened.append(tag)
            self.depth = max(self.depth, len(self.opened))

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def page_of(body: str, **changes: Any) -> Page:
    facts: dict[str, Any] = {
        "id": "123",
        "type": "page",
        "title": "A page",
        "status": "current",
        "space_id": "1",
        "parent_id": None,
        "author_id": "a",
        "owner_id": None,
        "created_at": pd.Timestamp("2024-05-06T07:08:09Z").to_pydatetime(),
        "version": 3,
        "modified_at": pd.Timestamp("2024-06-07T07:08:09Z").to_pydatetime(),
        "modified_by": "712020:ada",
        "url": f"{HERE}/wiki/spaces/ENG/pages/123/A+page",
        "body": body,
        "names": {"712020:ada": "Ada Lovelace"},
        "_read_children": pd.DataFrame,
    }
    return Page(**facts | changes)


def shown(body: str, **changes: Any) -> Checked:
    return Checked(page_of(body, **changes)._repr_html_())


def macro(name: str, inside: str) -> str:
    return f'<ac:structured-macro ac:name="{name}">{inside}</ac:structured-macro>'


def rich(inside: str) -> str:
    return f"<ac:rich-text-body>{inside}</ac:rich-text-body>"
