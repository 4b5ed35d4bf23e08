"""Lists of a chosen length, for tests: natural rows cut short, or repeated under ids of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

Row = dict[str, Any]

# What tells one row from another, the first of these that it has; versions and the like have none.
_IDENTITIES = ("id", "templateId", "accountId", "combinationId", "renderTaskId", "themeKey", "key")
_FOUND = ("content", "space", "user")
_APART = 10**12

_ANCESTORS_FROM = 7 * 10**15
_ANCESTOR_TYPES = ("page", "folder", "page", "page", "database", "whiteboard", "embed")


class NoRowsError(LookupError):
    """A list of at least one row was wished for, and this one has none whose shape could be taken."""


def stretched(natural: Iterable[Mapping[str, Any]], count: int) -> list[Row]:
    """Exactly `count` rows.

    Raises
    ------
    NoRowsError
        When rows are wanted and there is no natural one.
    """
    rows = [dict(row) for row in islice(natural, count)]
    if not rows and count:
        raise NoRowsError
    return [row if turn == 0 else _another(row, turn) for turn, row in _turns(rows, count)]


def stretched_ancestors(identifier: str, count: int, limit: int) -> list[Row]:
    """The nearest `limit` of `count` ancestors, highest first; the id of one says how far up it is."""
    height = int(identifier) - _ANCESTORS_FROM if identifier.isascii() and identifier.isdigit() else 0
    below = height if 0 < height <= count else 0
    return [
        {"id": str(_ANCESTORS_FROM + above), "type": _ANCESTOR_TYPES[above % len(_ANCESTOR_TYPES)]}
        for above in range(min(count, below + limit), below, -1)
    ]


def _turns(rows: Sequence[Row], count: int) -> Iterable[tuple[int, Row]]:
    for index in range(count):
        turn, place = divmod(index, len(rows))
        yield turn, rows[place]


def _another(row: Row, turn: int) -> Row:
    """The row once more, as if it were about something else."""
    for name in _IDENTITIES:
        if name in row:
            return row | {name: _other_id(row[name], turn)}
    if "title" in row:
        for holder in _FOUND:
            if isinstance(row.get(holder), dict):
                return row | {holder: _another(row[holder], turn)}
    return row


def _other_id(value: Any, turn: int) -> Any:
    if isinstance(value, int):
        return value + turn * _APART
    prefix = "att" if value.startswith("att") else ""
    digits = value.removeprefix(prefix)
    if digits.isascii() and digits.isdigit():
        return f"{prefix}{int(digits) + turn * _APART}"
    return f"{value}-{turn}"
