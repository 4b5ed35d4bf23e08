"""One body, or a column of them: what cannot be read is a missing cell and a reason, never the end of the column."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from itertools import repeat
from types import UnionType
from typing import Any, TypeVar, get_type_hints

import pandas as pd

from confluence_nb.content.document import parsed
from confluence_nb.content.own_space import in_space, space_of
from confluence_nb.content.unreadable import UnreadableBody
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.notices import LeftOut

Row = TypeVar("Row")

_DTYPES = {str: "string", int: "Int64", bool: "boolean", date: "datetime64[us]"}


class Column:
    """A column of bodies.

    Parameters
    ----------
    bodies:
        A Series of bodies, or a frame with the columns `id` and `body`. Where it has `page_id` beside them, as a frame
        of comments has, what is found keeps both.

    Raises
    ------
    ConfluenceNBError
        It is neither.
    """

    def __init__(self, bodies: Any) -> None:
        self.unreadable: list[dict[str, Any]] = []
        self.mended: list[dict[str, Any]] = []
        self._given = bodies
        if isinstance(bodies, pd.DataFrame):
            known = pd.Index([name for name in bodies.columns if name in ("id", "body", "page_id")])
            if not {"id", "body"} <= set(known):
                raise ConfluenceNBError(
                    'This frame lacks the columns id and body. Read it with body="storage", or pass a column of bodies.'
                )
            if not known.is_unique:
                raise ConfluenceNBError(
                    f"This frame has the column {known[known.duplicated()][0]} more than once. Leave out one of them."
                )
            # Comments and their like have bodies and ids of their own, and stand on a page.
            self.pages = (
                dict(zip(bodies["id"], bodies["page_id"], strict=True)) if "page_id" in bodies else None
            )
            self.label = "page_id" if self.pages is None else "id"
            self.bodies, self.labels = bodies["body"], bodies["id"]
        else:
            self.pages = None
            self.label = "row"
            self.bodies, self.labels = bodies, bodies.index.to_series()

    def roots(self) -> Iterator[Any]:
        """The tree of each body in turn, None where there is none or it cannot be read."""
        for label, body, space in zip(self.labels, self.bodies, _spaces(self._given), strict=True):
            if not isinstance(body, str) and pd.api.types.is_scalar(body) and pd.isna(body):
                yield None
                continue
            try:
                root = parsed(body)
            except UnreadableBody as wrong:
                self.unreadable.append({self.label: label, "reason": str(wrong)})
                yield None
                continue
            if root.get("mended"):
                self.mended.append({self.label: label, "reason": root.get("mended")})
            yield in_space(root, space)

    def named(self, labels: Sequence[Any]) -> dict[str, Any]:
        """The columns that say which body a row is from, of the type that the labels have here."""
        told = {self.label: pd.Series(list(labels), dtype=self.labels.dtype).array}
        if self.pages is None:
            return told
        pages = [self.pages.get(label) for label in labels]
        return {"page_id": pd.Series(pages, dtype="string").array, **told}

    def told(self, result: Any) -> Any:
        """The result with what could not be read in its `attrs`, and one warning about it."""
        result.attrs["unreadable"] = self.unreadable
        result.attrs["mended"] = self.mended
        if self.unreadable:
            warnings.warn(
                f"{len(self.unreadable):,} of {len(self.bodies):,} bodies cannot be read and are left out. "
                f"The first: {self.unreadable[0]['reason']} All of them: .attrs['unreadable'].",
                LeftOut,
                stacklevel=4,
            )
        return result


def _spaces(bodies: pd.Series | pd.DataFrame) -> Iterable[str | None]:
    """The key of the space that each body is in, None where that is not told."""
    for name, key_of in (("space_key", _key), ("url", space_of)):
        told = bodies.get(name) if isinstance(bodies, pd.DataFrame) else None
        if isinstance(told, pd.Series):  # of two columns of one name, neither tells
            return map(key_of, told)
    return repeat(None, len(bodies))


def _key(cell: object) -> str | None:
    return cell if isinstance(cell, str) else None


def is_column(bodies: object) -> bool:
    """Whether these are many bodies."""
    return isinstance(bodies, (pd.Series, pd.DataFrame))


def written(bodies: Any, write: Callable[[Any], str]) -> Any:
    """Each body as a text: a str of a str, a Series of a column."""
    if not is_column(bodies):
        return write(parsed(bodies))
    column = Column(bodies)
    texts = [None if root is None else write(root) for root in column.roots()]
    name = column.bodies.name
    return column.told(pd.Series(texts, index=column.bodies.index, name=name, dtype="string"))


def gathered(bodies: Any, find: Callable[[Any, int | None], list[Row]], kind: type[Row]) -> Any:
    """What is found in each body: a list of a str, one frame of a column.

    Parameters
    ----------
    find:
        Takes the tree of a body and its place among the bodies, None for a body alone.
    kind:
        The dataclass of what it finds.
    """
    if not is_column(bodies):
        return find(parsed(bodies), None)
    column = Column(bodies)
    rows: list[Row] = []
    labels: list[Any] = []
    for place, (label, root) in enumerate(zip(column.labels, column.roots(), strict=True)):
        found = [] if root is None else find(root, place)
        rows += found
        labels += [label] * len(found)
    return column.told(framed(column, labels, rows, kind))


def framed(column: Column, labels: Sequence[Any], rows: Sequence[Any], kind: type) -> pd.DataFrame:
    """Rows of one dataclass as a frame, behind the label of the body that each is from."""
    hints = get_type_hints(kind)
    cells = column.named(labels)
    for each in fields(kind):
        values = [getattr(row, each.name) for row in rows]
        cells[each.name] = _typed(values, hints[each.name])
    return pd.DataFrame(cells)


def _typed(values: list[Any], hint: Any) -> Any:
    possible = hint.__args__ if isinstance(hint, UnionType) else (hint,)
    dtype = next((_DTYPES[one] for one in possible if one in _DTYPES), None)
    if dtype is None:  # an object is a JSON text in a frame, as in all frames of this package
        return pd.array([json.dumps(value, ensure_ascii=False) for value in values], dtype="string")
    return pd.Series(values, dtype=dtype).array
