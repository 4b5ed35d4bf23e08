"""A wiki in more than one process: forks and pools of workers read with it, or are told what to do."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import open_wiki
from renewals import age

from confluence_nb import Wiki
from confluence_nb.oauth.vault import VaultFailed
from confluence_nb.sandbox import Sandbox

FORKING = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

OPENED = """
import os, signal, sys, threading, time
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
from confluence_nb import Cloud, OAuthApp, connect

def opened():
    url, client_id, secret, redirect_uri, store = sys.argv[1:]
    return connect(app=OAuthApp(client_id, secret, redirect_uri), store=store, cloud=Cloud(url, url))
"""

FORKED = """
wiki = opened()
assert len(wiki.spaces()) == 3

def read(_):
    return os.getpid(), len(wiki.pages(limit=7))

def read_in_fork():
    # Made while a pull is under way on the portal's thread.
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(60)
    try:
        os._exit(0 if [len(wiki.spaces()) for _ in range(3)] == [3, 3, 3] else 1)
    finally:
        os._exit(2)

with mp.get_context("fork").Pool(2) as pool:
    assert {rows for _, rows in pool.map(read, range(8), chunksize=1)} == {7}
with ProcessPoolExecutor(2, mp_context=mp.get_context("fork")) as pool:
    told = list(pool.map(read, range(8)))
    assert {rows for _, rows in told} == {7} and os.getpid() not in {pid for pid, _ in told}
ended = []

def pull():
    while not ended:
        wiki.pages(body="storage")

thread = threading.Thread(target=pull)
thread.start()
children = []
for _ in range(4):
    time.sleep(0.05)
    children.append(read_in_fork())
ended.append(True)
thread.join(60)
assert [len(wiki.spaces()) for _ in range(3)] == [3, 3, 3]
print("children", children)
"""

SPAWNED = """
def begin():
    global wiki
    wiki = opened()

def read(_):
    return len(wiki.pages(limit=7))

if __name__ == "__main__":
    with mp.get_context("spawn").Pool(1, initializer=begin) as pool:
        print(pool.map(read, range(4)))
        try:
            pool.map(opened().page, ["1"])
        except TypeError as error:
            print(error)
"""


MIRRORED = """
import multiprocessing as mp, sys
from confluence_nb import ConfluenceNBError, open_mirror

def read(method):
    try:
        return len(open_mirror(sys.argv[1]).spaces())
    except ConfluenceNBError as error:
        return str(error)

if __name__ == "__main__":
    print(read(None))
    for method in ("fork", "spawn"):
        with mp.get_context(method).Pool(1) as pool:
            print(pool.map_async(read, [method]).get(60)[0])
"""


def ran(script: str, sandbox: Sandbox, folder: Path) -> str:
    """What a script of its own prints, given a sign-in that is remembered in a file."""
    store = folder / "kept.json"
    wiki = open_wiki(sandbox, store=store)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    path = folder / "script.py"
    path.write_text(OPENED + script, encoding="utf-8")
    given = (sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri, str(store))
    done = subprocess.run(
        [sys.executable, str(path), *given], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@FORKING
@pytest.mark.slow
def test_pools_and_forks_read_with_the_wiki_of_their_parent(tmp_path: Path) -> None:
    """Also while a pull is under way, and while tokens end: no child waits for what its parent was doing."""
    # The pull beside the forks goes on for as long as these take.
    many = 10**9
    with Sandbox(pages=60, spaces=3, token_lifetime=3.0, refresh_leeway=60.0, hourly_points=many) as sandbox:
        assert ran(FORKED, sandbox, tmp_path) == "children [0, 0, 0, 0]"
        counts = sandbox.counts()
        assert counts["codes_issued"] == 1
        assert not any(str(status).startswith("4") for status in counts["routes"]["POST /oauth/token"])


@pytest.mark.slow
def test_a_worker_that_was_spawned_connects_for_itself(sandbox: Sandbox, tmp_path: Path) -> None:
    counted, told = ran(SPAWNED, sandbox, tmp_path).splitlines()
    assert counted == "[7, 7, 7, 7]"
    assert told.startswith("A wiki is not pickled")


@FORKING
@pytest.mark.slow
def test_a_mirror_in_a_fork_is_an_error_and_not_a_pool_that_waits_for_ever(
    wiki: Wiki, tmp_path: Path
) -> None:
    wiki.sync(tmp_path / "wiki", collections=["spaces"])
    path = tmp_path / "script.py"
    path.write_text(MIRRORED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path), str(tmp_path / "wiki")],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, forked, spawned = done.stdout.strip().splitlines()
    assert before == spawned == "3"
    assert 'get_context("spawn")' in forked


def test_a_wiki_is_not_pickled_and_says_what_to_do(wiki: Wiki) -> None:
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match=r"call connect\(\) with the same profile"):
            attempt(wiki)


@FORKING
def test_a_child_does_not_spend_the_refresh_token_that_its_parent_has_in_memory(
    wiki: Wiki, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would present the same one in turn, and the second to come would end the sign-in for both."""
    before = sandbox.counts()["refreshes"]
    monkeypatch.setattr("confluence_nb.oauth.keeper.os.getpid", lambda: -1)
    age(wiki, 3_590)
    assert len(wiki.spaces()) == 3, "the token lives yet"
    age(wiki, 3_600)
    with pytest.raises(VaultFailed, match="forked from"):
        wiki.spaces()
    assert sandbox.counts()["refreshes"] == before
    monkeypatch.undo()
    assert len(wiki.spaces()) == 3
    assert sandbox.counts()["refreshes"] == before + 1


def test_no_request_looks_for_a_module(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork's child inherits the lock of a search that is under way, and waits for it for ever."""
    looked_for: list[str] = []

    class Recorder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            looked_for.append(name)

    wiki.spaces()
    monkeypatch.setattr(sys, "meta_path", [Recorder, *sys.meta_path])
    wiki.spaces()
    assert looked_for == []
