"""A column of bodies as frames: labels, types, resolved links, merged tables, and what cannot be read."""

from __future__ import annotations

import contextlib
from datetime import date

import pandas as pd
import pytest

import confluence_nb as cnb
from confluence_nb import content

_HOME = '<ac:link><ri:page ri:content-title="Home" ri:space-key="{}"/></ac:link>'
_OWN = '<ac:link><ri:page ri:content-title="Home"/></ac:link>'


@pytest.fixture
def pages() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "title": ["Home", "Home", "Plan"],
            "space_key": ["ENG", "OPS", "OPS"],
            "body": [_HOME.format("OPS"), _HOME.format("WEB"), _OWN],
        }
    )


def test_links_are_resolved_by_title_and_space(pages: pd.DataFrame) -> None:
    found = content.links(pages)
    assert found["page_id"].tolist() == ["1", "2", "3"]
    assert found["target_id"].fillna("-").tolist() == ["2", "-", "2"], (
        "without a space key: the page's own space"
    )


def test_a_title_of_two_pages_names_none_where_spaces_are_not_known(pages: pd.DataFrame) -> None:
    known = pages[["id", "title"]]
    assert content.links(_OWN, pages=known)[0].target_id is None
    assert content.links(_OWN.replace("Home", "Plan"), pages=known)[0].target_id == "3"


def test_names_may_be_a_dict_a_series_or_a_frame() -> None:
    body = '<p><ac:link><ri:user ri:account-id="a"/></ac:link></p>'
    for names in (
        {"a": "Ada"},
        pd.Series({"a": "Ada"}),
        pd.DataFrame({"account_id": ["a"], "display_name": ["Ada"]}),
    ):
        assert content.to_text(body, names=names) == "@Ada"
        assert content.mentions(body, names=names)[0].name == "Ada"
    with pytest.raises(cnb.ConfluenceNBError, match="account_id and display_name"):
        content.to_text(body, names=pd.DataFrame({"id": ["a"]}))


def test_frames_have_the_same_types_for_no_rows() -> None:
    task = '<ac:task-list><ac:task><ac:task-body><time datetime="2024-02-29"/></ac:task-body></ac:task></ac:task-list>'
    full = pd.Series([f"<h1>a</h1>{task}"])
    empty = full.head(0)
    for reader in (
        content.headings,
        content.tasks,
        content.links,
        content.macros,
        content.images,
        content.code,
    ):
        assert reader(full).dtypes.to_dict() == reader(empty).dtypes.to_dict()
    assert content.tasks(full)["due"].tolist() == [pd.Timestamp("2024-02-29")]
    assert content.tasks(full[0])[0].due == date(2024, 2, 29)


def test_merged_cells_fill_each_place() -> None:
    [table] = content.tables(
        "<table><tr><th>a</th><th>b</th><th>b</th></tr>"
        "<tr><td rowspan='2'>x</td><td colspan='2'>y</td></tr><tr><td>1</td><td></td></tr></table>"
    )
    assert table.columns.tolist() == ["a", "b", "b (2)"]
    assert table.to_numpy().tolist() == [["x", "y", "y"], ["x", "1", ""]]


def test_numbers_and_dates_stay_text_unless_asked() -> None:
    cells = [["1,200", "0.5", "2024-01-31", "1 €"], ["-3", "", "2023-12-01", "2 €"]]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    body = f"<table><tr><th>n</th><th>f</th><th>d</th><th>t</th></tr>{rows}</table>"
    assert set(content.tables(body)[0].dtypes.astype(str)) == {"string"}
    table = content.tables(body, numbers=True, dates=True)[0]
    assert table.dtypes.astype(str).tolist() == ["Int64", "Float64", "datetime64[us, UTC]", "string"]
    assert table["n"].tolist() == [1200, -3]
    assert table["f"].isna().tolist() == [False, True]


def test_tables_of_a_column_say_which_body_they_are_from() -> None:
    bodies = pd.Series(["<p/>", "<table><tr><td>1</td></tr></table>" * 2], index=["a", "b"])
    found = content.tables(bodies)
    assert found[["row", "number"]].to_numpy().tolist() == [["b", 1], ["b", 2]]
    assert found["table"][1].shape == (1, 1)


def test_missing_bodies_stay_missing_and_are_no_error() -> None:
    texts = content.to_text(pd.Series([None, "<p>a</p>", pd.NA], dtype="object"))
    assert texts.isna().tolist() == [True, False, True]
    assert texts.attrs["unreadable"] == []


def test_mended_bodies_are_told_with_the_place() -> None:
    texts = content.to_text(pd.Series(["<p>a</p>", "<p>a<b</p>"]))
    [told] = texts.attrs["mended"]
    assert told["row"] == 1
    assert "line 1, column" in told["reason"]


def test_a_frame_without_bodies_is_refused(pages: pd.DataFrame) -> None:
    with pytest.raises(cnb.ConfluenceNBError, match='body="storage"'):
        content.links(pages.drop(columns="body"))
    with pytest.raises(cnb.ConfluenceNBError, match='body="storage"'):
        content.links(pd.concat({"pages": pages}, axis=1))  # columns of two levels
    with pytest.raises(content.UnreadableBody, match="a text"):
        content.to_text(None)  # type: ignore[call-overload]


@pytest.mark.parametrize("tag", ["table><tr><td", "a", "ac:structured-macro><ac:rich-text-body", "pre", "h1"])
def test_every_reader_ends_soon_however_deep_a_body_is(tag: str) -> None:
    names = tag.split("><") * (3_000 // len(tag.split("><")))
    body = f"{''.join(f'<{name}>' for name in names)}bottom"
    for name in content.__all__:
        if name[0].islower():
            getattr(content, name)(body)


def test_a_column_that_is_there_twice_is_named() -> None:
    pages = pd.DataFrame({"id": ["1"], "body": ["<p>a</p>"]})
    with pytest.raises(cnb.ConfluenceNBError, match="column body more than once"):
        content.to_text(pd.concat([pages, pages[["body"]]], axis=1))


def test_a_row_without_an_id_stays_one() -> None:
    comments = pd.DataFrame({"id": [1.0, float("nan")], "page_id": ["7", "8"], "body": ["<h1>a</h1>"] * 2})
    assert content.headings(comments)["page_id"].isna().tolist() == [False, True]


def test_a_document_that_is_too_deep_is_told() -> None:
    for deep in (900, 987, 990, 2_000):
        value = "[" * deep + "]" * deep
        body = f'{{"type": "doc", "content": [{{"type": "strange", "attrs": {{"x": 1, "text": {value}}}}}]}}'
        with contextlib.suppress(content.UnreadableBody):
            content.to_text(body)


def test_macros_in_sentences_take_time_in_proportion() -> None:
    body = "<ac:rich-text-body><p>w</p></ac:rich-text-body>"
    macro = f'<ac:structured-macro ac:name="excerpt">{body}</ac:structured-macro>'
    assert content.to_text(f"<p>See {macro} then</p>" * 20_000).count("See w then") == 20_000
