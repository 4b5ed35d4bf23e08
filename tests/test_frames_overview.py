"""The overview: every list of the API as a row, and whether the sign-in may read it."""

from __future__ import annotations

import pandas as pd
import pytest

from confluence_nb.api.catalog import collection, collections
from confluence_nb.frames import overview


def test_every_list_is_a_row_with_typed_columns() -> None:
    frame = overview(collections(), ["read:page:confluence"])
    assert list(frame["path"]) == [entry.path for entry in collections()]
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "path": "string",
        "method": "category",
        "api": "category",
        "paging": "category",
        "parameters": "object",
        "required": "object",
        "most_per_request": "Int64",
        "scopes": "string",
        "granted": "boolean",
        "deprecated": "boolean",
        "columns": "object",
    }
    assert frame["api"].value_counts().to_dict() == {"v2": 80, "v1": 28}
    assert frame["path"][frame["deprecated"]].str.contains("children|descendant").all()
    pd.testing.assert_series_equal(overview([], None).dtypes, frame.dtypes)


def test_a_row_says_what_a_call_needs_and_gives() -> None:
    row = overview([collection("/pages/{id}/versions")], None).iloc[0]
    assert row["required"] == ["id"]
    assert "body_format" in row["parameters"]
    assert row["most_per_request"] == 250
    assert {"number", "created_at", "author_id"} <= set(row["columns"])
    assert "page_body" not in row["columns"]


def test_a_list_that_comes_whole_has_no_size_of_a_request() -> None:
    frame = overview([collection("/classification-levels"), collection("/wiki/rest/api/audit")], None)
    assert pd.isna(frame["most_per_request"][0])
    assert frame["most_per_request"][1] == 1000


@pytest.mark.parametrize(
    ("path", "granted", "may"),
    [
        ("/pages", ["read:page:confluence", "offline_access"], True),
        ("/pages", ["read:space:confluence"], False),
        ("/pages", [], False),
        ("/wiki/rest/api/search", ["search:confluence"], True),
        ("/wiki/rest/api/search", ["read:content-details:confluence"], True),
    ],
)
def test_a_sign_in_may_read_with_all_scopes_of_one_alternative(
    path: str, granted: list[str], may: bool
) -> None:
    assert bool(overview([collection(path)], granted)["granted"][0]) is may


def test_several_scopes_are_all_needed() -> None:
    entry = next(entry for entry in collections() if any(len(scopes) > 1 for scopes in entry.scopes))
    several = next(scopes for scopes in entry.scopes if len(scopes) > 1)
    frame = pd.concat([overview([entry], several), overview([entry], several[:1])])
    assert " + ".join(several) in frame["scopes"].iloc[0]
    assert list(frame["granted"]) == [True, False]


def test_nobody_signed_in_leaves_it_open() -> None:
    assert overview(collections(), None)["granted"].isna().all()
