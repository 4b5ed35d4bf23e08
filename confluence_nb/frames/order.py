"""Puts the rows of a frame in another order than they came in, without holding its large columns twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

BYTES_PER_PIECE = 2**16
"""Pieces of a column are no smaller than this on average: many small ones would make it slow to use."""


def reordered(frame: pd.DataFrame, rows: np.ndarray[Any, Any]) -> pd.DataFrame:
    """The frame with its rows in another order, numbered anew; its `attrs` stay.

    Parameters
    ----------
    rows:
        The position of each wanted row in `frame`.
    """
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    stretches = [slice(part[0], part[-1] + 1) for part in np.split(rows, breaks) if len(part)]
    index = pd.RangeIndex(len(rows))
    columns = {name: _column(frame[name], rows, stretches).set_axis(index) for name in frame.columns}
    ordered = pd.DataFrame(columns, index=index, copy=False)
    ordered.attrs = frame.attrs
    return ordered


def _column(cells: pd.Series[Any], rows: np.ndarray[Any, Any], stretches: Sequence[slice]) -> pd.Series[Any]:
    is_large = cells.nbytes >= BYTES_PER_PIECE * len(stretches)
    if stretches and is_large and isinstance(cells.dtype, pd.StringDtype):
        # Taking rows one by one first joins the whole column and then copies it; a stretch of it is a view.
        joined: pd.Series[Any] = pd.concat([cells.iloc[stretch] for stretch in stretches])
        return joined
    return cells.take(rows)
