"""JSON rows, window by window, into one DataFrame whose columns are promised by the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from confluence_nb.api.columns import FORMATS, LINKS, Column, column_name, snake_case
from confluence_nb.frames.cells import Cells
from confluence_nb.frames.links import absolute
from confluence_nb.frames.search import are_found, lifted

Path = tuple[str, ...]

DEEPEST = 6
"""Below so many levels an undocumented object stays one column of JSON text."""

MOST_UNDOCUMENTED = 200
"""So many undocumented fields get a column of their own; an object whose keys are data would have no end."""

_BESIDE_RESULTS = frozenset({"start", "limit", "size", "totalSize", "_links"})
_NOTHING: dict[str, Any] = {}


@dataclass
class _Level:
    """The promised fields of one level of nesting, and the levels below; what is `known` is no surprise."""

    columns: dict[str, Cells] = field(default_factory=dict)
    below: dict[str, _Level] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=lambda: {"_expandable"})

    def level(self, key: str) -> _Level:
        self.known.add(key)
        return self.below.setdefault(key, _Level())


class FrameBuilder:
    """Rows of one collection, gathered into a frame.

    Parameters
    ----------
    collection_columns:
        The promised columns, as of `Collection.columns_for`.
    """

    def __init__(self, collection_columns: Sequence[Column]) -> None:
        self._columns = tuple(collection_columns)
        self._found = are_found(self._columns)
        self._rows = 0
        self._cells: dict[str, Cells] = {}
        self._undocumented: dict[Path, str] = {}
        self._beyond: dict[int, dict[str, Any]] = {}
        self._top = _Level()
        self._top.level("_links")
        for column in self._columns:
            self._promise(column)

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Iterable[Any], *, base: str | None) -> int:
        """Take one window of rows.

        Parameters
        ----------
        rows:
            The `results` of an answer: objects, or bare texts.
        base:
            The answer's `_links.base`, below which its links are.

        Returns
        -------
        The number of rows taken.
        """
        objects = [self._object(row, base) for row in rows]
        self._read(self._top, objects, (), base)
        self._rows += len(objects)
        return len(objects)

    def frame(self, attrs: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """All rows so far; more may be added afterwards.

        Parameters
        ----------
        attrs:
            Where the frame comes from. Kept as JSON, because Parquet files keep it so.

        Returns
        -------
        The promised columns in their order, then what the specification lacks. Their dtypes: `string`,
        `Int64`, `Float64`, `boolean`, `datetime64[us, UTC]`, `category`, or `object` for lists, whose items
        are texts, numbers or truths, all of one kind, or else JSON texts.
        """
        arrays: dict[str, Any] = {}
        for name, cells in self._cells.items():
            cells.pad(self._rows)
            arrays[name] = cells.array()
        for path, name in self._undocumented.items():
            if self._cells[name].is_empty and self._is_opened(path):
                del arrays[name]
        if self._beyond:
            texts = Cells("string")
            for row, fields in self._beyond.items():
                texts.put(row, fields)
            texts.pad(self._rows)
            arrays[self._free_name(("other", "fields"))] = texts.array()
        frame = pd.DataFrame(arrays, index=pd.RangeIndex(self._rows), copy=False)
        frame.attrs = json.loads(json.dumps(dict(attrs or {}), default=str))
        return frame

    def _promise(self, column: Column) -> None:
        cells = self._cells[column.name] = Cells(column.dtype, column.categories)
        level = self._top
        for key in column.source[:-1]:
            level = level.level(key)
            if key in FORMATS:
                level.known.add("representation")
        last = column.source[-1]
        level.columns[last] = cells
        level.names[snake_case(last)] = last
        level.known |= {last, *(_BESIDE_RESULTS if last == "results" else ())}

    def _object(self, row: Any, base: str | None) -> Mapping[str, Any]:
        if isinstance(row, Mapping):
            return lifted(row, base) if self._found else row
        if row is None:
            return _NOTHING
        path = self._columns[0].source if self._columns else ("value",)
        nested: Any = row
        for key in reversed(path):
            nested = {key: nested}
        whole: Mapping[str, Any] = nested
        return whole

    def _read(self, level: _Level, objects: list[Mapping[str, Any]], path: Path, base: str | None) -> None:
        """One level of a window, a column at a time: as fast as Python reads dictionaries."""
        are_links = path[-1:] == ("_links",)
        unknown = sorted(set().union(*objects) - level.known)
        if unknown:
            objects = _spelt_once(objects, {key: level.names.get(snake_case(key)) for key in unknown})
            unknown = sorted(set().union(*objects) - level.known)
        for key, cells in level.columns.items():
            values = [fields.get(key) for fields in objects]
            cells.extend(absolute(values, base) if are_links else values)
        for key, below in level.below.items():
            inner = (*path, key)
            self._read(below, self._opened([fields.get(key) for fields in objects], inner), inner, base)
        for key in unknown:
            if are_links and key not in LINKS:
                level.known.add(key)  # a link for programs
            else:
                self._surprise((*path, key), [fields.get(key) for fields in objects], base)

    def _opened(self, values: list[Any], path: Path) -> list[Mapping[str, Any]]:
        """The objects of the next level; what is none arrives as a column of its own."""
        types = set(map(type, values))
        if types <= {dict, type(None)}:
            return values if types == {dict} else [value or _NOTHING for value in values]
        opened: list[Mapping[str, Any]] = []
        for row, value in enumerate(values, self._rows):
            if isinstance(value, Mapping):
                opened.append(value)
                continue
            opened.append(_NOTHING)
            if value is not None:
                self._arrive(path, row, value)
        return opened

    def _surprise(self, path: Path, values: list[Any], base: str | None) -> None:
        """A field that the specification lacks, under the rules of those it has."""
        if path[-2:-1] == ("_links",):
            values = absolute(values, base)
        if path == ("body",) and not any(values):
            return  # what was not asked for is not missing
        is_nested = path[-1] == "_links" or any(isinstance(value, Mapping) for value in values)
        cells = None if is_nested else self._cells_of(path)
        if cells is not None:
            cells.pad(self._rows)
            cells.extend(values)
            return
        for row, value in enumerate(values, self._rows):
            if value is not None:
                self._flatten(path, row, value, base)

    def _flatten(self, path: Path, row: int, value: Any, base: str | None) -> None:
        if path[-1] == "_links":
            links = value if isinstance(value, Mapping) else _NOTHING
            for link in [link for link in LINKS if link in links]:
                self._arrive((*path, link), row, absolute([links[link]], base)[0])
        elif isinstance(value, Mapping) and len(path) < DEEPEST:
            hidden = {"_expandable"}
            if isinstance(value.get("results"), list):
                hidden |= _BESIDE_RESULTS
            if path[-1] in FORMATS and "value" in value:
                hidden.add("representation")
            for key, inner in value.items():
                if key not in hidden:
                    self._flatten((*path, key), row, inner, base)
        else:
            self._arrive(path, row, value)

    def _arrive(self, path: Path, row: int, value: Any) -> None:
        cells = self._cells_of(path)
        if cells is not None:
            cells.put(row, value)
        else:
            self._beyond.setdefault(row, {})[".".join(path)] = value

    def _cells_of(self, path: Path) -> Cells | None:
        """The cells of an undocumented field; None when there are too many of them."""
        name = self._undocumented.get(path)
        if name is None:
            if len(self._undocumented) >= MOST_UNDOCUMENTED:
                return None
            name = self._undocumented[path] = self._free_name(path)
            is_id = name == "id" or name.endswith("_id")
            self._cells[name] = Cells("string" if is_id else None)
        return self._cells[name]

    def _free_name(self, path: Path) -> str:
        full = "_".join(snake_case(key) for key in path)
        for name in (
            column_name(path),
            full,
            *(f"{full}_{number}" for number in range(2, MOST_UNDOCUMENTED)),
        ):
            if name not in self._cells:
                return name
        return ".".join(path)

    def _is_opened(self, path: Path) -> bool:
        """True when a field that was always null is an object in other rows."""
        return any(other[: len(path)] == path and other != path for other in self._undocumented)


def _spelt_once(
    objects: list[Mapping[str, Any]], spellings: Mapping[str, str | None]
) -> list[Mapping[str, Any]]:
    """The objects, a promised field that came under another spelling put where it was promised.

    The service sends some fields in two spellings, `inlineMarkerRef` and `inline-marker-ref`. Where they differ,
    both stay.
    """
    respelt = {key: promised for key, promised in spellings.items() if promised is not None}
    if not respelt:
        return objects
    merged: list[Mapping[str, Any]] = []
    for fields in objects:
        one = dict(fields)
        for key, promised in respelt.items():
            if one.get(promised) is None:
                one[promised] = one.get(key)
            if one.get(key) in (None, one[promised]):
                one.pop(key, None)
        merged.append(one)
    return merged
