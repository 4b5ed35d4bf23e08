"""What the answer of a list says of its rows: which is which, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluence_nb.oauth.sites import Site


def identity(row: Any) -> str | None:
    """What makes a row itself: its own id, or that of the one thing a search row is about."""
    if not isinstance(row, Mapping):
        return None
    own = row.get("id")
    for holder in ("content", "space", "user"):
        inner = row.get(holder)
        if own in (None, "") and "title" in row and isinstance(inner, Mapping):
            found = _scalar_id(inner.get("id") or inner.get("accountId"))
            return f"{holder}:{found}" if found is not None else None
    return _scalar_id(own)


def _scalar_id(value: Any) -> str | None:
    """An id as it may be compared; an empty one, and what is nested, deeper than the stack perhaps, is none."""
    return (str(value) or None) if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def total_of(said: Any) -> int | None:
    """How many rows the whole list has, as the answer says or estimates."""
    total = said.get("totalSize") if isinstance(said, Mapping) else None
    return total if type(total) is int else None


def echoed_limit(said: Any, asked: int | None) -> int:
    """How many rows the answer says that it may have at the most, else what it was asked for."""
    echoed = said.get("limit") if isinstance(said, Mapping) else None
    return echoed if isinstance(echoed, int) and echoed > 0 else asked or 1


def echoed_start(said: Any) -> Any:
    """The place of the first row in the list, as the answer says; None where it does not."""
    return said.get("start") if isinstance(said, Mapping) else None


def base_of(said: Any, site: Site) -> str:
    """What the addresses in an answer are below, by its own word, else the site's wiki."""
    links = said.get("_links") if isinstance(said, Mapping) else None
    base = links.get("base") if isinstance(links, Mapping) else None
    return base if isinstance(base, str) and base else site.url.rstrip("/") + "/wiki"
