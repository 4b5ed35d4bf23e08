"""What Markdown shows: each word where it stood, each letter as it was written, when it is read as Markdown is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import count
from typing import Any

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from confluence_nb import content
from confluence_nb.content.document import parsed
from confluence_nb.content.names import AC

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

_READER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
_STYLE_NAMES = {name: name for name in ("strong", "em", "del", "a")} | {"s": "del"}
_PLACES = {name: name for name in ("ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6")} | {
    "blockquote": "quotation",
    "th": "cell",
    "td": "cell",
    AC + "structured-macro": "quotation",
    AC + "plain-text-body": "pre",
    AC + "task-list": "ul",
}


def _shown(body: str) -> Any:
    return lxml.html.fromstring(f"<div>{_READER.render(content.to_markdown(body))}</div>")


def _words(
    element: Any, names: dict[str, str], around: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each word, and in which of the elements of these names it is."""
    yield from ((word, around) for word in (element.text or "").split())
    for child in element:
        name = names.get(child.tag)
        yield from _words(child, names, (*around, name) if name else around)
        yield from ((word, around) for word in (child.tail or "").split())


def _letters(element: Any) -> list[tuple[str, frozenset[str]]]:
    return [(letter, frozenset(styles)) for word, styles in _words(element, _STYLE_NAMES) for letter in word]


def _styles(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3).map("".join)
    return st.one_of(
        st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["strong", "em", "del", "u"]), several),
        several.map('<a href="https://e.com">{}</a>'.format),
    )


_styled = st.recursive(
    st.text("ab1é().*_-!`~ 。", min_size=1, max_size=3).map(lambda words: escape(words, quote=False)),
    _styles,
    max_leaves=8,
)


@settings(max_examples=400)
@given(st.lists(_styled, min_size=1, max_size=4).map("".join))
def test_each_letter_is_seen_as_it_was_written(words: str) -> None:
    body = f"<p>{words}</p>"
    assert _letters(_shown(body)) == _letters(parsed(body))


# Words are numbered when the body is whole: here each is an `@`.
_line = st.lists(
    st.sampled_from(
        [
            *(
                "@",
                "@<br/>@",
                "<strong>@</strong>",
                "<em>@</em>,<strong>@</strong>",
                "<code>@</code>",
                "@<sub>@</sub>",
            ),
            *(
                "- @",
                "1. @",
                "# @",
                "&gt; @",
                "| @ |",
                "=== @",
                "--- @",
                "~~~ @",
                "``` @",
                "[x] @",
                "$@$ _@_",
            ),
            *(
                '!<a href="https://e.com/_)a">@</a>(@)',
                "@<strong>(</strong>@",
                "http://e.com/_@_ @",
                "&amp;amp; &lt;b&gt;@",
            ),
        ]
    ),
    min_size=1,
    max_size=3,
).map(" ".join)
_paragraph = st.one_of(_line, _line.map("<p>{}</p>".format))


_PANEL = '<ac:structured-macro ac:name="info"><ac:rich-text-body>{}</ac:rich-text-body></ac:structured-macro>'
_TASK = "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-body>{}</ac:task-body></ac:task></ac:task-list>"


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3).map("".join)
    row = st.lists(_paragraph.map("<td>{}</td>".format), min_size=2, max_size=2).map("".join)
    return st.one_of(
        st.builds(
            "<{0}><li>{1}</li><li>{2}</li></{0}>".format, st.sampled_from(["ul", "ol"]), several, _paragraph
        ),
        st.builds('<ol start="7"><li>{}</li></ol>'.format, several),
        st.builds(
            "<ul><li>{}</li><ol><li>{}</li></ol><li>{}</li></ul>".format, _paragraph, several, _paragraph
        ),
        st.builds("<blockquote>{}</blockquote>".format, several),
        st.builds(_PANEL.format, several),
        st.builds(_TASK.format, several),
        st.builds("<table><tbody><tr>{}</tr><tr>{}</tr></tbody></table>".format, row, row),
        st.builds("<h{0}>{1}</h{0}>".format, st.integers(1, 6), _line),
        st.sampled_from(["<hr/>", "<pre>@\n\n  # @</pre>"]),
        several,
    )


@settings(max_examples=400)
@given(st.lists(st.recursive(_paragraph, _blocks, max_leaves=8), min_size=1, max_size=3).map("".join))
def test_each_word_is_seen_where_it_stood(body: str) -> None:
    numbers = count()
    body = re.sub("@", lambda _: f"w{next(numbers)}w", body)
    where, seen = (
        [(number, places) for word, places in _words(root, _PLACES) for number in re.findall(r"w\d+w", word)]
        for root in (parsed(body), _shown(body))
    )
    assert seen == where
