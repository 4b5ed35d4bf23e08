"""What a mirror can hold: of which lists each collection is made, and what makes one of its rows itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confluence_nb._given import is_several
from confluence_nb.api.catalog import collection
from confluence_nb.api.parameters import nearest
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.schema import promised
from confluence_nb.mirror.source import Strand

if TYPE_CHECKING:
    from confluence_nb.mirror.lease import Hold
    from confluence_nb.mirror.syncs import SyncRecord

CHOSEN = ("spaces", "pages", "blogposts", "comments", "attachments", "labels", "users", "links")
"""What a mirror holds unless somebody says otherwise."""


@dataclass(frozen=True)
class Holding:
    """One collection.

    Parameters
    ----------
    key:
        The columns that make a row itself; empty where only the whole row does.
    lists:
        The lists it is made of, each with what is added to its rows; empty where it is read whole.
    of_spaces:
        Whether the lists are asked space by space.
    by_id:
        Whether its things can be asked for by their ids, so that only what changed is read with its body.
    holders:
        The columns that say on what a row hangs.
    has_bodies:
        Whether a window is asked for with bodies.
    """

    name: str
    key: tuple[str, ...] = ("id",)
    lists: tuple[tuple[str, str], ...] = ()
    of_spaces: bool = False
    by_id: bool = False
    holders: tuple[str, ...] = ()
    has_bodies: bool = False

    @property
    def path(self) -> str:
        """Its first list."""
        return self.lists[0][0]

    @property
    def is_sorted(self) -> bool:
        """Whether the site tells its latest changes first."""
        each = [collection(path).parameters for path, _ in self.lists]
        return all(any(parameter.name == "sort" for parameter in parameters) for parameters in each)

    @property
    def facts(self) -> tuple[str, ...]:
        """The columns that tell whether a row has changed.

        A body that takes a request of its own is none of them, nor is on what a row hangs: the lists may leave that out
        of answers to comments.
        """
        names = tuple(column.name for column in promised(self.name) or ())
        left_out = {"body"} if self.by_id else set(self.holders)
        return tuple(name for name in names if name not in left_out)

    def strands(self, spaces: Sequence[str], *, bodies: bool) -> list[Strand]:
        """Its lists from the first id on, one for each space where they can be asked so."""
        params = self._params(bodies)
        if self.of_spaces:
            return [
                Strand(f"{self.name}/{space}", self.path, {**params, "space_id": [space], "sort": "id"})
                for space in spaces
            ]
        return [Strand(path, path, params, _told(kind)) for path, kind in self.lists]

    def latest(self, spaces: Sequence[str] | None) -> list[Strand]:
        """Its lists from the latest change on; of these spaces, None for all."""
        params = {**self._params(bodies=True), "sort": "-modified-date"}
        if not self.of_spaces or spaces is None:
            return [Strand(path, path, params, _told(kind)) for path, kind in self.lists]
        together = [list(spaces[start : start + 100]) for start in range(0, len(spaces), 100)]
        return [
            Strand(f"{self.name}/{some[0]}", self.path, {**params, "space_id": some}) for some in together
        ]

    def by_ids(self, ids: Sequence[str], *, bodies: bool) -> list[Strand]:
        """What has these ids, so many at a time."""
        size = IDS_WITH_BODIES if bodies else IDS_AT_ONCE
        known = [own for own in ids if own]  # a row without an id cannot be asked for
        together = [known[start : start + size] for start in range(0, len(known), size)]
        return [
            Strand(f"{self.name}/ids/{number}", self.path, {**self._params(bodies), "id": some})
            for number, some in enumerate(together)
        ]

    def _params(self, bodies: bool) -> dict[str, object]:
        return {"body_format": "storage"} if self.has_bodies and (bodies or not self.by_id) else {}


IDS_AT_ONCE = 250
"""Ids that one request takes."""

IDS_WITH_BODIES = 100
"""Ids of one request that brings their bodies too."""

_HOLDERS = ("page_id", "blog_post_id", "attachment_id", "custom_content_id")

HOLDINGS = {
    holding.name: holding
    for holding in (
        Holding("spaces"),
        Holding("pages", lists=(("/pages", ""),), of_spaces=True, by_id=True, has_bodies=True),
        Holding("blogposts", lists=(("/blogposts", ""),), of_spaces=True, by_id=True, has_bodies=True),
        Holding("attachments", lists=(("/attachments", ""),), holders=_HOLDERS),
        Holding(
            "comments",
            lists=(("/footer-comments", "footer"), ("/inline-comments", "inline")),
            holders=_HOLDERS,
            has_bodies=True,
        ),
        Holding("tasks", lists=(("/tasks", ""),), holders=_HOLDERS, has_bodies=True),
        Holding("labels"),
        Holding("users", key=("account_id",)),
        Holding("links", key=("page_id",)),
        *(Holding(name, key=()) for name in ("permissions", "groups", "templates", "audit")),
    )
}
"""In the order in which they are read: what hangs on pages comes behind the pages."""


def chosen_names(collections: object) -> tuple[str, ...]:
    """`collections=` as a caller gives it, in the order of reading.

    Raises
    ------
    ConfluenceNBError
        For a name that no mirror can hold, with the nearest one.
    """
    if collections is None:
        return tuple(name for name in HOLDINGS if name in CHOSEN)
    given = [collections] if isinstance(collections, str) else collections
    if not is_several(given):
        raise TypeError(
            f"collections is a {type(collections).__name__}. Give names such as 'pages', or several."
        )
    names = list(given)
    for name in names:
        if not isinstance(name, str) or name not in HOLDINGS:
            raise ConfluenceNBError(
                f"No mirror holds {name!r:.60}. {nearest(str(name)[:60], list(HOLDINGS))}"
            )
    if not names:
        raise ConfluenceNBError(f"collections= is empty. Leave it out for {', '.join(CHOSEN)}, or name some.")
    return tuple(name for name in HOLDINGS if name in names)


def copied_names(
    finished: Sequence[SyncRecord], before: Hold | None, asked: Sequence[str] | None, left_out: Sequence[str]
) -> tuple[str, ...]:
    """What is asked for and what the mirror has; what a first sync could not read may be left out the next time."""
    names = (*finished[-1].tables, *(asked or ())) if finished else asked
    names = names or (before.collections if before else CHOSEN)
    return chosen_names([name for name in names if name in HOLDINGS and name not in left_out])


def _told(kind: str) -> dict[str, str]:
    return {"kind": kind} if kind else {}
