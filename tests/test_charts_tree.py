"""`charts.tree`: what hangs under what, however lost or tangled the parents are."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from chart_frames import marks, pages

from confluence_nb import Wiki, charts
from confluence_nb.charts.hierarchy import hierarchy


def areas(figure: Any) -> pd.DataFrame:
    (trace,) = figure.data
    columns = {"parent": trace.parents, "label": trace.labels, "value": trace.values}
    return pd.DataFrame(columns, index=list(trace.ids))


def sound(found: pd.DataFrame) -> None:
    """Every area is in one that is there, and none holds more than it is large."""
    assert found.index.is_unique
    assert set(found["parent"]) - {""} <= set(found.index)
    assert (found["parent"] == "").sum() == 1
    inside = found.groupby("parent")["value"].sum().drop("")
    assert (inside <= found["value"].reindex(inside.index)).all()


def below(frame: pd.DataFrame, id_: str) -> int:
    """A page and all below it, counted by walking down."""
    children = frame.loc[frame["parent_id"] == id_, "id"]
    return 1 + sum(below(frame, child) for child in children)


def hung(**parents: str | None) -> pd.DataFrame:
    return pd.DataFrame({"id": list(parents), "parent_id": list(parents.values()), "title": list(parents)})


def test_an_area_is_as_large_as_there_are_pages_below() -> None:
    frame = pages(300).assign(space_key="ENG")
    found = areas(charts.tree(frame))
    sound(found)
    assert len(found) == 301
    by_title = found.set_index("label")
    for id_, title in zip(frame["id"], frame["title"], strict=True):
        assert by_title.loc[title, "value"] == below(frame, id_)
    titles = frame.set_index("id")["title"]
    for parent, title in zip(frame["parent_id"], frame["title"], strict=True):
        above = found.loc[by_title.loc[title, "parent"], "label"]
        assert above == (titles[parent] if isinstance(parent, str) else "ENG")


def test_spaces_are_under_the_site_and_what_has_no_parent_at_the_top_of_its_space() -> None:
    frame = hung(a=None, b="a", c="gone", d=None, e=None).assign(space_key=["X", "X", "X", "Y", "Z"])
    frame.attrs = {"site": "acme.atlassian.net"}
    found = areas(charts.tree(frame)).reset_index().set_index("label")
    names = found.reset_index().set_index("index")["label"]
    assert {label: names.get(parent) for label, parent in found["parent"].items()} == {
        "acme.atlassian.net": None,
        "X": "acme.atlassian.net",
        "a": "X",
        "b": "a",
        "c": "X",
        "d": "acme.atlassian.net",
        "e": "acme.atlassian.net",
    }, "a space with one page at its top is that page"
    assert found["value"].to_dict() == {
        "acme.atlassian.net": 5,
        "X": 3,
        "a": 2,
        "b": 1,
        "c": 1,
        "d": 1,
        "e": 1,
    }


@pytest.mark.parametrize(
    "parents",
    [
        {"a": "a"},
        {"a": "b", "b": "a"},
        {"a": "c", "b": "a", "c": "b", "d": "a", "e": "d"},
        {"x": "a", "a": "b", "b": "c", "c": "a", "y": "x", "t": None, "u": "t", "v": "v"},
    ],
)
def test_rings_are_cut_and_every_page_is_there_once(parents: dict[str, str | None]) -> None:
    frame = hung(**parents)
    found = areas(charts.tree(frame))
    sound(found)
    assert set(parents) <= set(found["label"])
    assert found.loc[found["parent"] == "", "value"].item() == len(parents)


def test_a_ring_is_cut_above_the_member_that_comes_first() -> None:
    found = hierarchy(pd.Series(list("xcab")), pd.Series(list("abca")))
    assert found.parent.tolist() == [2, -1, 1, 2]
    assert found.size.tolist() == [1, 4, 3, 1]
    assert found.depth.tolist() == [2, 0, 1, 2]


def test_a_chain_of_ten_thousand_pages_is_no_deeper_than_python() -> None:
    ids = [str(place) for place in range(10_000)]
    figure = charts.tree(pd.DataFrame({"id": ids, "parent_id": [None, *ids[:-1]], "title": ids}))
    found = areas(figure)
    sound(found)
    assert found["value"].max() == 10_000
    assert marks(figure) <= 2_000


def test_small_ones_are_gathered_where_they_hang() -> None:
    frame = hung(
        top=None, large="top", **{f"l{n}": "large" for n in range(30)}, **{f"t{n}": "top" for n in range(9)}
    )
    found = areas(charts.tree(frame, top=4))
    sound(found)
    assert len(found) == 6
    more = found[found["label"].str.endswith(" more")]
    assert dict(zip(found.loc[more["parent"], "label"], more["value"], strict=True)) == {
        "top": 7,
        "large": 30,
    }
    assert more.loc[more["value"] == 30, "label"].item() == "30 more"
    inside = found.groupby("parent")["value"].sum()
    assert (found["value"].reindex(inside.index.drop("")) - inside.drop("")).eq(1).all(), (
        "all but the page itself"
    )


def test_a_page_that_comes_twice_is_counted_once() -> None:
    frame = hung(a=None, b="a", c="a")
    found = areas(charts.tree(pd.concat([frame, frame.tail(2)])))
    assert found["value"].max() == 3
    assert len(found) == 3


def test_many_spaces_share_an_area() -> None:
    frame = pages(600).assign(space_key=[f"S{row % 150}" for row in range(600)], parent_id=None)
    found = areas(charts.tree(frame))
    sound(found)
    shared = found[found["label"] == "110 other spaces"]
    assert shared["value"].item() == 440


def test_descendants_hang_under_the_page_that_was_asked_for(wiki: Wiki) -> None:
    home = wiki.spaces().set_index("key").loc["ENG", "homepage_id"]
    frame = wiki.descendants(home)
    title = wiki.page(home).title
    figure = charts.tree(frame)
    found = areas(figure)
    sound(found)
    assert found.loc[found["parent"] == "", "label"].item() == title
    assert found.loc[found["parent"] == "", "value"].item() == len(frame)
    assert f" below {title} at {frame.attrs['site']}, by" in figure.layout.title.text
    top = found.loc[found["parent"] == found.index[found["parent"] == ""].item()]
    assert len(top) == (frame["depth"] == 1).sum()


def test_pages_of_a_wiki(wiki: Wiki) -> None:
    frame = wiki.pages()
    found = areas(charts.tree(frame))
    sound(found)
    assert found["value"].max() == len(frame)
