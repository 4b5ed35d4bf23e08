"""What a frame cost beside its own lists: ids, names and estimates are looked up before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


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
        """Count what something else has spent."""
        self.requests += cost.requests
        self.points += cost.points

    def add_to(self, attrs: dict[Any, Any]) -> None:
        """Count it among what a frame says that it cost."""
        attrs["requests"] += self.requests
        attrs["points"] += self.points
