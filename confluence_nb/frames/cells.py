"""The cells of one column: JSON values in, one typed pandas array out, and nothing is ever lost on the way.

Values are gathered in a Python list and packed into a typed block now and then, so that a long read holds
compact arrays instead of Python objects. A value of another type than promised makes its block a wider
type, and the column the widest of its blocks: whole numbers become fractions, anything else its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from confluence_nb.api.columns import Dtype

Kind = Literal["empty", "string", "Int64", "Float64", "boolean", "datetime", "category", "list", "object"]

ROWS_PER_BLOCK = 8_192
EXACT_IN_A_FLOAT = 2**53

_CLOCK_WORDS = frozenset({"now", "today"})
"""pandas would read these as the time of the reading."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class _Block:
    kind: Kind
    cells: Any
    """A pandas array; codes for `category`; a Python list for `list` and `object`; a count for `empty`."""

    def __len__(self) -> int:
        return int(self.cells) if self.kind == "empty" else len(self.cells)


class Cells:
    """One column as it is read.

    Parameters
    ----------
    dtype:
        The promised type, or None for a field that the specification lacks: then its values decide.
    categories:
        The fixed values of a `category`; others that arrive are added behind them.
    as_text:
        True for an undocumented id, which is text even when it is sent as a number.
    """

    def __init__(self, dtype: Dtype | None, categories: Sequence[str] = (), *, as_text: bool = False) -> None:
        self._dtype: Dtype | None = "string" if as_text else dtype
        self._documented = dtype is not None
        self._categories = list(categories)
        self._codes: dict[Any, int] = {None: -1} | {name: code for code, name in enumerate(categories)}
        self._pending: list[Any] = []
        self._blocks: list[_Block] = []
        self._packed = 0

    def __len__(self) -> int:
        return self._packed + len(self._pending)

    def extend(self, values: list[Any]) -> None:
        """Take the next cells, None where there is nothing."""
        self._pending += values
        if len(self._pending) >= ROWS_PER_BLOCK:
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
        """All cells so far as one pandas array (a Series for objects) of one of the promised dtypes."""
        self._pack()
        kind = self._common_kind()
        if kind == "datetime" and not self._documented:
            return self._moments_or_texts()
        return _joined([self._as(kind, block) for block in self._blocks], kind, self._categories)

    def _pack(self) -> None:
        if self._pending:
            values, self._pending = self._pending, []
            self._packed += len(values)
            self._blocks.append(self._block(values))

    def _block(self, values: list[Any]) -> _Block:
        types = set(map(type, values)) - {type(None)}
        if not types and self._dtype != "category":
            return _Block("empty", len(values))
        match self._dtype or _kind_of(types, values):
            case "string":
                return _Block("string", _strings(values, types))
            case "category":
                return _Block("category", self._coded(values))
            case "Int64":
                return _whole_numbers(values, types)
            case "Float64":
                return _fractions(values, types)
            case "boolean":
                return _truths(values, types)
            case "datetime":
                return _moments(values, types)
            case "list":
                return _Block(
                    "list", [value if value is None or type(value) is list else [value] for value in values]
                )
            case _:
                return _Block("object", values)

    def _coded(self, values: list[Any]) -> Any:
        codes = self._codes
        try:
            return np.array([codes[value] for value in values], dtype=np.int32)
        except (KeyError, TypeError):  # a value that the specification lacks, or no text
            texts = [None if value is None else _encodable(_text(value)) for value in values]
        for text in texts:
            if text not in codes:
                codes[text] = len(self._categories)
                self._categories.append(str(text))
        return np.array([codes[text] for text in texts], dtype=np.int32)

    def _common_kind(self) -> Kind:
        kinds = {block.kind for block in self._blocks} - {"empty"}
        if not kinds:
            return self._dtype or "string"
        if len(kinds) == 1:
            kind = kinds.pop()
            looks_timed = kind == "string" and not self._documented and self._dtype is None
            return "datetime" if looks_timed else kind
        if kinds == {"Int64", "Float64"} and all(map(_exact, self._blocks)):
            return "Float64"
        return "string"

    def _as(self, kind: Kind, block: _Block) -> Any:
        if block.kind == kind:
            return block.cells
        if block.kind == "empty":
            return _nothing(kind, len(block))
        if kind == "Float64":
            return block.cells.astype("Float64")
        return _strings(_values(block), {object})

    def _moments_or_texts(self) -> Any:
        """Texts that are all moments are moments; the values decide, as nothing is promised of the field."""
        texts = _joined([self._as("string", block) for block in self._blocks], "string", [])
        values = list(texts)
        if all(value is pd.NA or _MOMENT.fullmatch(value) for value in values):
            block = _moments([None if value is pd.NA else value for value in values], {str})
            if block.kind == "datetime":
                return block.cells
        return texts


def _kind_of(types: set[type], values: list[Any]) -> Dtype:
    """The type of values of which nothing is promised."""
    if types <= {bool}:
        return "boolean"
    if types <= {int}:
        return "Int64"
    if types <= {int, float}:
        return "Float64"
    return "list" if types <= {list} else "string"


def _whole_numbers(values: list[Any], types: set[type]) -> _Block:
    if types <= {int} or (
        types <= {int, float} and all(value is None or value == value // 1 for value in values)
    ):
        try:
            cells = np.array([0 if value is None else int(value) for value in values], dtype=np.int64)
        except OverflowError:
            return _Block("string", _strings(values, types))
        missing = np.array([value is None for value in values])
        return _Block("Int64", pd.arrays.IntegerArray(cells, missing))
    return _fractions(values, types)


def _fractions(values: list[Any], types: set[type]) -> _Block:
    too_long = int in types and any(type(value) is int and abs(value) > EXACT_IN_A_FLOAT for value in values)
    if types <= {int, float} and not too_long:
        return _Block("Float64", pd.array(values, dtype="Float64"))
    return _Block("string", _strings(values, types))


def _truths(values: list[Any], types: set[type]) -> _Block:
    if types <= {bool}:
        return _Block("boolean", pd.array(values, dtype="boolean"))
    return _Block("string", _strings(values, types))


def _moments(values: list[Any], types: set[type]) -> _Block:
    """ISO 8601 texts with or without fractions and offsets, or milliseconds since 1970, in UTC."""
    try:
        if not types <= {str, int} or not _CLOCK_WORDS.isdisjoint(values):
            return _Block("string", _strings(values, types))
        if int in types:
            given = [_iso(value) if type(value) is int else value or None for value in values]
        else:
            given = [value or None for value in values]
        cells = pd.to_datetime(np.array(given, dtype=object), format="ISO8601", utc=True).as_unit("us").array
    except (ValueError, OverflowError):  # no date, or one beyond what pandas can hold
        return _Block("string", _strings(values, types))
    if int(cells.isna().sum()) != given.count(None):  # a word for "no date" is a text here
        return _Block("string", _strings(values, types))
    return _Block("datetime", cells)


def _iso(milliseconds: int) -> str:
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat()


def _strings(values: list[Any], types: set[type]) -> Any:
    if not types <= {str}:
        values = [None if value is None else _text(value) for value in values]
    try:
        return pd.array(values, dtype=pd.StringDtype())
    except UnicodeError:
        return pd.array([value and _encodable(value) for value in values], dtype=pd.StringDtype())


def _text(value: Any) -> str:
    """A text as it is; anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _encodable(text: str) -> str:
    """Half of a surrogate pair, which JSON admits and no encoding does, as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _exact(block: _Block) -> bool:
    """True unless the block holds whole numbers that a fraction cannot."""
    if block.kind != "Int64":
        return True
    return bool((np.abs(block.cells.dropna().to_numpy("int64")) <= EXACT_IN_A_FLOAT).all())


def _values(block: _Block) -> list[Any]:
    """The values of a packed block again, moments as the API writes them."""
    if block.kind in ("list", "object"):
        return list(block.cells)
    if block.kind == "datetime":
        moments = block.cells.tz_localize(None).to_numpy("datetime64[us]")
        in_ms = bool((moments == moments.astype("datetime64[ms]"))[~np.isnat(moments)].all())
        texts = np.datetime_as_string(moments, unit="ms" if in_ms else "us")
        return [None if text == "NaT" else f"{text}Z" for text in texts]
    return [None if value is pd.NA else value for value in block.cells.tolist()]


def _nothing(kind: Kind, rows: int) -> Any:
    """A block of that many empty cells."""
    if kind in ("list", "object"):
        return [None] * rows
    if kind == "category":
        return np.full(rows, -1, dtype=np.int32)
    dtype: Any = {"string": pd.StringDtype(), "datetime": "datetime64[us, UTC]"}.get(kind, kind)
    return pd.Series(None, index=range(rows), dtype=dtype).array


def _joined(blocks: list[Any], kind: Kind, categories: list[str]) -> Any:
    """The blocks of one kind as one array that shares nothing changeable with them."""
    blocks = blocks or [_nothing(kind, 0)]
    if kind in ("list", "object"):
        cells = [cell for block in blocks for cell in block]
        # An array of one row per list, and a Series lest pandas takes an object that is a text for text.
        return pd.Series(np.fromiter(cells, dtype=object, count=len(cells)), dtype=object)
    if kind == "category":
        return pd.Categorical.from_codes(np.concatenate(blocks), dtype=pd.CategoricalDtype(categories))
    if len(blocks) == 1:
        return blocks[0].copy()
    return pd.concat([pd.Series(block) for block in blocks], ignore_index=True).array
