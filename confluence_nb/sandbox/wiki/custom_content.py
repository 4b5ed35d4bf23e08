"""Custom content: the diagrams and polls that apps keep on some pages and posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from confluence_nb.sandbox.wiki.blogposts import BlogPost, BlogPosts
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.pages import Page, Pages, Ref
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.versions import History, Version

TYPES = ("ac:com.example.diagrams:diagram", "forge:6a1f0e5c:polls:static:poll")
_EVERY = 12
# Of each dozen of numbers one is for a page, the page's own number, and one for a post.
_ON_PAGE, _ON_POST = 3, 9


@dataclass(frozen=True, slots=True)
class CustomContent:
    """A thing of an app on a page or post; `raw` is its body in the app's own words."""

    number: int
    owner: Ref
    type: str
    title: str
    space: int
    author: int
    created: int
    version: Version
    history: History
    raw: str
    status: str = "current"

    @property
    def id(self) -> str:
        """Its id."""
        return id_of(Kind.CUSTOM_CONTENT, self.number)

    @property
    def ref(self) -> Ref:
        """It, as an owner of labels and comments."""
        return Ref(Kind.CUSTOM_CONTENT, self.number)


class CustomContents:
    """All custom content of a site: an item on every twelfth page, and on some posts."""

    def __init__(self, pages: Pages, posts: BlogPosts, chance: Chance, accounts: int) -> None:
        self._pages = pages
        self._posts = posts
        self._chance = chance
        self._accounts = accounts

    def get(self, number: int) -> CustomContent | None:
        """The item of that number, unless what it is on is in the trash."""
        if not 0 <= number < self._pages.generated:
            return None
        owner: Page | BlogPost | None = None
        if number % _EVERY == _ON_PAGE:
            owner = self._pages.get(number)
        elif number % _EVERY == _ON_POST:
            owner = self._posts.get(number // _EVERY)
        return self._on(owner, number) if owner is not None and owner.status in LISTED else None

    def find(self, identifier: str) -> CustomContent | None:
        """The item with that id, or None."""
        number = number_of(Kind.CUSTOM_CONTENT, identifier)
        return None if number is None else self.get(number)

    def read(self, kind: str) -> Iterator[CustomContent]:
        """The items of one type, by id."""
        for number in range(_ON_PAGE, self._pages.generated, _ON_POST - _ON_PAGE):
            item = self.get(number)
            if item is not None and item.type == kind:
                yield item

    def on(self, owner: Ref) -> CustomContent | None:
        """The item on a page or post, or None."""
        return self.get(owner.number if owner.kind is Kind.PAGE else owner.number * _EVERY + _ON_POST)

    def under(self, item: CustomContent) -> list[CustomContent]:
        """The items that an item contains: every other one on a page holds the next."""
        if item.number % (2 * _EVERY) != _ON_PAGE:
            return []
        inner = self.get(item.number + _EVERY)
        return [] if inner is None else [inner]

    def version(self, item: CustomContent, which: int) -> Version:
        """One version of an item, counted from 1."""
        return item.history.version(self._chance, self._accounts, which)

    def _on(self, owner: Page | BlogPost, number: int) -> CustomContent:
        bits = self._chance.bits(number, 160)
        history = History(
            6000, number, 1 + (bits >> 8 & 1), owner.created, owner.version.created, owner.author
        )
        return CustomContent(
            number=number,
            owner=owner.ref,
            type=TYPES[bits & 1],
            title=f"Diagram {number}" if bits & 1 == 0 else f"Poll {number}?",
            space=owner.space,
            author=owner.author,
            created=owner.created,
            version=history.version(self._chance, self._accounts, history.saves),
            history=history,
            raw=f'{{"shapes":{bits >> 16 & 15},"title":"{number}"}}',
        )
