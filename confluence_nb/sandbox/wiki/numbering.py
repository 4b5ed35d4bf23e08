"""Ids as Confluence hands them out: growing, with gaps, and readable back into kind and number."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What an id names; the value is the id's last five bits."""

    PAGE = 1
    BLOGPOST = 2
    FOOTER_COMMENT = 3
    INLINE_COMMENT = 4
    ATTACHMENT = 5
    FOLDER = 6
    WHITEBOARD = 7
    DATABASE = 8
    EMBED = 9
    CUSTOM_CONTENT = 10
    TASK = 11
    PROPERTY = 12
    LABEL = 13
    SPACE = 14
    ROLE = 15
    TEMPLATE = 16


_FIRST_ID = 32_768
_STRIDE = 1_024
_ATTACHMENT_PREFIX = "att"


def id_of(kind: Kind, number: int) -> str:
    """The id of the `number`-th thing of a kind."""
    gap = ((number * 2_654_435_761) >> 7) & 31
    digits = str(_FIRST_ID + number * _STRIDE + gap * 32 + kind)
    return _ATTACHMENT_PREFIX + digits if kind is Kind.ATTACHMENT else digits


def number_of(kind: Kind, identifier: str) -> int | None:
    """The number behind an id of that kind, or None when it is no such id."""
    found = read_id(identifier)
    return found[1] if found is not None and found[0] is kind else None


def read_id(identifier: str) -> tuple[Kind, int] | None:
    """Kind and number of any id, or None when no id of this site looks like it."""
    digits = identifier.removeprefix(_ATTACHMENT_PREFIX)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    number, rest = divmod(int(digits) - _FIRST_ID, _STRIDE)
    if number < 0 or (rest & 31) not in Kind._value2member_map_:
        return None
    kind = Kind(rest & 31)
    return (kind, number) if id_of(kind, number) == identifier else None
