"""The shape of a space's tree: where a page of a given rank hangs, and what hangs under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from confluence_nb.sandbox.wiki.numbering import Kind

# Pages come in families of eight; within one, each place hangs under the place named here.
FAMILY = 8
_PARENT_PLACE = (0, 0, 0, 0, 1, 1, 4, 6)
# The first families hang each from the deepest place but one of the family before: no walk of ten levels
# reaches the end of that branch.
_SPINE = range(1, 4)
_SPINE_PLACE = 6


class Spot(NamedTuple):
    """A place in one space's tree: a page of that rank, or the folder, whiteboard … beside it."""

    kind: Kind
    rank: int


class Shape:
    """The tree over the ranks of one space: one branch of sixteen levels and more, the rest far less deep.

    Parameters
    ----------
    ranks:
        How many pages the space holds, whatever their status.
    """

    __slots__ = ("_families", "_fan", "ranks")

    def __init__(self, ranks: int) -> None:
        self.ranks = ranks
        self._families = -(-ranks // FAMILY)
        self._fan = max(5, int(self._families**0.25) + 1)

    def parent(self, spot: Spot) -> Spot | None:
        """What a spot hangs under; None at the top of the space."""
        family, place = divmod(spot.rank, FAMILY)
        if spot.kind is not Kind.PAGE:
            if spot.kind is Kind.FOLDER and place == 2:
                return Spot(Kind.FOLDER, spot.rank - 2)
            if spot.kind is Kind.FOLDER and place == 4:
                return _container(family, 5)
            return Spot(Kind.PAGE, spot.rank - place)
        if place == 0:
            if family == 0 or family % 29 == 17:
                return None
            if family in _SPINE:
                return Spot(Kind.PAGE, (family - 1) * FAMILY + _SPINE_PLACE)
            return Spot(Kind.PAGE, (family - 1) // self._fan * FAMILY)
        first = family * FAMILY
        container = _container(family, place)
        if container is not None and self.exists(container):
            return container
        return Spot(Kind.PAGE, first + _PARENT_PLACE[place])

    def exists(self, spot: Spot) -> bool:
        """True when the space has something there."""
        if not 0 <= spot.rank < self.ranks:
            return False
        family, place = divmod(spot.rank, FAMILY)
        match spot.kind:
            case Kind.PAGE:
                return True
            case Kind.FOLDER:
                if place == 4:
                    return _container(family, 5) is not None
                return family % 3 == 1 and (place == 0 or (place == 2 and family % 9 == 4))
            case Kind.WHITEBOARD:
                return place == 0 and family % 5 == 2
            case Kind.DATABASE:
                return place == 0 and family % 7 == 3
            case Kind.EMBED:
                return place == 0 and family % 6 == 5
        return False

    def children(self, spot: Spot) -> Iterator[Spot]:
        """What hangs directly under a spot, in the order of the tree."""
        family, place = divmod(spot.rank, FAMILY)
        first = family * FAMILY
        for candidate in range(first + 1, min(first + FAMILY, self.ranks)):
            child = Spot(Kind.PAGE, candidate)
            if self.parent(child) == spot:
                yield child
        if place == 0:
            for kind in (Kind.FOLDER, Kind.WHITEBOARD, Kind.DATABASE, Kind.EMBED):
                for offset in (0, 2, 4) if kind is Kind.FOLDER else (0,):
                    child = Spot(kind, first + offset)
                    if self.exists(child) and self.parent(child) == spot:
                        yield child
            if spot.kind is Kind.PAGE:
                for younger in range(family * self._fan + 1, (family + 1) * self._fan + 1):
                    child = Spot(Kind.PAGE, younger * FAMILY)
                    if child.rank < self.ranks and self.parent(child) == spot:
                        yield child
        elif place == _SPINE_PLACE and spot.kind is Kind.PAGE and family + 1 in _SPINE:
            child = Spot(Kind.PAGE, first + FAMILY)
            if child.rank < self.ranks:
                yield child

    def roots(self) -> Iterator[Spot]:
        """The pages at the top of the space: its homepage, and some that were moved out from under it."""
        if self.ranks:
            yield Spot(Kind.PAGE, 0)
        for family in range(17, self._families, 29):
            yield Spot(Kind.PAGE, family * FAMILY)


def _container(family: int, place: int) -> Spot | None:
    first = family * FAMILY
    if place in (2, 3) and family % 3 == 1:
        inner = place == 3 and family % 9 == 4
        return Spot(Kind.FOLDER, first + 2 if inner else first)
    if place == 5 and family % 5 == 2:
        return Spot(Kind.WHITEBOARD, first)
    if place == 5 and family % 7 == 3:
        return Spot(Kind.DATABASE, first)
    if place == 5 and family % 6 == 5:
        return Spot(Kind.EMBED, first)
    return None
