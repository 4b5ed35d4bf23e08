"""Rows as a frame takes them: told what they belong to, of several lists as one, of a whole site only some."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from confluence_nb.api.columns import Column

Rows = list[Any]
Shape = Callable[[Rows], Rows]

HOLDERS = ("pageId", "blogPostId", "attachmentId", "customContentId")
"""Where a row of a whole site's list says what it hangs on."""

VERSIONED = ("page", "blogpost", "attachment", "custom", "comment")
"""Under which key a version says what it is a version of."""

PAGE_ID = Column("page_id", "string", ("pageId",))


def columns_about(columns: Iterable[Column], *others: Iterable[Column]) -> tuple[Column, ...]:
    """The columns of one or more lists, each name once, `page_id` first."""
    named: dict[str, Column] = {}
    for column in (column for some in (columns, *others) for column in some):
        named.setdefault(column.name, column)
    first = named.pop("page_id", PAGE_ID)
    return (first, *named.values())


def rows_about(subject: str, column: Column) -> Shape:
    """A shape for rows that do not say, or not always, what they belong to: puts the id where `column` reads."""

    def told(rows: Rows) -> Rows:
        return [_with(row, column.source, subject) for row in rows]

    return told


def held_by(ids: Collection[str]) -> Shape:
    """Of a whole site's rows, those that hang on one of these ids, the id as `pageId`."""

    def kept(rows: Rows) -> Rows:
        held = ((next((str(row[key]) for key in HOLDERS if row.get(key)), None), row) for row in rows)
        return [{**row, "pageId": holder} for holder, row in held if holder in ids]

    return kept


def of_none(rows: Rows) -> Rows:
    """Nothing of these goes into the frame."""
    return []


def of_ids(ids: Collection[str]) -> Shape:
    """Of the answer about some ids, the rows that are about one of them."""
    return lambda rows: [row for row in rows if str(row.get("id")) in ids]


def of_kind(kind: str) -> Shape:
    return lambda rows: [{**row, "kind": kind} for row in rows]


def labelled(label: Mapping[str, Any], ids: set[str]) -> Shape:
    """Rows that are pages of a label as rows that are labels of a page."""
    return lambda rows: [{**label, "pageId": str(row["id"])} for row in rows if str(row.get("id")) in ids]


def of_any_kind(rows: Rows) -> Rows:
    """A version of other content says what it is a version of under another key."""
    told = []
    for row in rows:
        holder = next((row[key] for key in VERSIONED if isinstance(row.get(key), Mapping)), None)
        told.append({**{key: value for key, value in row.items() if key not in VERSIONED}, "page": holder})
    return told


def chained(first: Shape, then: Shape) -> Shape:
    return lambda rows: then(first(rows))


def _with(row: Any, source: tuple[str, ...], value: str) -> Any:
    """The row with `value` at the end of `source`; what the row itself holds there gives way."""
    if not isinstance(row, Mapping):
        return row
    key = source[0]
    inner = value if len(source) == 1 else _with(row.get(key) or {}, source[1:], value)
    return {**row, key: inner}
