"""`charts.links`: which pages are linked, by which, and which titles nobody has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from chart_frames import note, pages

from confluence_nb import ConfluenceNBError, Wiki, charts, content


def body(*titles: str) -> str:
    return "".join(
        f'<p><ac:link><ri:page ri:content-title="{title.rpartition("/")[2]}"'
        + (f' ri:space-key="{title.partition("/")[0]}"' if "/" in title else "")
        + "/></ac:link></p>"
        for title in titles
    )


@pytest.fixture
def small() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": list("12345"),
            "title": ["Home", "Plan", "Notes", "Home", "Alone"],
            "space_key": ["ENG", "ENG", "ENG", "OPS", "OPS"],
            "body": [
                body("Plan", "Plan", "Gone"),
                body("Home", "OPS/Home"),
                body("Home", "HR/Pay"),
                body("Home"),
                "<p/>",
            ],
        }
    )


def dots(figure: Any) -> dict[str, dict[str, int]]:
    """By trace, the titles of its dots and how many pages link to each."""
    return {
        trace.name: dict(map(tuple, trace.customdata)) for trace in figure.data if "markers" in trace.mode
    }


def lines(figure: Any) -> set[tuple[str, str]]:
    """The pairs of titles that a line joins."""
    titles = {}
    for trace in figure.data[1:]:
        titles |= {(x, y): said[0] for x, y, said in zip(trace.x, trace.y, trace.customdata, strict=True)}
    drawn = np.column_stack([figure.data[0].x, figure.data[0].y]).reshape(-1, 3, 2)
    return {(titles[tuple(start)], titles[tuple(end)]) for start, end, _ in drawn}


def test_dots_are_pages_and_lines_are_links(small: pd.DataFrame) -> None:
    small.loc[3, "title"] = "Start"
    small.loc[1, "body"] = body("Home", "OPS/Start")
    small.loc[3, "body"] = body("ENG/Home")
    figure = charts.links(small)
    assert dots(figure) == {
        "ENG": {"Home": 3, "Plan": 1, "Notes": 0},
        "OPS": {"Start": 1},
        "no such page": {"Gone": 1},
        "not in the frame": {"Pay": 1},
    }
    assert lines(figure) == {
        ("Home", "Plan"),
        ("Home", "Gone"),
        ("Plan", "Home"),
        ("Plan", "Start"),
        ("Notes", "Home"),
        ("Notes", "Pay"),
        ("Start", "Home"),
    }
    assert figure.layout.title.text == "8 links between pages", "a link that stands twice on a page is two"
    assert "1 title was not found." in note(figure)


def test_a_title_is_that_of_the_own_space_and_a_page_does_not_link_itself(small: pd.DataFrame) -> None:
    figure = charts.links(small)
    assert dots(figure)["OPS"] == {"Home": 1}, "its own link to Home is one to itself"
    by_address = small.drop(columns="space_key").assign(
        url=[f"https://acme.atlassian.net/wiki/spaces/{key}/pages/1" for key in small["space_key"]]
    )
    assert charts.links(by_address).to_json() == figure.to_json()


def test_links_that_were_read_before_give_the_same_picture() -> None:
    frame = pages(400)
    found = content.links(frame)
    found.attrs = {}
    assert charts.links(found, known=frame).to_json() == charts.links(frame).to_json()
    alone = charts.links(found)
    assert set(dots(alone)) <= {*frame["space_key"], "3 other spaces", "no such page", "pages"}


def test_a_page_that_is_only_known_is_no_missing_one(small: pd.DataFrame) -> None:
    pay = pd.DataFrame({"id": ["9"], "title": ["Pay"], "space_key": ["HR"]})
    assert dots(charts.links(small, known=pay))["HR"] == {"Pay": 1}


def test_the_most_linked_are_drawn_each_with_pages_that_link_to_it() -> None:
    random = np.random.default_rng(1)
    ends = (400 * random.random(3_000) ** 3).astype(int).astype(str)
    starts = random.integers(0, 400, 3_000).astype(str)
    linked = pd.DataFrame(
        {"page_id": starts, "kind": "page", "target_id": ends, "title": None, "space_key": None}
    )
    figure = charts.links(linked, top=60)
    counts = {title: count for trace in dots(figure).values() for title, count in trace.items()}
    pairs = linked[linked["page_id"] != linked["target_id"]].drop_duplicates(["page_id", "target_id"])
    expected = pairs["target_id"].value_counts()
    assert {title.removeprefix("page ") for title in counts} >= set(expected.index[:8])
    assert 55 <= len(counts) <= 60
    assert all(count == expected.get(title.removeprefix("page "), 0) for title, count in counts.items())
    ends_drawn = {title for pair in lines(figure) for title in pair}
    assert ends_drawn == set(counts), "no dot without a line"
    known = {
        (f"page {start}", f"page {end}")
        for start, end in pairs[["page_id", "target_id"]].itertuples(index=False)
    }
    assert lines(figure) == {pair for pair in known if set(pair) <= set(counts)}


def test_the_same_frame_is_the_same_picture() -> None:
    assert charts.links(pages(300)).to_json() == charts.links(pages(300)).to_json()


def test_dots_do_not_lie_on_each_other_nor_outside() -> None:
    figure = charts.links(pages(500), top=150)
    places = np.array([place for trace in figure.data[1:] for place in zip(trace.x, trace.y, strict=True)])
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(len(places))
    assert gaps.min() > 0.02
    assert np.abs(places).max() <= 1


def test_other_links_than_those_to_pages_are_none() -> None:
    frame = pages(3).assign(body='<p><a href="https://example.com">x</a></p>')
    figure = charts.links(frame)
    assert not figure.data
    assert figure.layout.annotations[0].text == "No links between pages"


def test_by_space_a_flow_is_as_wide_as_there_are_links(small: pd.DataFrame) -> None:
    (trace,) = charts.links(small, by="space").data
    label = trace.node.label
    flows = {
        (label[start], label[end]): count
        for start, end, count in zip(trace.link.source, trace.link.target, trace.link.value, strict=True)
    }
    assert flows == {
        ("ENG", "ENG"): 4,
        ("ENG", "OPS"): 1,
        ("ENG", "HR"): 1,
        ("ENG", "no such page"): 1,
    }
    with pytest.raises(ConfluenceNBError, match=r"space of each page.*known=wiki\.pages\(\)"):
        charts.links(content.links(small).assign(space_key=None), by="space")
    with pytest.raises(ConfluenceNBError, match="by='team'"):
        charts.links(small, by="team")


def test_by_space_many_spaces_are_gathered() -> None:
    frame = pages(800).assign(space_key=[f"S{row % 40}" for row in range(800)])
    frame["body"] = [body(f"S{(row * 7) % 40}/Page {(row * 7) % 800}") for row in range(800)]
    (trace,) = charts.links(frame, by="space").data
    assert sum(trace.link.value) == sum((row * 7) % 800 != row for row in range(800))
    assert [name for name in trace.node.label if "other" in name] == ["25 other spaces"] * 2


def test_the_links_of_a_wiki(wiki: Wiki) -> None:
    frame = wiki.pages(body="storage", names=True)
    found = content.links(frame)
    missing = found["kind"].eq("page") & found["target_id"].isna()
    figure = charts.links(frame, top=150)
    counts = dots(figure)
    assert sum(map(len, counts.values())) > 10
    here = found[missing & found["space_key"].isin(frame["space_key"])]
    assert ("no such page" in counts) == bool(len(here))
