"""The thing a path names by id, looked up once for every operation about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from confluence_nb.sandbox.rest.exchange import Call
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.custom_content import CustomContent
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page, Ref
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Attachment, Comment
from confluence_nb.sandbox.wiki.tree import Node
from confluence_nb.sandbox.wiki.versions import Version

Thing = Page | BlogPost | Node | Attachment | CustomContent | Comment


@dataclass(frozen=True)
class Subject:
    """A family of paths about one kind of thing: `/pages/{id}/…`.

    Parameters
    ----------
    kind:
        What the ids are ids of.
    plural, name:
        The path's first segment, and how a 404 calls one of them.
    scope:
        What reading one takes, without its ending.
    find:
        Looks one up.
    """

    kind: Kind
    plural: str
    name: str
    scope: str
    find: Callable[[SiteContent, str], Thing | None]

    def of(self, call: Call) -> Thing:
        """The thing this call's path names; a 404 that names it when there is none."""
        identifier = next(iter(call.path.values()))
        thing = self.find(call.content, identifier)
        if thing is None or getattr(thing, "status", "current") == "draft":
            raise missing(f"a {self.name}", identifier)
        return thing


def space_of(call: Call) -> Space:
    """The space this call's path names by id."""
    identifier = next(iter(call.path.values()))
    space = call.content.space(identifier) if identifier.isdigit() else None
    if space is None:
        raise missing("a space", identifier)
    return space


def ref_of(thing: Thing) -> Ref:
    """A thing as an owner of labels, likes and properties."""
    if isinstance(thing, Attachment):
        return Ref(Kind.ATTACHMENT, thing.number)
    if isinstance(thing, Comment):
        return Ref(thing.kind, thing.number)
    return thing.ref


def versions_of(content: SiteContent, thing: Thing) -> list[Version]:
    """Every version of a thing, oldest first."""
    if isinstance(thing, Node):
        return [thing.version]
    people = len(content.accounts)
    count = thing.history.saves
    found = [thing.history.version(content.chance, people, which) for which in range(1, count + 1)]
    return found + list(thing.later) if isinstance(thing, Page) else found


def title_of(content: SiteContent, thing: Thing) -> str:
    """What a thing is called."""
    if isinstance(thing, Comment):
        owner = content.owner(thing.owner)
        return f"Re: {owner.title}" if owner is not None else "Re:"
    return thing.title


def _node(kind: Kind, plural: str, name: str) -> Subject:
    def find(content: SiteContent, identifier: str) -> Thing | None:
        return content.tree.find(identifier, kind)

    return Subject(kind, plural, name, f"read:{name}", find)


def _comment(kind: Kind, plural: str, name: str) -> Subject:
    def find(content: SiteContent, identifier: str) -> Thing | None:
        return content.comment(kind, identifier)

    return Subject(kind, plural, name, "read:comment", find)


PAGE = Subject(Kind.PAGE, "pages", "page", "read:page", lambda content, key: content.pages.find(key))
BLOGPOST = Subject(
    Kind.BLOGPOST, "blogposts", "blogpost", "read:page", lambda content, key: content.blogposts.find(key)
)
ATTACHMENT = Subject(
    Kind.ATTACHMENT,
    "attachments",
    "attachment",
    "read:attachment",
    lambda content, key: content.attachment(key),
)
CUSTOM = Subject(
    Kind.CUSTOM_CONTENT,
    "custom-content",
    "custom content",
    "read:custom-content",
    lambda content, key: content.custom.find(key),
)
FOOTER = _comment(Kind.FOOTER_COMMENT, "footer-comments", "footer comment")
INLINE = _comment(Kind.INLINE_COMMENT, "inline-comments", "inline comment")
FOLDER = _node(Kind.FOLDER, "folders", "folder")
WHITEBOARD = _node(Kind.WHITEBOARD, "whiteboards", "whiteboard")
DATABASE = _node(Kind.DATABASE, "databases", "database")
EMBED = _node(Kind.EMBED, "embeds", "embed")

NODES = (FOLDER, WHITEBOARD, DATABASE, EMBED)
