"""The one line that tells how far a pull is; none for short ones, none where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SILENT_SECONDS = 1.0
"""A pull shorter than this shows nothing."""


@contextmanager
def progress_bar(what: str, wanted: bool | None) -> Iterator[Callable[[int, int | None], None]]:
    """A callable that takes the rows so far and the rows in all, None when nobody knows.

    Parameters
    ----------
    wanted:
        True or False forces the line on or off; None shows it to people only.
    """
    if not (_somebody_looks() if wanted is None else wanted):
        yield lambda rows, total: None
        return
    from tqdm.auto import tqdm

    with tqdm(desc=what, unit=" rows", delay=SILENT_SECONDS, leave=False, dynamic_ncols=True) as bar:

        def show(rows: int, total: int | None) -> None:
            if total is not None and bar.total != total:
                bar.total = max(total, rows)
            bar.update(rows - bar.n)

        yield show


def _somebody_looks() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    return shell is not None or sys.stderr.isatty()
