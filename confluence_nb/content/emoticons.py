"""The character that an emoticon is, in each of the ways that pages have spelt them."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import category

from confluence_nb.content.atlas_values import text_of
from confluence_nb.content.names import AC

_ESCAPES = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_CODE_POINTS = re.compile(r"[0-9A-Fa-f]{2,5}(?:-[0-9A-Fa-f]{2,5})*")
_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
_NO_EMOJI = frozenset(("Cc", "Cs", "Co", "Cn"))
"""Control characters, halves of others, and those that nobody has given a meaning."""

EMOTICONS = {
    "smile": "🙂",
    "sad": "🙁",
    "cheeky": "😛",
    "laugh": "😀",
    "wink": "😉",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "information": "ℹ️",
    "tick": "✅",
    "cross": "❌",
    "warning": "⚠️",
    "plus": "➕",
    "minus": "➖",
    "question": "❓",
    "light-on": "💡",
    "light-off": "💡",
    "yellow-star": "⭐",
    "red-star": "⭐",
    "green-star": "⭐",
    "blue-star": "⭐",
    "heart": "❤️",
    "broken-heart": "💔",
}
"""Older pages name an emoticon and have no character for it."""


def character_of(emoticon: Any) -> str:
    """The character that a person sees for an `ac:emoticon`; its short name where none is known."""
    name = emoticon.get(AC + "name", "")
    fallback = _unescaped(emoticon.get(AC + "emoji-fallback", "")) or _of_id(
        emoticon.get(AC + "emoji-id", "")
    )
    given = fallback or emoticon.get(AC + "emoji-shortname", "")
    if given and not (given[0] == given[-1] == ":"):
        return str(given)
    # The editor calls every emoji that has no older name a blue star.
    known = "" if given and name == "blue-star" else EMOTICONS.get(name)
    return known or str(given) or f":{name}:"


def _unescaped(fallback: str) -> str:
    """Some pages hold an emoji as the escapes of a program's source: `\\uD83D\\uDCD8`."""
    return _ESCAPES.sub(_character, fallback) if "\\" in fallback else fallback


def _character(escapes: re.Match[str]) -> str:
    return text_of(bytes.fromhex(escapes[0].replace("\\u", "")).decode("utf-16-be", "replace"))


def _of_id(emoji_id: str) -> str:
    """The emoji whose code points its id spells, such as `1f468-200d-1f4bb`; nothing for one of a site or an app."""
    if not _CODE_POINTS.fullmatch(emoji_id):
        return ""
    points = [int(point, 16) for point in emoji_id.split("-")]
    emoji = "".join(map(chr, points))
    is_emoji = emoji[-1] == _KEYCAP or category(emoji[0])[0] in "SP"
    # Joiners and variations are no characters to see; what is worse is none of an emoji.
    return emoji if is_emoji and not _NO_EMOJI.intersection(map(category, emoji)) else ""
