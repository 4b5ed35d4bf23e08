"""What hangs on pages and posts, as records: a comment, a file, a task, a label."""

from __future__ import annotations

from dataclasses import dataclass

from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.versions import History, Version
from confluence_nb.sandbox.wiki.words import LABELS


@dataclass(frozen=True, slots=True)
class Comment:
    """A footer or inline comment; `resolution` and `selection` belong to inline ones."""

    kind: Kind
    number: int
    owner: Ref
    title: str
    parent: int | None
    text: str
    addressed: int | None
    history: History
    version: Version
    resolution: str = "open"
    resolver: int | None = None
    marker: str = ""
    selection: str = ""

    @property
    def id(self) -> str:
        """The comment's id."""
        return id_of(self.kind, self.number)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a page or post; `size` in bytes."""

    number: int
    owner: Ref
    status: str
    title: str
    media_type: str
    described: str | None
    comment: str
    size: int
    file_id: str
    history: History
    version: Version

    @property
    def id(self) -> str:
        """The attachment's id, which starts with att."""
        return id_of(Kind.ATTACHMENT, self.number)


@dataclass(frozen=True, slots=True)
class Task:
    """A task in a body; people as indexes into the accounts, times in milliseconds since 1970."""

    number: int
    owner: Ref
    local: int
    done: bool
    text: str
    created_by: int
    assigned_to: int | None
    completed_by: int | None
    created: int
    updated: int
    due: int | None
    completed: int | None

    @property
    def id(self) -> str:
        """The task's id."""
        return id_of(Kind.TASK, self.number)


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `index` counts the labels of the site."""

    index: int
    prefix: str
    name: str

    @property
    def id(self) -> str:
        """The label's id."""
        return id_of(Kind.LABEL, self.index)


SITE_LABELS = tuple(
    Label(index, "my" if index % 13 == 12 else "team" if index % 11 == 10 else "global", name)
    for index, name in enumerate(LABELS)
)
