"""Two notebooks on one stored sign-in: real processes that renew it in turn, together, and killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import open_wiki

from confluence_nb.sandbox import Sandbox

NOTEBOOK = """
import sys
from confluence_nb import Cloud, OAuthApp, connect

url, client_id, secret, redirect_uri, store = (sys.stdin.readline().strip() for _ in range(5))
wiki = connect(app=OAuthApp(client_id, secret, redirect_uri), store=store, cloud=Cloud(url, url))
print(wiki.signed_in, flush=True)
for line in sys.stdin:
    try:
        print(len(wiki.get("/spaces")["results"]), flush=True)
    except Exception as error:
        print(type(error).__name__, error, flush=True)
"""
SPACES = "3"
ROUNDS = 200
HOUR_AND_MORE = 3_700.0
"""Past the access token's life and past the leeway of the refresh token before: a lost pair is lost."""


class Notebook:
    """Another Python process with a wiki of its own on the same store; it asks once for each line."""

    def __init__(self, sandbox: Sandbox, store: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", NOTEBOOK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        app = (sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri, str(store))
        self._write("\n".join(app))

    def ask(self) -> None:
        self._write("ask")

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()


@pytest.fixture
def store(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A file with a sign-in in it."""
    path = tmp_path / "kept.json"
    wiki = open_wiki(sandbox, store=path)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    return path


@pytest.fixture
def pair(sandbox: Sandbox, store: Path) -> Iterator[tuple[Notebook, Notebook]]:
    notebooks = Notebook(sandbox, store), Notebook(sandbox, store)
    assert [notebook.heard() for notebook in notebooks] == ["True", "True"]
    yield notebooks
    for notebook in notebooks:
        notebook.end()


def test_two_hundred_rounds_in_turn(sandbox: Sandbox, store: Path, pair: tuple[Notebook, Notebook]) -> None:
    for turn in range(ROUNDS):
        sandbox.advance_clock(HOUR_AND_MORE)
        notebook = pair[turn % 2]
        notebook.ask()
        assert notebook.heard() == SPACES, f"round {turn}"
    assert sandbox.counts()["refreshes"] == ROUNDS
    assert sandbox.counts()["codes_issued"] == 1
    assert len(open_wiki(sandbox, store=store).spaces()) == 3


def test_fifty_rounds_at_the_same_moment_renew_once_each(
    sandbox: Sandbox, store: Path, pair: tuple[Notebook, Notebook]
) -> None:
    for turn in range(50):
        sandbox.advance_clock(HOUR_AND_MORE)
        for notebook in pair:
            notebook.ask()
        assert [notebook.heard() for notebook in pair] == [SPACES, SPACES], f"round {turn}"
    assert sandbox.counts()["refreshes"] == 50
    assert len(open_wiki(sandbox, store=store).spaces()) == 3


@pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
def test_a_notebook_killed_while_it_renews_takes_nothing_along(
    sandbox: Sandbox, pair: tuple[Notebook, Notebook]
) -> None:
    killed, other = pair
    sandbox.advance_clock(HOUR_AND_MORE)
    sandbox.set(faults_on="token", drop_every=1)
    killed.ask()
    deadline = time.monotonic() + 10
    while sandbox.counts()["refreshes"] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.process.send_signal(signal.SIGKILL)  # the server has rotated, and nobody will store the answer
    killed.process.wait(10)
    assert sandbox.counts()["refreshes"] > 0
    sandbox.set(drop_every=0)
    other.ask()
    assert other.heard() == SPACES
    sandbox.advance_clock(HOUR_AND_MORE)
    other.ask()
    assert other.heard() == SPACES
