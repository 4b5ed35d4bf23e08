"""What hangs under what: parents and how much is below each, whatever the ids say, loops and lost parents too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Hierarchy:
    """Things in the order of the frame; `parent` is the place of each one's parent, -1 at the top.

    `size` counts a thing and all below it, `depth` the things above it.
    """

    parent: Any
    size: Any
    depth: Any

    def largest(self, most: int) -> Any:
        """The places of the `most` largest things; a parent is larger than what is below it, so it is among them."""
        order = np.lexsort((np.arange(len(self.size)), self.depth, -self.size))
        return order[:most]


def hierarchy(ids: pd.Series, parents: pd.Series) -> Hierarchy:
    """The hierarchy of distinct `ids`; one whose parent is not among them is at the top.

    Where parents go round in a ring, it is cut above the member that comes first in the frame.
    """
    parent = pd.Index(ids).get_indexer(pd.Index(parents)) if len(ids) else np.array([], dtype=np.intp)
    parent = np.where(parents.isna(), -1, parent).astype(np.int64)
    order = _from_the_top(parent)
    size = np.ones(len(parent), dtype=np.int64)
    depth = np.zeros(len(parent), dtype=np.int64)
    for place in order:
        if parent[place] >= 0:
            depth[place] = depth[parent[place]] + 1
    for place in reversed(order):
        if parent[place] >= 0:
            size[parent[place]] += size[place]
    return Hierarchy(parent, size, depth)


def _from_the_top(parent: Any) -> list[int]:
    """Every place behind that of its parent; rings in `parent` are cut."""
    below: dict[int, list[int]] = {}
    for place, above in enumerate(parent.tolist()):
        below.setdefault(above, []).append(place)
    order: list[int] = []
    seen = np.zeros(len(parent), dtype=bool)
    level = below.get(-1, [])
    rest = iter(range(len(parent)))
    while len(order) < len(parent):
        if not level:  # what is left hangs under a ring
            level = [_in_ring(next(place for place in rest if not seen[place]), parent)]
            parent[level] = -1
        order += level
        seen[level] = True
        level = [place for above in level for place in below.get(above, []) if not seen[place]]
    return order


def _in_ring(place: int, parent: Any) -> int:
    """The first member of the ring that is above a place."""
    above: dict[int, None] = {}
    while place not in above:
        above[place] = None
        place = int(parent[place])
    members = list(above)
    return min(members[members.index(place) :])
