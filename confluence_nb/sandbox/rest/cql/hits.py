"""What a search can find, told in the terms CQL asks in."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from confluence_nb.sandbox.rest.preferences import (
    content_watchers,
    favours,
    favours_space,
    space_watchers,
)
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.pages import Page, Ref
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Attachment, Comment
from confluence_nb.sandbox.wiki.tree import Node

NODES = {
    "folder": Kind.FOLDER,
    "whiteboard": Kind.WHITEBOARD,
    "database": Kind.DATABASE,
    "embed": Kind.EMBED,
}
TYPES = ("page", "blogpost", "comment", "attachment", "space", *NODES)

Found = Page | BlogPost | Node | Comment | Attachment | Space


@dataclass(frozen=True)
class Hit:
    """One candidate; what costs time is worked out when asked for."""

    content: SiteContent
    type: str
    thing: Found

    @cached_property
    def id(self) -> str:
        """Its id."""
        return self.thing.id

    @cached_property
    def holder(self) -> Page | BlogPost | Node | Space | None:
        """The page, post or node it is, or hangs on; a space itself."""
        if isinstance(self.thing, Comment | Attachment):
            owner = self.content.owner(self.thing.owner)
            return owner if isinstance(owner, Page | BlogPost) else None
        return self.thing

    @cached_property
    def space(self) -> Space | None:
        """The space it is in."""
        holder = self.holder
        return self.content.spaces[holder.space] if isinstance(holder, Page | BlogPost | Node) else holder

    @cached_property
    def title(self) -> str:
        """What it is called."""
        match self.thing:
            case Space():
                return self.thing.name
            case Comment():
                return f"Re: {self.holder.title}" if isinstance(self.holder, Page | BlogPost) else "Re:"
            case _:
                return self.thing.title

    @cached_property
    def words(self) -> str:
        """Its text."""
        match self.thing:
            case Page() | BlogPost():
                return self.content.words(self.thing)
            case Comment():
                return self.thing.text
            case Space():
                return self.thing.description or ""
            case Node():
                return ""
            case _:
                return self.thing.comment

    @cached_property
    def storage(self) -> bytes:
        """Its body in storage format, as JSON; only pages and posts have one here."""
        return self.content.body(self.thing, "storage") if isinstance(self.thing, Page | BlogPost) else b""

    @cached_property
    def created(self) -> int:
        """When it was made, in milliseconds since 1970."""
        return (
            self.thing.created
            if isinstance(self.thing, Page | BlogPost | Node | Space)
            else self.thing.history.created
        )

    @cached_property
    def modified(self) -> int:
        """When it was last saved, in milliseconds since 1970."""
        return self.thing.created if isinstance(self.thing, Space) else self.thing.version.created

    @cached_property
    def people(self) -> frozenset[int]:
        """Everybody who saved a version."""
        if isinstance(self.thing, Space | Node):
            return frozenset({self.thing.author})
        count = self.thing.history.saves
        people = len(self.content.accounts)
        saved = {
            self.thing.history.version(self.content.chance, people, which).author
            for which in range(1, count + 1)
        }
        later = self.thing.later if isinstance(self.thing, Page) else ()
        return frozenset(saved | {version.author for version in later})

    @cached_property
    def author(self) -> int:
        """Who made it."""
        return (
            self.thing.author
            if isinstance(self.thing, Page | BlogPost | Node | Space)
            else self.thing.history.first_author
        )

    @cached_property
    def owner(self) -> int | None:
        """Whose it is; only pages have an owner beside their author."""
        return self.thing.owner if isinstance(self.thing, Page) else self.author

    def is_favourite_of(self, account: int) -> bool:
        """True when a person has starred it."""
        match self.thing:
            case Page() | BlogPost():
                return favours(self.content, account, self.thing.ref)
            case Space():
                return favours_space(self.content, account, self.thing)
        return False

    @cached_property
    def watchers(self) -> Container[int]:
        """Who watches it."""
        match self.thing:
            case Page() | BlogPost():
                return content_watchers(self.content, self.thing.number)
            case Space():
                return space_watchers(self.content, self.thing)
        return ()

    @cached_property
    def labels(self) -> frozenset[str]:
        """Its labels, by name."""
        if isinstance(self.thing, Page | BlogPost):
            return frozenset(label.name for label in self.content.labels_of(self.thing.ref))
        return frozenset()

    @cached_property
    def parent(self) -> str | None:
        """The id of what it hangs under."""
        return self.thing.parent.id if isinstance(self.thing, Page | Node) and self.thing.parent else None

    @cached_property
    def ancestors(self) -> frozenset[str]:
        """The ids of everything it hangs under."""
        if isinstance(self.thing, Page | Node):
            return frozenset(ref.id for ref in self.content.tree.ancestors(self.thing.ref))
        return frozenset()


def candidates(content: SiteContent, types: Sequence[str], spaces: Sequence[int] | None) -> Iterator[Hit]:
    """Everything of some types in some spaces, in a fixed order; nothing archived or trashed is indexed."""
    order = Order()
    if "space" in types:
        yield from (Hit(content, "space", space) for space in content.spaces)
    if "page" in types:
        for page in content.pages.read(order, None, spaces):
            if page.status == "current":
                yield Hit(content, "page", page)
    if "blogpost" in types:
        for post in content.blogposts.read(order, None, spaces):
            if post.status == "current":
                yield Hit(content, "blogpost", post)
    if "comment" in types:
        for kind in (Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT):
            for ref in _indexed(content, kind, spaces):
                yield from (Hit(content, "comment", comment) for comment in content.comments_of(kind, ref))
    if "attachment" in types:
        for ref in _indexed(content, Kind.ATTACHMENT, spaces):
            for file in content.attachments_of(ref):
                if file.status == "current":
                    yield Hit(content, "attachment", file)
    for name, kind in NODES.items():
        if name in types:
            yield from (Hit(content, name, node) for node in _nodes(content, kind, spaces))


def _nodes(content: SiteContent, kind: Kind, spaces: Sequence[int] | None) -> Iterator[Node]:
    for number in range(content.pages.generated):
        node = content.tree.get(Ref(kind, number))
        if isinstance(node, Node) and (spaces is None or node.space in spaces):
            yield node


def _indexed(content: SiteContent, kind: Kind, spaces: Sequence[int] | None) -> Iterator[Ref]:
    for ref in content.bearers(kind, 0):
        if ref.kind not in (Kind.PAGE, Kind.BLOGPOST):
            continue
        things = content.pages if ref.kind is Kind.PAGE else content.blogposts
        is_there = spaces is None or things.space_of(ref.number) in spaces
        if is_there and things.status_of(ref.number) == "current":
            yield ref
