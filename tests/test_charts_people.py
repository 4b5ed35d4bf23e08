"""`charts.contributors` and `charts.stale`: who writes where, and what nobody has touched for long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from chart_frames import NOW, note, pages

from confluence_nb import ConfluenceNBError, Wiki, charts


def cells(figure: Any) -> pd.DataFrame:
    """A heat map as a frame; the total behind a name is cut off."""
    (trace,) = figure.data
    lines = [line.rsplit("  ", 1)[0] for line in trace.y]
    return pd.DataFrame(trace.z, index=lines, columns=list(trace.x)).astype("Float64").fillna(0)


def test_a_cell_is_the_rows_of_a_person_in_a_space() -> None:
    frame = pages(3_000).assign(author_id=lambda it: it["author_id"].where(it.index % 3 > 0, "712020:9999"))
    found = cells(charts.contributors(frame, top=10))
    expected = pd.crosstab(frame["author_id"], frame["space_key"])
    totals = expected.sum(axis=1).sort_values(ascending=False)
    tails = {f"…{person[-6:]}": person for person in expected.index}
    assert list(found.index[:-1]) == [f"…{person[-6:]}" for person in _ranked(totals)[:10]]
    assert found.index[-1] == "31 others"
    for line in found.index[:-1]:
        assert found.loc[line].to_dict() == expected.loc[tails[line]].to_dict()
    assert found.sum().to_dict() == expected.sum().to_dict()


def _ranked(totals: pd.Series) -> list[str]:
    return sorted(totals.index, key=lambda key: (-totals[key], key))


def test_the_others_together_do_not_make_each_person_pale() -> None:
    figure = charts.contributors(pages(3_000), top=5)
    (trace,) = figure.data
    apart = [count for row in trace.z[:-1] for count in row if count]
    assert trace.zmax == max(apart) < max(trace.z[-1])


def test_one_other_is_named_since_it_takes_no_more_room() -> None:
    frame = pages(300).assign(author_id=[f"p{row % 6}" for row in range(300)])
    assert len(charts.contributors(frame, top=5).data[0].y) == 6
    assert not any("others" in line for line in charts.contributors(frame, top=5).data[0].y)


def test_names_are_those_of_the_frame_or_those_given() -> None:
    frame = pd.DataFrame({"author_id": ["a", "a", "b", "c"], "space_key": ["X", "Y", "X", "X"]})
    named = frame.assign(author=["Ada", "Ada", "Bo", None])
    assert list(cells(charts.contributors(named)).index) == ["Ada", "Bo", "…c"]
    assert list(cells(charts.contributors(named, names={"c": "Cy"})).index) == ["Ada", "Bo", "Cy"]
    users = pd.DataFrame({"account_id": ["a", "b"], "display_name": ["Same", "Same"]})
    assert list(cells(charts.contributors(frame, names=users)).index) == ["Same (…a)", "Same (…b)", "…c"]
    with pytest.raises(ConfluenceNBError, match="account_id and display_name"):
        charts.contributors(frame, names=users[["account_id"]])


def test_who_wrote_a_page_lends_no_name_to_who_changed_it() -> None:
    frame = pd.DataFrame({"author_id": ["a"], "author": ["Ada"], "version_author_id": ["b"]})
    assert list(charts.contributors(frame, by="version_author_id").data[0].y) == ["…b"]
    talk = pd.DataFrame({"author": ["Ada"], "version_author_id": ["a"]})
    assert list(charts.contributors(talk).data[0].y) == ["Ada"]


def test_where_no_space_is_told_people_are_bars() -> None:
    frame = pd.DataFrame({"author_id": ["a", "b", "b", None, "b"]})
    figure = charts.contributors(frame)
    (trace,) = figure.data
    assert dict(zip(trace.y, trace.x, strict=True)) == {"…b": 3, "…a": 1}
    assert figure.layout.title.text == "4 rows, by 2 people"
    assert "1 more tell no author." in note(figure)
    figure = charts.contributors(frame.assign(space_key=["X", "Y", None, "X", "Y"]))
    assert cells(figure).to_dict("index") == {
        "…b": {"X": 0, "Y": 2, "no space": 1},
        "…a": {"X": 1, "Y": 0, "no space": 0},
    }


def test_a_wiki_s_people_by_name(wiki: Wiki) -> None:
    frame = wiki.pages(names=True)
    people = wiki.users(frame).set_index("account_id")["display_name"]
    (trace,) = charts.contributors(frame, top=60).data
    lines = [line.rsplit("  ", 1) for line in trace.y]
    assert {int(total) for _, total in lines} == set(frame["author_id"].value_counts())
    assert len(lines) == frame["author_id"].nunique() <= 60
    unlike = people[frame["author_id"].unique()]
    unlike = unlike[~unlike.str.contains("[&<>$]") & (unlike.str.len() < 30) & ~unlike.duplicated(keep=False)]
    assert set(unlike) & {name for name, _ in lines}


def shares(figure: Any) -> pd.DataFrame:
    """Counts of a figure of ages: a row for each bar, a column for each age."""
    rows = [line.rsplit("  ", 1)[0] for line in figure.data[0].y]
    return pd.DataFrame({trace.name: list(trace.customdata) for trace in figure.data}, index=rows)


def test_ages_are_counted_back_from_now() -> None:
    frame = pages(2_000)
    figure = charts.stale(frame, now=NOW)
    found = shares(figure)
    ends = ["2022-01-01", "2024-01-01", "2025-01-01", "2025-10-01", "2025-12-01", "2100-01-01"]
    names = list(found.columns)[::-1]
    cut = pd.cut(
        frame["version_created_at"],
        pd.to_datetime(["1900-01-01", *ends], utc=True),
        labels=names,
        right=False,
    )
    expected = pd.crosstab(frame["space_key"], cut, dropna=False)[list(found.columns)]
    assert found.sort_index().to_numpy().tolist() == expected.sort_index().to_numpy().tolist()
    totals = found.sum(axis=1).to_numpy()
    for trace in figure.data:
        assert list(trace.x) == pytest.approx(list(trace.customdata / totals))
    oldest = [(found.iloc[row, -1] / totals[row]) for row in range(len(found))]
    assert oldest == sorted(oldest, reverse=True), "where most is old is on top"


@pytest.mark.parametrize(
    ("changed", "age"),
    [
        ("2026-05-01", "within a month"),
        ("2025-12-01T00:00:00", "within a month"),
        ("2025-11-30T23:59:59", "1 to 3 months ago"),
        ("2025-09-30", "3 to 12 months ago"),
        ("2024-12-31", "1 to 2 years ago"),
        ("2022-01-01", "2 to 4 years ago"),
        ("1999-01-01", "over 4 years ago"),
    ],
)
def test_a_time_is_in_one_age(changed: str, age: str) -> None:
    found = shares(charts.stale(pd.DataFrame({"last_modified": [changed]}), now=NOW))
    assert found.loc["all pages"].to_dict() == {name: int(name == age) for name in found.columns}


def test_now_may_be_any_form_of_a_time() -> None:
    frame = pages(50)
    moments: list[Any] = [NOW, datetime(2026, 1, 1, tzinfo=UTC), pd.Timestamp("2026-01-01T02:00+02:00")]
    first, *others = [charts.stale(frame, now=moment).to_json() for moment in moments]
    assert others == [first, first]
    assert "Counted back from 1 January 2026" in first
    for wrong in ("soon", 5, float("nan"), pd.NaT):
        with pytest.raises(ConfluenceNBError, match=r"is no time\. Pass a datetime"):
            charts.stale(frame, now=wrong)  # type: ignore[arg-type]
    assert charts.stale(frame).data


def test_many_spaces_share_a_bar() -> None:
    frame = pages(900).assign(space_key=[f"S{row % 90:02}" for row in range(900)])
    found = shares(charts.stale(frame, now=NOW, top=8))
    assert len(found) == 9
    assert found.loc["82 others"].sum() == 820
    assert found.to_numpy().sum() == 900


def test_a_personal_space_is_named_by_its_end() -> None:
    frame = pages(2).assign(space_key=["~712020a446f36622354c64ab8d5bf6c57f72", "~ada"])
    assert sorted(shares(charts.stale(frame, now=NOW)).index) == ["personal …57f72", "~ada"]
