"""Rows of several lists gathered until they are worth a commit, with the places that the lists have come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from confluence_nb.api.columns import Column
from confluence_nb.frames import FrameBuilder
from confluence_nb.mirror.source import Rows, Stretch

FULL_ROWS = 2_000
"""Rows of a batch: what a kill may cost."""

FULL_LETTERS = 16 * 2**20
"""Letters of bodies after which a batch is full with fewer rows; each takes up to four bytes while it waits."""


class Batch:
    """What was read since the last commit.

    Parameters
    ----------
    columns:
        What its frames promise.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._begin()

    def add(self, stretch: Stretch, rows: Rows | None = None) -> None:
        """Take a window, or only these rows of it."""
        taken = stretch.rows if rows is None else rows
        self._builder.add(taken, base=stretch.base)
        self._letters += sum(_length(row) for row in taken)
        self._positions[stretch.strand.key] = None if stretch.done else stretch.cursor

    @property
    def is_full(self) -> bool:
        return len(self._builder) >= FULL_ROWS or self._letters >= FULL_LETTERS

    @property
    def is_empty(self) -> bool:
        """Whether it has neither rows nor places."""
        return not len(self._builder) and not self._positions

    def take(self) -> tuple[pd.DataFrame, dict[str, str | None]]:
        """The rows, and for each list where the next window begins, None for one that is read to its end."""
        frame, positions = self._builder.frame(), self._positions
        self._begin()
        return frame, positions

    def _begin(self) -> None:
        self._builder = FrameBuilder(self._columns)
        self._letters = 0
        self._positions: dict[str, str | None] = {}


def framed(columns: Sequence[Column], stretch: Stretch) -> pd.DataFrame:
    """The rows of one window."""
    builder = FrameBuilder(columns)
    builder.add(stretch.rows, base=stretch.base)
    return builder.frame()


def _length(row: Any) -> int:
    """The letters of a row's body."""
    body = row.get("body") if isinstance(row, Mapping) else None
    storage = body.get("storage") if isinstance(body, Mapping) else None
    value = storage.get("value") if isinstance(storage, Mapping) else None
    return len(value) if isinstance(value, str) else 0
