"""Values in a cell's query: variables and what is looked up in them, and hostile ones stay values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from ipython_session import asked, new_session, run

from confluence_nb import Wiki
from confluence_nb.magics import filled_in
from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.rest.cql.grammar import Clause, clauses, parse

HOSTILE = [
    '" or type = page or title ~ "',
    "' or type = page or title ~ '",
    'x\\" or type = page or title ~ \\"',
    "\\",
    'x"\nor type = page',
    "x) or (type = page",
    "currentUser()",
    'now("-30d")',
    "{other}",
    "}{ {{other}} {}",
    "$other",
    "x order by created desc",
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for all tests here: they only read."""
    with Sandbox(pages=60, spaces=3) as running:
        yield running


@pytest.fixture
def notebook(wiki: Wiki) -> InteractiveShell:
    """A session with a wiki that is signed in."""
    return new_session(wiki=wiki)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{text}", '"a \\"b\\""'),
        ("{ text }", '"a \\"b\\""'),
        ("{number}", "98310"),
        ("{day}", '"2024-02-03"'),
        ("{keys}", '("ENG", "OPS")'),
        ("{keys[-1]}", '"OPS"'),
        ('{pages["space_key"]}', '("ENG", "OPS")'),
        ("{pages['space_key'].iloc[0]}", '"ENG"'),
        ("{pages.space_key}", '("ENG", "OPS")'),
        ("{row.title}", '"Plans"'),
        ("{nested['a'][0].title}", '"Plans"'),
        ("{template}", '"mine"'),
    ],
)
def test_a_place_takes_a_value(place: str, said: str) -> None:
    row = SimpleNamespace(title="Plans")
    names = {
        "text": 'a "b"',
        "number": 98310,
        "day": date(2024, 2, 3),
        "keys": ["ENG", "OPS"],
        "pages": pd.DataFrame({"space_key": pd.Series(["ENG", "OPS", "ENG"], dtype="string")}),
        "row": row,
        "nested": {"a": [row]},
        "template": "mine",
    }
    assert filled_in(f"type = page and x in {place}", names) == f"type = page and x in {said}"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\"'\\{}()~$,\n\r\t")))
def test_any_text_stays_one_value(text: str) -> None:
    query = filled_in(
        'space = ENG and title ~ {words} and text ~ {row["words"]}', {"words": text, "row": {"words": text}}
    )
    assert clauses(parse(query).where) == [
        Clause("space", "=", ("ENG",)),
        Clause("title", "~", (text,)),
        Clause("text", "~", (text,)),
    ]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize(
    "cell", ["%%cql\ntype = page and title ~ {words}", "%cql type = page and title ~ {words}"]
)
def test_what_is_hostile_is_looked_for(notebook: InteractiveShell, cell: str, words: str) -> None:
    notebook.push({"words": words, "other": "Home"})
    found = run(notebook, cell)
    assert clauses(parse(asked(found)).where)[1:] == [Clause("title", "~", (words,))]
    assert len(found) < 60  # the sandbox has 60 pages, and none of these finds them all


def test_a_brace_of_the_query_is_written_twice() -> None:
    assert filled_in('text ~ "{{team}}" and title ~ {a}', {"a": "{b}"}) == 'text ~ "{team}" and title ~ "{b}"'


def test_a_line_in_a_function_takes_its_variables(notebook: InteractiveShell) -> None:
    notebook.push({"words": "of the notebook"})
    run(notebook, "def look(words):\n    return get_ipython().run_line_magic('cql', 'title ~ {words}')")
    run(notebook, "def look_too(words):\n    found = %cql title ~ {words}\n    return found")
    assert asked(run(notebook, "look_too('of the function')")) == 'title ~ "of the function"'
