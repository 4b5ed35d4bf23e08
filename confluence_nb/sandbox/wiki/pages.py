"""The pages of a site: each a function of its number, with what was edited, added and deleted laid over."""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from confluence_nb.sandbox.wiki.blueprints import TEMPLATES
from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.moments import Timeline, date
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.order import Order, Place, SortedIndex
from confluence_nb.sandbox.wiki.shape import Shape, Spot
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.statuses import numbers_needed, status_at
from confluence_nb.sandbox.wiki.territory import Territory
from confluence_nb.sandbox.wiki.versions import History, Version
from confluence_nb.sandbox.wiki.words import title as make_title


class Ref(NamedTuple):
    """A thing of the tree: its kind and number."""

    kind: Kind
    number: int

    @property
    def id(self) -> str:
        """Its id."""
        return id_of(self.kind, self.number)


class Page(NamedTuple):
    """One page as it is now; times in milliseconds since 1970, people as indexes into the accounts."""

    number: int
    status: str
    title: str
    space: int
    parent: Ref | None
    position: int | None
    author: int
    owner: int | None
    last_owner: int | None
    created: int
    version: Version
    history: History
    subtype: str | None
    template: str | None
    body: str | None = None
    later: tuple[Version, ...] = ()

    @property
    def id(self) -> str:
        """The page's id."""
        return id_of(Kind.PAGE, self.number)

    @property
    def ref(self) -> Ref:
        """The page as a thing of the tree."""
        return Ref(Kind.PAGE, self.number)


class Pages:
    """All pages of a site.

    Parameters
    ----------
    listed:
        How many pages a plain listing shows: current and archived ones.
    """

    def __init__(
        self,
        listed: int,
        *,
        spaces: Sequence[Space],
        territory: Territory,
        chance: Chance,
        timeline: Callable[[int], Timeline],
        accounts: int,
    ) -> None:
        self.spaces = spaces
        self.territory = territory
        self.generated = numbers_needed(listed, territory)
        self.shapes = tuple(Shape(territory.rank_from(space.index, self.generated)) for space in spaces)
        self.timeline = timeline(self.generated)
        self.chance = chance
        self.accounts = accounts
        self._laid_over: dict[int, Page] = {}
        self._touched: tuple[int, ...] = ()
        self.edits = 0
        self._generated_heading = lru_cache(maxsize=4096)(self._make_heading)
        self._indexes: dict[str, SortedIndex] = {}

    def get(self, number: int) -> Page | None:
        """The page with that number, whatever its status, or None."""
        page = self._laid_over.get(number)
        if page is None and 0 <= number < self.generated:
            return self._generate(number)
        return page

    def find(self, page_id: str) -> Page | None:
        """The page with that id, whatever its status, or None."""
        number = number_of(Kind.PAGE, page_id)
        return None if number is None else self.get(number)

    def read(
        self, order: Order, after: Place | None = None, spaces: Sequence[int] | None = None
    ) -> Iterator[Page]:
        """Pages in an order, after a place, of some spaces or all; every status but drafts."""
        wanted = None if spaces is None else frozenset(spaces)
        touched = self._touched
        skip = frozenset(touched)
        generated = (
            page
            for number in self._numbers(order, after, spaces)
            if number not in skip
            and (page := self._generate(number)).status != "draft"
            and (wanted is None or page.space in wanted)
        )
        if not touched:
            return generated
        field, down = order.field, order.descending

        def key(page: Page) -> tuple[Any, int]:
            return (sort_value(page, field), page.number)

        over = [
            page
            for page in map(self._laid_over.__getitem__, touched)
            if wanted is None or page.space in wanted
        ]
        if after is not None:
            bound = (after.value, after.number)
            over = [page for page in over if (key(page) < bound if down else key(page) > bound)]
        over.sort(key=key, reverse=down)
        return heapq.merge(generated, over, key=key, reverse=down)

    def titled(self, title: str) -> Iterator[Page]:
        """Pages of exactly that title, in any case, by id."""
        wanted = title.casefold()
        numbers = list(self._index("title").equal(wanted))
        numbers += [number for number in self._touched if number not in numbers]
        for number in sorted(numbers):
            page = self.get(number)
            if page is not None and page.title.casefold() == wanted and page.status != "draft":
                yield page

    def lay_over(self, page: Page) -> None:
        """Put a changed or added page over the generated ones; `edits` counts how often that was done."""
        self.edits += 1
        if page.number not in self._laid_over:
            touched = list(self._touched)
            insort(touched, page.number)
            self._laid_over[page.number] = page
            self._touched = tuple(touched)
        else:
            self._laid_over[page.number] = page

    def touched(self) -> Iterator[Page]:
        """The pages that were changed or added."""
        for number in self._touched:
            yield self._laid_over[number]

    def is_touched(self, number: int) -> bool:
        """True when the page was changed or added."""
        return number in self._laid_over

    def next_number(self) -> int:
        """The number that the next added page takes."""
        return max(self.generated, self._touched[-1] + 1 if self._touched else 0)

    def version(self, page: Page, which: int) -> Version:
        """One version of a page, counted from 1."""
        if which > page.history.saves:
            return page.later[which - page.history.saves - 1]
        return page.history.version(self.chance, self.accounts, which)

    def heading(self, number: int) -> tuple[str, int]:
        """Title and space of a page, without making the whole page."""
        page = self._laid_over.get(number)
        if page is not None:
            return page.title, page.space
        return self._generated_heading(number)

    def space_of(self, number: int) -> int:
        """The space of a page, without making the whole page."""
        page = self._laid_over.get(number)
        return self.territory.locate(number)[0] if page is None else page.space

    def status_of(self, number: int) -> str:
        """The status of a page, without making the whole page."""
        page = self._laid_over.get(number)
        if page is not None:
            return page.status
        return status_at(self.territory.locate(number)[1]) if 0 <= number < self.generated else "deleted"

    def _numbers(self, order: Order, after: Place | None, spaces: Sequence[int] | None) -> Iterator[int]:
        if order.field in ("title", "modified-date"):
            return self._index(order.field).read(after, descending=order.descending)
        if order.descending:
            last = self.generated - 1 if after is None else min(after.number, self.generated) - 1
            if spaces is None:
                return iter(range(last, -1, -1))
            downward = [self.territory.downward(space, last) for space in set(spaces)]
            return heapq.merge(*downward, reverse=True)
        first = 0 if after is None else after.number + 1
        if spaces is None:
            return iter(range(first, self.generated))
        return heapq.merge(*(self.territory.upward(space, first, self.generated) for space in set(spaces)))

    def _index(self, field: str) -> SortedIndex:
        if field not in self._indexes:
            key = self._title_key if field == "title" else self._modified
            self._indexes[field] = SortedIndex(iter(range(self.generated)), key)
        return self._indexes[field]

    def _make_heading(self, number: int) -> tuple[str, int]:
        space, rank = self.territory.locate(number)
        return self._title(number, space, rank, self._created(number)), space

    def _title_key(self, number: int) -> str:
        space, rank = self.territory.locate(number)
        return self._title(number, space, rank, self._created(number)).casefold()

    def _title(self, number: int, space: int, rank: int, created: int) -> str:
        if rank == 0:
            return f"{self.spaces[space].name} Home"
        return make_title(self.chance, number, date(created))

    def _created(self, number: int) -> int:
        return self.timeline.created(number, self.chance.bits(number, 1))

    def _modified(self, number: int) -> int:
        bits = self.chance.bits(number, 1)
        created = self.timeline.created(number, bits)
        return created if _saves(bits) == 1 else self.timeline.modified(created, bits >> 28)

    def _generate(self, number: int) -> Page:
        bits = self.chance.bits(number, 1)
        space, rank = self.territory.locate(number)
        created = self.timeline.created(number, bits)
        saves = _saves(bits)
        author = (bits >> 50) % self.accounts
        modified = created if saves == 1 else self.timeline.modified(created, bits >> 28)
        history = History(1000, number, saves, created, modified, author)
        status = status_at(rank)
        parent: Ref | None = None
        if status != "trashed":
            spot = self.shapes[space].parent(Spot(Kind.PAGE, rank))
            if spot is not None:
                parent = Ref(spot.kind, self.territory.number(space, spot.rank))
        return Page(
            number=number,
            status=status,
            title=self._title(number, space, rank, created),
            space=space,
            parent=parent,
            position=None if bits >> 44 & 31 == 7 else position(Spot(Kind.PAGE, rank)),
            author=author,
            owner=None if bits >> 24 & 63 == 5 else author,
            last_owner=(author + 1) % self.accounts if bits >> 24 & 31 == 9 else None,
            created=created,
            version=history.version(self.chance, self.accounts, saves),
            history=history,
            subtype="live" if bits >> 36 & 31 == 3 else None,
            template=TEMPLATES[(bits >> 44) % len(TEMPLATES)] if bits >> 40 & 15 == 1 else None,
        )


def position(spot: Spot) -> int:
    """Where a spot stands among its siblings."""
    return spot.rank * 16 + spot.kind


def sort_value(page: Page, field: str) -> Any:
    """What a page is sorted by."""
    match field:
        case "title":
            return page.title.casefold()
        case "modified-date":
            return page.version.created
        case "created-date":
            return page.created
    return page.number


def saved(page: Page, version: Version, **changes: Any) -> Page:
    """The page after one more save."""
    return page._replace(version=version, later=(*page.later, version), **changes)


def _saves(bits: int) -> int:
    return 1 if bits >> 20 & 3 == 0 else 2 + (bits >> 16 & 7)
