"""Frames as people have them by the time they draw: out of files, joined, cut, indexed, of other dtypes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from chart_frames import CHARTS, NOW, note, pages

from confluence_nb import ConfluenceNBError, Wiki, charts

Change = Callable[[pd.DataFrame], pd.DataFrame]


def through_csv(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), **options)


def through_parquet(frame: pd.DataFrame) -> pd.DataFrame:
    file = io.BytesIO()
    frame.to_parquet(file)
    return pd.read_parquet(file, dtype_backend="pyarrow")


CHANGES: dict[str, Change] = {
    "CSV": through_csv,
    "CSV, nullable": lambda it: through_csv(it, dtype_backend="numpy_nullable"),
    "Parquet, Arrow": through_parquet,
    "objects": lambda it: it.astype(object),
    "categories": lambda it: it.astype("category"),
    "times without zone": lambda it: it.assign(
        **{name: it[name].dt.tz_localize(None) for name in ("created_at", "version_created_at")}
    ),
    "other index": lambda it: it.set_axis(it.index * 3 + 1),
    "one index for all": lambda it: it.set_axis([0] * len(it)),
    "by id": lambda it: it.set_index("id", drop=False),
}


def drawn(frame: pd.DataFrame) -> dict[str, Any]:
    """The data of every picture of pages; where a frame came from is not to be seen in them."""
    frame = frame.copy()
    frame.attrs = {}
    figures = {
        "activity": charts.activity(frame),
        "contributors": charts.contributors(frame),
        "stale": charts.stale(frame, now=NOW),
        "tree": charts.tree(frame),
        "links": charts.links(frame),
        "links by space": charts.links(frame, by="space"),
        "size": charts.size(frame),
    }
    return {name: [trace.to_json() for trace in figure.data] for name, figure in figures.items()}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pages(300)


@pytest.fixture(scope="module")
def as_it_was(frame: pd.DataFrame) -> dict[str, Any]:
    return drawn(frame)


@pytest.mark.parametrize("change", CHANGES)
def test_the_picture_is_the_same(change: str, frame: pd.DataFrame, as_it_was: dict[str, Any]) -> None:
    found = drawn(CHANGES[change](frame))
    assert [name for name in found if found[name] != as_it_was[name]] == []


@pytest.mark.parametrize("name", CHARTS)
def test_two_columns_of_one_name_are_refused(name: str) -> None:
    draw, make = CHARTS[name]
    twice = pd.concat([make(3), make(3)], axis=1)
    with pytest.raises(ConfluenceNBError, match=r"two columns (id|page_id), .*columns\.duplicated"):
        draw(twice)


@pytest.mark.parametrize("name", ["stale", "tree", "links", "size"])
def test_a_join_repeats_pages_and_each_is_counted_once(name: str, frame: pd.DataFrame) -> None:
    joined = frame.merge(
        pd.DataFrame({"page_id": ["1", "1", "2"], "label": ["a", "b", "c"]}),
        how="left",
        left_on="id",
        right_on="page_id",
    )
    draw, _ = CHARTS[name]
    assert len(joined) == 301
    joined.attrs = frame.attrs
    assert draw(joined).to_json() == draw(frame).to_json()


def test_a_column_that_is_the_index_is_said_to_be() -> None:
    with pytest.raises(ConfluenceNBError, match=r"column id, which is the index .*reset_index"):
        charts.tree(pages(3).set_index("id"))


def test_links_without_their_titles_are_refused() -> None:
    links = pd.DataFrame({"page_id": ["1"], "kind": ["page"], "target_id": ["2"]})
    with pytest.raises(ConfluenceNBError, match="needs the column title"):
        charts.links(links)


def test_pages_with_the_key_of_their_space_and_posts_with_the_address_go_together() -> None:
    keys = pd.DataFrame({"space_key": ["ENG", "OPS"]})
    addresses = pd.DataFrame({"url": ["https://a.atlassian.net/wiki/spaces/ENG/blog/1/x"]})
    both = pd.concat([keys, addresses]).assign(created_at="2025-01-01")
    assert {trace.name: sum(trace.y) for trace in charts.activity(both).data} == {"ENG": 2, "OPS": 1}


def test_tasks_show_the_names_that_stand_beside_the_ids(wiki: Wiki) -> None:
    tasks = wiki.tasks(names=True)
    for ids, names in (("created_by", "creator"), ("assigned_to", "assignee"), ("completed_by", "completer")):
        lines = list(charts.contributors(tasks, by=ids).data[0].y)
        known = {name for name in tasks[names].dropna() if name.replace(" ", "").isalpha()}
        assert known & {line.rsplit("  ", 1)[0] for line in lines}
    without = charts.contributors(tasks.drop(columns=["creator", "assignee", "completer"]))
    assert all(line.startswith("…") for line in without.data[0].y[:-1])
    assert "People are the ends of their account ids" in note(without)


def test_small_files_are_not_said_to_be_none() -> None:
    files = pd.DataFrame({"file_size": [12_000, 34_000]})
    assert note(charts.size(files)) == "0.046 MB in all; half of them have at most 0.023."


def test_pages_of_one_length_have_at_most_that() -> None:
    assert "; half of them have at most 3." in note(charts.size(pd.DataFrame({"text": ["a b c"] * 4})))


@pytest.mark.parametrize("name", CHARTS)
def test_what_a_mark_says_is_in_one_box(name: str) -> None:
    """Plotly writes the name of a trace into a second one, pale on white, unless it is told not to."""
    draw, make = CHARTS[name]
    for trace in draw(make(200)).data:
        said = (
            [trace.hovertemplate]
            if trace.type != "sankey"
            else [trace.node.hovertemplate, trace.link.hovertemplate]
        )
        assert trace.hoverinfo == "skip" or all(each.endswith("<extra></extra>") for each in said)
