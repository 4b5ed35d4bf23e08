"""What every chart has in common: any number of rows, few marks, names that stay text, errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from chart_frames import CHARTS, SITE, marks, words

import confluence_nb as cnb
from confluence_nb import ConfluenceNBError, charts

HOSTILE = "</b><img src=x onerror=alert(1)> & $\\sqrt{2}$ %{y}\u202e\nnext"
IS_TEXT = "&lt;/b&gt;&lt;img"

every_chart = pytest.mark.parametrize("name", CHARTS)


@pytest.fixture(scope="module")
def large() -> dict[Any, pd.DataFrame]:
    return {make: make(50_000) for make in {make for _, make in CHARTS.values()}}


@every_chart
def test_a_frame_without_rows_is_a_figure_that_says_so(name: str) -> None:
    draw, make = CHARTS[name]
    figure = draw(make(0))
    assert isinstance(figure, go.Figure)
    assert not figure.data
    (said,) = figure.layout.annotations
    assert said.text in ("No pages", "No labels")
    assert SITE in figure.layout.title.text


@every_chart
def test_one_row_is_a_figure(name: str) -> None:
    draw, make = CHARTS[name]
    figure = draw(make(1))
    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text
    json.loads(figure.to_json())


@every_chart
def test_50_000_rows_are_counted_before_they_are_drawn(name: str, large: dict[Any, pd.DataFrame]) -> None:
    draw, make = CHARTS[name]
    frame = large[make]
    if "body" in frame.columns:  # reading so many bodies is another's work: what it gives is drawn here
        ends = np.random.default_rng(3).integers(0, 50_000, 50_000).astype(str)
        linked = {"page_id": frame["id"], "kind": "page", "target_id": ends, "title": "t", "space_key": None}
        if name.startswith("links"):
            by = "space" if name.endswith("space") else "page"
            assert 10 < marks(charts.links(pd.DataFrame(linked), known=frame, by=by)) <= 2_000
            return
        frame = frame.assign(text="some words")
    assert 10 < marks(draw(frame)) <= 2_000


@pytest.mark.parametrize(
    ("name", "top", "rows"), [("contributors", 60, 20_000), ("tree", 900, 20_000), ("labels", 40, 20_000)]
)
def test_the_most_that_can_be_asked_for_is_still_few_marks(name: str, top: int, rows: int) -> None:
    frame = CHARTS[name][1](rows)
    if name == "contributors":
        frame = frame.assign(
            author_id=[f"p{row % 999}" for row in range(rows)],
            space_key=[f"S{row % 97}" for row in range(rows)],
        )
    if name == "labels":
        frame = frame.assign(name=[f"n{row % 77}" for row in range(rows)])
    figure = getattr(charts, name)(frame, top=top)
    assert marks(figure) <= 2_000
    with pytest.raises(ConfluenceNBError, match=rf"top={top + 1} .*from 1 to {top}"):
        getattr(charts, name)(frame, top=top + 1)


@every_chart
def test_names_of_the_wiki_are_text_and_never_markup(name: str) -> None:
    draw, make = CHARTS[name]
    frame = make(60)
    for column in ("title", "space_key", "author_id", "name"):
        if column in frame.columns:
            number = pd.Series(range(len(frame)), index=frame.index) % 4
            frame[column] = pd.array([f"{HOSTILE}{place}" for place in number], dtype="string")
    if "title" in frame.columns:
        frame["body"] = frame["body"].str.replace('"Page ', '"&lt;img src=y&gt;')
    frame.attrs["site"] = HOSTILE
    said = words(draw(frame))
    assert any(IS_TEXT in text for text in said)
    for text in said:
        assert "<img" not in text
        assert "</b>" not in text
        assert "$" not in text
        assert "\u202e" not in text
    templates = [text for text in said if "<extra>" in text]
    assert not any("img" in text for text in templates), "a template would fill in what a name asks for"


@every_chart
def test_the_frame_is_left_as_it_was(name: str) -> None:
    draw, make = CHARTS[name]
    frame = make(200)
    before = frame.copy()
    draw(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == before.attrs


@every_chart
def test_the_index_and_the_dtypes_do_not_matter(name: str) -> None:
    draw, make = CHARTS[name]
    frame = make(300)
    expected = draw(frame).to_json()
    again = frame.set_axis([row % 7 for row in range(300)], axis=0)
    for column in ("space_key", "author_id", "title", "name"):
        if column in again.columns:
            again[column] = pd.Categorical(again[column], categories=["unused", *again[column].unique()])
    again.attrs = frame.attrs
    assert draw(again).to_json() == expected
    plain = frame.astype(dict.fromkeys(frame.columns, "object"))
    plain.attrs = frame.attrs
    assert draw(plain).to_json() == expected


@every_chart
def test_nothing_but_missing_cells_is_a_figure(name: str) -> None:
    draw, make = CHARTS[name]
    frame = make(20)
    for column in frame.columns.drop("id", errors="ignore"):
        frame[column] = pd.Series(pd.NA, index=frame.index).astype(frame[column].dtype)
    json.loads(draw(frame).to_json())
    if "id" in frame.columns:
        frame["id"] = pd.NA
        json.loads(draw(frame).to_json())


NEEDED = {
    "activity": ("created_at", "wiki.versions(pages)"),
    "contributors": ("author_id", "wiki.pages()"),
    "stale": ("version_created_at", "wiki.pages()"),
    "tree": ("parent_id", "wiki.descendants(page)"),
    "links": ("body", 'wiki.pages(body="storage")'),
    "size": ("body", 'wiki.pages(body="storage")'),
    "labels": ("page_id", "wiki.labels(pages)"),
}


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_column_is_named_with_the_call_that_brings_it(name: str) -> None:
    column, call = NEEDED[name]
    frame = CHARTS[name][1](5)
    frame = frame.drop(columns=[column, *(["version_created_at"] if name == "activity" else [])])
    with pytest.raises(ConfluenceNBError) as refused:
        getattr(charts, name)(frame)
    assert f"charts.{name} needs the column" in str(refused.value)
    assert column in str(refused.value)
    assert call in str(refused.value)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_no_frame_is_refused(name: str) -> None:
    with pytest.raises(ConfluenceNBError, match=rf"charts\.{name} draws a DataFrame.*list"):
        getattr(charts, name)([1, 2])


def test_there_is_a_test_for_each_chart() -> None:
    assert set(charts.__all__) == {name.removesuffix(" by space") for name in CHARTS} == set(NEEDED)
    assert cnb.charts is charts
    assert set(charts.__all__) <= set(dir(cnb.charts))


def test_an_import_does_not_bring_plotly() -> None:
    code = "import sys, confluence_nb; confluence_nb.charts.activity; print('plotly' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "False"


@every_chart
def test_without_plotly_the_error_says_how_to_get_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [module for module in sys.modules if module.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "plotly", None)
    draw, make = CHARTS[name]
    for rows in (0, 30):
        with pytest.raises(ConfluenceNBError, match=r'pip install "confluence_nb\[charts\]"'):
            draw(make(rows))
