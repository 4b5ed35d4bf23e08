"""About how much a search could find, by a sample: near the truth, at once and never exact, as the service says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from confluence_nb.sandbox.rest.cql.hits import NODES
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPosts
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Pages, Ref

SAMPLED = 2_000
"""Pages, and posts, that are looked at: of a smaller site all."""

_ATTACHED = {
    "comment": (Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT),
    "attachment": (Kind.ATTACHMENT,),
}


def about(content: SiteContent, types: Sequence[str], spaces: Sequence[int] | None) -> int:
    """How many things of some types there are, in some spaces or all."""
    found = 0.0
    if "space" in types:
        found += len(content.spaces if spaces is None else spaces)
    for name, kind, things in (
        ("page", Kind.PAGE, content.pages),
        ("blogpost", Kind.BLOGPOST, content.blogposts),
    ):
        numbers, share = _sample(things, spaces)
        for number in numbers:
            if things.status_of(number) == "current":
                found += share * _at(content, Ref(kind, number), name, types)
    return round(found)


def _at(content: SiteContent, ref: Ref, name: str, types: Sequence[str]) -> int:
    """The thing itself, if that is looked for, and what hangs on it."""
    hanging = (kind for attached, kinds in _ATTACHED.items() if attached in types for kind in kinds)
    found = (name in types) + sum(content.attached.count(kind, ref) for kind in hanging)
    if ref.kind is Kind.PAGE:
        found += sum(
            content.tree.get(Ref(kind, ref.number)) is not None
            for node, kind in NODES.items()
            if node in types
        )
    return found


def _sample(things: Pages | BlogPosts, spaces: Sequence[int] | None) -> tuple[Iterator[int], float]:
    """Numbers drawn from all over the site, and how many each stands for."""
    dealt = things.territory
    ranks = {space: dealt.rank_from(space, things.generated) for space in spaces or ()}
    total = things.generated if spaces is None else sum(ranks.values())
    drawn = range(total) if total <= SAMPLED else Random(total).sample(range(total), SAMPLED)
    share = total / len(drawn) if drawn else 0.0
    if spaces is None:
        return iter(drawn), share
    starts = list(ranks.items())

    def numbers() -> Iterator[int]:
        for place in drawn:
            for space, count in starts:
                if place < count:
                    yield dealt.number(space, place)
                    break
                place -= count

    return numbers(), share
