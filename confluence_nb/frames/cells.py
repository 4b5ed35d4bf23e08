"""The cells of one column: JSON values in, one typed pandas array out.

Values are gathered in a Python list and packed into a typed block now and then, so that a long read holds
compact arrays instead of Python objects: long texts soon, since each takes up to four bytes for a letter until
then. The column is as wide as the widest of its blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from confluence_nb.api.columns import Dtype
from confluence_nb.frames.blocks import Block, Kind, joined, nothing, packed, strings
from confluence_nb.frames.lists import common_list_kind
from confluence_nb.frames.texts import encodable, text_of

ROWS_PER_BLOCK = 8_192
LETTERS_PER_BLOCK = 2**22

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


class Cells:
    """One column as it is read.

    Parameters
    ----------
    dtype:
        The promised type, or None for a field that the specification lacks: then its values decide.
    categories:
        The fixed values of a `category`; others that arrive are added behind them.
    """

    def __init__(self, dtype: Dtype | None, categories: Sequence[str] = ()) -> None:
        self._dtype = dtype
        self._codes: dict[Any, int] = {None: -1} | {name: code for code, name in enumerate(categories)}
        self._pending: list[Any] = []
        self._letters = 0
        self._blocks: list[Block] = []
        self._packed = 0

    def __len__(self) -> int:
        return self._packed + len(self._pending)

    def extend(self, values: list[Any]) -> None:
        """Take the next cells, None where there is nothing."""
        self._pending += values
        if self._dtype is None or self._dtype == "string":
            self._letters += sum([len(value) for value in values if type(value) is str])
        if len(self._pending) >= ROWS_PER_BLOCK or self._letters >= LETTERS_PER_BLOCK:
            self._pack()

    def put(self, row: int, value: Any) -> None:
        """Take the cell of one row; the rows passed over are empty."""
        self.pad(row)
        self.extend([value])

    def pad(self, rows: int) -> None:
        """Empty cells up to that number of rows."""
        self.extend([None] * (rows - len(self)))

    @property
    def is_empty(self) -> bool:
        """True when no cell so far holds anything."""
        self._pack()
        return all(block.kind == "empty" for block in self._blocks)

    def array(self) -> Any:
        """All cells so far as one pandas array (a Series for lists) of one of the promised dtypes."""
        self._pack()
        kind = self._common_kind()
        cells = joined([_widened(block, kind) for block in self._blocks], kind, self._categories())
        return _as_moments(cells) if kind == "string" and self._dtype is None else cells

    def _pack(self) -> None:
        if self._pending:
            values = self._pending
            is_category = self._dtype == "category"
            block = Block("category", self._coded(values)) if is_category else packed(values, self._dtype)
            # An interrupt may fall anywhere above, and the next call begins anew: nothing has changed until here.
            blocks, rows = [*self._blocks, block], self._packed + len(values)
            self._blocks, self._packed, self._pending, self._letters = blocks, rows, [], 0

    def _coded(self, values: list[Any]) -> Any:
        codes = self._codes
        try:
            return np.array([codes[value] for value in values], dtype=np.int32)
        except (KeyError, TypeError):  # a value that the specification lacks, or no text
            texts = [None if value is None else encodable(text_of(value)) for value in values]
        for text in texts:
            codes.setdefault(text, len(codes) - 1)
        return np.array([codes[text] for text in texts], dtype=np.int32)

    def _categories(self) -> list[str]:
        return [name for name in self._codes if name is not None]

    def _common_kind(self) -> Kind:
        filled = [block for block in self._blocks if block.kind != "empty"]
        kinds = {block.kind for block in filled}
        if not kinds:
            return "string" if self._dtype is None or self._dtype == "json" else self._dtype
        if len(kinds) == 1:
            return kinds.pop()
        are_exact = all(block.is_exact for block in filled)
        if all(block.has_lists for block in filled):
            return common_list_kind(kinds, are_exact)
        return "Float64" if kinds == {"Int64", "Float64"} and are_exact else "string"


def _widened(block: Block, kind: Kind) -> Any:
    """The cells of a block as those of a wider kind."""
    if block.kind == kind or (block.has_lists and kind.startswith("list")):
        return block.cells
    if block.kind == "empty":
        return nothing(kind, len(block))
    return block.cells.astype("Float64") if kind == "Float64" else strings(block.values())


def _as_moments(texts: Any) -> Any:
    """Undocumented texts that are all moments are moments; else the texts."""
    if all(text is pd.NA or _MOMENT.fullmatch(text) for text in texts):
        block = packed([None if text is pd.NA else text for text in texts], "datetime")
        if block.kind == "datetime":
            return block.cells
    return texts
