"""What somebody has starred, watches and has lately seen, as several parts of both APIs tell it."""

from __future__ import annotations

from collections.abc import Iterator

from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.pages import Page, Ref
from confluence_nb.sandbox.wiki.spaces import Space

_VISITS = 120


def favours(content: SiteContent, account: int, ref: Ref) -> bool:
    """True when a person, an index into the accounts, has starred a page or its like."""
    return content.chance.bits(ref.number, 170) & 7 == account & 7


def favours_space(content: SiteContent, account: int, space: Space) -> bool:
    """True when a person has starred a space."""
    return content.chance.bits(space.index * 1_000 + account, 173) & 3 == 0


def content_watchers(content: SiteContent, number: int) -> list[int]:
    """Who watches a page or post, by its number."""
    bits = content.chance.bits(number, 215)
    return sorted({(bits >> 8 * step) % len(content.accounts) for step in range(bits & 3)})


def space_watchers(content: SiteContent, space: Space) -> range:
    """Who watches a space."""
    return range(space.index % 3, len(content.accounts), 9)


def recently_viewed(content: SiteContent, account: int) -> Iterator[Page]:
    """The pages that a person has looked at, the latest first."""
    seen = set()
    for visit in range(_VISITS):
        number = content.chance.below(content.pages.generated, account * _VISITS + visit, 260)
        page = content.pages.get(number)
        if page is not None and page.status == "current" and number not in seen:
            seen.add(number)
            yield page
