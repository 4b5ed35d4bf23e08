"""Results as Markdown: a whole page of tables, and the short table that the README shows."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from benchmarks.conditions import LANES
from benchmarks.promises import promises
from benchmarks.running import LOOP, LOOP_FRAME
from benchmarks.served_wiki import BODY_BYTES
from benchmarks.suite import Result

OPENS, CLOSES = "<!-- bench -->", "<!-- /bench -->"

_NOTE = "¹ A query finds current pages alone; every other reader reads the archived ones too."

HEADS = (
    "reader",
    "requests",
    "points",
    "at once",
    "seconds",
    "CPU s",
    "peak MB",
    "rows",
    "× plain loop",
    "÷ limit",
    "remark",
)


def report(results: Sequence[Result]) -> str:
    """How it was measured, a table for each size and condition, what is promised, how the library read."""
    tables = groupby(results, key=lambda each: (each.pages, each.condition))
    parts = ["# Benchmarks", method(), *(_table(list(together)) for _, together in tables)]
    plans = [
        f"{each.pages:,} pages, {each.condition.name}: {plan['name']}, as {plan['reason']}"
        for each in results
        if (plan := each.measured.plan)
    ]
    for heading, sentences in (("What is promised", promises(results)), ("How the library read", plans)):
        if sentences:
            parts += [f"## {heading}", "\n".join(f"- {sentence}" for sentence in sentences)]
    return "\n\n".join(parts) + "\n"


def method() -> str:
    """How it was measured, with the day and the machine."""
    machine = f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores"
    return f"""\
`make bench` wrote this on {datetime.now(UTC):%Y-%m-%d}, with {machine}.

Every reader reads all pages with their storage bodies (about {BODY_BYTES // 1000} kB each) from one embedded
Confluence, a process of its own, in a fresh process and with nothing but its own packages. Seconds and processor
seconds are of the reading alone, without start and sign-in; where a condition is read three times, of the run of
median time. Memory is the most that the process held, its imports included. Requests, points and the requests under
way at once are the embedded Confluence's counts. Rows are different pages read with their bodies.

*× plain loop*: how many times as fast as the plain loop. *÷ limit*: how many times as long as the limit, which is
what the embedded Confluence itself takes for the plain loop's windows, latency and bodies, in {LANES} lanes at once.

{_NOTE}"""


def summary(results: Sequence[Result]) -> str:
    """The largest size: a line for each reader, its seconds in a column for each condition."""
    pages = max(each.pages for each in results)
    found = {(each.measured.reader, each.condition): each for each in results if each.pages == pages}
    conditions = list(dict.fromkeys(condition for _, condition in found))
    shown = next((each for each in conditions if each.name == "b"), conditions[0])
    columns = [*(each.about for each in conditions), "requests", "points", "peak MB"]
    lines = [row(["seconds", *columns]), row(["---", *["--:"] * len(columns)])]
    for reader in dict.fromkeys(reader for reader, _ in found if reader is not LOOP_FRAME):
        seconds = [_outcome(found.get((reader, condition))) for condition in conditions]
        one = found.get((reader, shown))
        rest = ["–"] * 3
        if one is not None:
            rest = [f"{one.measured.requests:,}", f"{one.measured.points:,}", _megabytes(one.measured.memory)]
        lines.append(row([reader.title, *seconds, *rest]))
    return "\n".join([f"{pages:,} pages with their bodies, seconds:", "", *lines, "", _NOTE])


def write_between_markers(path: Path, text: str) -> None:
    """Put the short table into a page, between its two markers.

    Raises
    ------
    ValueError
        When the page has none.
    """
    before, opens, rest = path.read_text(encoding="utf-8").partition(OPENS)
    _, closes, after = rest.partition(CLOSES)
    if not (opens and closes):
        raise ValueError(
            f"{path.name} lacks the markers. Write {OPENS} and {CLOSES} where the table shall be."
        )
    path.write_text(f"{before}{OPENS}\n{text}\n{CLOSES}{after}", encoding="utf-8")


def line(result: Result, loop: Result | None) -> str:
    """One result as a line of its table, compared with the plain loop's where both have every row."""
    found = result.measured
    limit = result.condition.limit(result.pages)
    times_as_fast = over_limit = "–"
    if result.is_complete and found.seconds:
        if loop is not None and loop.measured.seconds:
            times_as_fast = f"{loop.measured.seconds / found.seconds:.2f}"
        if limit:
            over_limit = f"{found.seconds / limit:.2f}"
    return row(
        [
            found.reader.title,
            f"{found.requests:,}",
            f"{found.points:,}",
            str(found.at_once),
            _figure(found.seconds),
            _figure(found.cpu_seconds),
            _megabytes(found.memory),
            f"{found.rows:,}",
            times_as_fast,
            over_limit,
            _remark(result),
        ]
    )


def _table(results: Sequence[Result]) -> str:
    pages, condition = results[0].pages, results[0].condition
    limit = condition.limit(pages)
    loops = [each for each in results if each.measured.reader is LOOP and each.is_complete]
    return "\n".join(
        [
            f"## {pages:,} pages, {condition.name}: {condition.about}",
            "",
            *([f"The limit is {_figure(limit)} s.", ""] if limit else []),
            row(HEADS),
            row(["---", *["--:"] * (len(HEADS) - 2), "---"]),
            *(line(each, loops[0] if loops else None) for each in results),
        ]
    )


def _remark(result: Result) -> str:
    found = result.measured
    if found.error:
        return found.error.replace("|", "/")
    lacking = result.there - found.rows
    remarks = [f"{lacking:,} rows lacking"] * bool(lacking) + [f"{found.twice:,} rows twice"] * bool(
        found.twice
    )
    return ", ".join(remarks)


def _outcome(result: Result | None) -> str:
    if result is None:
        return "–"
    return _figure(result.measured.seconds) if result.is_complete else "breaks off"


def _figure(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.2f}"


def _megabytes(memory: int | None) -> str:
    return "–" if memory is None else f"{memory / 1e6:,.0f}"


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"
