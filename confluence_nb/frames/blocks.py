"""A run of cells of one type: JSON values packed into it, or into a wider type when they do not fit.

What does not fit is never dropped: whole numbers become fractions, and anything else its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from confluence_nb.api.columns import Dtype
from confluence_nb.frames.lists import EXACT_IN_A_FLOAT, ListKind, are_exact, kind_of_lists, shown
from confluence_nb.frames.texts import encodable, json_text, text_of

Kind = Literal["empty", "string", "Int64", "Float64", "boolean", "datetime", "category"] | ListKind

_CLOCK_WORDS = frozenset({"now", "today"})
"""pandas would read these as the time of the reading."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED = re.compile(r"\d{12,13}", re.ASCII)
"""Milliseconds since 1970 that make a day of the years 1973 to 2286: a date without its hyphens has 8 digits, or 14."""


@dataclass(frozen=True)
class Block:
    """Cells of one kind.

    `cells` is a pandas array; for `category` the codes, for lists a Python list of them, for `empty` no more
    than their number.
    """

    kind: Kind
    cells: Any

    def __len__(self) -> int:
        return int(self.cells) if self.kind == "empty" else len(self.cells)

    @property
    def has_lists(self) -> bool:
        return self.kind.startswith("list")

    def values(self) -> list[Any]:
        """The values again, moments as the API writes them."""
        if self.has_lists:
            return list(self.cells)
        if self.kind == "datetime":
            moments = self.cells.tz_localize(None).to_numpy("datetime64[us]")
            in_ms = bool((moments == moments.astype("datetime64[ms]"))[~np.isnat(moments)].all())
            texts = np.datetime_as_string(moments, unit="ms" if in_ms else "us")
            return [None if text == "NaT" else f"{text}Z" for text in texts]
        return [None if value is pd.NA else value for value in self.cells.tolist()]

    @property
    def is_exact(self) -> bool:
        """True unless it holds whole numbers that a fraction cannot."""
        if self.kind == "list of numbers":
            return all(are_exact(cell) for cell in self.cells if cell)
        if self.kind != "Int64":
            return True
        return bool((np.abs(self.cells.dropna().to_numpy("int64")) <= EXACT_IN_A_FLOAT).all())


def packed(values: list[Any], dtype: Dtype | None) -> Block:
    """The values as a block of `dtype`, or of what they are when that is None."""
    types = set(map(type, values)) - {type(None)}
    if not types:
        return Block("empty", len(values))
    return _PACKERS[dtype or _kind_of(types)](values, types)


def _kind_of(types: set[type]) -> Dtype:
    """The type of values of which nothing is promised."""
    if types <= {bool}:
        return "boolean"
    if types <= {int}:
        return "Int64"
    if types <= {int, float}:
        return "Float64"
    return "list" if types <= {list} else "string"


def _whole_numbers(values: list[Any], types: set[type]) -> Block:
    if types <= {int} or (
        types <= {int, float} and all(value is None or value == value // 1 for value in values)
    ):
        try:
            cells = np.array([0 if value is None else int(value) for value in values], dtype=np.int64)
        except OverflowError:
            return _texts(values, types)
        missing = np.array([value is None for value in values])
        return Block("Int64", pd.arrays.IntegerArray(cells, missing))
    return _fractions(values, types)


def _fractions(values: list[Any], types: set[type]) -> Block:
    too_long = int in types and any(type(value) is int and abs(value) > EXACT_IN_A_FLOAT for value in values)
    if types <= {int, float} and not too_long:
        return Block("Float64", pd.array(values, dtype="Float64"))
    return _texts(values, types)


def _truths(values: list[Any], types: set[type]) -> Block:
    if types <= {bool}:
        return Block("boolean", pd.array(values, dtype="boolean"))
    return _texts(values, types)


def _moments(values: list[Any], types: set[type]) -> Block:
    """ISO 8601 texts with or without fractions and offsets, or milliseconds since 1970 (also as a text), in UTC."""
    try:
        if not types <= {str, int} or not _CLOCK_WORDS.isdisjoint(values):
            return _texts(values, types)
        if int in types:
            given = [_iso(value) if type(value) is int else value or None for value in values]
        else:
            given = [value or None for value in values]
        cells = pd.to_datetime(np.array(given, dtype=object), format="ISO8601", utc=True).as_unit("us").array
    except (ValueError, OverflowError):  # no date, or one beyond what pandas can hold
        counted = [int(each) if type(each) is str and _COUNTED.fullmatch(each) else each for each in values]
        return _texts(values, types) if counted == values else _moments(counted, types | {int})
    if int(cells.isna().sum()) != given.count(None):  # a word for "no date" is a text here
        return _texts(values, types)
    return Block("datetime", cells)


def _iso(milliseconds: int) -> str:
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat()


def _texts(values: list[Any], types: set[type]) -> Block:
    return Block("string", strings(values, types))


def _json(values: list[Any], types: set[type]) -> Block:
    texts = [None if value is None else json_text(value) for value in values]
    return Block("string", pd.array(texts, dtype=pd.StringDtype()))


def _lists(values: list[Any], types: set[type]) -> Block:
    cells = [value if value is None or type(value) is list else [value] for value in values]
    return Block(kind_of_lists(cells), cells)


def strings(values: list[Any], types: set[type] | None = None) -> Any:
    """The texts of any values, as a pandas array; `types` are their types, where they are known."""
    if types is None or not types <= {str}:
        values = [None if value is None else text_of(value) for value in values]
    try:
        return pd.array(values, dtype=pd.StringDtype())
    except UnicodeError:
        return pd.array([value and encodable(value) for value in values], dtype=pd.StringDtype())


_PACKERS: dict[str, Callable[[list[Any], set[type]], Block]] = {
    "string": _texts,
    "Int64": _whole_numbers,
    "Float64": _fractions,
    "boolean": _truths,
    "datetime": _moments,
    "list": _lists,
    "json": _json,
}


def nothing(kind: Kind, rows: int) -> Any:
    """A block of that many empty cells."""
    if kind.startswith("list"):
        return [None] * rows
    if kind == "category":
        return np.full(rows, -1, dtype=np.int32)
    dtype: Any = {"string": pd.StringDtype(), "datetime": "datetime64[us, UTC]"}.get(kind, kind)
    return pd.Series(None, index=range(rows), dtype=dtype).array


def joined(blocks: list[Any], kind: Kind, categories: list[str]) -> Any:
    """The blocks of one kind as one array that shares nothing changeable with them."""
    blocks = blocks or [nothing(kind, 0)]
    if kind.startswith("list"):
        cells = [shown(cell, kind) for block in blocks for cell in block]
        # An array of one row per list, and a Series lest pandas takes an object that is a text for text.
        return pd.Series(np.fromiter(cells, dtype=object, count=len(cells)), dtype=object)
    if kind == "category":
        return pd.Categorical.from_codes(np.concatenate(blocks), dtype=pd.CategoricalDtype(categories))
    if len(blocks) == 1:
        return blocks[0].copy()
    return pd.concat([pd.Series(block) for block in blocks], ignore_index=True).array
