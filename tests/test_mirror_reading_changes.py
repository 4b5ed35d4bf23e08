"""What changed between two versions, whatever files the rows lie in; and SQL that reaches the tables alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mirror_by_hand import sync_by_hand

from confluence_nb import ConfluenceNBError, Mirror
from confluence_nb.mirror.schema import promised, to_frame


def pages_of(rows: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Pages by id, with the cells given and nothing else."""
    columns = promised("pages") or ()
    cells = {
        column.name: [row.get(column.name) for row in rows.values()]
        for column in columns
        if column.name != "id"
    }
    typed = _empty().reindex(range(len(rows)))
    for name, values in cells.items():
        typed[name] = pd.Series(values, dtype=typed[name].dtype)
    typed["id"] = pd.array(list(rows), dtype="string")
    return typed


def _empty() -> pd.DataFrame:
    from confluence_nb.mirror.schema import arrow_schema

    columns = promised("pages") or ()
    return to_frame(arrow_schema(columns).empty_table(), columns)


FIRST = {
    "1": {"title": "Home", "space_id": "7", "version_number": 1, "body": "<p>a</p>"},
    "2": {"title": "Plan", "space_id": "7", "version_number": 2, "body": "<p>b</p>", "parent_id": "1"},
    "3": {"title": "Notes", "space_id": "8", "version_number": 3, "body": "<p>c</p>"},
    "10": {"title": "Same", "space_id": "8", "version_number": 4, "body": None},
}


def test_added_changed_moved_and_deleted(tmp_path: Path) -> None:
    sync_by_hand(tmp_path, {"pages": pages_of(FIRST)}, files=2)
    later = FIRST | {
        "2": {**FIRST["2"], "parent_id": None, "space_id": "8"},
        "3": {**FIRST["3"], "body": "<p>C</p>", "version_number": 4},
        "11": {"title": "New", "space_id": "7", "version_number": 1},
    }
    del later["1"]
    sync_by_hand(tmp_path, {"pages": pages_of(later)}, files=3)
    found = Mirror(tmp_path).changes().set_index("id").sort_index()
    assert found["change"].astype(str).to_dict() == {
        "1": "deleted",
        "11": "added",
        "2": "changed",
        "3": "changed",
    }
    assert found["columns"].to_dict() == {
        "1": [],
        "11": [],
        "2": ["space_id", "parent_id"],
        "3": ["version_number", "body"],
    }
    assert found["title"].to_dict() == {"1": "Home", "11": "New", "2": "Plan", "3": "Notes"}
    assert found["space_id"].to_dict() == {"1": "7", "11": "7", "2": "8", "3": "8"}
    assert found["version_number_before"].fillna(0).to_dict() == {"1": 1, "11": 0, "2": 2, "3": 3}
    assert found["version_number_after"].fillna(0).to_dict() == {"1": 0, "11": 1, "2": 2, "3": 4}


def test_since_any_version(tmp_path: Path) -> None:
    for title in ("One", "Two", "Three"):
        sync_by_hand(tmp_path, {"pages": pages_of({"1": {"title": title}, "2": {}})})
    mirror = Mirror(tmp_path)
    for since in (1, 2):
        assert mirror.changes(since=since)["columns"].tolist() == [["title"]]
    assert mirror.changes().attrs["since"] == 2
    assert len(mirror.changes(since=3)) == 0
    with pytest.raises(ConfluenceNBError, match="no version 4"):
        mirror.changes(since=4)


def test_a_table_that_was_written_anew_but_says_the_same_is_no_change(tmp_path: Path) -> None:
    sync_by_hand(tmp_path, {"pages": pages_of(FIRST)}, files=1)
    sync_by_hand(tmp_path, {"pages": pages_of(FIRST)}, files=4)
    mirror = Mirror(tmp_path)
    assert len(mirror.changes()) == 0
    assert list(map(str, mirror.changes().dtypes)) == [
        "category", "string", "string", "category", "string", "string", "Int64", "Int64", "object",
    ]  # fmt: skip


def test_one_version_alone_has_no_changes(tmp_path: Path) -> None:
    sync_by_hand(tmp_path, {"pages": pages_of(FIRST)})
    assert len(Mirror(tmp_path).changes()) == 0


def test_a_collection_that_came_later_is_added(tmp_path: Path) -> None:
    sync_by_hand(tmp_path, {"pages": pages_of(FIRST)})
    people = pd.DataFrame({"account_id": pd.array(["a", "b"], dtype="string"), "display_name": ["Ada", "Bo"]})
    sync_by_hand(tmp_path, {"users": people.convert_dtypes()})
    found = Mirror(tmp_path).changes()
    assert found["collection"].astype(str).tolist() == ["users", "users"]
    assert found[["id", "title"]].values.tolist() == [["a", "Ada"], ["b", "Bo"]]


def test_rows_without_an_id_are_told_whole(tmp_path: Path) -> None:
    groups = pd.DataFrame(
        {"name": pd.array(["x", "x", "y"], dtype="string"), "size": pd.array([1, 1, 2], "Int64")}
    )
    sync_by_hand(tmp_path, {"groups": groups})
    sync_by_hand(tmp_path, {"groups": groups.assign(size=pd.array([1, 1, 3], "Int64"))})
    found = Mirror(tmp_path).changes()
    assert found["change"].astype(str).tolist() == ["added", "deleted"]
    assert found["title"].tolist() == ["y", "y"]


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    sync_by_hand(tmp_path / "wiki", {"pages": pages_of(FIRST)}, files=2)
    sync_by_hand(tmp_path / "wiki", {"pages": pages_of({"1": FIRST["1"]})})
    return Mirror(tmp_path / "wiki")


def test_a_query_gives_a_typed_frame(mirror: Mirror) -> None:
    found = mirror.sql(
        "select space_id, count(*) as n, sum(version_number) as total, avg(version_number) as mean, "
        "bool_or(body is null) as lacks, max(created_at) as at, list(title order by title) as titles "
        "from pages group by all order by space_id",
        version=1,
    )
    assert [str(dtype) for dtype in found.dtypes] == [
        "string", "Int64", "Int64", "Float64", "boolean", "datetime64[us, UTC]", "object",
    ]  # fmt: skip
    assert found["titles"].tolist() == [["Home", "Plan"], ["Notes", "Same"]]
    assert found["total"].tolist() == [3, 7]
    assert found.attrs["version"] == 1
    assert mirror.sql("from pages select count(*)").iloc[0, 0] == 1


def test_a_query_without_rows_keeps_its_columns(mirror: Mirror) -> None:
    found = mirror.sql("select id, version_number from pages where false")
    assert [str(dtype) for dtype in found.dtypes] == ["string", "Int64"]


@pytest.mark.parametrize(
    ("query", "dtype", "cells"),
    [
        ("select 9223372036854775807::hugeint * 2 as x", "Float64", [2.0**64]),
        ("select 1.25::decimal(9, 2) as x", "Float64", [1.25]),
        ("select date '2024-02-29' as x", "datetime64[us]", [pd.Timestamp("2024-02-29")]),
        (
            "select timestamptz '2024-01-01 00:30:00+02' as x",
            "datetime64[us, UTC]",
            [pd.Timestamp("2023-12-31 22:30Z")],
        ),
        (
            "select timestamptz '2024-01-01 00:30:00+02'::date as x",
            "datetime64[us]",
            [pd.Timestamp("2023-12-31")],
        ),
        ("select null as x", "string", [None]),
        ("select [1, 2] as x", "object", [[1, 2]]),
        ("select 'a' as x, 'b' as x", "string", ["a"]),
    ],
)
def test_no_value_of_a_query_is_bent(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, query: str, dtype: str, cells: list[Any]
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    found = mirror.sql(query)["x"]
    assert str(found.dtype) == dtype
    assert [None if cell is pd.NA else cell for cell in found] == cells


def test_columns_of_one_name_are_numbered(mirror: Mirror) -> None:
    assert list(mirror.sql("select id, title as id, id, space_id as id_1 from pages").columns) == [
        "id", "id_1", "id_2", "id_1_1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "select * from '{file}'",
        "select * from read_text('{file}')",
        "select * from read_csv('/etc/hostname')",
        "copy pages to '{file}.csv'",
        "attach '{file}.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "select * from secret_of_the_notebook",
        "pragma database_list; export database '{file}'",
    ],
)
def test_a_query_reaches_nothing_but_the_tables(mirror: Mirror, tmp_path: Path, query: str) -> None:
    secret_of_the_notebook = pd.DataFrame({"token": ["canary"]})
    file = tmp_path / "other.parquet"
    secret_of_the_notebook.to_parquet(file)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfluenceNBError, match=r"DuckDB does not take the query: .* The tables are pages\."):
        mirror.sql(query.format(file=file))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("query", ["", "  ", None])
def test_an_empty_query_is_refused(mirror: Mirror, query: Any) -> None:
    with pytest.raises(ConfluenceNBError, match="query is empty"):
        mirror.sql(query)
