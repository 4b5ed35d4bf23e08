"""`charts.activity`: what happened when, counted as pandas counts it, in bars that say how long they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from chart_frames import SITE, marks, note, pages

from confluence_nb import ConfluenceNBError, Wiki, charts


def bars(figure: Any) -> pd.DataFrame:
    """The bars of a figure: a row for each start, a column for each trace."""
    return pd.DataFrame(
        {trace.name: pd.Series(trace.y, index=pd.to_datetime(trace.x)) for trace in figure.data}
    ).fillna(0)


def at(*moments: str, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"created_at": pd.to_datetime(list(moments), utc=True, format="ISO8601"), **columns})


def test_the_bars_are_the_rows_of_each_month_and_space() -> None:
    frame = pages(2_000)
    found = bars(charts.activity(frame))
    month = frame["created_at"].dt.strftime("%Y-%m-01")
    expected = pd.crosstab(month, frame["space_key"])
    most = frame["space_key"].value_counts()
    most = most.sort_index().sort_values(ascending=False, kind="stable")
    assert list(found.columns) == [*most.index[:6], "2 others"]
    expected.index = pd.to_datetime(expected.index)
    for space in most.index[:6]:
        pd.testing.assert_series_equal(
            found[space], expected[space], check_names=False, check_dtype=False, check_freq=False
        )
    others = expected[list(most.index[6:])].sum(axis=1)
    pd.testing.assert_series_equal(
        found["2 others"], others, check_names=False, check_dtype=False, check_freq=False
    )


def test_a_month_in_which_nothing_happened_is_a_bar_of_height_nothing() -> None:
    figure = charts.activity(at("2024-01-31", "2024-12-01", "2025-06-30T23:59:59Z"))
    (trace,) = figure.data
    assert len(trace.x) == 18
    assert list(trace.y) == [1, *[0] * 10, 1, *[0] * 5, 1]
    assert trace.x[0] == "2024-01-01"
    assert trace.customdata[-1] == "June 2025"


@pytest.mark.parametrize(
    ("last", "bucket", "said", "count"),
    [
        ("2024-02-29T12:00:00Z", "day", "29 February 2024", 1),
        ("2024-03-31", "day", "31 March 2024", 32),
        ("2024-06-30", "week", "Week of 24 June 2024", 18),
        ("2025-12-31", "month", "December 2025", 23),
        ("2040-02-29", "quarter", "Q1 2040", 65),
        ("2120-02-29", "year", "2120", 97),
        ("2999-02-28", "ten years", "2990 to 2999", 98),
        ("9999-02-28", "hundred years", "9900 to 9999", 80),
    ],
)
def test_the_span_of_time_decides_how_long_a_bar_is(last: str, bucket: str, said: str, count: int) -> None:
    times = pd.Series(np.array(["2024-02-29T00:00:00", last.rstrip("Z")], dtype="datetime64[s]"))
    figure = charts.activity(pd.DataFrame({"created_at": times.dt.tz_localize("UTC")}))
    (trace,) = figure.data
    assert trace.customdata[-1] == said
    assert len(trace.x) == count
    assert sum(trace.y) == 2
    assert figure.layout.title.text == f"2 rows, by {bucket} of creation"
    assert figure.layout.xaxis.title.text == f"{bucket.capitalize()}, in UTC"


def test_bars_stand_side_by_side_without_a_gap_of_time() -> None:
    (trace,) = charts.activity(at("2024-01-31", "2024-12-01")).data
    ends = pd.to_datetime(trace.x) + pd.to_timedelta(np.array(trace.width) / 0.9, unit="ms")
    assert list(ends[:-1]) == list(pd.to_datetime(trace.x)[1:])
    assert trace.offset == 0


def test_times_of_other_zones_are_counted_in_utc() -> None:
    late = pd.to_datetime(["2024-01-31T22:30:00"]).tz_localize("America/New_York")
    plain = pd.to_datetime(["2024-01-31T22:30:00"])
    texts = ["2024-01-31T22:30:00-05:00"]
    for times, day in ((late, "2024-02-01"), (plain, "2024-01-31"), (texts, "2024-02-01")):
        (trace,) = charts.activity(pd.DataFrame({"created_at": times})).data
        assert list(trace.x) == [day]


def test_rows_without_a_time_are_left_out_and_told() -> None:
    frame = at("2024-01-31", "2024-02-01").reindex(range(5))
    figure = charts.activity(frame)
    assert sum(figure.data[0].y) == 2
    assert note(figure) == "3 of them have no such time and are not drawn."
    nothing = charts.activity(frame.tail(2))
    assert not nothing.data
    assert nothing.layout.annotations[0].text == "No times"


def test_numbers_are_no_times() -> None:
    with pytest.raises(ConfluenceNBError, match=r"created_at is of dtype int64.*pandas\.to_datetime"):
        charts.activity(pd.DataFrame({"created_at": [1_700_000_000]}))


def test_when_names_the_times_and_by_what_is_told_apart() -> None:
    frame = pages(500)
    figure = charts.activity(frame, when="version_created_at", by="author_id", top=2)
    assert [trace.name for trace in figure.data] == [
        *frame["author_id"].value_counts().index[:2],
        "38 others",
    ]
    assert sum(sum(trace.y) for trace in figure.data) == 500
    assert f"500 pages of {SITE}, by month of last change" == figure.layout.title.text
    for wrong in ({"when": "changed"}, {"by": "changed"}):
        with pytest.raises(
            ConfluenceNBError, match=r"='changed' names no column of this frame\. It has id, title"
        ):
            charts.activity(frame, **wrong)


def test_one_value_is_not_told_apart_nor_is_one_without() -> None:
    figure = charts.activity(at("2024-01-01", "2024-01-02", space_key=["ENG", "ENG"]))
    assert [trace.name for trace in figure.data] == ["all"]
    assert not figure.layout.showlegend
    figure = charts.activity(at("2024-01-01", "2024-01-02", "2024-01-02", type=["page", "blogpost", None]))
    assert {trace.name: sum(trace.y) for trace in figure.data} == {"page": 1, "blogpost": 1, "no type": 1}
    assert figure.layout.legend.title.text == "Type"


def test_the_frames_of_a_wiki_are_drawn_as_they_come(wiki: Wiki) -> None:
    found = wiki.pages()
    comments = wiki.comments(found)
    drawn = {
        "pages": charts.activity(found),
        "blog posts": charts.activity(wiki.blogposts()),
        "comments": charts.activity(comments),
        "versions": charts.activity(wiki.versions(found.head(20))),
        "attachments": charts.activity(wiki.attachments()),
        "search results": charts.activity(wiki.search("type = page")),
        "tasks": charts.activity(wiki.tasks()),
    }
    for many, figure in drawn.items():
        assert f" {many} of {wiki.site.url.removeprefix('https://')}, by" in figure.layout.title.text
        assert 0 < marks(figure) <= 2_000
    keys = set(wiki.spaces()["key"])
    short = {key for key in keys if not key.startswith("~")}
    names = {trace.name for trace in drawn["pages"].data}
    assert short <= names, "the space is read from the address where there is no space_key"
    assert {trace.name: sum(trace.y) for trace in drawn["comments"].data} == comments[
        "kind"
    ].value_counts().to_dict()


def test_a_frame_of_one_space_says_so(wiki: Wiki) -> None:
    figure = charts.activity(wiki.pages(space="ENG"))
    assert " pages in ENG at acme.atlassian.net, by " in figure.layout.title.text
