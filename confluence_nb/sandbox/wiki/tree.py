"""The tree of a site: pages, and the folders, whiteboards, databases and embeds between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from confluence_nb.sandbox.wiki.numbering import Kind, id_of, read_id
from confluence_nb.sandbox.wiki.pages import Page, Pages, Ref, position
from confluence_nb.sandbox.wiki.shape import Spot
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.versions import Version
from confluence_nb.sandbox.wiki.words import TEAMS, TOPICS

NODE_KINDS = (Kind.FOLDER, Kind.WHITEBOARD, Kind.DATABASE, Kind.EMBED)
TYPE_NAMES = {
    Kind.PAGE: "page",
    Kind.BLOGPOST: "blogpost",
    Kind.FOLDER: "folder",
    Kind.WHITEBOARD: "whiteboard",
    Kind.DATABASE: "database",
    Kind.EMBED: "embed",
    Kind.ATTACHMENT: "attachment",
    Kind.FOOTER_COMMENT: "footer-comment",
    Kind.INLINE_COMMENT: "inline-comment",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A folder, whiteboard, database or embed; it carries no body."""

    kind: Kind
    number: int
    title: str
    space: int
    parent: Ref | None
    position: int | None
    author: int
    created: int
    version: Version
    address: str

    @property
    def id(self) -> str:
        """The node's id."""
        return id_of(self.kind, self.number)

    @property
    def ref(self) -> Ref:
        """The node as a thing of the tree."""
        return Ref(self.kind, self.number)

    @property
    def status(self) -> str:
        """Nodes are always there."""
        return "current"


class Tree:
    """Parents, children, descendants and ancestors, edits included."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._moved: dict[Ref, Ref | None] = {}

    def find(self, identifier: str, kind: Kind) -> Page | Node | None:
        """The page or node of that kind and id, or None."""
        found = read_id(identifier)
        return self.get(Ref(*found)) if found is not None and found[0] is kind else None

    def get(self, ref: Ref) -> Page | Node | None:
        """The page or node, or None."""
        if ref.kind is Kind.PAGE:
            return self._pages.get(ref.number)
        if ref.kind not in NODE_KINDS or not 0 <= ref.number < self._pages.generated:
            return None
        space, rank = self._pages.territory.locate(ref.number)
        spot = Spot(ref.kind, rank)
        shape = self._pages.shapes[space]
        return self._node(ref, spot, space) if shape.exists(spot) else None

    def children(self, ref: Ref) -> list[Page | Node]:
        """What hangs directly under a thing, by position; those without one come last."""
        found: list[Page | Node] = []
        if 0 <= ref.number < self._pages.generated:
            space, rank = self._pages.territory.locate(ref.number)
            shape = self._pages.shapes[space]
            for spot in shape.children(Spot(ref.kind, rank)):
                child = Ref(spot.kind, self._pages.territory.number(space, spot.rank))
                if child in self._moved or (child.kind is Kind.PAGE and self._pages.is_touched(child.number)):
                    continue
                thing = self.get(child)
                if thing is not None and thing.status in LISTED:
                    found.append(thing)
        found += [page for page in self._pages.touched() if page.parent == ref and page.status in LISTED]
        found += [
            node for child, parent in self._moved.items() if parent == ref and (node := self.get(child))
        ]
        return sorted(found, key=by_position)

    def roots(self, space: int) -> list[Page]:
        """The pages at the top of a space, by id."""
        territory = self._pages.territory
        found = []
        for spot in self._pages.shapes[space].roots():
            page = self._pages.get(territory.number(space, spot.rank))
            if page is not None and page.parent is None and page.space == space and page.status in LISTED:
                found.append(page)
        known = {page.number for page in found}
        for page in self._pages.touched():
            if (
                page.space == space
                and page.parent is None
                and page.status in LISTED
                and page.number not in known
            ):
                found.append(page)
        return sorted(found, key=lambda page: page.number)

    def descendants(self, ref: Ref, depth: int) -> Iterator[tuple[int, Page | Node]]:
        """Everything under a thing, level by level, with its level counted from 1."""
        level = [ref]
        for below in range(1, depth + 1):
            next_level: list[Ref] = []
            for parent in level:
                for child in self.children(parent):
                    yield below, child
                    next_level.append(child.ref)
            level = next_level

    def ancestors(self, ref: Ref) -> list[Ref]:
        """From the top of the space down to the parent."""
        found: list[Ref] = []
        thing = self.get(ref)
        while thing is not None and thing.parent is not None and thing.parent not in found:
            found.append(thing.parent)
            thing = self.get(thing.parent)
        return found[::-1]

    def move(self, ref: Ref, parent: Ref | None) -> None:
        """Hang a node under something else."""
        self._moved[ref] = parent

    def _node(self, ref: Ref, spot: Spot, space: int) -> Node:
        pages = self._pages
        bits = pages.chance.bits(ref.number, 140 + ref.kind)
        created = pages.timeline.created(ref.number, pages.chance.bits(ref.number, 1))
        author = bits % pages.accounts
        if ref in self._moved:
            parent = self._moved[ref]
        else:
            above = pages.shapes[space].parent(spot)
            parent = None if above is None else Ref(above.kind, pages.territory.number(space, above.rank))
        topic = TOPICS[(bits >> 16) % len(TOPICS)]
        return Node(
            kind=ref.kind,
            number=ref.number,
            title=f"{TEAMS[bits >> 8 & 15]} {TYPE_NAMES[ref.kind]}: {topic} {ref.number}",
            space=space,
            parent=parent,
            position=position(spot),
            author=author,
            created=created,
            version=Version(1, created, author, "", False),
            address=f"https://boards.example.com/embed/{bits & 0xFFFFFF:x}?view=full",
        )


def by_position(thing: Page | Node) -> tuple[bool, int, int, int]:
    """The order of a tree: by position, things without one last, then by number and kind."""
    return (
        thing.position is None,
        thing.position or 0,
        thing.number,
        int(thing.kind if isinstance(thing, Node) else Kind.PAGE),
    )
