"""What a frame cost beside its own lists: ids, names and estimates are looked up before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Cost(Protocol):
    """Whatever has made requests."""

    requests: int
    points: int


@dataclass
class Spent:
    """Requests, and the points that they cost of the hour's budget."""

    requests: int = 0
    points: int = 0

    def add(self, cost: Cost) -> None:
        self.requests += cost.requests
        self.points += cost.points
