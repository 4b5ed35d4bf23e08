"""A mirror of more than an hour's points can list: what was deleted is found all the same, some of it in each sync.

python -m benchmarks.mirror_hour --pages 3000 --points 5000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.mirror import _same, _signed_in
from confluence_nb.sandbox import Sandbox

NAMES = ("pages", "blogposts", "comments", "attachments")


def main(arguments: Sequence[str] | None = None) -> int:
    """Sync without a limit, delete and edit, then sync once an hour of few points, until all is as on the site."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirror_hour", description=__doc__)
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--points", type=int, default=5_000, help="of an hour")
    parser.add_argument("--hours", type=int, default=12, help="at the most")
    chosen = parser.parse_args(arguments)
    knobs = {"spaces": 5, "body_bytes": 300, "hourly_points": 10**9, "token_lifetime": 1e7, "sites": 1}
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(pages=chosen.pages, **knobs) as sandbox,
    ):
        return _hours(sandbox, Path(folder), chosen.points, chosen.hours)


def _hours(sandbox: Sandbox, folder: Path, points: int, hours: int) -> int:
    wiki = _signed_in(sandbox, folder)
    mirror = wiki.sync(folder / "mirror")
    homes = set(wiki.spaces()["homepage_id"])
    pages = [page for page in mirror.pages().query("status == 'current'")["id"] if page not in homes]
    for page in pages[::100]:
        sandbox.delete_page(page)
    for page in pages[1::100]:
        sandbox.edit_page(page, body="<p>edited</p>")
    expected = {
        "pages": wiki.pages(body="storage"),
        "blogposts": wiki.blogposts(body="storage"),
        "comments": wiki.comments(body="storage"),
        "attachments": wiki.attachments(),
    }
    held = sum(len(mirror.table(name)) for name in NAMES)
    print(f"{held:,} ids, {points:,} points an hour", flush=True)
    sandbox.set(hourly_points=points)
    for hour in range(1, hours + 1):
        sandbox.advance_clock(3_600)
        mirror = wiki.sync(folder / "mirror")
        cost = int(mirror.versions()["points"].iloc[-1])
        found = mirror.deletions()["collection"].value_counts().to_dict()
        different = [name for name in NAMES if not _same(mirror.table(name), expected[name])]
        print(
            f"hour {hour}: {cost:,} points, gone so far {found}, not yet as on the site: {different}",
            flush=True,
        )
        if not different:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
