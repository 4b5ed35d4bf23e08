"""The blog posts of a site, each a function of its number."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.moments import Timeline, date
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.order import Order, Place, SortedIndex
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.territory import Territory
from confluence_nb.sandbox.wiki.versions import History, Version
from confluence_nb.sandbox.wiki.words import title as make_title

# Titles of posts are drawn past those of any page, so that none is shared.
_TITLE_OFFSET = 1 << 40
_TRASHED_EVERY = 41


@dataclass(frozen=True, slots=True)
class BlogPost:
    """One post; times in milliseconds since 1970, people as indexes into the accounts."""

    number: int
    status: str
    title: str
    space: int
    author: int
    created: int
    version: Version
    history: History

    @property
    def id(self) -> str:
        """The post's id."""
        return id_of(Kind.BLOGPOST, self.number)

    @property
    def ref(self) -> Ref:
        """The post as an owner of comments, files and labels."""
        return Ref(Kind.BLOGPOST, self.number)


class BlogPosts:
    """All posts of a site.

    Parameters
    ----------
    listed:
        How many posts a plain listing shows.
    """

    def __init__(
        self, listed: int, *, territory: Territory, chance: Chance, timeline: Timeline, accounts: int
    ) -> None:
        self.territory = territory
        self.chance = chance
        self.generated = listed + (listed - 1) // (_TRASHED_EVERY - 1) if listed else 0
        self.timeline = timeline
        self._accounts = accounts
        self._by_modified: SortedIndex | None = None

    def get(self, number: int) -> BlogPost | None:
        """The post with that number, whatever its status, or None."""
        return self._generate(number) if 0 <= number < self.generated else None

    def find(self, post_id: str) -> BlogPost | None:
        """The post with that id, whatever its status, or None."""
        number = number_of(Kind.BLOGPOST, post_id)
        return None if number is None else self.get(number)

    def read(
        self, order: Order, after: Place | None = None, spaces: Sequence[int] | None = None
    ) -> Iterator[BlogPost]:
        """Posts in an order, after a place, of some spaces or all; every status."""
        for number in self._numbers(order, after, spaces):
            post = self._generate(number)
            if spaces is None or post.space in spaces:
                yield post

    def version(self, post: BlogPost, which: int) -> Version:
        """One version of a post, counted from 1."""
        return post.history.version(self.chance, self._accounts, which)

    def space_of(self, number: int) -> int:
        """The space of a post, without making the whole post."""
        return self.territory.locate(number)[0]

    def status_of(self, number: int) -> str:
        """The status of a post, without making the whole post."""
        if not 0 <= number < self.generated:
            return "deleted"
        return "trashed" if number % _TRASHED_EVERY == _TRASHED_EVERY - 1 else "current"

    def _numbers(self, order: Order, after: Place | None, spaces: Sequence[int] | None) -> Iterator[int]:
        if order.field == "modified-date":
            if self._by_modified is None:
                self._by_modified = SortedIndex(
                    iter(range(self.generated)), lambda number: self._generate(number).version.created
                )
            return self._by_modified.read(after, descending=order.descending)
        if order.descending:
            last = self.generated - 1 if after is None else after.number - 1
            if spaces is None:
                return iter(range(last, -1, -1))
            return heapq.merge(*(self.territory.downward(space, last) for space in set(spaces)), reverse=True)
        first = 0 if after is None else after.number + 1
        if spaces is None:
            return iter(range(first, self.generated))
        return heapq.merge(*(self.territory.upward(space, first, self.generated) for space in set(spaces)))

    def _generate(self, number: int) -> BlogPost:
        bits = self.chance.bits(number, 41)
        created = self.timeline.created(number, bits)
        saves = 1 if bits >> 20 & 1 else 2 + (bits >> 16 & 3)
        modified = created if saves == 1 else self.timeline.modified(created, bits >> 28)
        author = (bits >> 50) % self._accounts
        history = History(5000, number, saves, created, modified, author)
        return BlogPost(
            number=number,
            status=self.status_of(number),
            title=make_title(self.chance, _TITLE_OFFSET + number, date(created)).replace(
                str(_TITLE_OFFSET + number), f"B{number}"
            ),
            space=self.territory.locate(number)[0],
            author=author,
            created=created,
            version=history.version(self.chance, self._accounts, saves),
            history=history,
        )


def post_sort_value(post: BlogPost, field: str) -> int:
    """What a post is sorted by."""
    match field:
        case "modified-date":
            return post.version.created
        case "created-date":
            return post.created
    return post.number
