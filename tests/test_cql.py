"""Values in CQL: whatever they hold, the query says them and nothing else."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confluence_nb import ConfluenceNBError
from confluence_nb.api.cql import cql, without_order
from confluence_nb.sandbox.rest.cql.calendar import moment
from confluence_nb.sandbox.rest.cql.grammar import Clause, clauses, parse

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\"'\\{}()~,\n\r\t"), max_size=40
)


def read_back(query: str) -> Clause:
    """The one clause of a query, as a server reads it."""
    [clause] = clauses(parse(query).where)
    return clause


@given(TEXTS)
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    assert read_back(cql("title ~ {}", text)) == Clause("title", "~", (text,))


@given(st.lists(TEXTS, min_size=1, max_size=5, unique=True), TEXTS)
def test_any_texts_stay_apart(texts: list[str], other: str) -> None:
    query = cql("(space in {} or text ~ {name}) and type = page order by created", texts, name=other)
    spaces, text, kind = clauses(parse(query).where)
    assert spaces == Clause("space", "in", tuple(texts))
    assert text == Clause("text", "~", (other,))
    assert kind == Clause("type", "=", ("page",))


@given(st.text())
def test_a_text_is_read_back_or_refused(text: str) -> None:
    if any(unicodedata.category(mark) == "Cc" and mark not in "\t\n\r" for mark in text):
        with pytest.raises(ConfluenceNBError, match="control character"):
            cql("title = {}", text)
    else:
        assert read_back(cql("title = {}", text)).values == (text,)


@given(st.integers(0, 130_000_000), st.integers(-14, 14))
def test_a_moment_is_said_to_the_minute(minutes: int, hours: int) -> None:
    minute = datetime(1800, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    [said] = read_back(
        cql("created > {}", (minute + timedelta(seconds=59)).astimezone(timezone(timedelta(hours=hours))))
    ).values
    assert moment(str(said), minute) == minute.timestamp() * 1000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("ENG", '"ENG"'),
        ('a "b" \\ c', r'"a \"b\" \\ c"'),
        (98310, "98310"),
        (np.int64(7), "7"),
        (98310.0, "98310"),
        (np.float64(0.5), "0.5"),
        (True, "true"),
        (np.bool_(False), "false"),
        (date(2024, 2, 3), '"2024-02-03"'),
        (datetime(2024, 2, 3, 4, 5, 59), '"2024-02-03 04:05"'),  # noqa: DTZ001 (one without a zone is the case)
        (pd.Timestamp("2024-02-03T04:05:06", tz="Europe/Berlin"), '"2024-02-03 03:05"'),
        (["ENG", "~ada"], '("ENG", "~ada")'),
        (("a", 1, "a"), '("a", 1)'),
        ({"b", "a"}, '("a", "b")'),
        (pd.Series(["a", "b"], dtype="string"), '("a", "b")'),
        (pd.Index([1, 2]), "(1, 2)"),
        (np.array(["x"]), '("x")'),
        ((key for key in "ab"), '("a", "b")'),
    ],
)  # fmt: skip
def test_each_kind_of_value_is_written(value: Any, said: str) -> None:
    assert cql("x {}", value) == f"x {said}"


@pytest.mark.parametrize(
    ("template", "values", "named", "words"),
    [
        ("text ~ {}", (), {}, "1 places .* 0 values"),
        ("text ~ {}", ("a", "b"), {}, "1 places .* 2 values"),
        ("text ~ {words}", (), {}, "Nothing was given for {words}"),
        ("text ~ {words}", (), {"words": "a", "more": "b"}, "no place {more}"),
        ('text ~ "{}"', ("a",), {}, "Leave out the quotes"),
        ("text ~ '{words}'", (), {"words": "a"}, "Leave out the quotes"),
        ('text ~ "a } b"', (), {}, "brace in it"),
        ('text ~ "{{{words}}}"', (), {}, "Leave out the quotes"),
        ("text ~ {{words}}", (), {}, "stands alone"),
        ("text ~ { }", ("a",), {}, "stands alone"),
        ("text ~ {a!r}", (), {"a": "a"}, "stands alone"),
        ("text ~ }", (), {}, "stands alone"),
        ('text ~ "a and space = {}', ("a",), {}, "not closed"),
        ("space in {}", ([],), {}, "empty list"),
        ("space in {}", (pd.Series([], dtype="string"),), {}, "empty list"),
        ("space = {}", (None,), {}, "missing"),
        ("space = {}", (float("nan"),), {}, "missing"),
        ("space = {}", (pd.NaT,), {}, "missing"),
        ("space in {}", (pd.Series(["a", pd.NA], dtype="string"),), {}, r"dropna"),
        ("space in {keys}", (), {"keys": ["a", None]}, "keys is missing"),
        ("space in {}", ([["a"]],), {}, "is a list"),
        ("space in {}", ({"a": 1},), {}, "is a dict"),
        ("space in {}", (pd.DataFrame({"key": ["a"]}),), {}, "is a DataFrame"),
        ("space = {}", (b"a",), {}, "is a bytes"),
        ("space = {}", (float("inf"),), {}, "is a float"),
        ("space = {}", (object(),), {}, "is a object"),
        ("text ~ {}", ("a\x00b",), {}, "control character"),
        ("text ~ {}", ("a\x9bb",), {}, "control character"),
        ("text ~ {}", ("\ud83d",), {}, "half a character"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(template: str, values: Any, named: Any, words: str) -> None:
    with pytest.raises(ConfluenceNBError, match=words):
        cql(template, *values, **named)


def test_a_brace_inside_quotes_is_written_twice() -> None:
    query = cql("text ~ \"s3://{{team}}/\" and title ~ {} and space = '}}{{'", "{{as it is}}")
    text, title, space = clauses(parse(query).where)
    assert text == Clause("text", "~", ("s3://{team}/",))
    assert title == Clause("title", "~", ("{{as it is}}",))
    assert space == Clause("space", "=", ("}{",))


def test_a_value_may_have_any_name() -> None:
    assert cql("x = {template}", template=1) == "x = 1"


def test_a_template_is_text() -> None:
    with pytest.raises(ConfluenceNBError, match="template is a list"):
        cql(["text ~ {}"], "a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "where", "order"),
    [
        ("type = page", "type = page", ""),
        ("type = page ORDER  BY created desc", "type = page", "ORDER  BY created desc"),
        ('title ~ "order by" order by title', 'title ~ "order by"', "order by title"),
        (r'title ~ "a \" order by x"', r'title ~ "a \" order by x"', ""),
        ("title ~ 'order by'", "title ~ 'order by'", ""),
        ("order by id", "", "order by id"),
        ("text ~ border", "text ~ border", ""),
    ],
)  # fmt: skip
def test_a_query_and_its_order_are_told_apart(query: str, where: str, order: str) -> None:
    assert without_order(query) == (where, order)
