"""Says what a planned list takes, before and while it is read: how, why, in how many requests, for how many points."""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

from confluence_nb.api.paging import ListReader
from confluence_nb.api.plan import LARGE_SHARE, ROWS_AT_ONCE, Plan
from confluence_nb.notices import ManyPoints
from confluence_nb.pull.wanted import Wanted

R = TypeVar("R", bound=ListReader)


class Forecast:
    """What is said of one list; `told` is what `attrs["plan"]` holds, and changes as the list is read."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._readers: list[ListReader] = []
        self._before = 0
        self.told: dict[str, Any] = {}

    def counting(self, reader: R) -> R:
        """Learn from this reader how many rows the server puts into a window."""
        self._readers.append(reader)
        return reader

    def begin_anew(self) -> None:
        """What was asked so far comes on top of what the plan takes from here on."""
        self._before = sum(reader.requests for reader in self._readers)

    def tell(self, plan: Plan, rows: int, chunk: int) -> None:
        """Bring `told` up to date; `rows` are in the list, and bodies are asked for by `chunk` of them."""
        self.told.update(
            name=plan.name,
            reason=plan.reason,
            requests=self._before + plan.requests(rows, self._window(), chunk) + len(self._wanted.spaces),
            points=plan.points(rows),
        )

    def warn(self, plan: Plan, rows: int | None) -> None:
        """Say before it is spent that a pull takes a large share of what the app may ask in an hour."""
        left, hour = self._wanted.points()
        if rows is None or hour is None or (points := plan.points(rows)) * LARGE_SHARE <= hour:
            return
        least = Plan("both ends", "").points(rows)
        cheaper = f' plan="frugal" costs about {least:,}, and takes longer.' if least < points else ""
        remaining = f"; about {left:,} are left" if left is not None else ""
        # The pull runs on a thread of its own, whose stack does not lead to the line that asked for it.
        warnings.warn_explicit(
            f"This reads about {rows:,} rows and costs about {points:,} of the {hour:,} points that the app has for "
            f"this hour{remaining}.{cheaper}",
            ManyPoints,
            *self._wanted.asked_at,
        )

    def _window(self) -> float:
        """Rows that one request brings, on average: a server may hold fewer to be enough than it was asked for."""
        requests = sum(reader.requests for reader in self._readers)
        rows = sum(reader.rows for reader in self._readers)
        return min(ROWS_AT_ONCE, max(1.0, rows / requests)) if requests and rows else ROWS_AT_ONCE
