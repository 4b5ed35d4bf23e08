"""A preview of a page shows what it says."""

from __future__ import annotations

import pytest
from previews import HERE, macro, page_of, rich, shown

TO_OTHER = (
    f'<a href="{HERE}/wiki/pages/viewpage.action?spaceKey=ENG&amp;title=Other" target="_blank" '
    'rel="noopener noreferrer">'
)
"""A link within the page's own space, which only the page's address tells."""


def html_of(body: str) -> str:
    """The HTML of the body alone."""
    return page_of(body)._repr_html_().partition('dir="auto">')[2].removesuffix("</div></div>")


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
        (
            macro("toc", "") + macro("children", ""),
            (
                '<div class="cnb-p"><span class="cnb-mark">[table of contents]</span></div>'
                '<div class="cnb-p"><span class="cnb-mark">[children]</span></div>'
            ),
        ),
        (
            f"<p>see {macro('jira', '')}</p>{macro('jira', '')}",
            (
                '<div class="cnb-p">see <span><span class="cnb-mark">[jira]</span></span></div>'
                '<div class="cnb-p"><span class="cnb-mark">[jira]</span></div>'
            ),
        ),
        (
            macro("hologram", rich("kept")),
            '<div class="cnb-p"><span class="cnb-mark">[macro: hologram]</span><div>kept</div></div>',
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
        (
            '<p><a href="https://example.com/7" data-card-appearance="inline"></a></p>',
            (
                '<div class="cnb-p"><a href="https://example.com/7" target="_blank" '
                'rel="noopener noreferrer">https://example.com/7</a></div>'
            ),
        ),
        (
            macro(
                "native-embed:whiteboard", '<ac:parameter ac:name="url">https://example.com/8</ac:parameter>'
            ),
            '<div class="cnb-p"><span class="cnb-mark">[whiteboard: https://example.com/8]</span></div>',
        ),
        ('<ac:emoticon ac:name="tick" ac:emoji-fallback="✅"/>', "✅"),
        (
            '<ac:emoticon ac:name="tick" ac:emoji-fallback=":check_mark:"/><ac:emoticon ac:name="sad"/>',
            "✅🙁",
        ),
        ('<ac:emoticon ac:name="blue-star" ac:emoji-fallback=":our_logo:"/>', ":our_logo:"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", '<div class="cnb-p">a</div><div class="cnb-p">b</div>'),
        ("<img/>", '<span class="cnb-mark"><span>[picture]</span></span>'),
        ('<ac:link><ri:page ri:content-title="Other"/><ac:link-body/></ac:link>', f"{TO_OTHER}Other</a>"),
        (
            (
                '<ac:image><ri:attachment ri:filename="a.png"/><ac:caption><p>by <ac:link><ri:user '
                'ri:account-id="712020:ada"/></ac:link></p></ac:caption></ac:image>'
            ),
            (
                '<span class="cnb-mark"><span>[picture: a.png]</span><div class="cnb-p"><div class="cnb-p">by '
                f'<a href="{HERE}/wiki/people/712020%3Aada" target="_blank" rel="noopener noreferrer">'
                "@Ada Lovelace</a></div></div></span>"
            ),
        ),
        ('<ac:link><ri:page ri:content-title="Other"/></ac:link>', f"{TO_OTHER}Other</a>"),
        (
            '<ac:link><ri:page ri:space-key="OPS" ri:content-title="On call"/></ac:link>',
            (
                f'<a href="{HERE}/wiki/pages/viewpage.action?spaceKey=OPS&amp;title=On%20call" '
                'target="_blank" rel="noopener noreferrer">On call</a>'
            ),
        ),
        (
            '<ac:link><ri:page ri:content-title="Other"/><ac:link-body>that <em>one</em></ac:link-body></ac:link>',
            f"{TO_OTHER}that <em>one</em></a>",
        ),
        (
            (
                '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">error'
                "</ac:adf-attribute><ac:adf-content>x</ac:adf-content></ac:adf-node>"
                "<ac:adf-fallback>x</ac:adf-fallback></ac:adf-extension>"
            ),
            '<div class="cnb-p"><div class="cnb-panel cnb-warning"><div>x</div></div></div>',
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


def test_no_picture_is_fetched_and_its_place_is_told() -> None:
    seen = shown('<ac:image><ri:url ri:value="https://pictures.example/cat.png"/></ac:image>')
    assert "[picture: on pictures.example]" in seen.words
    assert "https://pictures.example/cat.png" in seen.addresses
