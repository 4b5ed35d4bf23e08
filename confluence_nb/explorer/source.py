"""What the explorer asks of a wiki: the seam between the widgets and everything that talks to Confluence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from confluence_nb.page import Page

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Space:
    """A space, as the list of spaces tells it."""

    id: str
    key: str
    name: str
    type: str = "global"
    status: str = "current"
    homepage_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """A line of the tree or of what a search found.

    `type` is page, blogpost, folder, whiteboard …; `position` its place among its siblings, where it has one;
    `url` opens it in a browser.
    """

    id: str
    type: str
    title: str
    status: str = "current"
    space_key: str | None = None
    position: int | None = None
    url: str | None = None
    can_have_children: bool = True

    @property
    def has_page(self) -> bool:
        """Whether it has a body that can be shown."""
        return self.type in ("page", "blogpost")


class Listing(Protocol[T_co]):
    """A list that is read as far as somebody wants to see it."""

    @property
    def done(self) -> bool:
        """Whether nothing follows."""

    async def window(self) -> Sequence[T_co]:
        """What follows, empty only at the end. A call that failed can be repeated."""


class Source(Protocol):
    """One site. Every failure is a `ConfluenceNBError` whose message is meant for the person."""

    @property
    def host(self) -> str:
        """The site's host name."""

    def spaces(self) -> Listing[Space]:
        """Every space that the account may see."""

    def roots(self, space: Space) -> Listing[Entry]:
        """What is at the top of a space."""

    def children(self, entry: Entry) -> Listing[Entry]:
        """What hangs directly under an entry."""

    def search(self, query: str) -> Listing[Entry]:
        """What a CQL query finds."""

    async def page(self, entry: Entry) -> Page:
        """A page or blog post with its body."""
