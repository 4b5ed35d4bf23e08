"""Which spaces a mirror is of, and which of them the site shows no more."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.lease import Hold
from confluence_nb.mirror.run import Run
from confluence_nb.mirror.store import Store
from confluence_nb.notices import ConfluenceNBWarning

NAMED = 10
"""So many keys are told of spaces that vanished."""


def chosen_spaces(
    store: Store, before: Hold | None, wanted: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    """The ids of the spaces of a mirror, None for all: those that it began with.

    Raises
    ------
    ConfluenceNBError
        When others are asked for.
    """
    if before is None or wanted is None:
        return wanted if before is None else before.spaces
    if wanted != before.spaces:
        held = "every space" if before.spaces is None else f"{len(before.spaces):,} spaces"
        raise ConfluenceNBError(
            f"The mirror in {store.path} is of {held}, and others are asked for. Leave spaces= out to sync what it "
            "is of, or choose another folder."
        )
    return wanted


def spaces_shown(run: Run, frame: pd.DataFrame, spaces: Sequence[str] | None) -> pd.DataFrame:
    """The rows of the mirror's spaces; warns of those that the site showed to the sync before and shows no more.

    Raises
    ------
    ConfluenceNBError
        When it shows none at all any more: that is rather an account that lost its access than a wiki that is gone.
    """
    shown = frame if spaces is None else frame[frame["id"].isin(spaces)].reset_index(drop=True)
    known = _known(run, spaces)
    there = set(shown["id"])
    gone = [key for space, key in known.items() if space not in there]
    if gone and shown.empty:
        raise ConfluenceNBError(
            f"{run.source.site} shows this account none of the {len(known):,} spaces of the mirror any more. Look "
            "whether it may still see them; the mirror stays as it is."
        )
    if gone:
        others = f" and {len(gone) - NAMED:,} more" if len(gone) > NAMED else ""
        before = run.number - 1
        warnings.warn(
            f"{run.source.site} does not show these spaces any more: {', '.join(gone[:NAMED])}{others}. They are "
            "deleted, or this account may not see them; what was in them counts as deleted. It is still in "
            f"mirror.pages(version={before}).",
            ConfluenceNBWarning,
            stacklevel=5,
        )
    return shown


def _known(run: Run, spaces: Sequence[str] | None) -> dict[str, str]:
    """The ids of the spaces that the sync before saw, and their keys where the mirror has them."""
    if "spaces" not in run.collections or run.since("spaces") < 0:
        return {} if run.before is None else {space: space for space in spaces or ()}
    known: dict[str, str] = {}
    for rows in run.table("spaces").each_file(["id", "key"]):
        known |= dict(zip(rows.column("id").to_pylist(), rows.column("key").to_pylist(), strict=True))
    return known
