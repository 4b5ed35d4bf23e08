"""One pull: lists read window by window into one frame, able to stop anywhere and to go on from there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from confluence_nb.api.columns import Column
from confluence_nb.api.paging import ListReader
from confluence_nb.frames import FrameBuilder

Progress = Callable[[int, int | None], None]
"""Called with the rows so far and the rows in all, None when nobody knows."""


@dataclass
class Pull:
    """Readers that fill one frame, one after the other.

    Parameters
    ----------
    account:
        Whose view of the wiki this is; another account's rows must not join it.
    wanted:
        Rows wanted over all readers, None for all.
    facts:
        What the frame's `attrs` say beside the figures of the pull: site, endpoint, parameters.
    """

    readers: Sequence[ListReader]
    columns: Sequence[Column]
    facts: Mapping[str, Any]
    account: str | None = None
    wanted: int | None = None
    seconds: float = 0.0
    builder: FrameBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.builder = FrameBuilder(self.columns)

    async def run(self, progress: Progress) -> None:
        """Read to the end. After an error or an interrupt it may be called again and goes on."""
        began = time.monotonic()
        try:
            for reader in self.readers:
                if self.wanted is not None:
                    left = self.wanted - len(self.builder)
                    reader.wanted = reader.rows + left
                    reader.done = reader.done or left <= 0
                while (window := await reader.window()) is not None:
                    self.builder.add(window.rows, base=window.base)
                    progress(len(self.builder), self.wanted or self._total())
        finally:
            self.seconds += time.monotonic() - began

    @property
    def done(self) -> bool:
        return all(reader.done for reader in self.readers)

    def frame(self) -> pd.DataFrame:
        """The rows so far; `attrs` says where they came from and whether they are all."""
        attrs: dict[str, Any] = {
            **self.facts,
            "rows": len(self.builder),
            "complete": self.done,
            "requests": sum(reader.requests for reader in self.readers),
            "points": sum(reader.points for reader in self.readers),
            "seconds": round(self.seconds, 3),
        }
        total = self._total()
        if total is not None:
            attrs["estimated_total"] = total
        return self.builder.frame(attrs)

    def _total(self) -> int | None:
        totals = [reader.total for reader in self.readers]
        known = [total for total in totals if total is not None]
        return sum(known) if known and len(known) == len(totals) else None
