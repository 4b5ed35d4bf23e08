"""Lays the cells of a table out on a grid: a merged cell lies in every place that it covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

WIDEST = 200
"""Columns that one cell may cover."""
MOST_PLACES = 20_000
"""Places of one table that merged cells may fill; beyond, they cover one each. So many are filled up with nothing."""


class Cell(NamedTuple):
    """One cell as it is written.

    `text` is what it says, `columns` and `rows` how many it covers.
    """

    text: str
    columns: int = 1
    rows: int = 1
    is_header: bool = False


class Place(NamedTuple):
    """A place of the grid; `is_first` where the cell begins, False where it goes on."""

    cell: Cell
    is_first: bool


NOTHING = Place(Cell(""), True)


def span(element: Any, name: str) -> int:
    """How many columns or rows a cell covers, by its attribute of that name; at least 1."""
    given = element.get(name)
    if given is None:
        return 1
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 6 else 1


def laid_out(rows: Sequence[Sequence[Cell]]) -> list[list[Place]]:
    """The rows with every place filled, all of one length."""
    grid = _filled(rows)
    width = max(map(len, grid), default=0)
    return [line + [NOTHING] * (width - len(line)) for line in grid]


def _filled(rows: Sequence[Sequence[Cell]]) -> list[list[Place]]:
    """The rows with every place filled, each as long as it is."""
    grid: list[list[Place | None]] = [[] for _ in rows]
    left = MOST_PLACES
    for number, cells in enumerate(rows):
        line = grid[number]
        column = 0
        for cell in cells:
            while column < len(line) and line[column] is not None:
                column += 1
            wide = min(cell.columns, WIDEST)
            high = min(cell.rows, len(rows) - number)
            if wide * high > left:
                wide = high = 1
            left -= wide * high
            for below in range(high):
                _fill(grid[number + below], column, wide, cell, is_first=below == 0)
            column += wide
    return [[place or NOTHING for place in line] for line in grid]


def written(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[str]], bool]:
    """What stands in each place of the rows, and whether the first row is a header.

    A merged cell says its words once. All are of one length, but where one of many is much longer than the others:
    to fill those up would take a hundred times what the table itself does.
    """
    covered = {(cell.columns, cell.rows) for row in rows for cell in row}
    if covered == {(1, 1)} and len(set(map(len, rows))) == 1:  # as in most tables
        return [[cell.text for cell in row] for row in rows], all(cell.is_header for cell in rows[0])
    grid = _filled(rows)
    width = max(map(len, grid))
    lines = [[place.cell.text if place.is_first else "" for place in row] for row in grid]
    if sum(width - len(line) for line in lines) <= MOST_PLACES:
        lines = [line + [""] * (width - len(line)) for line in lines]
    return lines, len(grid[0]) == width and all(place.cell.is_header for place in grid[0])


def _fill(line: list[Place | None], column: int, wide: int, cell: Cell, *, is_first: bool) -> None:
    """Put a cell into a line; where another one lies already, that one stays."""
    line.extend([None] * (column + wide - len(line)))
    for offset in range(wide):
        if line[column + offset] is None:
            line[column + offset] = Place(cell, is_first and offset == 0)
