"""The comparison itself sees a lost row, a doubled one and another value: else its silence would mean nothing."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from confluence_nb import Wiki

from .same_rows import PAGES, differences


@pytest.fixture
def rows(wiki: Wiki) -> list[dict[str, Any]]:
    """A few pages as the service writes them."""
    said = wiki.get("/wiki/api/v2/pages", limit=20)
    return deepcopy(said["results"])


def test_the_same_rows_are_the_same_in_any_order(wiki: Wiki, rows: list[dict[str, Any]]) -> None:
    assert differences(wiki.pages(limit=20), rows[::-1], PAGES) == []


def test_a_lost_row_and_a_doubled_one_are_seen(wiki: Wiki, rows: list[dict[str, Any]]) -> None:
    ours = wiki.pages(limit=20)
    assert "20 rows here, 19 there" in differences(ours, rows[1:], PAGES)[0]
    assert "20 rows here, 21 there, 20 of them" in differences(ours, [*rows, rows[0]], PAGES)[0]
    assert "read nothing" in differences(ours, [], PAGES)[0]


@pytest.mark.parametrize(
    ("place", "column"),
    [
        ("title", "title"),
        ("createdAt", "created_at"),
        ("version", "version_number"),
        ("authorId", "author_id"),
    ],
)
def test_another_value_is_seen(wiki: Wiki, rows: list[dict[str, Any]], place: str, column: str) -> None:
    row = next(row for row in rows if row[place] is not None)
    row[place] = {"title": "Another", "createdAt": "2001-01-01T00:00:00Z"}.get(place)
    found = differences(wiki.pages(limit=20), rows, PAGES)
    assert any(sentence.startswith(f"{column} of ('{row['id']}',)") for sentence in found)
