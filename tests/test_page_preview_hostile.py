"""Nothing harmful of an author's comes through a preview, nor more than a browser bears."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from previews import HERE, Checked, macro, page_of, rich, shown

from confluence_nb.page.html import DEEPEST, MOST_CHARACTERS, MOST_ELEMENTS, safe_address

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


def test_cells_that_cover_more_than_a_browser_bears_cover_their_own_place() -> None:
    wide = '<td colspan="900" rowspan="20">x</td>'
    seen = page_of(f"<table><tr>{wide * 40}</tr></table>")._repr_html_()
    assert seen.count("colspan") == 1
    assert seen.count("<td>x</td>") == 39
    Checked(seen)


def test_a_deep_page_is_flat_below() -> None:
    seen = shown("<blockquote>" * 5_000 + "the bottom" + "</blockquote>" * 5_000)
    assert "the bottom" in seen.words
    assert seen.depth <= DEEPEST + 5
