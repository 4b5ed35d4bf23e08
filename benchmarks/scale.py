"""`python -m benchmarks.scale`: whether time and memory grow with the pages alone, read without their bodies."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import row
from benchmarks.running import LOOP_FRAME, OURS, Measured, run
from benchmarks.served_wiki import ServedWiki

HEADS = (
    "reader",
    "pages",
    "requests",
    "seconds",
    "CPU s",
    "peak MB",
    "ms a page",
    "CPU µs a page",
    "kB a page",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each size and reader."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    sizes = [50_000, 100_000, 200_000]
    parser.add_argument("--sizes", nargs="+", type=int, default=sizes, help="pages", metavar="N")
    parser.add_argument("--patience", type=float, default=400.0, help="seconds after which one is stopped")
    chosen = parser.parse_args(arguments)
    print(row(HEADS), row(["---", *["--:"] * (len(HEADS) - 1)]), sep="\n", flush=True)
    for pages in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder, ServedWiki(pages, 10, Path(folder)) as wiki:
            for reader in (OURS, LOOP_FRAME):
                found = run(reader, wiki, {}, body=None, patience=chosen.patience)
                print(_line(found, pages), flush=True)
    return 0


def _line(found: Measured, pages: int) -> str:
    """The figures of a reading, and their share of one page, memory without what was there before it read."""
    if found.error or not (found.rows and found.seconds and found.cpu_seconds and found.memory):
        return row([found.reader.title, f"{pages:,}", found.error or "no rows"])
    grown = found.memory - (found.memory_before or 0)
    return row(
        [
            found.reader.title,
            f"{found.rows:,}",
            f"{found.requests:,}",
            f"{found.seconds:.1f}",
            f"{found.cpu_seconds:.1f}",
            f"{found.memory / 1e6:,.0f}",
            f"{found.seconds / found.rows * 1e3:.3f}",
            f"{found.cpu_seconds / found.rows * 1e6:.0f}",
            f"{grown / found.rows / 1e3:.2f}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
