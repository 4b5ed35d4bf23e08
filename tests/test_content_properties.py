"""What holds of every body: no word is lost, every table has its columns, nothing crashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confluence_nb import content
from confluence_nb.content.macro_rules import RULES

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

_MANY = settings(max_examples=150)
_READERS = [getattr(content, name) for name in content.__all__ if name[0].islower()]

_words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=12
)
_inline_tags = st.sampled_from(
    ["strong", "em", "code", "u", "span", "del", "sub", "a", "ac:inline-comment-marker"]
)
_block_tags = st.sampled_from(
    [
        "p",
        "h2",
        "blockquote",
        "pre",
        "div",
        "ul><li",
        "ol><li",
        "ac:layout-cell",
        "ac:task-list><ac:task><ac:task-body",
    ]
)
_macros = st.sampled_from([*sorted(RULES), "mystery"])


def _tagged(tag: str, inside: str) -> str:
    opened = [name + (' href="https://example.com/"' if name == "a" else "") for name in tag.split("><")]
    closed = reversed(tag.split("><"))
    return f"{''.join(f'<{name}>' for name in opened)}{inside}{''.join(f'</{name}>' for name in closed)}"


def _macro(name: str, inside: str) -> str:
    return _tagged("ac:structured-macro><ac:rich-text-body", inside).replace(">", f' ac:name="{name}">', 1)


def _table(rows: list[list[tuple[str, int, int]]]) -> str:
    lines = [
        "".join(f'<td colspan="{wide}" rowspan="{high}">{inside}</td>' for inside, wide, high in row)
        for row in rows
    ]
    return f"<table><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3).map("".join)
    cell = st.tuples(several, st.integers(0, 3), st.integers(0, 3))
    return st.one_of(
        st.builds(_tagged, _inline_tags, several),
        st.builds(_tagged, _block_tags, several),
        st.builds(_macro, _macros, several),
        st.lists(st.lists(cell, min_size=1, max_size=3), min_size=1, max_size=3).map(_table),
        several,
    )


_trees = st.recursive(_words.map(lambda words: escape(words, quote=False)), _larger, max_leaves=12)


def _letters(text: str) -> str:
    """All that is neither white space nor a mark of punctuation, which Markdown adds some of."""
    return re.sub(r"[\W_]+", "", text)


def _visible(body: str) -> str:
    return _letters(unescape(re.sub("<[^>]*>", "", body)))


def _holds(text: str, words: str) -> bool:
    """Whether the words are in the text in this order, others between them or not."""
    rest = iter(text)
    return all(letter in rest for letter in words)


def _refusal(reader: Callable[[str], object], body: str) -> content.UnreadableBody | None:
    try:
        reader(body)
    except content.UnreadableBody as wrong:
        return wrong
    return None


@_MANY
@given(_trees)
def test_no_word_is_lost_in_text(body: str) -> None:
    assert _holds(_letters(content.to_text(body)), _visible(body))


@_MANY
@given(_trees)
def test_no_word_is_lost_in_markdown(body: str) -> None:
    assert _holds(_letters(unescape(content.to_markdown(body))), _visible(body))


@_MANY
@given(_trees)
@example(_table([[("<code>a\\|b|c\\</code>|\\", 2, 1)], [("d|", 1, 9), ("<pre>x|\\</pre>", 1, 1)]]))
def test_the_rows_of_a_markdown_table_have_equal_columns(body: str) -> None:
    widths: list[int] = []
    for line in content.to_markdown(_table([[(body, 1, 1), ("x", 2, 2)], [("y", 3, 1)]])).split("\n"):
        assert line.startswith("| "), "a table is one block of rows"
        assert line.endswith(" |")
        widths.append(len(re.findall(r"(?:\\.|[^\\|])*\|", line)) - 1)
    assert len(widths) == 4, "no header: an empty one, its line, two rows"
    assert set(widths) == {max(widths)}


@_MANY
@given(st.one_of(st.text(), st.text("<>&;/!-[]= \"'apCDATAx:{}\n")))
def test_any_text_is_a_result_or_an_error_of_ours(body: str) -> None:
    refused = [str(wrong) for reader in _READERS if (wrong := _refusal(reader, body))]
    assert all(reason.endswith(("again.", "instead.", "body.")) for reason in refused), "it says what to do"


@_MANY
@given(_trees, st.data())
def test_a_body_cut_off_or_with_a_hole_keeps_its_words(body: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(body)))
    text = _letters(content.to_text(body[:cut]))
    begun = re.sub(r"<[^<>]*$|&[^;]*$", "", body[:cut])
    assert _holds(text, _visible(begun))


@pytest.mark.parametrize(
    "tag", ["p", "ul><li", "strong", "blockquote", "ac:structured-macro><ac:rich-text-body", "a"]
)
@pytest.mark.parametrize("depth", [1_000, 5_000])
def test_a_body_may_be_nested_deep(tag: str, depth: int) -> None:
    names = tag.split("><") * depth
    body = (
        f"{''.join(f'<{name}>' for name in names)}bottom{''.join(f'</{name}>' for name in reversed(names))}"
    )
    assert "bottom" in content.to_text(body)
    assert "bottom" in content.to_markdown(body)


def test_nothing_expands_and_nothing_is_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY l0 "lol">{laughs}<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    text = content.to_text(f"{bomb}<p>&l8; &x; end</p>")
    assert text.endswith("&l8; &x; end")
    assert len(text) < 1_000
