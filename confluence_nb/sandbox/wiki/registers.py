"""What a whole site is looked through for once and then remembered: what a label names, what came when."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from confluence_nb.sandbox.wiki.attached import seat
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import SortedIndex
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.reading import SiteReading
from confluence_nb.sandbox.wiki.things import SITE_LABELS, Attachment, Comment

Dated = Comment | Attachment


class Registers:
    """Made on first use: 0.1 s for the labels of ten thousand pages, half a second for their comments by date."""

    def __init__(self, content: SiteReading) -> None:
        self._content = content
        self._labelled: dict[Kind, list[array[int]]] = {}
        self._dated: dict[tuple[Kind, str], tuple[int, SortedIndex]] = {}

    def labelled(self, kind: Kind, label_id: str, first: int) -> Iterator[int]:
        """The numbers from `first` on of the pages, posts or files that carry a label; what was deleted too."""
        if kind not in self._labelled:
            found = [array("q") for _ in SITE_LABELS]
            for ref in self._labellable(kind):
                for label in self._content.labels_of(ref):
                    found[label.index].append(ref.number)
            self._labelled[kind] = found
        for label in SITE_LABELS:
            if label.id == label_id:
                numbers = self._labelled[kind][label.index]
                yield from numbers[bisect_left(numbers, first) :]

    def dated(self, kind: Kind, field: str) -> SortedIndex:
        """Comments or files by when they were made (`created-date`) or last saved (`modified-date`)."""
        edits = self._content.pages.edits
        known = self._dated.get((kind, field))
        if known is None or known[0] != edits:
            moments = {thing.number: moment(thing, field) for thing in self._things(kind)}
            known = edits, SortedIndex(iter(moments), moments.__getitem__)
            self._dated[kind, field] = known
        return known[1]

    def _labellable(self, kind: Kind) -> Iterator[Ref]:
        content = self._content
        if kind is Kind.ATTACHMENT:
            for ref in content.bearers(kind, 0):
                for index in range(content.attached.count(kind, ref)):
                    yield Ref(kind, seat(kind, ref, index))
        else:
            last = content.pages.generated if kind is Kind.PAGE else content.blogposts.generated
            yield from (Ref(kind, number) for number in range(last))

    def _things(self, kind: Kind) -> Iterator[Dated]:
        content = self._content
        for ref in content.bearers(kind, 0):
            if kind is Kind.ATTACHMENT:
                yield from content.attachments_of(ref)
            else:
                yield from content.comments_of(kind, ref)


def moment(thing: Dated, field: str) -> int:
    """When a comment or file was made or last saved, in milliseconds since 1970."""
    return thing.history.created if field == "created-date" else thing.version.created
