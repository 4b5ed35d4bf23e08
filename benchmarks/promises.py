"""What the library is held to, and what these results say of it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.running import LOOP, LOOP_FRAME, OURS, PEERS, Reader
from benchmarks.suite import Result

LARGE = 20_000
"""Pages from which on the promises under b hold: below, the first window alone is a good part of the time."""


def promises(results: Sequence[Result]) -> list[str]:
    """A sentence for each figure that these results have, with its verdict."""
    return [said for pages in sorted({each.pages for each in results}) for said in _of_size(results, pages)]


def _of_size(results: Sequence[Result], pages: int) -> list[str]:
    whole = {
        (each.measured.reader, each.condition.name): each
        for each in results
        if each.pages == pages and each.is_complete
    }

    def seconds(reader: Reader, name: str) -> float | None:
        found = whole.get((reader, name))
        return found.measured.seconds if found else None

    def cpu_seconds(reader: Reader, name: str) -> float | None:
        found = whole.get((reader, name))
        return found.measured.cpu_seconds if found else None

    said = []
    peers = [taken for peer in PEERS if (taken := seconds(peer, "b"))]
    ours = seconds(OURS, "b")
    if ours and pages >= LARGE:
        if peers:
            said.append(_verdict(pages, "b: the fastest peer's time ÷ ours", min(peers) / ours, at_least=6.0))
        limit = whole[OURS, "b"].condition.limit(pages)
        said.append(_verdict(pages, "b: our time ÷ the limit", ours / limit, at_most=1.25))
    for name, most in (("a1", 1.05), ("a", 1.0)):
        if (ours := seconds(OURS, name)) and (plain := seconds(LOOP, name)):
            said.append(_verdict(pages, f"{name}: our time ÷ the plain loop's", ours / plain, at_most=most))
    if (ours := cpu_seconds(OURS, "c")) and (plain := cpu_seconds(LOOP_FRAME, "c")):
        about = "c: our processor time ÷ that of the plain loop with a frame"
        said.append(_verdict(pages, about, ours / plain, at_most=1.5))
    for (reader, name), each in whole.items():
        # Where answers fail on purpose, a plan cannot know how many requests are repeated.
        if reader is OURS and name != "d" and (plan := each.measured.plan):
            about = f"{name}: our requests beside the most that the plan says"
            said.append(_verdict(pages, about, each.measured.wiki_requests, at_most=plan["requests"]))
    for each in results:
        if (each.pages, each.condition.name, each.measured.reader) == (pages, "d", OURS):
            rows = f"{each.measured.rows:,} of {each.there:,} rows, {each.measured.twice} of them twice"
            said.append(f"{pages:,} pages, d: {rows}: {_word(each.is_complete)}")
    return said


def _verdict(
    pages: int, about: str, found: float, *, at_least: float | None = None, at_most: float | None = None
) -> str:
    if at_least is not None:
        return f"{pages:,} pages, {about}: {_figure(found)}, at least {_figure(at_least)}: {_word(found >= at_least)}"
    assert at_most is not None
    return (
        f"{pages:,} pages, {about}: {_figure(found)}, at most {_figure(at_most)}: {_word(found <= at_most)}"
    )


def _figure(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:.2f}"


def _word(kept: bool) -> str:
    return "kept" if kept else "**not kept**"
