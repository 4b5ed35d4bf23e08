"""The tables of a page as DataFrames: merged cells filled in, header rows as columns, header columns as index."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from confluence_nb.content.grid import Cell, Place, laid_out, span
from confluence_nb.content.text import text_of
from confluence_nb.content.walk import each

_GROUPS = ("thead", "tbody", "tfoot")
_NUMBER = re.compile(
    # What begins with a zero is a number of an article or a telephone: it has no other way to be written.
    r"[-+−]?(?:[1-9]\d{0,2}(?:[, \xa0\u202f]\d{3})+|0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d{1,2})?",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def tables_in(
    root: Any, names: Mapping[str, str], *, numbers: bool = False, dates: bool = False
) -> list[pd.DataFrame]:
    """The tables of a body in order; one inside the cell of another comes after that.

    Parameters
    ----------
    numbers, dates:
        Whether columns that hold nothing else become numbers, and UTC moments.
    """
    found = [_frame(laid_out(rows)) for table in each(root, "table") if (rows := _rows(table, names))]
    for frame in found if numbers or dates else ():
        for position in range(frame.shape[1]):
            column = pd.Series(frame.iloc[:, position].array)
            frame.isetitem(position, _converted(column, numbers=numbers, dates=dates).array)
    return found


def _rows(table: Any, names: Mapping[str, str]) -> list[list[Cell]]:
    found = []
    for child in table:
        rows = [child] if child.tag == "tr" else child if child.tag in _GROUPS else ()
        for row in rows:
            cells = (
                [_cell(cell, names) for cell in row if cell.tag in ("th", "td")] if row.tag == "tr" else []
            )
            if cells:
                found.append(cells)
    return found


def _cell(element: Any, names: Mapping[str, str]) -> Cell:
    text = text_of(element, names)
    is_header = element.tag == "th" or element.getparent().getparent().tag == "thead"
    return Cell(text, span(element, "colspan"), span(element, "rowspan"), is_header)


def _frame(grid: list[list[Place]]) -> pd.DataFrame:
    """The grid without its header rows and columns, which name what is left."""
    above = _leading([all(place.cell.is_header for place in row) for row in grid])
    if above == len(
        grid
    ):  # nothing but headers: one row of them names the columns, the others are all there is
        above = min(above, max(place.cell.rows for place in grid[0]))
    body = grid[above:]
    beside = (
        _leading([all(row[column].cell.is_header for row in body) for column in range(len(grid[0]))])
        if body
        else 0
    )
    if beside == len(grid[0]):
        beside = 0
    titles = [_title([row[column] for row in grid[:above]]) for column in range(len(grid[0]))]

    def column(place: int) -> list[str]:
        return [row[place].cell.text for row in body]

    frame = pd.DataFrame(
        {
            number: pd.array(column(place), dtype="string")
            for number, place in enumerate(range(beside, len(grid[0])))
        },
        index=_index([column(place) for place in range(beside)], titles[:beside], len(body)),
    )
    if above:
        frame.columns = pd.Index(_unlike(titles[beside:]))
    return frame


def _leading(are_headers: list[bool]) -> int:
    return next((number for number, is_header in enumerate(are_headers) if not is_header), len(are_headers))


def _title(places: list[Place]) -> str:
    """The words of the header rows over a column; a cell that goes on below says them once."""
    words = [" ".join(place.cell.text.split()) for place in places]
    return " / ".join(
        word for number, word in enumerate(words) if word and (number == 0 or word != words[number - 1])
    )


def _unlike(titles: list[str]) -> list[str]:
    """Titles of columns, each another: a second one is numbered, one without words is named by its position."""
    found: dict[str, int] = {}
    for number, title in enumerate(titles, 1):
        name = wanted = title or f"column {number}"
        while name in found:
            found[wanted] = found.get(wanted, 1) + 1
            name = f"{wanted} ({found[wanted]})"
        found[name] = 1
    return list(found)


def _index(columns: list[list[str]], titles: list[str], rows: int) -> pd.Index:
    if not columns:
        return pd.RangeIndex(rows)
    if len(columns) == 1:
        return pd.Index(pd.array(columns[0], dtype="string"), name=titles[0] or None)
    return pd.MultiIndex.from_arrays(columns, names=[title or None for title in titles])


def _converted(column: pd.Series, *, numbers: bool, dates: bool) -> pd.Series:
    """The column with another type, where all of its cells that are not empty have it."""
    filled = column[column != ""]
    if filled.empty:
        return column
    if numbers and filled.map(lambda cell: _NUMBER.fullmatch(cell) is not None).all():
        plain = filled.str.replace(r"[, \xa0\u202f]", "", regex=True).str.replace("−", "-")
        is_whole = not plain.str.contains(r"[.eE]").any()
        if is_whole and plain.str.len().max() > 18:  # a float would lose the last digits
            return column
        values = pd.to_numeric(plain).astype("Int64" if is_whole else "Float64")
        return values.reindex(column.index)
    if dates and filled.map(lambda cell: _DATE.fullmatch(cell) is not None).all():
        moments = pd.to_datetime(filled, format="ISO8601", utc=True, errors="coerce")
        if moments.notna().all():
            return moments.dt.as_unit("us").reindex(column.index)
    return column
