"""Which pages are in the trash, archived or drafts, and how many numbers a site of a given size takes."""

from __future__ import annotations

from confluence_nb.sandbox.wiki.territory import Territory

LISTED = frozenset({"current", "archived"})


def status_at(rank: int) -> str:
    """The status of the page with that rank in its space; only leaves of the tree are not current."""
    if rank % 40 == 39:
        return "trashed"
    if rank % 24 == 19:
        return "archived"
    return "draft" if rank % 120 == 61 else "current"


def numbers_needed(listed: int, territory: Territory) -> int:
    """The fewest numbers among which `listed` are neither trashed nor drafts."""
    low, high = listed, listed + listed // 8 + 64
    while low < high:
        middle = (low + high) // 2
        if _listed_below(middle, territory) < listed:
            low = middle + 1
        else:
            high = middle
    return low


def _listed_below(end: int, territory: Territory) -> int:
    total = 0
    for space in range(territory.spaces):
        ranks = territory.rank_from(space, end)
        total += ranks - ranks // 40 - (ranks + 120 - 62) // 120
    return total
