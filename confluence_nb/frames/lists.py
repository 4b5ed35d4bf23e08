"""Lists in the cells of a column: of one plain kind as they are, of anything else as JSON texts, item by item.

Objects in lists differ from row to row, which no table format holds; texts survive anywhere, and
`column.explode().map(json.loads)` makes objects of them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from confluence_nb.frames.texts import encodable, json_text

EXACT_IN_A_FLOAT = 2**53

ListKind = Literal[
    "list", "list of texts", "list of numbers", "list of fractions", "list of truths", "list of JSON"
]
"""`list` has no items at all; fractions may have whole numbers among them that a fraction holds exactly."""


def kind_of_lists(cells: Iterable[list[Any] | None]) -> ListKind:
    """What the items of all these lists have in common."""
    items = [item for cell in cells if cell for item in cell]
    types = set(map(type, items))
    if not types:
        return "list"
    if types == {str}:
        return "list of texts"
    if types == {bool}:
        return "list of truths"
    if types == {int} and all(-(2**63) <= item < 2**63 for item in items):
        return "list of numbers"
    if types <= {int, float} and are_exact(items):
        return "list of fractions"
    return "list of JSON"


def are_exact(items: Iterable[Any]) -> bool:
    """Whether a fraction can hold each whole number among these."""
    return all(type(item) is not int or abs(item) <= EXACT_IN_A_FLOAT for item in items)


def common_list_kind(kinds: set[Any], is_exact: bool) -> ListKind:
    """The kind of all lists of a column, whose blocks are of these kinds."""
    filled: set[ListKind] = kinds - {"list"}
    if len(filled) <= 1:
        return filled.pop() if filled else "list"
    are_numbers = filled == {"list of numbers", "list of fractions"}
    return "list of fractions" if are_numbers and is_exact else "list of JSON"


def shown(cell: list[Any] | None, kind: str) -> list[Any] | None:
    """A list as it stands in a column of that kind."""
    if cell is None:
        return None
    if kind == "list of texts":
        return [encodable(item) for item in cell]
    return [json_text(item) for item in cell] if kind == "list of JSON" else list(cell)
