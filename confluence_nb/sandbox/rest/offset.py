"""Offset paging of the v1 API: start and limit, and a next link relative to the context /wiki."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain
from confluence_nb.sandbox.rest.shapes import Row


def offset_window(
    call: Call,
    rows: Sequence[Row],
    default_limit: int,
    *,
    highest: int | None = None,
    cost: int = 0,
    total: bool = False,
    more: Row | None = None,
) -> Answer:
    """One window of a list that is counted from its start.

    Parameters
    ----------
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
    page = list(rows[start : start + limit])
    links = {
        "base": call.base,
        "context": "/wiki",
        "self": f"{call.base}{call.request.path.removeprefix('/wiki')}",
    }
    if limit and start + limit < len(rows):
        kept = [(name, value) for name, value in call.query.pairs if name not in ("start", "limit")]
        query = urlencode([*kept, ("limit", str(limit)), ("start", str(start + limit))])
        links["next"] = f"{call.request.path.removeprefix('/wiki')}?{query}"
    found: Row = {"results": page, "start": start, "limit": limit, "size": len(page), "_links": links}
    if total:
        found["totalSize"] = len(rows)
    return plain(found | (more or {}), points=1 + cost * len(page))
