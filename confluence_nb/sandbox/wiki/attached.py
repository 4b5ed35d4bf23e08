"""What hangs on pages and posts: comments, files, tasks, labels and likes, by arithmetic alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from confluence_nb.sandbox.wiki.chance import Chance
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.things import SITE_LABELS, Attachment, Comment, Label, Task
from confluence_nb.sandbox.wiki.versions import History
from confluence_nb.sandbox.wiki.words import COMMENTS, SENTENCES, TOPICS

_HOUR = 3_600_000

# How many numbers each owner sets aside for its own things of a kind.
SEATS = {Kind.FOOTER_COMMENT: 8, Kind.INLINE_COMMENT: 4, Kind.ATTACHMENT: 4, Kind.TASK: 4}
_OWNERS = (Kind.PAGE, Kind.BLOGPOST, Kind.ATTACHMENT, Kind.CUSTOM_CONTENT)

_FILES = (
    ("png", "image/png"), ("pdf", "application/pdf"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("jpg", "image/jpeg"), ("csv", "text/csv"), ("zip", "application/zip"), ("svg", "image/svg+xml"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), ("mp4", "video/mp4"),
)  # fmt: skip
_PICTURES = tuple(kind for kind in _FILES if kind[1].startswith("image/"))
_FILE_NAMES = (
    "screenshot",
    "Bericht Übersicht",
    "budget (final)",
    "図1",
    "architecture-v2",
    "notes & numbers",
    "фото",
)


def seat(kind: Kind, owner: Ref, index: int) -> int:
    """The number of an owner's `index`-th thing of a kind."""
    return (owner.number * len(_OWNERS) + _OWNERS.index(owner.kind)) * SEATS[kind] + index


def owner_of(kind: Kind, number: int) -> tuple[Ref, int]:
    """Whose thing a number is, and the how-manieth."""
    slot, index = divmod(number, SEATS[kind])
    owner, code = divmod(slot, len(_OWNERS))
    return Ref(_OWNERS[code], owner), index


class Attached:
    """Draws what hangs on an owner; knows nothing of whether the owner still exists.

    Parameters
    ----------
    accounts:
        How many people there are.
    until:
        The end of the history, in milliseconds since 1970.
    """

    def __init__(self, chance: Chance, accounts: int, until: int) -> None:
        self.chance = chance
        self.accounts = accounts
        self.until = until
        self._titles: dict[int, str] = {}
        self._sizes: dict[int, int] = {}
        self._share = lru_cache(maxsize=4096)(lambda slot: chance.bits(slot, 50))

    def count(self, kind: Kind, owner: Ref) -> int:
        """How many things of a kind an owner has."""
        bits = self._share(owner.number * len(_OWNERS) + _OWNERS.index(owner.kind))
        if owner.kind in (Kind.ATTACHMENT, Kind.CUSTOM_CONTENT):
            if kind is Kind.ATTACHMENT:
                return int(owner.kind is Kind.CUSTOM_CONTENT and bits >> 5 & 3 == 1)
            return 1 + (bits >> 8 & 1) if kind is Kind.FOOTER_COMMENT and bits & 7 == 0 else 0
        match kind:
            case Kind.FOOTER_COMMENT:
                return 0 if bits & 3 else 1 + (bits >> 8 & 7)
            case Kind.INLINE_COMMENT:
                return 0 if bits >> 2 & 7 else 1 + (bits >> 11 & 3)
            case Kind.ATTACHMENT:
                return 0 if bits >> 5 & 1 else 1 + (bits >> 13 & 3)
        return 0 if bits >> 16 & 7 else 1 + (bits >> 19) % 3

    def comments(self, kind: Kind, owner: Ref, created: int) -> Iterator[Comment]:
        """An owner's comments, replies included, by number."""
        for index in range(self.count(kind, owner)):
            yield self.comment(kind, owner, index, created)

    def comment(self, kind: Kind, owner: Ref, index: int, created: int) -> Comment:
        """An owner's `index`-th comment; `created` is when the owner was made."""
        number = seat(kind, owner, index)
        bits = self.chance.bits(number, 60 + kind)
        parent = None if index == 0 or bits & 3 == 0 else seat(kind, owner, (bits >> 4) % index)
        written = min(self.until, created + (index + 1) * 5 * _HOUR + (bits >> 8 & 0xFFFF) * 977)
        history = _history(
            2000, number, 1 + (bits >> 24 & 15 == 1), written, self.until, bits % self.accounts
        )
        words = self.chance.pick(COMMENTS, number, 70)
        root = number if parent is None else self._root(kind, owner, index)
        resolution, resolver, marker, selection = "open", None, "", ""
        if kind is Kind.INLINE_COMMENT:
            first = self.chance.bits(root, 80)
            resolution = ("open", "open", "open", "reopened", "resolved", "resolved", "dangling", "open")[
                first & 7
            ]
            resolver = None if resolution == "open" else (first >> 8) % self.accounts
            marker, selection = mark(self.chance, root)
        return Comment(
            kind=kind,
            number=number,
            owner=owner,
            title="",
            parent=parent,
            text=words,
            addressed=(bits >> 32) % self.accounts if bits >> 30 & 3 == 0 else None,
            history=history,
            version=history.version(self.chance, self.accounts, history.saves),
            resolution=resolution,
            resolver=resolver,
            marker=marker,
            selection=selection,
        )

    def attachments(self, owner: Ref, created: int) -> Iterator[Attachment]:
        """An owner's files, by number, those in the trash included."""
        for index in range(self.count(Kind.ATTACHMENT, owner)):
            yield self.attachment(owner, index, created)

    def attachment(self, owner: Ref, index: int, created: int) -> Attachment:
        """An owner's `index`-th file."""
        number = seat(Kind.ATTACHMENT, owner, index)
        bits = self.chance.bits(number, 90)
        media_type = _kind_of_file(bits, number)[1]
        uploaded = min(self.until, created + (index + 1) * _HOUR + (bits >> 8 & 0xFFFF) * 501)
        history = _history(
            2100, number, 1 + (bits >> 26 & 7 == 1), uploaded, self.until, bits % self.accounts
        )
        return Attachment(
            number=number,
            owner=owner,
            status="trashed" if index == 3 and bits & 3 == 0 else "current",
            title=self.file_name(number),
            media_type=media_type,
            described=None if bits >> 30 & 1 else media_type.split("/")[0].capitalize() + " file",
            comment="" if bits >> 31 & 3 else self.chance.pick(SENTENCES, number, 91),
            size=self._sizes.get(number, 1 + (bits >> 34 & 0x3FFFFF)),
            file_id=file_id(self.chance, number),
            history=history,
            version=history.version(self.chance, self.accounts, history.saves),
        )

    def file_name(self, number: int) -> str:
        """The name of a file; its ending fits its media type unless somebody renamed it."""
        return self._titles.get(number) or _file_name(self.chance, number)

    def change(self, number: int, *, title: str | None, size: int | None) -> None:
        """Give a file another name or size."""
        if title is not None:
            self._titles[number] = title
        if size is not None:
            self._sizes[number] = size

    def tasks(self, owner: Ref, created: int) -> Iterator[Task]:
        """An owner's tasks, by number."""
        for index in range(self.count(Kind.TASK, owner)):
            yield self.task(owner, index, created)

    def task(self, owner: Ref, index: int, created: int) -> Task:
        """An owner's `index`-th task."""
        number = seat(Kind.TASK, owner, index)
        bits = self.chance.bits(number, 100)
        done = bits & 1 == 1
        finished = min(self.until, created + (bits >> 8 & 0xFF) * 6 * _HOUR)
        return Task(
            number=number,
            owner=owner,
            local=index + 1,
            done=done,
            text="" if bits >> 40 & 15 == 0 else self.chance.pick(SENTENCES, number, 101),
            created_by=bits % self.accounts,
            assigned_to=(bits >> 16) % self.accounts if bits >> 1 & 1 else None,
            completed_by=(bits >> 24) % self.accounts if done else None,
            created=created,
            updated=finished if done else created,
            due=created + (7 + (bits >> 32 & 63)) * 24 * _HOUR if bits >> 2 & 1 else None,
            completed=finished if done else None,
        )

    def labels(self, owner: Ref) -> tuple[Label, ...]:
        """The labels of a page, post, file or custom content, by id."""
        bits = self.chance.bits(owner.number, 110 + owner.kind)
        count = (
            (0, 0, 0, 1, 1, 2, 3, 5)[bits & 7] if owner.kind is not Kind.ATTACHMENT else int(bits & 7 == 0)
        )
        found = {(bits >> 8 + 7 * index) % len(SITE_LABELS) for index in range(count)}
        return tuple(SITE_LABELS[index] for index in sorted(found))

    def likes(self, owner: Ref) -> tuple[int, ...]:
        """Who likes it, as indexes into the accounts."""
        bits = self.chance.bits(owner.number, 130 + owner.kind)
        count = 0 if bits & 3 else (bits >> 2) % (self.accounts + 1)
        return tuple((index + (bits >> 20)) % self.accounts for index in range(count))

    def marks(self, owner: Ref) -> tuple[tuple[str, str], ...]:
        """The marked words of an owner's inline comments, with their markers."""
        found = []
        for index in range(self.count(Kind.INLINE_COMMENT, owner)):
            number = seat(Kind.INLINE_COMMENT, owner, index)
            if index == 0 or self.chance.bits(number, 60 + Kind.INLINE_COMMENT) & 3 == 0:
                marker, words = mark(self.chance, number)
                found.append((words, marker))
        return tuple(found)

    def _root(self, kind: Kind, owner: Ref, index: int) -> int:
        while index:
            bits = self.chance.bits(seat(kind, owner, index), 60 + kind)
            if bits & 3 == 0:
                break
            index = (bits >> 4) % index
        return seat(kind, owner, index)


def mark(chance: Chance, number: int) -> tuple[str, str]:
    """Marker and marked words of the inline comment that opens a thread."""
    bits = chance.bits(number, 81)
    return _uuid(bits, bits >> 7), TOPICS[bits % len(TOPICS)]


def _file_name(chance: Chance, number: int) -> str:
    bits = chance.bits(number, 90)
    return f"{_FILE_NAMES[(bits >> 12) % len(_FILE_NAMES)]}-{number}.{_kind_of_file(bits, number)[0]}"


def file_id(chance: Chance, number: int) -> str:
    """The id under which a file's content is kept."""
    bits = chance.bits(number, 92)
    return _uuid(bits, bits >> 5)


def _kind_of_file(bits: int, number: int) -> tuple[str, str]:
    """Ending and media type; the first file of an owner is a picture, which its body shows."""
    kinds = _PICTURES if number % SEATS[Kind.ATTACHMENT] == 0 else _FILES
    return kinds[(bits >> 4) % len(kinds)]


def _history(question: int, number: int, saves: int, created: int, until: int, author: int) -> History:
    modified = created if saves == 1 else min(until, created + 36 * _HOUR)
    return History(question, number, saves, created, modified, author)


def _uuid(high: int, low: int) -> str:
    digits = f"{high & (1 << 64) - 1:016x}{low & (1 << 64) - 1:016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
