"""Reads wikis of several sizes under several conditions with every reader, by turns, on one sandbox process each."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.conditions import Condition
from benchmarks.running import LOOP, LOOP_FRAME, Measured, Reader, run
from benchmarks.served_wiki import ServedWiki


@dataclass(frozen=True)
class Result:
    """What one reader took for a wiki of `pages` pages, `there` of which its list has, under one condition."""

    pages: int
    there: int
    condition: Condition
    measured: Measured

    @property
    def is_complete(self) -> bool:
        """Whether every page was read, once."""
        found = self.measured
        return found.error is None and found.rows == self.there and not found.twice


def read_all(
    sizes: Sequence[int], conditions: Sequence[Condition], readers: Sequence[Reader], patience: float
) -> Iterator[Result]:
    """Each result as soon as it is there.

    Parameters
    ----------
    patience:
        Seconds after which a reader is stopped.
    """
    for pages in sizes:
        # A sandbox's spaces cannot be changed while it runs; all readers of a condition meet the same process.
        for spaces, together in groupby(conditions, key=lambda condition: condition.spaces):
            with tempfile.TemporaryDirectory() as folder, ServedWiki(pages, spaces, Path(folder)) as wiki:
                there = {
                    status: _warm(wiki, status, patience)
                    for status in {None, *(each.finds for each in readers)}
                }
                for condition in together:
                    for measured in _by_turns(condition, readers, wiki, patience):
                        yield Result(pages, there[measured.reader.finds], condition, measured)


def _warm(wiki: ServedWiki, status: str | None, patience: float) -> int:
    """Read all pages of a status, which leaves the sandbox as warm as it will be; how many there are."""
    found = run(LOOP, wiki, {}, body="storage", patience=patience, status=status)
    if found.error:
        raise RuntimeError(f"The plain loop cannot read the calm sandbox. {found.error}")
    return found.rows


def _by_turns(
    condition: Condition, readers: Sequence[Reader], wiki: ServedWiki, patience: float
) -> Iterator[Measured]:
    taking_part = [reader for reader in readers if condition.with_frame or reader is not LOOP_FRAME]
    found: dict[Reader, list[Measured]] = {reader: [] for reader in taking_part}
    for turn in range(condition.repeats):
        for reader in taking_part:
            if turn and found[reader][-1].error:
                continue  # how long a failure takes is of no interest
            found[reader].append(run(reader, wiki, condition.knobs, body="storage", patience=patience))
    yield from map(_typical, found.values())


def _typical(runs: Sequence[Measured]) -> Measured:
    """The run of median time, or the one that failed."""
    failed = [each for each in runs if each.error]
    if failed:
        return failed[0]
    middle = statistics.median_low([each.seconds or 0.0 for each in runs])
    return next(each for each in runs if (each.seconds or 0.0) == middle)
