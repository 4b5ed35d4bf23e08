"""A site in memory for the explorer, whose answers wait, fail and come in pieces as a test likes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from confluence_nb.api.portal import portal
from confluence_nb.explorer.source import Entry, Space
from confluence_nb.page import Page

ENG = Space("1", "ENG", "Engineering", homepage_id="10")
OPS = Space("2", "OPS", "Operations", homepage_id="20")


@dataclass
class Windows:
    """A list in memory; a failure in it is raised once."""

    windows: list[Any]
    hold: Callable[[], Any]

    @property
    def done(self) -> bool:
        return not self.windows

    async def window(self) -> Sequence[Any]:
        await self.hold()
        if not self.windows:
            return []
        following = self.windows.pop(0)
        if isinstance(following, Exception):
            raise following
        return following


@dataclass
class SourceInMemory:
    """A site whose answers wait until they are let go."""

    host: str = "acme.atlassian.net"
    listed: list[Any] = field(default_factory=lambda: [[ENG, OPS]])
    below: dict[str, list[Any]] = field(default_factory=dict)
    pages: dict[str, Exception] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def _windows(self, name: str, windows: list[Any]) -> Windows:
        return Windows(windows, lambda: self._wait(name))

    async def _wait(self, name: str) -> None:
        self.asked.append(name)
        if name in self.held:
            await self.held[name].wait()

    def hold(self, name: str) -> None:
        self.held[name] = asyncio.Event()

    def let_go(self, name: str) -> None:
        async def let_go() -> None:
            self.held.pop(name).set()

        portal.run(let_go())

    def spaces(self) -> Windows:
        return self._windows("spaces", list(self.listed))

    def roots(self, space: Space) -> Windows:
        home = Entry(space.homepage_id or "", "page", f"{space.name} Home")
        return self._windows(f"roots {space.key}", self.below.get(space.key, [[home]]))

    def children(self, entry: Entry) -> Windows:
        return self._windows(f"children {entry.id}", self.below.get(entry.id, []))

    def search(self, query: str) -> Windows:
        return self._windows("search", self.below.get("search", []))

    async def page(self, entry: Entry) -> Page:
        await self._wait(f"page {entry.id}")
        if entry.id in self.pages:
            raise self.pages[entry.id]
        facts = (entry.type, entry.title, entry.status, *(None,) * 8, entry.url)
        return Page(entry.id, *facts, f"<p>body of {entry.id}</p>", {}, pd.DataFrame)


def entry(own: str, **facts: Any) -> Entry:
    """A page of that id, or what the facts make of it."""
    return Entry(**{"id": own, "type": "page", "title": f"Page {own}", "space_key": "ENG", **facts})
