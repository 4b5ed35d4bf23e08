"""Which page number belongs to which space: a repeating mosaic, so that both directions are arithmetic."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

# Sizes of spaces differ as they do in companies: some hold a tenth of what others hold.
_WEIGHTS = (5, 3, 9, 1, 2, 4, 1, 6)


class Territory:
    """Deals numbers out to spaces; the `rank` of a number is its place within its space.

    Parameters
    ----------
    spaces:
        How many spaces share the numbers.
    """

    def __init__(self, spaces: int) -> None:
        weights = [_WEIGHTS[index % len(_WEIGHTS)] for index in range(spaces)]
        self._owners: list[int] = []
        while any(weights):
            for index, weight in enumerate(weights):
                if weight:
                    self._owners.append(index)
                    weights[index] -= 1
        self._places: list[list[int]] = [[] for _ in range(spaces)]
        self._ranks: list[int] = []
        for place, owner in enumerate(self._owners):
            self._ranks.append(len(self._places[owner]))
            self._places[owner].append(place)
        self.spaces = spaces

    def locate(self, number: int) -> tuple[int, int]:
        """The space a number belongs to, and its rank there."""
        block, place = divmod(number, len(self._owners))
        space = self._owners[place]
        return space, block * len(self._places[space]) + self._ranks[place]

    def number(self, space: int, rank: int) -> int:
        """The number with that rank in that space."""
        block, index = divmod(rank, len(self._places[space]))
        return block * len(self._owners) + self._places[space][index]

    def rank_from(self, space: int, number: int) -> int:
        """The lowest rank in a space whose number is not below `number`."""
        block, place = divmod(number, len(self._owners))
        return block * len(self._places[space]) + bisect_left(self._places[space], place)

    def upward(self, space: int, first: int, end: int) -> Iterator[int]:
        """The space's numbers from `first` up to, not including, `end`."""
        rank = self.rank_from(space, first)
        while (number := self.number(space, rank)) < end:
            yield number
            rank += 1

    def downward(self, space: int, last: int) -> Iterator[int]:
        """The space's numbers from `last` down to its first."""
        for rank in range(self.rank_from(space, last + 1) - 1, -1, -1):
            yield self.number(space, rank)
