"""Bodies that are no well-formed XML: HTML as people paste it, tags that do not match, characters that cannot be."""

from __future__ import annotations

import pytest

from confluence_nb import content


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<ul><li>a<li>b</ul>after", "- a\n- b\n\nafter"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
        ("<ol><li><p>a<li><p>b</ol>", "1. a\n2. b"),
        ("<p>a<p>b<br>c", "a\n\nb\nc"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "a\n\nb\n\nc"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>after", "a\tb\n1\t2\n\nafter"),
        ("<table><tr><td>a<table><tr><td>in<td>ner</table><td>b</table>", "a in ner\tb"),
        ("<p>unclosed <strong>b</p><p>after</p>", "unclosed b\n\nafter"),
        ("</p></div>text", "text"),
        ("<a href=foo>x</a> 5 < 6 & 7 > 3", "x 5 < 6 & 7 > 3"),
        ("<p>a</p><!-- never closed <p>b</p>", "a"),
        ("<p><![CDATA[<b>never closed", "<b>never closed"),
        ("<p>bell\x07 half \ud83d</p>", "bell\N{REPLACEMENT CHARACTER} half \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_is_left_open_ends_where_a_browser_ends_it(body: str, text: str) -> None:
    assert content.to_text(body) == text


def test_a_table_without_ends_is_one() -> None:
    [table] = content.tables("<table><tr><th>a<th>b<tr><td>1<td>2</table>")
    assert table.to_dict("list") == {"a": ["1"], "b": ["2"]}
