"""The pages that teach are true: every cell answers what stands under it, and scopes and commands are right."""

from __future__ import annotations

import inspect
import re
import runpy
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from confluence_nb import DEFAULT_SCOPES, Wiki
from confluence_nb.api.catalog import scopes_for
from confluence_nb.cli import main
from confluence_nb.oauth.app import CONSOLE_URL, DEFAULT_REDIRECT_URI
from confluence_nb.oauth.grant import Grant
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "write_answers.py"))
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in TOOL["PAGES"]}
OWN_APP = PAGES["your_own_app"]


@pytest.fixture(scope="module")
def at_home() -> Iterator[Sandbox]:
    with TOOL["a_person_at_home"]() as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_answers_what_stands_under_it(name: str, at_home: Sandbox) -> None:
    """`python tools/write_answers.py` writes them anew; look at what it changed."""
    assert TOOL["answered"](PAGES[name], at_home) == PAGES[name]


def test_an_answer_that_is_no_longer_true_is_seen(at_home: Sandbox) -> None:
    page = "```python\n{'a': 1}\n```\n\n```text\n{'a': 2}\n```\n\n| not | of this cell |\n\nWords.\n"
    assert TOOL["answered"](page, at_home) == page.replace("2", "1").replace("\n| not | of this cell |\n", "")
    shortened = "```python\n'a long answer'\n```\n\n```text\n'a … answer'\n```\n\nWords.\n"
    assert TOOL["answered"](shortened, at_home) == shortened
    assert "'a long answer'" in TOOL["answered"](
        shortened.replace("answer'\n```\n\nW", "word'\n```\n\nW"), at_home
    )


def test_each_question_has_a_cell_and_an_answer() -> None:
    questions = re.split(r"^### ", PAGES["recipes"], flags=re.MULTILINE)[1:]
    assert len(questions) >= 20
    for question in questions:
        answers = [example["answer"] for example in TOOL["EXAMPLE"].finditer(question)]
        assert any(answers), question.partition("\n")[0]


def test_words_of_the_wiki_stay_words_in_a_table() -> None:
    assert TOOL["in_a_cell"]("a|b *c* <d> [e](f) `g` ~h~ _i_ &amp;") == (
        r"a\|b \*c\* \<d\> \[e\](f) \`g\` \~h\~ \_i\_ \&amp;"
    )
    assert TOOL["in_a_cell"]("x" * 500) == "x" * 69 + "…"


# ------------------------------------------------------------------- scopes


def rows(after: str) -> dict[str, list[str]]:
    """A table of scopes: each with the other cells of its row."""
    table = OWN_APP.partition(after)[2].partition("\n\n")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {scope.strip("`"): rest for scope, *rest in cells}


ASKED = rows("asks for these unless you say otherwise:")
MORE = rows("and only for these:")


def test_the_scopes_are_those_that_are_asked_for() -> None:
    assert list(ASKED) == list(DEFAULT_SCOPES)
    assert not set(MORE) & set(DEFAULT_SCOPES)
    kinds = {"offline_access": "–", "read:me": "User identity API"}
    for scope, (kind, _) in {**ASKED, **MORE}.items():
        is_granular = scope.count(":") == 2 and not scope.startswith("readonly:")
        assert kind == kinds.get(scope, "granular" if is_granular else "classic"), scope


def endpoints(helper: str) -> list[tuple[str, str]]:
    """What a helper asks, as its docstring has it."""
    source = (inspect.getdoc(getattr(Wiki, helper)) or "").rpartition("Source:")[2]
    return re.findall(r"`(GET|POST) (/wiki/\S+)`", source)


@pytest.mark.parametrize(
    ("scope", "helper"),
    [
        (scope, name)
        for scope, (_, uses) in {**ASKED, **MORE}.items()
        for name in re.findall(r"`(\w+)\(\)", uses)
    ],
)
def test_a_scope_is_what_the_call_takes(scope: str, helper: str) -> None:
    alternatives = [one for method, path in endpoints(helper) for one in scopes_for(method, path)]
    assert (scope,) in [tuple(one) for one in alternatives]


def test_every_helper_is_under_its_scope() -> None:
    named = set(re.findall(r"`(\w+)\(\)", " ".join(uses for _, uses in [*ASKED.values(), *MORE.values()])))
    helpers = {
        name
        for name, method in inspect.getmembers(Wiki, inspect.isfunction)
        if not name.startswith("_") and inspect.signature(method).return_annotation == "pd.DataFrame"
    }
    assert helpers - named == {"collections", "resume", "sites", "table"}


def test_what_is_typed_in_the_console_is_what_the_package_sends() -> None:
    assert f"the callback URL `{DEFAULT_REDIRECT_URI}`" in OWN_APP
    assert f"({CONSOLE_URL})" in OWN_APP


# ----------------------------------------------------------- staying signed in


def test_a_pair_is_renewed_two_minutes_early() -> None:
    assert "two minutes before the hour is over" in PAGES["staying_signed_in"]
    now = time.time()
    grant = Grant(Secret("access"), Secret("refresh"), scopes=(), obtained_at=now, lifetime=3_600.0)
    assert not grant.wants_renewal(now + 3_600 - 130)
    assert grant.wants_renewal(now + 3_600 - 110)


@pytest.mark.parametrize("page", [*PAGES, "README"])
def test_the_commands_are_taken(page: str) -> None:
    text = PAGES.get(page) or (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    for line in re.findall(r"confluence-nb (.*)", "".join(block for kind, block in blocks if not kind)):
        name, *given = shlex.split(line.partition(">>")[0])
        context: Any = main.commands[name].make_context(name, given)  # refuses what it does not know
        assert context.params
