"""The tree as far as it was opened, as lines of text: nothing is asked for before somebody wants to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from confluence_nb.explorer.source import Entry, Listing, Source, Space
from confluence_nb.explorer.words import entry_label, found_label, more_label


@dataclass(eq=False)
class Node:
    """An entry where it stands; `below` is None until it was opened for the first time."""

    entry: Entry
    parent: Node | None = None
    below: Branch | None = None
    is_open: bool = False

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def sign(self) -> str:
        """Tells what a line is like before it is read: open, closed, or without anything below."""
        if not self.entry.can_have_children or (self.below is not None and self.below.is_bare):
            return "·"
        return "▾" if self.is_open else "▸"

    @property
    def label(self) -> str:
        return entry_label(self.entry, self.sign, self.depth)

    async def open(self, source: Source) -> None:
        """Open it, and ask for what is below the first time."""
        if self.below is None:
            below = Branch(source.children(self.entry))
            await below.read()
            below.hang_under(self)
        self.is_open = True


@dataclass(eq=False)
class Branch:
    """The entries of one list, read window by window.

    Parameters
    ----------
    first:
        Id of the entry that stands before all others: the homepage of a space.
    parent:
        What the entries hang under, None at the top.
    """

    listing: Listing[Entry]
    first: str | None = None
    parent: Node | None = None
    nodes: list[Node] = field(default_factory=list)
    was_read: bool = False

    @property
    def has_more(self) -> bool:
        return self.was_read and not self.listing.done

    @property
    def is_bare(self) -> bool:
        """Whether it is known that nothing is in it."""
        return self.was_read and self.listing.done and not self.nodes

    async def read(self) -> None:
        """Take in the next window."""
        self.nodes += [Node(entry, self.parent) for entry in await self.listing.window()]
        self.was_read = True
        # The list comes by id, since in its own order the service ends it too early.
        self.nodes.sort(key=self._place)

    def hang_under(self, node: Node) -> None:
        """Take its place in the tree, open."""
        self.parent, node.below, node.is_open = node, self, True
        for child in self.nodes:
            child.parent = node

    def lines(self) -> list[Line]:
        """Every line that is to be seen, with what it stands for: a branch, for what follows in it."""
        return list(_lines(self))

    def _place(self, node: Node) -> tuple[bool, bool, int, int, str]:
        entry = node.entry
        no_position = entry.position is None
        return entry.id != self.first, no_position, entry.position or 0, len(entry.id), entry.id


@dataclass(eq=False)
class Found(Branch):
    """What a search found, in its own order, with nothing below."""

    async def read(self) -> None:
        """Take in the next window."""
        self.nodes += [Node(entry) for entry in await self.listing.window()]
        self.was_read = True

    def lines(self) -> list[Line]:
        """A line for each entry that was found so far, and one for what follows."""
        found: list[Line] = [(found_label(node.entry), node) for node in self.nodes]
        return [*found, (more_label(len(self.nodes)), self)] if self.has_more else found


async def planted(source: Source, space: Space) -> Branch:
    """The top of a space and what is below its homepage, asked for at the same time.

    A homepage whose children do not come is closed: opening it asks again, and says what is wrong.
    """
    top = Branch(source.roots(space), first=space.homepage_id)
    if space.homepage_id is None:
        await top.read()
        return top
    below = Branch(source.children(Entry(space.homepage_id, "page", "", space_key=space.key)))
    top_failed, below_failed = await asyncio.gather(top.read(), below.read(), return_exceptions=True)
    if top_failed is not None:
        raise top_failed
    home = next((node for node in top.nodes if node.entry.id == space.homepage_id), None)
    if home is not None and below_failed is None:
        below.hang_under(home)
    return top


Line = tuple[str, Node | Branch]
"""What a person reads, and what it stands for."""


def _lines(top: Branch) -> Iterator[Line]:
    """Depth first, without recursion: a tree may be deeper than Python's stack."""
    waiting: list[Node | Branch | Line] = [top]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Branch):
            if item.has_more:
                depth = 0 if item.parent is None else item.parent.depth + 1
                waiting.append((more_label(len(item.nodes), depth), item))
            waiting += reversed(item.nodes)
        elif isinstance(item, Node):
            yield item.label, item
            if item.is_open and item.below is not None:
                waiting.append(item.below)
        else:
            yield item
