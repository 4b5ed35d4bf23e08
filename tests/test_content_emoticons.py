"""Emoji, however a page spells them."""

from __future__ import annotations

import pandas as pd
import pytest

from confluence_nb import content


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ('ac:emoji-id="1f4a1"', "💡"),
        ('ac:emoji-id="1F468-200D-1F4BB"', "👨\u200d💻"),
        ('ac:emoji-id="31-fe0f-20e3"', "1️⃣"),
        (r'ac:emoji-fallback="\uD83D\uDCD7" ac:emoji-id="atlassian-x"', "📗"),
        # No characters: half a pair, a letter, more than there are, somebody's own.
        ('ac:emoji-id="1f600-d83d"', ":x:"),
        ('ac:emoji-id="d83d"', ":x:"),
        ('ac:emoji-id="4e00"', ":x:"),
        ('ac:emoji-id="fffff-1f600"', ":x:"),
        ('ac:emoji-id="5f0c86a2-11aa-4c1d-8ba1-d6df9e2aefc6"', ":x:"),
        *[(f'ac:emoji-id="{points}"', ":x:") for points in ("02-20e3", "26-02", "00-20e3", "d83d-20e3")],
        (r'ac:emoji-fallback="\uD83D"', "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_an_emoji_is_shown_as(attributes: str, shown: str) -> None:
    body = f'<p><ac:emoticon ac:name="x" {attributes}/></p>'
    assert content.to_text(body) == shown
    pages = pd.DataFrame({"id": ["1"], "body": [body]})
    assert content.to_text(pages).tolist() == [shown]
