"""Seeded chance without state: the same seed, number and question always draw the same value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


class Chance:
    """Draws for the numbered things of one site.

    Parameters
    ----------
    seed:
        Two sites of one seed are alike, number by number.
    """

    __slots__ = ("_seed",)

    def __init__(self, seed: int) -> None:
        self._seed = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK

    def bits(self, number: int, question: int = 0) -> int:
        """64 even bits for one question about one number."""
        mixed = ((number + 1) * 0xBF58476D1CE4E5B9 + question * 0x94D049BB133111EB + self._seed) & _MASK
        mixed ^= mixed >> 31
        mixed = (mixed * 0xD6E8FEB86659FD93) & _MASK
        return mixed ^ (mixed >> 32)

    def below(self, limit: int, number: int, question: int = 0) -> int:
        """A whole number from 0 up to, not including, `limit`."""
        return (self.bits(number, question) * limit) >> 64

    def pick(self, options: Sequence[T], number: int, question: int = 0) -> T:
        """One of the options."""
        return options[(self.bits(number, question) * len(options)) >> 64]
