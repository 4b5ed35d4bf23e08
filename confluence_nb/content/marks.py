"""Writes bold, italics, struck-out words and code so that whoever reads Markdown sees them so, wherever they stand.

Asterisks mark words only where they flank them: those of `a**(b)**c` are shown as asterisks. Whether they do depends on
what stands around them, which is known at the end of the paragraph. Until then signs stand for the marks: control
characters, which no document can hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import category

STRONG, EMPHASIS, DELETED, CODE = ("\1", "\2"), ("\3", "\4"), ("\5", "\6"), ("\7", "\b")
BRACKETS = "\x0e\x0f"
"""Around what is said of a macro."""

_FORMS = {
    STRONG[0]: ("**", "strong"),
    EMPHASIS[0]: ("*", "em"),
    DELETED[0]: ("~~", "del"),
}
_MARKS = [(sign, _FORMS[signs[0]][0]) for signs in (STRONG, EMPHASIS, DELETED) for sign in signs]
_AS_SHOWN = {
    **dict.fromkeys((*STRONG, *EMPHASIS, "**", "*"), "*"),
    **dict.fromkeys((*DELETED, "~~"), "~"),
    **dict.fromkeys(CODE, "`"),
}
_SIGN = re.compile("([\1-\b])")
_MAY_NOT_FLANK = re.compile(
    "[\1-\6\b](?:(?<=[\1\3\5])(?![^\\W_])|(?<=[\2\4\6])(?:(?<![^\\W_].)|(?=[\1\3\5]))|(?<=\b)(?=\7))"
)
"""A mark without a letter or digit on its inner side, or right beside another: what stands around it counts."""
_RUN = re.compile("[\1\3]{2}|[\2\4]{2}")
"""Asterisks of two marks in one run: each of those inside could be taken for the end of either."""
_OF_ONE = re.compile("[\1\3]{2}[^\1-\4]*[\2\4]{2}")
"""Two marks around the same words."""
_CODE = re.compile("\7([^\b]*)\b")
_NEIGHBOURS = [end + begin for begin, end in (STRONG, EMPHASIS, DELETED, CODE)]
_NEAR_A_LINK = re.compile(r"\x0e([^\x0e\x0f]*)\x0f(?=[(\[:])")


def marked(words: str, as_code: Callable[[str], str]) -> str:
    """A paragraph with Markdown in place of the signs.

    Parameters
    ----------
    as_code:
        Writes words as code.
    """
    if BRACKETS[0] in words:
        # What follows could make a link of it, and a link shows less.
        words = _NEAR_A_LINK.sub(r"\\[\1\\]", words).replace(BRACKETS[0], "[").replace(BRACKETS[1], "]")
    if not _MAY_NOT_FLANK.search(words):  # as in most paragraphs
        for sign, mark in _MARKS:
            words = words.replace(sign, mark)
        return _CODE.sub(lambda found: as_code(found[1]), words) if CODE[0] in words else words
    while neighbours := [each for each in _NEIGHBOURS if each in words]:
        for each in neighbours:  # `**a****b**` marks nothing: neighbours of one kind are one
            words = words.replace(each, "")
    has_run = _RUN.search(_OF_ONE.sub("", words)) is not None
    pieces = _SIGN.split(words)
    opened: list[int] = []
    for place in range(1, len(pieces), 2):
        sign = pieces[place]
        if sign in _FORMS or sign == CODE[0]:
            opened.append(place)
            continue
        begin = opened.pop()
        if sign == CODE[1]:
            pieces[begin : place + 1] = [
                "",
                as_code("".join(pieces[begin + 1 : place])),
                *[""] * (place - begin - 1),
            ]
        else:
            mark, tag = _FORMS[pieces[begin]]
            stands = _flanks(pieces, begin, place, strictly=has_run)
            pieces[begin], pieces[place] = (mark, mark) if stands else (f"<{tag}>", f"</{tag}>")
    return "".join(pieces)


def _flanks(pieces: list[str], begin: int, end: int, *, strictly: bool) -> bool:
    """Whether the marks at these places would be taken for marks of what is between them, and of nothing else."""
    before = pieces[begin - 1] or (pieces[begin - 2] if begin > 1 else "")
    if before.endswith(("*", "~")):
        return False  # right behind the end of another
    return all(
        _opens(_next(pieces, place, -inwards), _next(pieces, place, inwards), strictly)
        for place, inwards in ((begin, 1), (end, -1))
    )


def _opens(outside: str, inside: str, strictly: bool) -> bool:
    """Whether a mark between these two may open words inside; strictly, whether it can do nothing else."""
    if outside.isspace() or outside == "\0":
        return True
    if strictly:
        return _is_punctuation(outside) and not _is_punctuation(inside)
    return _is_punctuation(outside) or not _is_punctuation(inside)


def _next(pieces: list[str], place: int, step: int) -> str:
    """The character on that side of the run that the mark is in; beyond the paragraph is white space."""
    own = _AS_SHOWN[pieces[place]]
    place += step
    while 0 <= place < len(pieces):
        piece = pieces[place]
        shown = _AS_SHOWN.get(piece)
        if piece and shown != own:
            return shown or piece[0 if step > 0 else -1]
        place += step
    return " "


def _is_punctuation(character: str) -> bool:
    return category(character)[0] in "PS"
