"""`python -m benchmarks.content`: text and Markdown of page bodies, by this library and by markdownify, on one core."""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import pandas as pd

import confluence_nb as cnb
from confluence_nb import content
from confluence_nb.content.document import parsed
from confluence_nb.content.walk import walk

RATIOS = {"to_text": 30, "to_markdown": 20}
"""How many times as fast as markdownify each is meant to be."""
SECONDS = 10.0
"""What a column of 10,000 bodies may take."""


def bodies_of_a_wiki(pages: int, size: int) -> pd.Series:
    """The bodies of the embedded Confluence that are no drafts of a few words, in storage format, `size` bytes each."""
    # Without the drafts the others are larger in the mean than what was asked for, by a seventh.
    wiki = cnb.demo(sign_in=True, pages=pages, body_bytes=size * 7 // 8)
    try:
        wiki.use("acme")
        bodies = wiki.pages(body="storage")["body"].dropna()
    finally:
        wiki.sign_out()
    return bodies[bodies.map(bytes_of) > size * 7 / 16].reset_index(drop=True)


def bytes_of(body: str) -> int:
    """How large it is in UTF-8."""
    return len(body.encode())


def seconds(work: Callable[[], object], times: int) -> float:
    """Time of the processor for one run, the median of several."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def others() -> dict[str, Callable[[str], str]]:
    """Who else makes Markdown of a body, where it is installed."""
    if importlib.util.find_spec("markdownify") is None:
        return {}
    from markdownify import markdownify

    return {"markdownify": markdownify}


def only_walked(body: str) -> None:
    """What parsing and going through the tree take when nothing is written: no reader of ours can be faster."""
    walk(parsed(body), None, lambda words: None, {}, {})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each reader, and what a whole column takes; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.content", description=__doc__)
    parser.add_argument("--bodies", type=int, default=1_000, help="bodies that all readers read")
    parser.add_argument("--column", type=int, default=10_000, help="bodies of the column")
    parser.add_argument("--bytes", type=int, default=14_000, help="size of a body, in the mean")
    parser.add_argument("--turns", type=int, default=3, help="runs of each, of which the median is taken")
    chosen = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bodies = bodies_of_a_wiki(2 * chosen.bodies, chosen.bytes).head(chosen.bodies)
    print(f"{len(bodies):,} bodies of {bodies.map(bytes_of).mean():,.0f} bytes in the mean, one core")
    readers = {
        **others(),
        "to_text": content.to_text,
        "to_markdown": content.to_markdown,
        "only walked": only_walked,
    }
    texts = bodies.tolist()
    took = {
        name: seconds(lambda read=read: [read(body) for body in texts], chosen.turns) / len(texts)
        for name, read in readers.items()
    }
    is_kept = True
    for name, each in took.items():
        line = f"{name:<12} {1_000 * each:8.3f} ms a body"
        if name != "markdownify" and "markdownify" in took:
            ratio = took["markdownify"] / each
            line += f", {ratio:5.1f} times as fast as markdownify"
        if name in RATIOS and "markdownify" in took:
            is_kept &= ratio >= RATIOS[name]
            line += f" (aim: {RATIOS[name]})"
        print(line)
    column = pd.concat([bodies] * (chosen.column // len(bodies) + 1), ignore_index=True).head(chosen.column)
    for read in (content.to_text, content.to_markdown):
        whole = seconds(lambda read=read: read(column), 1)
        is_kept &= whole <= SECONDS * chosen.column / 10_000
        print(
            f"{read.__name__:<12} {whole:8.2f} s for a column of {len(column):,} (aim: {SECONDS:.0f} for 10,000)"
        )
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
