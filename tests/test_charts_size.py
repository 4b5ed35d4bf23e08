"""`charts.size` and `charts.labels`: how long pages are and how large files, and which labels go together."""

from __future__ import annotations

import re
from itertools import combinations

import pandas as pd
import pytest
from chart_frames import labels, note, pages

from confluence_nb import ConfluenceNBError, Wiki, charts, content
from confluence_nb.charts.measures import words_in


def test_pages_are_counted_by_their_words() -> None:
    frame = pages(900)
    said = content.to_text(frame["body"]).str.split().str.len()
    steps, longest = charts.size(frame).data
    names = ["under 50", "50 to 100", "100 to 200", "200 to 400", "400 to 800", "800 to 1,600"]
    cut = pd.cut(said, [-1, 49, 99, 199, 399, 799, 1599], labels=names).value_counts()
    found = {
        name.partition(",")[0] if "1,600" not in name else "800 to 1,600": n
        for name, n in zip(steps.y, steps.x, strict=True)
    }
    assert found == cut.to_dict()
    assert list(longest.x) == sorted(said, reverse=True)[:12]
    titles = frame.loc[said.sort_values(ascending=False, kind="stable").index[:12], "title"]
    assert list(longest.customdata) == titles.tolist()


def test_minutes_are_words_by_the_speed_that_is_said() -> None:
    frame = pages(900)
    figure = charts.size(frame, words_per_minute=100)
    assert list(figure.data[0].y) == [
        "under 50, under 0.5 min",
        "50 to 100, 0.5 to 1.0 min",
        "100 to 200, 1.0 to 2.0 min",
        "200 to 400, 2.0 to 4.0 min",
        "400 to 800, 4.0 to 8.0 min",
        "800 to 1,600, 8.0 to 16.0 min",
    ]
    total = int(content.to_text(frame["body"]).str.split().str.len().sum())
    assert f"{total:,} words in all" in note(figure)
    assert f"{round(total / 6_000):,} hours to read at 100 words a minute" in note(figure)
    for wrong in (0, -1, 2.5, True, "fast"):
        with pytest.raises(ConfluenceNBError, match="words_per_minute="):
            charts.size(frame, words_per_minute=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  one\n\ntwo\tthree ", 3),
        ("漢字仮名", 2),
        ("Release 漢字かな と notes", 5),
        ("한국어 두 단어", 3),
    ],
)
def test_two_signs_without_spaces_are_a_word(text: str, words: int) -> None:
    assert words_in(text) == words


def test_texts_that_were_read_before_are_not_read_again() -> None:
    frame = pages(200)
    expected = charts.size(frame).to_json()
    assert (
        charts.size(frame.assign(text=content.to_text(frame["body"]), body="<broken")).to_json() == expected
    )


def test_pages_without_a_body_are_told() -> None:
    frame = pages(10)
    frame.loc[3:, "body"] = pd.NA
    figure = charts.size(frame)
    assert sum(figure.data[0].x) == 3
    assert "7 more cannot be measured." in note(figure)
    assert charts.size(frame.tail(3)).layout.annotations[0].text == "No bodies"


def test_attachments_are_counted_in_megabytes(wiki: Wiki) -> None:
    files = wiki.attachments()
    figure = charts.size(files, top=5)
    steps, longest = figure.data
    sizes = files["file_size"].astype(float) / 1_000_000
    bounds = [0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1e9]
    expected = pd.cut(sizes, bounds, right=False).value_counts(sort=False).tolist()
    assert [count for count in steps.x if count] == [count for count in expected if count]
    assert list(longest.x) == pytest.approx(sizes.nlargest(5).tolist())
    assert figure.layout.xaxis2.title.text == "MB"
    assert re.fullmatch(rf"{len(files)} attachments of \S+, by size", figure.layout.title.text)


def test_a_cell_is_how_many_pages_have_both_labels() -> None:
    frame = labels(900)
    (trace,) = charts.labels(frame, top=10).data
    pages_of = {name: set(ids) for name, ids in frame.groupby("name")["page_id"]}
    most = sorted(pages_of, key=lambda name: (-len(pages_of[name]), name))[:10]
    assert list(trace.x) == most
    assert list(trace.y) == [f"{name}  {len(pages_of[name]):,}" for name in most]
    for (row, one), (column, other) in combinations(enumerate(most), 2):
        both = len(pages_of[one] & pages_of[other])
        assert trace.z[row][column] == trace.z[column][row] == (both or None)
        share = trace.customdata[row][column]
        assert [float(share[0]), float(share[1])] == pytest.approx(
            [both / len(pages_of[one]), both / len(pages_of[other])]
        )
        assert [share[2], share[3]] == [one, other]
    assert all(trace.z[place][place] is None for place in range(10))


def test_a_label_that_a_page_has_twice_counts_once_and_a_team_s_is_another() -> None:
    frame = pd.DataFrame(
        {
            "page_id": ["1", "1", "1", "2", "2", None],
            "name": ["a", "a", "a", "a", "b", "b"],
            "prefix": ["global", "global", "team", "global", "my", "my"],
        }
    )
    (trace,) = charts.labels(frame).data
    assert list(trace.y) == ["a  2", "my:b  1", "team:a  1"]
    assert [list(row) for row in trace.z] == [[None, 1, 1], [1, None, None], [1, None, None]]
    without = charts.labels(frame.drop(columns="prefix"))
    assert list(without.data[0].y) == ["a  2", "b  1"]


def test_a_single_label_goes_with_none() -> None:
    figure = charts.labels(pd.DataFrame({"page_id": ["1", "2"], "name": ["<b>", "<b>"]}))
    assert not figure.data
    assert figure.layout.annotations[0].text == "Only the label &lt;b&gt;"


def test_the_labels_of_a_wiki(wiki: Wiki) -> None:
    frame = wiki.labels(wiki.pages())
    (trace,) = charts.labels(frame).data
    totals = [int(line.rsplit("  ", 1)[1].replace(",", "")) for line in trace.y]
    assert totals == sorted(totals, reverse=True)
    assert (
        totals[0]
        == frame.drop_duplicates(["page_id", "prefix", "name"])[["prefix", "name"]].value_counts().max()
    )
