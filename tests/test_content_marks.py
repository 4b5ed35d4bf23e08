"""Markdown in which nothing that marks is read as words, and no words as marks."""

from __future__ import annotations

import pandas as pd
import pytest

from confluence_nb import content

_TASK = "<ac:task-list><ac:task><ac:task-body>{}</ac:task-body></ac:task></ac:task-list>"


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        # Marks that do not flank their words are written as elements.
        ("<p><strong>SCIM(System)</strong>은</p>", "<strong>SCIM(System)</strong>은"),
        ("<p>a<strong>(b)</strong>c</p>", "a<strong>(b)</strong>c"),
        ("<p>foo<em>*</em>bar</p>", r"foo<em>\*</em>bar"),
        ("<p>a<del>-b</del></p>", "a<del>-b</del>"),
        ("<p>a <strong>(b)</strong> c</p>", "a **(b)** c"),
        ("<p>(<strong>b</strong>)</p>", "(**b**)"),
        ("<p><strong>(b)</strong></p>", "**(b)**"),
        ("<p><strong>a<em>b</em>c</strong></p>", "**a*b*c**"),
        ("<p><em>a<strong>b</strong></em></p>", "*a<strong>b</strong>*"),
        # Neighbours are one.
        ("<p><strong>a</strong><strong>b</strong></p>", "**ab**"),
        ("<p><em>a</em><em>b</em></p>", "*ab*"),
        ("<p><strong><em>a</em></strong><strong><em>b</em></strong></p>", "***ab***"),
        ("<p><em>a</em><strong>b</strong></p>", "*a*<strong>b</strong>"),
        ("<p><code>a</code><code>b</code></p>", "`ab`"),
        ("<p><strong>a</strong> <strong>b</strong></p>", "**a** **b**"),
        ("<p><strong>a<br/>b</strong></p>", "**a\\\nb**"),
        # What could end a mark that it does not belong to is written as an element.
        ("<p><strong><em>a</em>x<em>b</em></strong></p>", "**<em>a</em>x<em>b</em>**"),
        ("<p><strong><em>a</em> x<em>b</em> c</strong></p>", "***a* x<em>b</em> c**"),
        ("<p><strong><em>a</em>: b</strong></p>", "***a*: b**"),
        ("<p><strong><em>a</em> b</strong></p>", "***a* b**"),
        ("<p>a (<strong><em>b</em></strong>), c</p>", "a (***b***), c"),
        ("<p>-<del><strong>b</strong></del>c</p>", "-<del>**b**</del>c"),
        # Underscores, as in names of files.
        ("<p>http://e.com/__init__.py and snake_case</p>", "<http://e.com/__init__.py> and snake_case"),
        (
            "<p>(at https://e.com/_a_(b_), https://e.com/b)</p>",
            "(at <https://e.com/_a_(b_)>, https://e.com/b)",
        ),
        ("<p>(https://e.com/_a_).</p>", "(<https://e.com/_a_>)."),
        ('<p><a href="https://e.com">https://e.com/_a_</a></p>', r"[https://e.com/\_a\_](https://e.com)"),
        # One tilde strikes out on GitHub and in Jupyter, as two do; two dollars make a formula in Jupyter.
        ("<p>1~2, 3~4 and 5 ~ 6</p>", r"1\~2, 3\~4 and 5 ~ 6"),
        ("<p>costs $5 to $10</p>", r"costs \$5 to \$10"),
        (r"<p>\(x\) \begin{a} C:\b</p>", r"&#92;(x&#92;) &#92;begin{a} C:\\b"),
        (r"<p>Use \[a-z\] here</p>", r"Use &#92;\[a-z&#92;\] here"),
        ("<p>see https://e.com/yz_ now</p>", r"see <https://e.com/yz>\_ now"),
        (
            "<p>at https://e.com/o?$top=5 now</p>",
            r"at [https://e.com/o?\$top=5](https://e.com/o?%24top=5) now",
        ),
        ('<p><a href="https://e.com/#$252F">a</a></p>', "[a](https://e.com/#%24252F)"),
        # A picture that is nowhere is shown as a broken one.
        ("<p>a <ac:image></ac:image> b</p>", "a [image] b"),
        ('<p><img alt="x_y_"/>(z)</p>', r"\[image: x_y\_\](z)"),
        ("<p>see &lt;http://e.com&gt;</p>", r"see \<http://e.com>"),
        ("<p>https://e.com/?a=1&amp;amp;</p>", "<https://e.com/?a=1&amp>;"),
        # White space of any script stands outside of a mark, and a mark around nothing else is none.
        ("<p><strong>重要&#12288;</strong>文</p>", "**重要** 文"),
        ("<p><em>&#8195;a</em> b</p>", "*a* b"),
        ("<p>a <del>&#12288;</del>b<code>&#8195;</code></p>", "a b"),
        # Code that holds paragraphs is code in each.
        ("<code><p>a *b* &lt;img&gt;</p><p>c</p></code>", "`a *b* <img>`\n\n`c`"),
        ("<strong><code><p>a*</p></code></strong>", "**`a*`**"),
        # Control characters, which stand for marks here, are none of them.
        ('<p><strong>a</strong> <ac:link ac:anchor="%02"/></p>', "**a** [\N{REPLACEMENT CHARACTER}](#%02)"),
        # Headings are one line.
        ("<h2>two<br/>lines</h2>", "## two<br>lines"),
        ("<h1>About C #</h1>", r"# About C \#"),
        ("<h1>#</h1>", r"# \#"),
        ("<h1>C#</h1>", "# C#"),
        ('<p>Look!<a href="https://e.com">here</a></p>', r"Look\![here](https://e.com)"),
        ('<p><code>a!<a href="https://e.com">b</a></code></p>', "`a!b`"),
        ('<p><s>a!</s><s><a href="https://e.com">b</a></s></p>', r"~~a\![b](https://e.com)~~"),
        ("<p>Look! Here.</p>", "Look! Here."),
        ("<p><s>a</s> b</p>", "~~a~~ b"),
        ("<p><s>~a</s></p>", r"~~\~a~~"),
        ("<p><s> ~ </s> <s>a ~ </s></p>", r"~~\~~~ ~~a \~~~"),
        ("<p>~~~ b</p>", r"\~\~\~ b"),
        # A link before this one that leaves no words has seen the exclamation mark already.
        ('<p>Look!<a name="x"></a><a href="https://e.com">here</a></p>', r"Look\![here](https://e.com)"),
        (r'<p>a\!<a href="https://e.com">b</a></p>', r"a\\\![b](https://e.com)"),
    ],
)
def test_what_is_marked_stays_marked(body: str, markdown: str) -> None:
    assert content.to_markdown(body) == markdown


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul><ul><li>c</li></ul>", "- a\n\n* b\n\n- c"),
        ("<ul><li>a</li></ul><ol><li>b</li></ol>", "- a\n\n1. b"),
        ("<ul><li>a</li></ul><p>between</p><ul><li>b</li></ul>", "- a\n\nbetween\n\n- b"),
    ],
)
def test_two_lists_stay_two(body: str, markdown: str) -> None:
    assert content.to_markdown(body) == markdown


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        # What has to begin a line does not stand behind the box of a task, and three dashes not behind that of an item.
        (_TASK.format("<ul><li>a</li></ul>"), "- [ ]\n  - a"),
        (_TASK.format("<pre>a</pre><p>b</p>"), "- [ ]\n\n  ```\n  a\n  ```\n\n  b"),
        (_TASK.format("<p>a</p><ul><li>b</li></ul>"), "- [ ] a\n  - b"),
        ("<ul><li><hr/><p>a</p></li></ul>", "- ___\n\n  a"),
        # A list that begins with another is apart from what is above it.
        ("<p>a</p><ol start='7'><li><ol><li>b</li></ol></li></ol>", "a\n\n7. 1. b"),
    ],
)
def test_items_and_tasks_hold_whole_blocks(body: str, markdown: str) -> None:
    assert content.to_markdown(body) == markdown


def test_a_macros_mark_makes_no_link() -> None:
    jira = '<ac:structured-macro ac:name="jira"><ac:parameter ac:name="key">A-1</ac:parameter></ac:structured-macro>'
    assert content.to_markdown(f"<p>{jira}: done</p>") == r"\[jira: A-1\]: done"
    assert content.to_markdown(f"<p>{jira}(blocked)</p>") == r"\[jira: A-1\](blocked)"
    assert content.to_markdown(f"<p>{jira} is done</p>") == "[jira: A-1] is done"
    assert content.to_text(f"<p>{jira}: done</p>") == "[jira: A-1]: done"


def test_macros_that_stand_beside_no_words_are_apart() -> None:
    one, other = (f'<ac:structured-macro ac:name="{name}"/>' for name in ("hologram", "jira"))
    assert content.to_text(f"<p>a</p>{one}{other}<p>b</p>") == "a\n\n[macro: hologram]\n\n[jira]\n\nb"
    assert content.to_text(f"<p>a {one}{other} b</p>") == "a [macro: hologram][jira] b"


def test_what_is_no_body_ends_no_column() -> None:
    number = '{"type": "doc", "version": ' + "9" * 5_000 + "}"
    bodies = pd.Series(
        ["<p>a</p>", ["<p>", "b"], number, pd.NaT, float("nan"), None, 7, "<p>c</p>"], dtype=object
    )
    with pytest.warns(UserWarning, match="3 of 8 bodies"):
        texts = content.to_text(bodies)
    assert list(texts.dropna()) == ["a", "c"]
    assert [told["row"] for told in texts.attrs["unreadable"]] == [1, 2, 6]


def test_line_breaks_in_preformatted_text_are_lines() -> None:
    body = "<pre>a<b>b<br/>c</b> d<br/>e</pre>"
    assert content.to_text(body) == "ab\nc d\ne"
    assert content.to_markdown(body) == "```\nab\nc d\ne\n```"
    assert [code.text for code in content.code(body)] == ["ab\nc d\ne"]


@pytest.mark.parametrize(
    ("attributes", "character"),
    [
        ('ac:name="tick" ac:emoji-shortname=":check_mark:" ac:emoji-fallback=":check_mark:"', "✅"),
        ('ac:name="blue-star" ac:emoji-shortname=":custom:" ac:emoji-fallback=":custom:"', ":custom:"),
        ('ac:name="blue-star" ac:emoji-shortname=":fire:" ac:emoji-fallback="🔥"', "🔥"),
        ('ac:name="blue-star"', "⭐"),
        ('ac:name="unheard-of"', ":unheard-of:"),
    ],
)
def test_an_emoticon_is_the_character_that_is_seen(attributes: str, character: str) -> None:
    assert content.to_text(f"<p><ac:emoticon {attributes}/></p>") == character


def test_json_that_is_no_document_is_said_so() -> None:
    for body in ('{"a": 1}', "{}", '{"type": 7}'):
        with pytest.raises(content.UnreadableBody, match="no document"):
            content.to_text(body)


def test_a_byte_order_mark_is_no_word() -> None:
    document = (
        '{"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}]}'
    )
    assert content.to_text("\ufeff" + document) == "a"
    assert content.to_text("\ufeff<p>a</p>") == "a"


def test_what_comments_say_keeps_page_and_comment() -> None:
    body = '<p><a href="https://e.com">e</a></p><table><tr><td>x</td></tr></table>'
    talk = pd.DataFrame({"page_id": ["7", "8"], "id": ["71", "81"], "body": [body, body]}, dtype="string")
    for found in (content.links(talk), content.tables(talk)):
        assert list(found.columns[:2]) == ["page_id", "id"]
        assert list(found["page_id"]) == ["7", "8"]
        assert list(found["id"]) == ["71", "81"]
        assert found["page_id"].dtype == found["id"].dtype == "string"


@pytest.mark.parametrize(
    ("inside", "markdown"),
    [
        (r'<code>grep -E "a\|b"</code>', r'<code>grep -E "a\\&#124;b"</code>'),
        ("<code>__init__ | a_b|_c_ *d*</code>", r"<code>\_\_init\_\_ &#124; a_b&#124;\_c\_ \*d\*</code>"),
        ("<code>[x](y)|&lt;b&gt; &amp;amp;</code>", r"<code>\[x\](y)&#124;\<b> \&amp;</code>"),
        ("<code>no_bar_</code>", "`no_bar_`"),
        (
            "<pre>def f():\n    return 1\n\n\tx</pre>",
            "`def f():`<br>{0}`return 1`<br><br>{0}`x`".format("&nbsp;" * 4),
        ),
    ],
)
def test_code_in_a_cell_is_as_it_was(inside: str, markdown: str) -> None:
    body = f"<table><tbody><tr><th>h</th></tr><tr><td>{inside}</td></tr></tbody></table>"
    assert content.to_markdown(body).splitlines()[-1] == f"| {markdown} |"


@pytest.mark.parametrize(
    ("name", "inside", "text", "markdown"),
    [
        (
            "excerpt",
            "rich:a <strong>short</strong> one",
            "So a short one it goes.",
            "So a **short** one it goes.",
        ),
        ("excerpt", "rich:<p>in a paragraph</p>", "So in a paragraph it goes.", None),
        ("excerpt", "rich:<p>one</p><p>two</p>", "So\n\none\n\ntwo\n\nit goes.", None),
        ("excerpt", "rich:<p>x</p>tail", "So\n\nx\n\ntail\n\nit goes.", None),
        (
            "tooltip",
            "plain-text:a <b>bold</b> hint",
            "So [macro: tooltip] a bold hint it goes.",
            "So [macro: tooltip] `a bold hint` it goes.",
        ),
        ("tooltip", "rich:a hint", "So [macro: tooltip] a hint it goes.", None),
        (
            "latex-inline",
            "plain-text:x_i*y",
            "So [macro: latex-inline] x_i*y it goes.",
            "So [macro: latex-inline] `x_i*y` it goes.",
        ),
        ("code", "plain-text:x = 1", "So\n\nx = 1\n\nit goes.", "So\n\n```\nx = 1\n```\n\nit goes."),
        (
            "code",
            "plain-text:x = 1\ny = 2",
            "So\n\nx = 1\ny = 2\n\nit goes.",
            "So\n\n```\nx = 1\ny = 2\n```\n\nit goes.",
        ),
    ],
)
def test_a_macro_in_a_sentence_leaves_it_one(name: str, inside: str, text: str, markdown: str | None) -> None:
    kind, _, words = inside.partition(":")
    tag = {"rich": "ac:rich-text-body", "plain-text": "ac:plain-text-body"}[kind]
    body = f'<p>So <ac:structured-macro ac:name="{name}"><{tag}>{words}</{tag}></ac:structured-macro> it goes.</p>'
    assert content.to_text(body) == text
    assert content.to_markdown(body) == (text if markdown is None else markdown)


@pytest.mark.parametrize(
    ("around", "text"),
    [
        ("<table><tr><td>a {} c</td></tr></table>", "a x c"),
        ("<ul><li>a {} c</li></ul>", "- a x c"),
        ('<p><a href="u">a {} c</a></p>', "a x c"),
        ("<p><b>a</b> {} <b>c</b></p>", "a x c"),
        ("<p>a</p>{}<p>c</p>", "a\n\nx\n\nc"),
        ("<div><p>a</p>{}</div>", "a\n\nx"),
    ],
)
def test_where_a_macro_is_in_a_sentence(around: str, text: str) -> None:
    body = "<ac:rich-text-body><p>x</p></ac:rich-text-body>"
    macro = f'<ac:structured-macro ac:name="excerpt">{body}</ac:structured-macro>'
    assert content.to_text(around.format(macro)) == text


def test_a_name_with_control_characters_marks_nothing() -> None:
    body = '<p><strong>a</strong> <ac:link><ri:user ri:account-id="u"/></ac:link></p>'
    named = content.to_markdown(body, names={"u": "A\x02\0"})
    assert named == "**a** [@A\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}](/wiki/people/u)"
