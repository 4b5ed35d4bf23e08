"""Frames: the promised columns and dtypes, whatever arrives in them."""

from __future__ import annotations

import pandas as pd
import pytest
from frame_rows import BASE, DTYPES, framed, one, page

from confluence_nb.api.catalog import Collection, collection, collections
from confluence_nb.api.columns import Column
from confluence_nb.frames import FrameBuilder, cells


def test_a_page_is_typed_and_flat() -> None:
    assert one(framed("/pages", [page(1)])) == {
        "id": "1",
        "status": "current",
        "title": "Page 1",
        "space_id": "65537",
        "position": 1,
        "author_id": "712020:ada",
        "created_at": pd.Timestamp("2024-01-02T03:04:05.678Z"),
        "version_created_at": pd.Timestamp("2024-02-03T04:05:06.007Z"),
        "version_message": "",
        "version_number": 7,
        "version_minor_edit": False,
        "version_author_id": "712020:ada",
        "url": f"{BASE}/spaces/ENG/pages/1",
        "edit_url": f"{BASE}/e",
        "tiny_url": f"{BASE}/x/1",
    }


@pytest.mark.parametrize("entry", collections(), ids=lambda entry: entry.path)
def test_no_rows_have_the_promised_columns_and_dtypes(entry: Collection) -> None:
    columns = list({column.name: column for column in entry.columns}.values())
    frame = FrameBuilder(columns).frame()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        column.name: DTYPES[column.dtype] for column in columns
    }
    assert len(frame) == 0
    for column in columns:
        if column.dtype == "category":
            assert list(frame[column.name].cat.categories) == list(column.categories)


def test_no_rows_and_many_have_the_same_columns_and_dtypes() -> None:
    many = framed("/pages", [page(number) for number in range(20_000)])
    pd.testing.assert_series_equal(framed("/pages", []).dtypes, many.dtypes)
    assert list(many["position"]) == list(range(20_000))
    assert many.index.equals(pd.RangeIndex(20_000))


def test_rows_of_nothing_but_nulls_keep_the_dtypes() -> None:
    rows = [dict.fromkeys(page(1)), {}, None]
    frame = framed("/pages", rows)
    pd.testing.assert_series_equal(framed("/pages", []).dtypes, frame.dtypes)
    assert frame.isna().all(axis=None)
    assert len(frame) == 3


@pytest.mark.parametrize("form", ["storage", "atlas_doc_format"])
def test_a_body_is_one_column_when_asked_for(form: str) -> None:
    body = {form: {"representation": form, "value": "<p>é</p>"}}
    frame = framed("/pages", [page(1, body=body), page(2, body={}), page(3, body=None)], body_format=form)
    assert list(frame["body"].fillna("none")) == ["<p>é</p>", "none", "none"]
    assert not [name for name in frame if name.startswith("body_")]


@pytest.mark.parametrize("body", [{}, None])
def test_a_body_that_was_not_asked_for_is_no_column(body: object) -> None:
    assert "body" not in framed("/pages", [page(1, body=body)])


def test_a_body_that_comes_unasked_is_kept() -> None:
    body = {form: {"representation": form, "value": form.upper()} for form in ("storage", "view")}
    row = one(framed("/pages", [page(1, body=body)]))
    assert (row["body"], row["body_view_value"]) == ("STORAGE", "VIEW")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05.678+05:30", "2024-01-01T21:34:05.678Z"),
        ("2024-01-02T03:04:05.678-0800", "2024-01-02T11:04:05.678Z"),
        ("2024-01-02", "2024-01-02T00:00:00Z"),
        (1_704_164_645_678, "2024-01-02T03:04:05.678Z"),
        ("1704164645678", "2024-01-02T03:04:05.678Z"),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc_with_microseconds(written: object, moment: str | None) -> None:
    frame = framed("/pages", [page(1, createdAt=written), page(2)], window=1)
    assert frame["created_at"].dtype == "datetime64[us, UTC]"
    assert frame["created_at"][0] == pd.Timestamp(moment) if moment else pd.isna(frame["created_at"][0])


def test_the_audit_log_counts_milliseconds() -> None:
    frame = framed("/wiki/rest/api/audit", [{"creationDate": 1_704_164_645_678, "sysAdmin": True}])
    assert one(frame) == {"creation_date": pd.Timestamp("2024-01-02T03:04:05.678Z"), "sys_admin": True}


def test_ids_are_texts_even_when_sent_as_numbers() -> None:
    frame = framed("/pages", [page(1, id=98310, spaceId=2**70, futureId=5)])
    row = one(frame)
    assert (row["id"], row["space_id"], row["future_id"]) == ("98310", str(2**70), "5")
    assert str(frame["id"].dtype) == str(frame["future_id"].dtype) == "string"


def test_a_category_has_fixed_values_and_takes_others() -> None:
    fixed = list(framed("/pages", [])["status"].cat.categories)
    frame = framed(
        "/pages", [page(1), page(2, status="quarantined"), page(3, status=4), page(4, status=None)], window=2
    )
    assert list(frame["status"].cat.categories) == [*fixed, "quarantined", "4"]
    assert list(frame["status"].astype("string").fillna("none")) == ["current", "quarantined", "4", "none"]


@pytest.mark.parametrize(
    ("field", "value", "column", "kept"),
    [
        ("position", "first", "position", "first"),
        ("position", [1], "position", "[1]"),
        ("position", True, "position", "true"),
        ("position", 2**70, "position", str(2**70)),
        ("createdAt", "not a date", "created_at", "not a date"),
        ("createdAt", "now", "created_at", "now"),
        ("createdAt", "NaT", "created_at", "NaT"),
        ("createdAt", 10**30, "created_at", str(10**30)),
        ("createdAt", {"year": 2024}, "created_at", '{"year":2024}'),
        ("title", {"de": "Größe"}, "title", '{"de":"Größe"}'),
        ("title", 12, "title", "12"),
        ("title", "half \ud800", "title", "half \\ud800"),
        ("status", "half \ud800", "status", "half \\ud800"),
        ("version", "seven", "version", "seven"),
        ("_links", "none", "links", "none"),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 3, 8_192])
def test_a_value_of_another_type_is_kept_and_the_rest_stays_readable(
    monkeypatch: pytest.MonkeyPatch, field: str, value: object, column: str, kept: str, block: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    usual = framed("/pages", [page(number) for number in (1, 2, 3)])
    frame = framed(
        "/pages", [page(1), page(2, **{field: value}), page(3), page(4, **{field: None})], window=1
    )
    assert frame[column].astype("object")[1] == kept
    assert pd.isna(frame[column][3])
    if column in usual and column != "status":
        assert str(frame[column].dtype) == "string"
    if column == "created_at":
        assert list(frame[column])[::2] == ["2024-01-02T03:04:05.678Z"] * 2
    if column == "position":
        assert list(frame[column])[::2] == ["1", "3"]
    others = [
        name for name in usual if name != column and not name.startswith(("version", "url", "edit_", "tiny_"))
    ]
    pd.testing.assert_series_equal(frame[others].dtypes, usual[others].dtypes)


@pytest.mark.parametrize("block", [1, 8_192])
def test_whole_numbers_become_fractions_only_when_they_must(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_BLOCK", block)
    whole = framed("/pages", [page(1, position=3.0)])
    half = framed("/pages", [page(1), page(2, position=2.5)], window=1)
    exact = framed("/pages", [page(2**60), page(2, position=2.5)], window=1)
    assert (str(whole["position"].dtype), list(whole["position"])) == ("Int64", [3])
    assert list(half["position"]) == [1.0, 2.5]
    assert list(exact["position"]) == [str(2**60), "2.5"]


def test_a_scalar_where_a_list_is_promised_is_a_list_of_one() -> None:
    frame = framed("/space-roles", [{"spacePermissions": "read"}, {"spacePermissions": ["a", "b"]}, {}])
    assert list(frame["space_permissions"]) == [["read"], ["a", "b"], None]


def test_lists_of_one_length_stay_lists() -> None:
    frame = framed("/space-roles", [{"spacePermissions": ["a", "b"]}, {"spacePermissions": ["c", "d"]}])
    assert list(frame["space_permissions"]) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("path", "params", "closed"),
    [
        (
            "/wiki/rest/api/search",
            {"cql": "x"},
            {"type": "page", "entity_type": "content", "status": "current"},
        ),
        ("/wiki/rest/api/content/search", {"cql": "x"}, {"type": "blogpost", "status": "archived"}),
        ("/pages/{id}/labels", {"id": 1}, {"prefix": "global"}),
        ("/pages/{id}/descendants", {"id": 1}, {"type": "whiteboard", "status": "current"}),
        ("/pages", {}, {"subtype": "live"}),
        ("/wiki/rest/api/space/{spaceKey}/label", {"spaceKey": "ENG"}, {"prefix": "my"}),
    ],
)
def test_values_of_a_closed_set_are_categories(
    path: str, params: dict[str, object], closed: dict[str, str]
) -> None:
    frame = framed(path, [], **params)
    for name, value in closed.items():
        assert value in frame[name].cat.categories


def test_bare_texts_are_one_column() -> None:
    frame = framed("/pages/{id}/likes/users", ["712020:ada", {"accountId": "712020:bob"}, None])
    assert list(frame.columns) == ["account_id"]
    assert list(frame["account_id"].fillna("none")) == ["712020:ada", "712020:bob", "none"]


@pytest.mark.parametrize(
    ("link", "base", "url"),
    [
        ("/spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("/spaces/ENG", f"{BASE}/", f"{BASE}/spaces/ENG"),
        ("/wiki/spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("/wikis/ENG", BASE, f"{BASE}/wikis/ENG"),
        ("spaces/ENG", BASE, f"{BASE}/spaces/ENG"),
        ("https://elsewhere.net/x", BASE, "https://elsewhere.net/x"),
        ("/spaces/ENG", None, "/spaces/ENG"),
        ("/spaces/ENG", "http://127.0.0.1:8000", "http://127.0.0.1:8000/spaces/ENG"),
        ("", BASE, ""),
    ],
)
def test_links_are_made_absolute(link: str, base: str | None, url: str) -> None:
    frames = FrameBuilder(collection("/spaces").columns)
    frames.add([{"_links": {"webui": link}}], base=base)
    assert frames.frame()["url"][0] == url


def test_restrictions_are_lists_in_a_row() -> None:
    row = {
        "operation": "read",
        "restrictions": {
            "user": {"results": [{"accountId": "712020:ada"}], "start": 0, "limit": 100, "size": 1},
            "group": {"results": [], "start": 0, "limit": 100, "size": 0},
            "_expandable": {},
        },
        "_expandable": {},
        "_links": {"self": "https://acme.atlassian.net/x"},
    }
    frame = framed("/wiki/rest/api/content/{id}/restriction", [row])
    assert one(frame) == {
        "operation": "read",
        "restrictions_user": ['{"accountId":"712020:ada"}'],
        "restrictions_group": [],
    }


def test_a_frame_can_be_had_midway_and_the_reading_goes_on() -> None:
    frames = FrameBuilder(collection("/pages").columns_for({}))
    assert frames.add([page(1), page(2)], base=BASE) == 2
    midway = frames.frame()
    midway.loc[0, "title"] = "changed by the reader"
    midway.loc[0, "position"] = -1
    assert frames.add([page(3)], base=BASE) == 1
    whole = frames.frame()
    assert list(midway["id"]) == ["1", "2"]
    assert list(whole["title"]) == ["Page 1", "Page 2", "Page 3"]
    assert list(whole["position"]) == [1, 2, 3]
    assert len(frames) == 3


def test_attrs_survive_as_json() -> None:
    moment = pd.Timestamp("2024-01-02T03:04:05Z")
    frame = FrameBuilder(collection("/pages").columns).frame(
        {"site": "acme", "at": moment, "params": {"ids": ("1",)}}
    )
    assert frame.attrs == {"site": "acme", "at": str(moment), "params": {"ids": ["1"]}}


def test_what_is_text_reads_back_as_it_was_sent() -> None:
    texts = ["", " ", "null", "NaN", "é\u0000\n", "𝒳", "0012", "true"]
    frame = framed("/pages", [page(number, title=text) for number, text in enumerate(texts)])
    assert list(frame["title"]) == texts


def test_columns_may_be_promised_by_hand() -> None:
    frames = FrameBuilder(
        [Column("share", "Float64", ("stats", "share")), Column("value", "json", ("value",))]
    )
    frames.add([{"stats": {"share": 1}, "value": {"any": [1]}}, {"stats": None, "value": 3}], base=None)
    frame = frames.frame()
    assert list(frame["share"].fillna(-1)) == [1.0, -1.0]
    assert list(frame["value"]) == ['{"any":[1]}', "3"]
    assert frame["value"].dtype == "string"
