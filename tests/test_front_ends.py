"""Notebooks that nobody attends: one without a sign-in ends with what to do, one with a stored sign-in runs through."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
import pytest
from conftest import app_of, open_wiki
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from papermill.exceptions import PapermillExecutionError

import confluence_nb as cnb
from confluence_nb.sandbox import Sandbox

SECONDS = 120
CELLS = (
    "import confluence_nb as cnb\nwiki = cnb.connect('acme', store={store!r})",
    "print('read', len(wiki.spaces()), 'spaces')",
)


@pytest.fixture
def store(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the sign-in, and an environment in which `connect()` reaches the sandbox."""
    app = app_of(sandbox)
    monkeypatch.setenv("CONFLUENCE_CLIENT_ID", app.client_id)
    monkeypatch.setenv("CONFLUENCE_CLIENT_SECRET", sandbox.client_secret)
    monkeypatch.setenv("CONFLUENCE_REDIRECT_URI", app.redirect_uri)
    monkeypatch.setenv("CONFLUENCE_AUTH_URL", sandbox.url)
    monkeypatch.setenv("CONFLUENCE_API_URL", sandbox.url)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path / "sign-in.json"


def signed_in(sandbox: Sandbox, store: Path) -> None:
    wiki = open_wiki(sandbox, store=str(store))
    wiki.sign_in(sandbox.approve(wiki.consent_url))


def notebook(store: Path) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell.format(store=str(store))) for cell in CELLS]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def by_nbclient(store: Path) -> str:
    made = notebook(store)
    NotebookClient(made, timeout=SECONDS, kernel_name="python3").execute()
    return str(made.cells[-1].outputs[0].text)


def by_papermill(store: Path) -> str:
    nbformat.write(notebook(store), store.with_name("in.ipynb"))
    ran = papermill.execute_notebook(
        store.with_name("in.ipynb"),
        store.with_name("out.ipynb"),
        progress_bar=False,
        execution_timeout=SECONDS,
    )
    return str(ran.cells[-1].outputs[0].text)


@pytest.mark.parametrize("run", [by_nbclient, by_papermill])
def test_a_stored_sign_in_runs_through(sandbox: Sandbox, store: Path, run: Callable[[Path], str]) -> None:
    signed_in(sandbox, store)
    assert run(store).startswith("read ")


@pytest.mark.parametrize("run", [by_nbclient, by_papermill])
def test_without_one_the_first_read_says_what_to_do(store: Path, run: Callable[[Path], str]) -> None:
    with pytest.raises((CellExecutionError, PapermillExecutionError)) as told:
        run(store)
    assert "SignInRequired" in str(told.value)
    assert "wiki.consent_url" in str(told.value)


@pytest.mark.parametrize("kept", [True, False], ids=["stored", "none"])
def test_a_script_that_comes_through_a_pipe(sandbox: Sandbox, store: Path, kept: bool) -> None:
    if kept:
        signed_in(sandbox, store)
    script = "\n".join(CELLS).format(store=str(store))
    ran = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, timeout=SECONDS)
    assert (ran.returncode == 0) is kept, ran.stderr
    assert ("read " in ran.stdout) is kept
    assert ("SignInRequired" in ran.stderr and "wiki.consent_url" in ran.stderr) is not kept


@pytest.mark.parametrize(
    ("software", "signs_in"), [("voila/0.5.13", True), ("gunicorn/23.0", False), ("", False)]
)
def test_the_demo_signs_in_by_itself_where_no_cell_waits(
    software: str, signs_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", software)
    wiki = cnb.demo(pages=5, spaces=1)
    assert wiki.signed_in is signs_in
    wiki.sandbox.close()
