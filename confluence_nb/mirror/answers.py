"""Puts answers to comments where their comments are, on a site whose lists do not say it of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from confluence_nb.mirror.table import MirrorTable

if TYPE_CHECKING:
    import pyarrow as pa

HELD_BY = ("page_id", "blog_post_id", "attachment_id", "custom_content_id")

Holder = tuple[str, str]


def place_answers(table: MirrorTable, *, drops_others: bool) -> None:
    """Tell each answer that says nothing itself on what the comment is that it answers.

    Parameters
    ----------
    drops_others:
        Whether an answer of which nobody tells what it is on is taken out: it may be of a space that is not wanted.
    """
    parents = _unplaced(table)
    if not parents:
        return
    holders: dict[str, Holder] = {}
    for rows in table.each_file(["id", *HELD_BY]):
        for row in rows.to_pylist():
            named = next((name for name in HELD_BY if row.get(name)), None)
            if named is not None:
                holders[row["id"]] = (named, row[named])
    placed = {answer: found for answer in parents if (found := _climb(answer, parents, holders))}
    rows = table.rows_of(_keys(table, placed), every_column=True)
    gone = _keys(table, set(parents) - set(placed)) if drops_others else None
    table.put(_told(rows, placed), gone=gone)


def _unplaced(table: MirrorTable) -> dict[str, str]:
    """The answers that say not on what they are, and the comment that each answers."""
    found = {}
    for rows in table.each_file(["id", "parent_comment_id", *HELD_BY]):
        answers = rows.filter(rows.column("parent_comment_id").is_valid())
        for row in answers.to_pylist():
            if not any(row.get(name) for name in HELD_BY):
                found[row["id"]] = row["parent_comment_id"]
    return found


def _climb(answer: str, parents: Mapping[str, str], holders: Mapping[str, Holder]) -> Holder | None:
    at, climbed = answer, set[str]()
    while at in parents and at not in climbed:
        climbed.add(at)
        at = parents[at]
    return holders.get(at)


def _told(rows: pa.Table, placed: Mapping[str, Holder]) -> pa.Table:
    import pyarrow as pa

    ids = rows.column("id").to_pylist()
    for name in HELD_BY:
        values: list[Any] = [placed[own][1] if placed[own][0] == name else None for own in ids]
        place = rows.schema.get_field_index(name)
        if place >= 0:
            rows = rows.set_column(place, name, pa.array(values, pa.string()))
    return rows


def _keys(table: MirrorTable, ids: Any) -> np.ndarray[Any, np.dtype[np.uint64]]:
    import pyarrow as pa

    return table.keys_of(pa.table({"id": pa.array(sorted(ids), pa.string())}))
