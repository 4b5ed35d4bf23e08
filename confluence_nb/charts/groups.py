"""Counts on a picture: the few that are told apart, the rest gathered in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


def count_ticks(most: int) -> dict[str, Any]:
    """An axis of counts up to `most`: no tick between whole numbers."""
    return {"tickformat": ",", "rangemode": "tozero", **({"dtick": 1} if most < 6 else {})}


@dataclass(frozen=True)
class Groups:
    """Values of a column, the frequent ones apart.

    `keys` are those, the most frequent first; `codes` is the place in it of each row, `len(keys)` for one whose
    value is gathered and -1 for one that has none; `gathered` is how many values are.
    """

    keys: list[str]
    codes: Any
    gathered: int


def grouped(values: pd.Series, top: int, weights: pd.Series | None = None) -> Groups:
    """The `top` most frequent values; of equally frequent ones the first in the alphabet.

    A single one beyond them is told apart too: "1 other" would take as much room as its name.

    Parameters
    ----------
    weights:
        How often each row counts, else once.
    """
    counted = pd.Series(1, index=values.index) if weights is None else weights
    counts = counted.groupby(values.astype("string"), observed=True).sum()
    ranked = sorted(counts.index, key=lambda key: (-int(counts[key]), key))
    keys = ranked if len(ranked) <= top + 1 else ranked[:top]
    places = {key: place for place, key in enumerate(keys)}
    codes = values.astype("object").map(places).to_numpy(dtype="float64", na_value=np.nan)
    codes = np.where(np.isnan(codes), np.where(values.isna(), -1, len(keys)), codes).astype(np.int64)
    return Groups(keys, codes, len(ranked) - len(keys))
