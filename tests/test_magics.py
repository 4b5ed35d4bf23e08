"""CQL in a cell: what the query says, whose values it takes, and how an error is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import open_wiki
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from ipython_session import asked, fails, new_session, run
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from confluence_nb import ConfluenceNBError, SignInRequired, Wiki
from confluence_nb.sandbox import Sandbox

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for all tests here: they only read."""
    with Sandbox(pages=60, spaces=3) as running:
        yield running


@pytest.fixture
def shell() -> InteractiveShell:
    return new_session()


@pytest.fixture
def notebook(wiki: Wiki) -> InteractiveShell:
    """A session with a wiki that is signed in."""
    return new_session(wiki=wiki)


def test_a_cell_is_a_query_and_its_frame_gets_the_name(notebook: InteractiveShell, wiki: Wiki) -> None:
    shown = run(notebook, "%%cql found\ntype = page\n  and space = ENG\n")
    assert shown is notebook.user_ns["found"]
    assert set(shown["id"]) == set(wiki.search("type = page and space = ENG")["id"])
    assert len(shown) > 0


def test_without_a_name_the_frame_is_only_shown(notebook: InteractiveShell) -> None:
    before = set(notebook.user_ns)
    shown = run(notebook, "%%cql --limit 3\ntype = page")
    assert len(shown) == 3
    assert {name for name in set(notebook.user_ns) - before if not name.startswith("_")} == set()


def test_a_line_is_a_query_too(notebook: InteractiveShell) -> None:
    notebook.push({"keys": ["ENG"]})
    run(notebook, "found = %cql type = page and space in {keys}")
    assert asked(notebook.user_ns["found"]) == 'type = page and space in ("ENG")'


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%cql\ntitle ~ {nowhere}", "no variable nowhere"),
        ('%%cql\ntitle ~ "{words}"', "Leave out the quotes"),
        ("%%cql\ntitle ~ {words.upper()}", "Compute anything else"),
        ("%%cql\ntitle ~ {__import__('os').getcwd()}", "Compute anything else"),
        ("%%cql\ntitle ~ {words + words}", "Compute anything else"),
        ("%%cql\ntitle ~ {[words for _ in words]}", "Compute anything else"),
        ("%%cql\ntitle ~ {words!r}", "Compute anything else"),
        ("%%cql\ntitle ~ {words[int]}", "Compute anything else"),
        ("%%cql\ntitle ~ {}", "Compute anything else"),
        ("%%cql\ntitle ~ {words.title}", "no value of CQL"),
        ("%%cql\ntitle ~ {words.nothing}", "is not there .* Look at words"),
        ("%%cql\ntitle ~ {row['nothing']}", "is not there .* Look at row"),
        ("%%cql\ntitle ~ {words[99]}", "is not there"),
        ("%%cql\ntitle ~ {row}", "row is a dict"),
        ("%%cql\ntitle ~ {", "stands alone"),
        ("%%cql two-words\ntype = page", "no name of a variable"),
        ("%%cql class\ntype = page", "no name of a variable"),
        ("%%cql wiki\ntype = page", "wiki is your Wiki"),
        ("%%cql --wiki words\ntype = page", "'words' is no Wiki of this notebook. It has: wiki"),
        ("%%cql\n\n", "blank"),
        ("%%cql --limit -1\ntype = page", "limit"),
        ("%cql --limit 5 type = page", "--limit is for %%cql"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    notebook: InteractiveShell, sandbox: Sandbox, cell: str, words: str
) -> None:
    notebook.push({"words": "a", "row": {"a": 1}})
    sandbox.reset_counts()
    error = fails(notebook, cell)
    assert isinstance(error, ConfluenceNBError)
    assert re.search(words, str(error), re.DOTALL)
    assert sandbox.counts()["requests"] == 0


@pytest.mark.parametrize("line", ["found more", "--limit few", "--nothing"])
def test_a_line_that_is_not_understood(notebook: InteractiveShell, line: str) -> None:
    assert isinstance(fails(notebook, f"%%cql {line}\ntype = page"), UsageError)


def test_an_error_is_told_in_a_line(notebook: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    error = fails(notebook, "%%cql\ntype = = page")
    told = capsys.readouterr().out.strip()
    assert told.splitlines() == [f"BadRequest: {error}", f"More about it: {error.help}"]


def test_the_history_holds_the_cell_alone(notebook: InteractiveShell) -> None:
    notebook.push({"words": "swordfish"})
    run(notebook, "%%cql\ntitle ~ {words}")
    assert "title ~ {words}" in notebook.history_manager.input_hist_raw[-1]
    told = [*notebook.history_manager.input_hist_raw, *notebook.history_manager.input_hist_parsed]
    assert [line for line in told if "swordfish" in line] == []


def test_which_wiki_is_read(shell: InteractiveShell, sandbox: Sandbox, wiki: Wiki) -> None:
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url))
    other.use("globex")
    assert "cnb.connect()" in str(fails(shell, "%%cql\ntype = page"))

    shell.push({"theirs": other, "again": other})
    assert run(shell, "%%cql\ntype = page").attrs["site"] == other.site.host  # type: ignore[union-attr]
    run(shell, "theirs, again\n'shown'")

    shell.push({"ours": wiki})
    assert "Several Wikis could be meant" in str(fails(shell, "%%cql\ntype = page"))
    assert run(shell, "%%cql --wiki ours\ntype = page").attrs["site"] == "acme.atlassian.net"

    shell.push({"wiki": wiki})
    assert run(shell, "%%cql\ntype = page").attrs["site"] == "acme.atlassian.net"
    assert run(shell, "%%cql found --wiki theirs --limit 1\ntype = page").attrs["site"] == other.site.host  # type: ignore[union-attr]


def test_the_panel_makes_a_wiki_once(
    shell: InteractiveShell,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made: list[Wiki] = []

    def connect(site: str | None) -> Wiki:
        made.append(open_wiki(sandbox, site))
        return made[-1]

    monkeypatch.setattr("confluence_nb.magics.connect", connect)
    run(shell, "%confluence acme.atlassian.net")
    run(shell, "%confluence acme.atlassian.net")
    assert capsys.readouterr().out.count("Wiki (not signed in)") == 2
    [wiki] = made
    assert shell.user_ns["wiki"] is wiki
    assert isinstance(fails(shell, "%%cql\ntype = page"), SignInRequired)
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.site is not None
    assert wiki.site.name == "acme"
    capsys.readouterr()
    run(shell, "%confluence globex")
    assert "globex" in capsys.readouterr().out
    assert wiki.site.name == "globex"


def test_what_is_called_wiki_is_not_replaced(shell: InteractiveShell) -> None:
    shell.push({"wiki": "a page of notes"})
    assert "The variable wiki is a str" in str(fails(shell, "%confluence"))
    assert shell.user_ns["wiki"] == "a page of notes"


def test_it_can_be_taken_away(shell: InteractiveShell) -> None:
    had: Callable[[str], Any] = shell.find_cell_magic
    assert had("cql")
    run(shell, "%unload_ext confluence_nb")
    assert had("cql") is None
    assert shell.find_line_magic("confluence") is None
    run(shell, "%load_ext confluence_nb")
    assert had("cql")


def test_the_cells_of_the_readme(notebook: InteractiveShell) -> None:
    section = README.read_text(encoding="utf-8").partition("## CQL in a cell")[2].partition("\n## ")[0]
    cells = re.findall(r"^```\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert len(cells) == 3
    notebook.push({"keys": ["ENG", "OPS"], "words": 'say "hello"'})
    for cell in cells:
        run(notebook, cell)
    assert asked(notebook.user_ns["found"]) == r'title ~ "say \"hello\""'


CELLS = [
    "import confluence_nb as cnb\nwiki = cnb.demo(sign_in=True, pages=60, spaces=3)\n%load_ext confluence_nb",
    "keys = ['ENG']",
    "%%cql found --limit 5\ntype = page and space in {keys} order by lastmodified desc",
    "spaces = %cql type = space\nlen(found), len(spaces)",
    "%confluence",
    "%%cql\ntype = page and nonsense",
]


@pytest.mark.slow
def test_in_a_kernel() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = NotebookClient(
        notebook, timeout=120, config=Config({"KernelManager": {"transport_encryption": "auto"}})
    )
    with pytest.raises(CellExecutionError, match="BadRequest"):
        client.execute()
    shown = [cell.outputs for cell in notebook.cells]
    [frame] = shown[2]
    assert frame.output_type == "execute_result"
    assert frame.data["text/html"].count("<tr") == 6
    assert shown[3][0].data["text/plain"] == "(5, 3)"
    [panel] = shown[4]
    assert "application/vnd.jupyter.widget-view+json" in panel.data
    [error] = shown[5]
    assert error.output_type == "error"
    assert error.ename == "BadRequest"
    assert error.traceback[0] == f"BadRequest: {error.evalue}"
    assert error.traceback[1].endswith("#badrequest")
