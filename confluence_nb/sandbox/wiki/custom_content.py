"""Custom content: the diagrams that an app keeps on some pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.pages import Page, Pages, Ref
from confluence_nb.sandbox.wiki.statuses import LISTED
from confluence_nb.sandbox.wiki.versions import History, Version

TYPES = ("ac:com.example.diagrams:diagram", "forge:6a1f0e5c:polls:static:poll")
_EVERY = 12


@dataclass(frozen=True, slots=True)
class CustomContent:
    """A thing of an app on a page; `raw` is its body in the app's own words."""

    number: int
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
    def page_id(self) -> str:
        """The page it is on."""
        return id_of(Kind.PAGE, self.number)

    @property
    def ref(self) -> Ref:
        """It, as an owner of labels and comments."""
        return Ref(Kind.CUSTOM_CONTENT, self.number)


class CustomContents:
    """All custom content of a site: one item on every twelfth page."""

    def __init__(self, pages: Pages, chance: Chance, accounts: int) -> None:
        self._pages = pages
        self._chance = chance
        self._accounts = accounts

    def get(self, number: int) -> CustomContent | None:
        """The item on the page of that number, or None."""
        if number % _EVERY != 3 or number >= self._pages.generated:
            return None
        page = self._pages.get(number)
        return self._on(page) if page is not None and page.status in LISTED else None

    def find(self, identifier: str) -> CustomContent | None:
        """The item with that id, or None."""
        number = number_of(Kind.CUSTOM_CONTENT, identifier)
        return None if number is None else self.get(number)

    def read(self, kind: str) -> Iterator[CustomContent]:
        """The items of one type, by id."""
        for number in range(3, self._pages.generated, _EVERY):
            item = self.get(number)
            if item is not None and item.type == kind:
                yield item

    def version(self, item: CustomContent, which: int) -> Version:
        """One version of an item, counted from 1."""
        return item.history.version(self._chance, self._accounts, which)

    def _on(self, page: Page) -> CustomContent:
        bits = self._chance.bits(page.number, 160)
        history = History(
            6000, page.number, 1 + (bits >> 8 & 1), page.created, page.version.created, page.author
        )
        return CustomContent(
            number=page.number,
            type=TYPES[bits & 1],
            title=f"Diagram {page.number}" if bits & 1 == 0 else f"Poll {page.number}?",
            space=page.space,
            author=page.author,
            created=page.created,
            version=history.version(self._chance, self._accounts, history.saves),
            history=history,
            raw=f'{{"shapes":{bits >> 16 & 15},"title":"{page.number}"}}',
        )
