"""The mirror at size: killed at any moment, brought up to date in few requests, a million pages in little memory.

python -m benchmarks.mirror kill --pages 20000 --kills 200
python -m benchmarks.mirror second --pages 50000
python -m benchmarks.mirror million --pages 1000000

What came of it, and when, is in mirror.md.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki
from confluence_nb.mirror import sync as sync_module
from confluence_nb.mirror.batch import FULL_ROWS
from confluence_nb.mirror.mirror import open_mirror
from confluence_nb.mirror.run import Run
from confluence_nb.mirror.streaming import AHEAD
from confluence_nb.pull.pull import AT_ONCE
from confluence_nb.sandbox import Sandbox

WINDOW = 250
MARKS = (100_000, 300_000, 1_000_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the three."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mirror", description="The mirror's promises at size."
    )
    what = parser.add_subparsers(dest="what", required=True)
    for name, pages, body in (
        ("kill", 20_000, 1_000),
        ("second", 50_000, 14_000),
        ("million", 1_000_000, 200),
    ):
        one = what.add_parser(name)
        one.add_argument("--pages", type=int, default=pages)
        one.add_argument("--spaces", type=int, default=10)
        one.add_argument("--body-bytes", type=int, default=body)
        one.add_argument("--seed", type=int, default=7)
        if name == "kill":
            one.add_argument("--kills", type=int, default=200)
    what.add_parser("child")
    chosen = parser.parse_args(arguments)
    if chosen.what == "child":
        return _child()
    with tempfile.TemporaryDirectory() as folder:
        knobs = {"hourly_points": 10**9, "token_lifetime": 1e6, "sites": 1, "seed": chosen.seed}
        with Sandbox(
            pages=chosen.pages, spaces=chosen.spaces, body_bytes=chosen.body_bytes, **knobs
        ) as sandbox:
            run = {"kill": kill, "second": second, "million": million}[chosen.what]
            return run(sandbox, Path(folder), chosen)


def kill(sandbox: Sandbox, folder: Path, chosen: argparse.Namespace) -> int:
    """Kill a first sync at random moments, sync to the end, compare every field, count what was read twice."""
    wiki, chance = _signed_in(sandbox, folder), random.Random(chosen.seed)
    expected = {
        "pages": wiki.pages(body="storage", plan="frugal"),
        "blogposts": wiki.blogposts(body="storage", plan="frugal"),
        "comments": wiki.comments(body="storage"),
        "attachments": wiki.attachments(),
    }
    sandbox.reset_counts()
    took, _ = _watched(_Child(sandbox, folder, folder / "whole"))
    clean = _windows(sandbox)
    shutil.rmtree(folder / "whole")
    most = AHEAD + AT_ONCE + FULL_ROWS // WINDOW + 2 * chosen.spaces
    print(f"a whole sync: {took:.1f} s, {clean} windows with bodies; a kill may repeat {most}", flush=True)
    wrong, worst, ended = 0, 0, 0
    for number in range(chosen.kills):
        path = folder / f"mirror-{number}"
        sandbox.reset_counts()
        child = _Child(sandbox, folder, path)
        child.start()
        moment = chance.uniform(0, took)
        time.sleep(moment)
        child.process.send_signal(signal.SIGKILL)
        ended += child.process.wait() == 0
        mirror = wiki.sync(path)
        twice = _windows(sandbox) - clean
        worst = max(worst, twice)
        different = [name for name, frame in expected.items() if not _same(mirror.table(name), frame)]
        wrong += bool(different) or twice > most
        print(f"{number + 1}: at {moment:.2f} s, {twice} windows twice, different: {different}", flush=True)
        shutil.rmtree(path)
    print(f"{chosen.kills} kills, {ended} came too late; {wrong} wrong; at most {worst} windows twice")
    return int(wrong > 0)


def second(sandbox: Sandbox, folder: Path, chosen: argparse.Namespace) -> int:
    """Change 1 % of the pages, delete 0.2 %, move 0.2 %; sync again, compare, count the requests."""
    wiki, chance = _signed_in(sandbox, folder), random.Random(chosen.seed)
    took, peak = _watched(_Child(sandbox, folder, folder / "mirror"))
    print(f"first sync: {took:.1f} s, at most {peak:,} MB", flush=True)
    mirror = open_mirror(folder / "mirror")
    homes = set(wiki.spaces()["homepage_id"])
    ids = [page for page in mirror.pages()["id"] if page not in homes]
    few = chosen.pages // 500
    picked = chance.sample(ids, chosen.pages // 100 + 2 * few)
    deleted, moved, edited = picked[:few], picked[few : 2 * few], picked[2 * few :]
    spaces = list(wiki.spaces()["id"])
    for page in edited:
        sandbox.edit_page(page, body=f"<p>edited {page}</p>")
    for page in moved:
        sandbox.edit_page(page, space_id=chance.choice(spaces))
    for page in deleted:
        sandbox.delete_page(page)
    expected = wiki.pages(body="storage", plan="frugal")
    sandbox.reset_counts()
    took, peak = _watched(_Child(sandbox, folder, folder / "mirror"))
    asked, mirror = sandbox.counts()["requests"], open_mirror(folder / "mirror")
    names = ("pages", "blogposts", "comments", "attachments")
    held = sum(len(mirror.table(name)) for name in names)
    bound = (len(edited) + len(moved)) / 100 + 8 * chosen.spaces + held / WINDOW
    found = set(mirror.deletions().query("collection == 'pages'")["id"])
    same = _same(mirror.pages(), expected)
    print(
        f"second sync: {took:.1f} s, {asked} requests of at most {bound:.0f}, {held:,} ids, at most {peak:,} MB"
    )
    print(f"pages as on the site: {same}; deletions found: {found == set(deleted)}")
    return int(not same or asked > bound or found != set(deleted))


def million(sandbox: Sandbox, folder: Path, chosen: argparse.Namespace) -> int:
    """Sync many small pages in a process of its own; its memory and rate at 100,000, 300,000 and 1,000,000.

    Then edit some, and sync what changed last; then edit and delete some, and list every id, as once a day.
    """
    _signed_in(sandbox, folder)
    child = _Child(sandbox, folder, folder / "mirror", collections=["spaces", "pages"])
    child.start()
    marks, began = [mark for mark in MARKS if mark <= chosen.pages], time.monotonic()
    told: dict[str, Any] = {}
    assert child.process.stdout is not None
    for line in child.process.stdout:
        told = json.loads(line)
        while marks and told["rows"] >= marks[0]:
            seconds = time.monotonic() - began
            print(
                f"{marks.pop(0):,} pages: {seconds:.0f} s, {told['rows'] / seconds:,.0f} pages a second, "
                f"{told['rss']:,} MB now, {told['peak']:,} MB at most",
                flush=True,
            )
    child.process.wait()
    mirror, chance = open_mirror(folder / "mirror"), random.Random(chosen.seed)
    rows = len(mirror.sql("select id from pages"))
    print(f"{rows:,} pages in the mirror, {told.get('peak', 0):,} MB at most", flush=True)
    few = chosen.pages // 500
    homes = set(mirror.spaces()["homepage_id"])
    picked = [page for page in mirror.sql("select id from pages order by id")["id"] if page not in homes]
    picked = chance.sample(picked, 7 * few)
    edited, later, deleted = picked[: 5 * few], picked[5 * few : 6 * few], picked[6 * few :]
    peaks, found = [told.get("peak", 10**6)], True
    for what, changed, gone, lists_all in (
        ("the latest", later, [], False),
        ("all ids", edited, deleted, True),
    ):
        for page in changed:
            sandbox.edit_page(page, body=f"<p>edited {page}</p>")
        for page in gone:
            sandbox.delete_page(page)
        sandbox.reset_counts()
        took, peak = _watched(_Child(sandbox, folder, folder / "mirror", lists_all=lists_all))
        peaks.append(peak)
        as_edited = mirror.sql("select id from pages where body = '<p>edited ' || id || '</p>'")["id"]
        found &= set(changed) <= set(as_edited)
        found &= set(mirror.deletions()["id"]) == set(gone)
        print(
            f"a sync by {what}: {len(changed):,} changed, {len(gone):,} gone, all found: {found}; {took:.0f} s, "
            f"{sandbox.counts()['requests']:,} requests, {peak:,} MB at most",
            flush=True,
        )
    return int(rows != chosen.pages or not found or max(peaks) > 1_000)


class _Child:
    """A sync in a process of its own, which waits until it is told to start."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        path: Path,
        collections: list[str] | None = None,
        *,
        lists_all: bool = False,
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mirror", "child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        app = (sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
        order = {"url": sandbox.url, "app": app, "store": str(folder / "sign-in.json"), "path": str(path)}
        self._write(json.dumps(order | {"collections": collections, "lists_all": lists_all}))
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def start(self) -> None:
        """Begin the sync."""
        self._write("start")

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


def _child() -> int:
    """Sync as standard input orders; tell rows and memory after each batch."""
    order = json.loads(sys.stdin.readline())
    wiki = _wiki(order["url"], OAuthApp(*order["app"]), order["store"])
    written, rows = Run.write, [0]

    def told(self: Run, holding: Any, frame: pd.DataFrame, **named: Any) -> None:
        written(self, holding, frame, **named)
        rows[0] += len(frame) if holding.name == "pages" else 0
        print(json.dumps({"rows": rows[0], **_memory()}), flush=True)

    Run.write = told  # type: ignore[method-assign]
    if order["lists_all"]:
        sync_module.LISTED_AT_LEAST = timedelta(0)
    import duckdb  # noqa: F401 (whatever is loaded late would count as growth)

    print("{}", flush=True)
    sys.stdin.readline()
    wiki.sync(order["path"], collections=order["collections"])
    print(json.dumps({"rows": rows[0], **_memory()}), flush=True)
    return 0


def _memory() -> dict[str, int]:
    """Megabytes that this process holds, and the most it held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    said = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
    return {name: int(said[key].split()[0]) // 1_000 for name, key in (("rss", "VmRSS"), ("peak", "VmHWM"))}


def _signed_in(sandbox: Sandbox, folder: Path) -> Wiki:
    app = OAuthApp(sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    wiki = _wiki(sandbox.url, app, str(folder / "sign-in.json"))
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    return wiki.use("acme")


def _wiki(url: str, app: OAuthApp, store: str) -> Wiki:
    return confluence_nb.connect(app=app, store=store, cloud=Cloud(auth_url=url, api_url=url))


def _watched(child: _Child) -> tuple[float, int]:
    """Seconds of a whole sync, and the most megabytes that it held."""
    began = time.monotonic()
    child.start()
    said, _ = child.process.communicate()
    peaks = [json.loads(line)["peak"] for line in said.splitlines() if line]
    return time.monotonic() - began, max(peaks, default=0)


def _windows(sandbox: Sandbox) -> int:
    """Windows of pages with bodies that were asked for by space."""
    return sum(
        "body-format=storage" in entry["query"] and "sort=id" in entry["query"]
        for entry in sandbox.log(10**6)
        if entry["path"].endswith("/pages")
    )


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> bool:
    """Whether two frames have the same rows and fields, in whatever order."""
    one, other = (frame.sort_values("id").reset_index(drop=True) for frame in (found, expected))
    one.attrs = other.attrs = {}
    try:
        pd.testing.assert_frame_equal(one, other)
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
