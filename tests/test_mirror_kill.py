"""A sync that is killed at any moment, with no warning: the next one goes on and the mirror is whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import open_wiki
from mirrored import assert_mirrors, on_the_site

from confluence_nb import ConfluenceNBError, Wiki
from confluence_nb.mirror.mirror import open_mirror
from confluence_nb.sandbox import Sandbox

SYNC = """
import sys
from confluence_nb import Cloud, OAuthApp, connect
from confluence_nb.mirror import batch, lists
from confluence_nb.mirror.table import MirrorTable

url, client_id, secret, redirect_uri, store, path = (sys.stdin.readline().strip() for _ in range(6))
batch.FULL_ROWS = 50
commit = MirrorTable._commit

def told(self, *args):
    print("before", self.name, flush=True)
    sys.stdin.readline()
    commit(self, *args)
    print("after", self.name, flush=True)
    sys.stdin.readline()

MirrorTable._commit = told
connect(app=OAuthApp(client_id, secret, redirect_uri), store=store, cloud=Cloud(url, url)).sync(path)
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=300, spaces=4, body_bytes=300, hourly_points=10**9) as running:
        yield running


@pytest.fixture
def store(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A file with a sign-in in it."""
    path = tmp_path / "kept.json"
    wiki = open_wiki(sandbox, store=path)
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    return path


@pytest.fixture
def wiki(sandbox: Sandbox, store: Path) -> Wiki:
    return open_wiki(sandbox, store=store)


def killed_at(sandbox: Sandbox, store: Path, folder: Path, step: int) -> list[str]:
    """Sync in another process and kill it when it has come to a step; the steps that it took."""
    process = subprocess.Popen(
        [sys.executable, "-c", SYNC], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    app = (sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    process.stdin.write("\n".join([*app, str(store), str(folder)]) + "\n")
    process.stdin.flush()
    steps = []
    for line in process.stdout:
        steps.append(line.strip())
        if len(steps) == step:
            break
        process.stdin.write("go\n")
        process.stdin.flush()
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    process.stdin.close()
    process.stdout.close()
    return steps


def windows_with_bodies(sandbox: Sandbox) -> list[str]:
    return [
        entry["query"]
        for entry in sandbox.log(2_000)
        if entry["path"].endswith("/api/v2/pages") and "body-format=storage" in entry["query"]
    ]


def test_killed_first_syncs_go_on_where_they_were(
    sandbox: Sandbox, store: Path, wiki: Wiki, tmp_path: Path
) -> None:
    chance, folder = random.Random(20), tmp_path / "wiki"
    expected = on_the_site(wiki)
    for step in (1, chance.randint(3, 8), chance.randint(9, 14)):
        steps = killed_at(sandbox, store, folder, step)
        assert len(steps) == step
        with pytest.raises(ConfluenceNBError, match="sync"):
            open_mirror(folder).pages()
    assert_mirrors(wiki.sync(folder), expected)


def test_what_a_commit_holds_is_not_read_again(
    sandbox: Sandbox, store: Path, wiki: Wiki, tmp_path: Path
) -> None:
    folder = tmp_path / "wiki"
    steps = killed_at(sandbox, store, folder, 14)
    assert "after pages" in steps
    sandbox.reset_counts()
    wiki.sync(folder)
    again = windows_with_bodies(sandbox)
    assert len(again) < 4


def test_a_killed_second_sync_loses_no_change(
    sandbox: Sandbox, store: Path, wiki: Wiki, tmp_path: Path
) -> None:
    folder = tmp_path / "wiki"
    wiki.sync(folder)
    first = wiki.spaces()["id"].iloc[0]
    homes = set(wiki.spaces()["homepage_id"])
    pages = [page for page in wiki.pages(first, status="current")["id"] if page not in homes]
    for page in pages[:10]:
        sandbox.edit_page(page, title=f"Renamed {page}")
    for page in pages[10:14]:
        sandbox.delete_page(page)
    for step in (3, 6):
        before = len(killed_at(sandbox, store, folder, step))
        assert before <= step
        assert list(open_mirror(folder).versions()["version"]) == [1]
        assert len(open_mirror(folder).pages()) == 300
    mirror = wiki.sync(folder)
    assert_mirrors(mirror, on_the_site(wiki))
    deletions = mirror.deletions()
    assert sorted(deletions.loc[deletions["collection"] == "pages", "id"]) == sorted(pages[10:14])
