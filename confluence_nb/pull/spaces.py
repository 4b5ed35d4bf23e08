"""Finds the spaces that keys and ids name, and remembers them: people know keys, the v2 API takes ids."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral

import pandas as pd

from confluence_nb._given import is_several
from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.api.parameters import encodable
from confluence_nb.errors import ConfluenceNBError, NotFound
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.spent import Spent
from confluence_nb.pull.subjects import refuse_doubled

KEYS_AT_ONCE = 250


class SpaceIndex:
    """Keys and ids of one site's spaces, asked for as they are needed."""

    def __init__(self, client: ApiClient, site: Site) -> None:
        self._client = client
        self.site = site
        self._ids: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._all_read = False

    async def ids_of(self, wanted: Iterable[str], spent: Spent) -> list[str]:
        """Space ids for keys or ids; keys in any letter case, personal `~` keys and aliases too.

        Raises
        ------
        NotFound
            Names what the site does not have, and the nearest that it has.
        """
        names = list(dict.fromkeys(wanted))
        unknown = [name for name in names if name.upper() not in self._ids]
        numbers = [name for name in unknown if name.isascii() and name.isdigit()]
        for start in range(0, len(numbers), KEYS_AT_ONCE):
            await self._read({"ids": numbers[start : start + KEYS_AT_ONCE]}, spent)
        # The keys= filter is not reliable for personal spaces; a scan is.
        keys = [name for name in unknown if name.upper() not in self._ids and not name.startswith("~")]
        for start in range(0, len(keys), KEYS_AT_ONCE):
            await self._read({"keys": keys[start : start + KEYS_AT_ONCE]}, spent)
        if not self._all_read and any(name.upper() not in self._ids for name in names):
            await self._read({}, spent)
            self._all_read = True
        missing = [name for name in names if name.upper() not in self._ids]
        if missing:
            raise NotFound(self._not_found(missing), status=404, path="/spaces")
        return list(dict.fromkeys(self._ids[name.upper()] for name in names))

    async def keys_of(self, ids: Iterable[str], spent: Spent) -> dict[str, str | None]:
        """The key of each space id, None where the site does not show the space."""
        wanted = list(dict.fromkeys(ids))
        unknown = [space_id for space_id in wanted if space_id not in self._keys]
        for start in range(0, len(unknown), KEYS_AT_ONCE):
            await self._read({"ids": unknown[start : start + KEYS_AT_ONCE]}, spent)
        return {space_id: self._keys.get(space_id) for space_id in wanted}

    async def _read(self, params: dict[str, object], spent: Spent) -> None:
        reader = ListReader(self._client, self.site, collection("/spaces"), params)
        while (window := await reader.window()) is not None:
            for row in window.rows:
                if not isinstance(row, dict) or "id" not in row:
                    continue
                space_id = str(row["id"])
                # An id wins over a key that looks like one: setdefault leaves what stands.
                self._ids[space_id] = space_id
                if isinstance(row.get("key"), str):
                    self._keys[space_id] = row["key"]
                for name in (row.get("key"), row.get("currentActiveAlias")):
                    if isinstance(name, str):
                        self._ids.setdefault(name.upper(), space_id)
        spent.add(reader)

    def _not_found(self, missing: list[str]) -> str:
        keys = [name for name in self._ids if not name.isdigit()]
        near = difflib.get_close_matches(missing[0].upper(), keys, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        named = ", ".join(repr(name) for name in missing[:10])
        return (
            f"{self.site.host} has no space {named}, or this account may not see it.{hint} wiki.spaces() lists all "
            "that it may see; a space's key stands in its address after /spaces/."
        )


def space_names(space: object) -> list[str]:
    """`space=` as a caller gives it - a key, an id, several, a Series, a frame of `spaces()` - as texts.

    Raises
    ------
    ConfluenceNBError
        For anything else, and for an empty choice, which would mean every space.
    """
    if isinstance(space, pd.DataFrame):
        if "id" not in space.columns:
            raise ConfluenceNBError(
                "The frame given as space= has no column 'id'. Give one that wiki.spaces() made."
            )
        refuse_doubled(space, "id")
        space = space["id"]
    items = list(space) if is_several(space) else [space]
    if not all(_names_one(item) for item in items):
        raise ConfluenceNBError(
            'space= takes a key such as "ENG", a space id, or several of them, and none of them empty or missing.'
        )
    if not items:
        raise ConfluenceNBError("space= is empty. Leave it out to read every space, or name at least one.")
    return [encodable("space", str(item).strip()) for item in items]


def _names_one(item: object) -> bool:
    """Whether this can be a key or an id; numpy's integers are ids too."""
    if isinstance(item, str):
        return bool(item.strip())
    return isinstance(item, Integral) and not isinstance(item, bool) and int(item) >= 0
