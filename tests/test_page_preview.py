"""A preview of a page shows what it says, and nothing harmful of an author's comes through it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confluence_nb.page import Page
from confluence_nb.page.html import DEEPEST, MOST_CHARACTERS, MOST_ELEMENTS, safe_address
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
        assert all(word.startswith("cnb-") for word in (given_.get("class") or "").split())
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
        "read_children": pd.DataFrame,
    }
    return Page(**facts | changes)


def shown(body: str, **changes: Any) -> Checked:
    return Checked(page_of(body, **changes)._repr_html_())


def html_of(body: str) -> str:
    """The HTML of the body alone."""
    return page_of(body)._repr_html_().partition('dir="auto">')[2].removesuffix("</div></div>")


def macro(name: str, inside: str) -> str:
    return f'<ac:structured-macro ac:name="{name}">{inside}</ac:structured-macro>'


def rich(inside: str) -> str:
    return f"<ac:rich-text-body>{inside}</ac:rich-text-body>"


@pytest.mark.parametrize(
    ("storage", "html"),
    [
        ("<h2>T</h2><p>a <strong>b</strong></p>", '<h2>T</h2><div class="cnb-p">a <strong>b</strong></div>'),
        ("<p>a &lt; b &amp; &nbsp;c</p>", '<div class="cnb-p">a &lt; b &amp; \xa0c</div>'),
        ('<td colspan="2">x</td>', "x"),
        (
            '<table><tbody><tr><th rowspan="2">h</th><td>x</td></tr></tbody></table>',
            '<table><tr><th rowspan="2">h</th><td>x</td></tr></table>',
        ),
        ('<ol start="4"><li>x</li></ol><hr/>', '<ol start="4"><li>x</li></ol><hr>'),
        ('<p>on <time datetime="2024-01-02"/></p>', '<div class="cnb-p">on 2024-01-02</div>'),
        (
            macro("status", '<ac:parameter ac:name="title">Done</ac:parameter>'),
            '<span class="cnb-status">Done</span>',
        ),
        (
            macro("code", "<ac:plain-text-body><![CDATA[a <b>\n  c]]></ac:plain-text-body>"),
            "<div><pre>a &lt;b&gt;\n  c</pre></div>",
        ),
        (
            macro("expand", f'<ac:parameter ac:name="title">Why</ac:parameter>{rich("because")}'),
            "<details><summary>Why</summary><div>because</div></details>",
        ),
        (macro("warning", rich("hot")), '<div class="cnb-panel cnb-warning"><div>hot</div></div>'),
        (macro("toc", ""), '<span><span class="cnb-mark">[table of contents]</span></span>'),
        (
            macro("hologram", rich("kept")),
            '<div><span class="cnb-mark">[macro: hologram]</span><div>kept</div></div>',
        ),
        (
            (
                "<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete</ac:task-status>"
                "<ac:task-body>ship</ac:task-body></ac:task></ac:task-list>"
            ),
            '<ul class="cnb-tasks"><li>☑ ship</li></ul>',
        ),
        (
            '<ac:image ac:alt="A cat"><ri:attachment ri:filename="cat.png"/></ac:image>',
            '<span class="cnb-mark"><span>[picture: cat.png]</span></span>',
        ),
        ('<ac:emoticon ac:name="tick" ac:emoji-fallback="✅"/>', "✅"),
        ('<ac:link><ri:page ri:content-title="Other"/></ac:link>', "<span>Other</span>"),
        (
            '<ac:link><ri:page ri:space-key="OPS" ri:content-title="On call"/></ac:link>',
            f'<a href="{HERE}/wiki/pages/viewpage.action?spaceKey=OPS&amp;title=On%20call" target="_blank" rel="noopener noreferrer">On call</a>',
        ),
        (
            '<ac:link><ri:page ri:content-title="Other"/><ac:link-body>that <em>one</em></ac:link-body></ac:link>',
            "<span>that <em>one</em></span>",
        ),
        (
            (
                '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">error'
                "</ac:adf-attribute><ac:adf-content>x</ac:adf-content></ac:adf-node>"
                "<ac:adf-fallback>x</ac:adf-fallback></ac:adf-extension>"
            ),
            '<div class="cnb-panel cnb-warning">x</div>',
        ),
        ("", '<div class="cnb-soft">This page is empty.</div>'),
    ],
)
def test_how_a_body_is_shown(storage: str, html: str) -> None:
    assert html_of(storage) == html
    shown(storage)


def test_the_head_says_what_it_is() -> None:
    seen = shown("<p>words</p>", title="A <b> page")
    assert "A <b> pagePage · version 3 · 2024-06-07 · Ada Lovelacewords" in seen.words
    assert seen.addresses == [f"{HERE}/wiki/spaces/ENG/pages/123/A+page"]
    assert "archived" in shown("", status="archived").words
    assert shown("", title="", url=None, names={}, version=None, modified_at=None).addresses == []


def test_people_have_names() -> None:
    mention = '<ac:link><ri:user ri:account-id="{}"/></ac:link>'
    assert "@Ada Lovelace" in shown(mention.format("712020:ada")).words
    assert "@712020:bob" in shown(mention.format("712020:bob")).words


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)"/>',
    '<img src="https://evil.example/pixel.png" alt="p"/>',
    '<p style="position:fixed" onclick="alert(1)" class="jp-x" id="top">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java&#10;script:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="&#x200b;javascript:alert(1)">x</a>',
    '<a href="data:text/html,&lt;script&gt;">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="https://[">x</a>',
    '<a href="https:">x</a>',
    '<a href="https://evil.example/&quot; onmouseover=&quot;alert(1)">x</a>',
    '<iframe src="https://evil.example/"></iframe>',
    "<style>* { display: none }</style>",
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    '<math href="javascript:alert(1)">x</math>',
    '<form action="https://evil.example/"><input name="q"/><button>go</button></form>',
    '<object data="https://evil.example/"></object>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/"/>',
    '<base href="https://evil.example/"/>',
    '<link rel="stylesheet" href="https://evil.example/"/>',
    "<!-- <script>alert(1)</script> -->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<ol start="1&quot; onclick=&quot;alert(1)"><li>x</li></ol>',
    '<table><tr><td colspan="99999999" rowspan="-1">x</td></tr></table>',
    "<table><p>astray</p><table><tr><td>x</td></tr></table></table>",
    "<table><tr><p>astray</p><td><table><tr><td>x</td></tr></table></td></tr></table>",
    "<h1><h2>x</h2></h1>",
    "<ul><li><div><li>x</li></div></li></ul>",
    "<li><blockquote><ul><b><li>x</li></b></ul></blockquote></li>",
    '<a href="https://a.example/"><a href="https://b.example/">x</a></a>',
    '<ac:link><ri:url ri:value="javascript:alert(1)"/></ac:link>',
    '<ac:image><ri:url ri:value="https://evil.example/pixel.png"/></ac:image>',
    '<ac:image ac:alt="&lt;img src=x&gt;"><ri:attachment ri:filename="&quot;&gt;&lt;script&gt;"/></ac:image>',
    '<ac:image><ri:url ri:value="javascript:alert(1)"/><ac:caption><script>x</script></ac:caption></ac:image>',
    macro("html", "<ac:plain-text-body><![CDATA[<script>alert(1)</script>]]></ac:plain-text-body>"),
    macro("iframe", '<ac:parameter ac:name="src"><ri:url ri:value="javascript:alert(1)"/></ac:parameter>'),
    macro("status", '<ac:parameter ac:name="title">&lt;img src=x onerror=alert(1)&gt;</ac:parameter>'),
    macro("&quot;&gt;&lt;script&gt;", rich("x")),
    macro("expand", '<ac:parameter ac:name="title">&lt;script&gt;</ac:parameter>'),
    '<ac:emoticon ac:emoji-fallback="&lt;script&gt;"/>',
    '<time datetime="&lt;script&gt;"/>',
    (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">x" onclick="y'
        "</ac:adf-attribute></ac:adf-node></ac:adf-extension>"
    ),
    (
        '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"<script>x</script>","marks":'
        '[{"type":"link","attrs":{"href":"javascript:alert(1)"}}]}]}]}'
    ),
    "</div></div><script>alert(1)</script>",
    "<p>never closed <b>at all",
    '{"type": ',
]


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_of_a_hostile_body_comes_through(body: str) -> None:
    assert all("evil.example/" not in one or one.startswith("https://evil") for one in shown(body).addresses)


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<p>", "</p>", "<table>", "</td>", "<tr>", "</ac:link>", '"', "]]>"]),
        max_size=6,
    )
)
def test_nor_of_several_together(parts: list[str]) -> None:
    shown("".join(parts))


@given(st.text(max_size=200))
def test_nor_of_any_text(body: str) -> None:
    shown(body, title=body, names={"712020:ada": body})


def test_no_picture_is_fetched_and_its_place_is_told() -> None:
    seen = shown('<ac:image><ri:url ri:value="https://pictures.example/cat.png"/></ac:image>')
    assert "[picture: on pictures.example]" in seen.words
    assert "https://pictures.example/cat.png" in seen.addresses


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("mailto:ada@example.com", "mailto:ada@example.com"),
        ("/wiki/spaces/ENG", f"{HERE}/wiki/spaces/ENG"),
        ("//evil.example/x", "https://evil.example/x"),
        ("javascript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("ht\ntps://a.example/", "https://a.example/"),
        ("data:text/html,x", ""),
        ("blob:https://a.example/x", ""),
        ("https://[", ""),
    ],
)
def test_only_web_and_mail_addresses_are_links(address: str, safe: str) -> None:
    assert safe_address(address, f"{HERE}/wiki/x") == safe


def test_a_long_page_is_cut_and_says_so() -> None:
    seen = shown("<p>" + "word " * MOST_CHARACTERS + "</p><p>the end</p>")
    assert len(seen.words) < MOST_CHARACTERS + 300
    assert "the end" not in seen.words
    assert ".text and .markdown have all of it" in seen.words
    assert "have all of it" not in shown("<p>short</p>").words
    many = page_of("<table><tbody>" + "<tr><td/></tr>" * 20_000 + "</tbody></table>")._repr_html_()
    assert many.count("<td>") <= MOST_ELEMENTS
    assert len(many) < 400_000
    Checked(many)


def test_a_deep_page_is_flat_below() -> None:
    seen = shown("<blockquote>" * 5_000 + "the bottom" + "</blockquote>" * 5_000)
    assert "the bottom" in seen.words
    assert seen.depth <= DEEPEST + 5
