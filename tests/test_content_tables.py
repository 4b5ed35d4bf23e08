"""Tables that people really make: headers everywhere, spans past the end, numbers that are none."""

from __future__ import annotations

import pandas as pd
import pytest

from confluence_nb import content


def table(*rows: str, **options: bool) -> pd.DataFrame:
    """Cells apart by `|`; one that begins with `!` is a header."""
    lines = [
        "".join(
            f"<th>{cell[1:]}</th>" if cell.startswith("!") else f"<td>{cell}</td>" for cell in row.split("|")
        )
        for row in rows
    ]
    body = f"<table><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"
    [found] = content.tables(body, **options)
    return found


def test_a_table_of_nothing_but_headers_keeps_its_rows() -> None:
    found = table("!name|!price", "!tea|!3", "!milk|!1")
    assert list(found.columns) == ["name", "price"]
    assert found.to_numpy().tolist() == [["tea", "3"], ["milk", "1"]]
    one = table("!list", "!tea", "!milk")
    assert (list(one.columns), one["list"].tolist()) == (["list"], ["tea", "milk"])
    assert table("!name|!price").shape == (0, 2)


def test_two_rows_of_headers_that_belong_together_stay_so() -> None:
    body = (
        "<table><tr><th rowspan='2'>who</th><th colspan='2'>when</th></tr><tr><th>from</th><th>to</th></tr>"
        "{}</table>"
    )
    for rows in ("", "<tr><td>Ada</td><td>1</td><td>2</td></tr>"):
        assert list(content.tables(body.format(rows))[0].columns) == ["who", "when / from", "when / to"]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "20", "-3"], "Int64"),
        (["0", "0.5"], "Float64"),
        (["1,234", "12,345,678"], "Int64"),
        (["007", "012"], "string"),
        (["0049 30", "1"], "string"),
        (["1", "20240131-01"], "string"),
        (["12345678901234567890"], "string"),
        (["123456789012345678"], "Int64"),
        (["1,23", "4,5"], "string"),
        (["12,34"], "string"),
        (["50%"], "string"),
        (["(5)"], "string"),
        (["NaN", "inf"], "string"),
        (["1", "–"], "string"),
        (["", "&nbsp;"], "string"),
        (["1", "&nbsp;"], "Int64"),
    ],
)
def test_what_is_a_number(cells: list[str], dtype: str) -> None:
    found = table("!n", *cells, numbers=True)
    assert str(found["n"].dtype) == dtype
    if dtype == "string":
        assert found["n"].tolist() == table("!n", *cells)["n"].tolist()


@pytest.mark.parametrize(
    ("rowspan", "colspan"), [("9", "1"), ("1", "9"), ("0", "0"), ("-1", "x"), ("2.5", "")]
)
def test_spans_past_the_end_or_without_sense(rowspan: str, colspan: str) -> None:
    body = f"<table><tr><td rowspan='{rowspan}' colspan='{colspan}'>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    [found] = content.tables(body)
    assert len(found) == 2
    assert {"a", "b", "c"} <= set(found.to_numpy().ravel())


def test_one_long_row_among_many_short_ones_costs_no_more_than_its_cells() -> None:
    """Each row filled up to the longest would make 150 MB of Markdown of these 400 kB."""
    rows = ["<tr><td>a</td></tr>"] * 10_000 + [f"<tr>{'<td>b</td>' * 5_000}</tr>"]
    body = f"<table><tbody>{''.join(rows)}</tbody></table>"
    text, markdown = content.to_text(body), content.to_markdown(body)
    assert text.split() == ["a"] * 10_000 + ["b"] * 5_000
    head, rule, *lines = markdown.splitlines()
    assert head.count("|") == rule.count("|") == lines[-1].count("|") == 5_001  # GitHub fills up shorter ones
    assert lines[0] == "| a |"
    assert len(markdown) < 200_000


def test_a_table_in_a_cell_comes_after_its_table() -> None:
    inner = "<table><tr><td>in</td></tr></table>"
    body = f"<table><tr><td>out{inner}</td></tr></table><table><tr><td>next</td></tr></table>"
    assert [found.iloc[0, 0].split()[0] for found in content.tables(body)] == ["out", "in", "next"]


def test_who_has_no_name_is_told_by_the_account() -> None:
    body = "".join(f'<p><ac:link><ri:user ri:account-id="{who}"/></ac:link></p>' for who in "abcd")
    names = {"a": "Ada", "b": float("nan"), "c": pd.NA, "d": None}
    assert content.to_text(body, names=names).split() == ["@Ada", "@b", "@c", "@d"]
