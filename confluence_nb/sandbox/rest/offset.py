"""Offset paging of the v1 API: start and limit, and a next link relative to the context /wiki."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain
from confluence_nb.sandbox.rest.stretch import Row, stretched

T = TypeVar("T")


def _itself(row: Any) -> Any:
    return row


def offset_window(
    call: Call,
    items: Sequence[T],
    default_limit: int,
    *,
    shape: Callable[[T], Row] = _itself,
    highest: int | None = None,
    cost: int = 0,
    total: bool = False,
    more: Row | None = None,
) -> Answer:
    """One window of a list that is counted from its start.

    Parameters
    ----------
    shape:
        Makes the row of an item; only those of the window are made. Items are rows unless given.
    highest:
        A larger limit is taken for this one.
    cost:
        Points per row, over the one that every call costs.
    total:
        Say how many rows there are in all, which most of these lists do not.
    more:
        Keys that stand beside the rows.
    """
    start = call.query.whole("start", 0, 0, None)
    limit = call.query.whole("limit", default_limit, 0, None)
    if highest is not None:
        limit = min(limit, highest)
    count = call.around.rows_per_list
    if count is None:
        total_rows, page = len(items), [shape(item) for item in items[start : start + limit]]
    else:
        total_rows, page = count, stretched(map(shape, items), count)[start : start + limit]
    links = {
        "base": call.base,
        "context": "/wiki",
        "self": f"{call.base}{call.request.path.removeprefix('/wiki')}",
    }
    if limit and start + limit < total_rows:
        kept = [(name, value) for name, value in call.request.query if name not in ("start", "limit")]
        query = urlencode([*kept, ("limit", str(limit)), ("start", str(start + limit))])
        links["next"] = f"{call.request.path.removeprefix('/wiki')}?{query}"
    found: Row = {"results": page, "start": start, "limit": limit, "size": len(page), "_links": links}
    if total:
        found["totalSize"] = total_rows
    return plain(found | (more or {}), points=1 + cost * len(page), rows=len(page))
