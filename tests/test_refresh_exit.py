"""A program that ends while a renewal is under way: the new pair is stored first, for it is all that is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from test_strict_sign_in import CALLBACK, CLIENT_ID, CLIENT_SECRET, SCOPE, StrictServer, open_wiki, strict

__all__ = ["strict"]

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = f"""
import os, sys, threading
import confluence_nb
from confluence_nb import Cloud, OAuthApp
url, store, how = sys.argv[1:]
app = OAuthApp({CLIENT_ID!r}, {CLIENT_SECRET!r}, {CALLBACK!r}, {SCOPE!r})
wiki = confluence_nb.connect(app=app, store=store, cloud=Cloud(url, url))
def read():
    try:
        wiki.pages()
    except KeyboardInterrupt:
        pass
if how == "in another thread":
    threading.Thread(target=read, daemon=True).start()
    input()
else:
    read()
if how == "after a fork" and not os.fork():
    sys.exit()  # a child waits for nothing that is its parent's
if how == "after a fork":
    os.wait()
print("leaving", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals and forks are another matter there")
@pytest.mark.parametrize("how", ["by Ctrl-C", "in another thread", "after a fork"])
def test_a_renewal_is_stored_before_its_program_ends(strict: StrictServer, tmp_path: Path, how: str) -> None:
    store = tmp_path / "sign-in.json"
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    strict.expire()
    with held_back(strict) as (asked, go_on), program(strict.url, str(store), how) as ending:
        assert asked.wait(60)
        if how == "in another thread":
            ending.stdin.write("go\n")
            ending.stdin.flush()
        else:
            ending.send_signal(signal.SIGINT)
        assert ending.stdout.readline() == "leaving\n"
        with pytest.raises(subprocess.TimeoutExpired):
            ending.wait(1.5)
        go_on.set()
        assert ending.wait(60) == 0
    assert strict.renewals == 1
    assert len(open_wiki(strict, store).pages()) == 3
    assert strict.renewals == 1, "what was renewed is in the store"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals are another matter there")
def test_a_server_that_never_answers_holds_no_program_for_long(strict: StrictServer, tmp_path: Path) -> None:
    store = tmp_path / "sign-in.json"
    wiki = open_wiki(strict, store)
    wiki.sign_in(strict.consent(wiki.consent_url))
    strict.expire()
    with held_back(strict) as (asked, _), program(strict.url, str(store), "by Ctrl-C") as ending:
        assert asked.wait(60)
        ending.send_signal(signal.SIGINT)
        assert ending.stdout.readline() == "leaving\n"
        assert ending.wait(30) == 0


@contextmanager
def held_back(strict: StrictServer) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The server rotates, and its answer waits."""
    asked, go_on = threading.Event(), threading.Event()

    def waiting(pair: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        asked.set()
        go_on.wait(60)
        return 200, json.dumps(pair).encode(), {"Content-Type": "application/json"}

    strict.phrase = waiting
    try:
        yield asked, go_on
    finally:
        go_on.set()
        strict.phrase = None


@contextmanager
def program(*given: str) -> Iterator[Any]:
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()
