"""What is below content in the v1 API, kind by kind: pages, folders and their like, comments, files."""

from __future__ import annotations

from collections.abc import Container

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_content_rows import bare_row
from confluence_nb.sandbox.rest.v1_shapes import API
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.things import Attachment, Comment
from confluence_nb.sandbox.wiki.tree import TYPE_NAMES, Node

NODES = ("page", "whiteboard", "database", "embed", "folder")
KINDS = (*NODES, "comment", "attachment")
DEEPEST = 100
_WINDOW = 25


def kinds_below(hit: Hit) -> tuple[str, ...]:
    """The kinds that can be below it."""
    if isinstance(hit.thing, Page | Node):
        return KINDS
    return ("comment", "attachment") if isinstance(hit.thing, BlogPost) else ("comment",)


def below(hit: Hit, kind: str, depth: int = DEEPEST) -> list[Hit]:
    """What of a kind is below it, down to some depth: of comments on a page their replies are the second level."""
    content, thing = hit.content, hit.thing
    if kind in NODES and isinstance(thing, Page | Node):
        found = content.tree.descendants(thing.ref, depth)
        return [Hit(content, kind, inner) for _, inner in found if TYPE_NAMES[inner.ref.kind] == kind]
    if kind == "comment" and isinstance(thing, Page | BlogPost):
        return [
            Hit(content, kind, comment)
            for sort in (Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT)
            for comment in content.comments_of(sort, thing.ref)
            if depth > 1 or comment.parent is None
        ]
    if kind == "comment" and isinstance(thing, Comment):
        beside = content.comments_of(thing.kind, thing.owner)
        return [Hit(content, kind, reply) for reply in beside if _is_under(reply, thing, beside, depth)]
    if kind == "attachment" and isinstance(thing, Page | BlogPost):
        files = content.attachments_of(thing.ref)
        return [Hit(content, kind, file) for file in files if file.status == "current"]
    return []


def below_row(hit: Hit, expand: Container[str], how: str) -> Row:
    """The kinds that `expand` names with their first rows, and where the others would be.

    `how` is `child`, for what is directly below, or `descendant`.
    """
    if isinstance(hit.thing, Attachment):
        return {"_expandable": {}, "_links": {}}
    address = f"{API}/content/{hit.id}/{how}"
    row: Row = {}
    for kind in kinds_below(hit):
        if kind in expand:
            found = below(hit, kind, 1 if how == "child" else DEEPEST)[:_WINDOW]
            row[kind] = {
                "results": [bare_row(one) for one in found],
                "start": 0,
                "limit": _WINDOW,
                "size": len(found),
                "_links": {"self": f"{hit.content.site_url}/wiki{address}/{kind}"},
            }
    row["_expandable"] = {kind: f"{address}/{kind}" for kind in kinds_below(hit) if kind not in row}
    return row | {"_links": {"self": f"{hit.content.site_url}/wiki{address}"}}


def _is_under(reply: Comment, above: Comment, beside: list[Comment], depth: int) -> bool:
    parents = {comment.number: comment.parent for comment in beside}
    step = reply.parent
    while step is not None and step != above.number and depth > 1:
        step = parents.get(step)
    return step == above.number
