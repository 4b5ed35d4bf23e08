"""A list that is to be read, before anybody has chosen how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluence_nb.api.catalog import Collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.plan import Wish
from confluence_nb.oauth.sites import Site

PLANNED = {"/pages": "page", "/blogposts": "blogpost"}
"""The lists that are long and hold bodies, and what a search calls their rows."""


@dataclass(frozen=True)
class Wanted:
    """The list that is to be read.

    Parameters
    ----------
    cql:
        The search whose count tells about how many rows there are; None when there is none.
    points:
        Points left in this hour and points of an hour, None when nobody tells.
    asked_at:
        File and line that asked for it.
    """

    client: ApiClient
    site: Site
    entry: Collection
    params: Mapping[str, object]
    wish: Wish | None
    cql: str | None
    points: Callable[[], tuple[int | None, int | None]]
    asked_at: tuple[str, int]

    @property
    def has_bodies(self) -> bool:
        return "body_format" in self.params

    @property
    def spaces(self) -> Sequence[str]:
        """The ids of the spaces that were named, none for a whole site."""
        given = self.params.get("space_id")
        return given if isinstance(given, Sequence) and not isinstance(given, str) else ()

    def reader(self, **changes: object) -> dict[str, Any]:
        """The arguments of a reader of the list, some parameters changed, those that are None left out."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value is not None}
        return {"client": self.client, "site": self.site, "collection": self.entry, "params": params}


def is_planned(entry: Collection, params: Mapping[str, object], wanted: int | None) -> bool:
    """Whether a list may be long, and comes in the order that lets both of its ends be read."""
    return entry.path in PLANNED and wanted is None and not {"sort", "title"} & set(params)
