"""Comments of the v2 API: footer and inline ones, of a site, of a thing, and the replies to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from confluence_nb.sandbox.rest.announcements import INLINE_COMMENTS, announce
from confluence_nb.sandbox.rest.attached_shapes import comment_row
from confluence_nb.sandbox.rest.exchange import Answer, Call, Operation, single, v2
from confluence_nb.sandbox.rest.facets import (
    body_format,
    included,
    properties_window,
    property_by_id,
    property_rows,
)
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.saved_versions import older_version
from confluence_nb.sandbox.rest.shapes import Row, version_row
from confluence_nb.sandbox.rest.subjects import (
    ATTACHMENT,
    BLOGPOST,
    CUSTOM,
    FOOTER,
    INLINE,
    PAGE,
    Subject,
    Thing,
    ref_of,
)
from confluence_nb.sandbox.rest.window import Rows, sorted_whole, window
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.attached import SEATS
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.order import Order, Place
from confluence_nb.sandbox.wiki.registers import moment
from confluence_nb.sandbox.wiki.things import Comment

_STATUSES = ("current", "archived", "trashed", "deleted", "historical", "draft")
_RESOLUTIONS = ("open", "reopened", "resolved", "dangling")
_FORMATS = (
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
)


def sort_key(comment: Comment, field: str) -> int:
    """What a comment is sorted by."""
    return comment.number if field == "id" else moment(comment, field)


def _change(kind: Kind) -> str | None:
    return INLINE_COMMENTS if kind is Kind.INLINE_COMMENT else None


def site_comments(content: SiteContent, kind: Kind) -> Callable[[Order, Place | None], Iterator[Comment]]:
    """Reads all comments of a site from a place on."""

    def read(order: Order, after: Place | None) -> Iterator[Comment]:
        if order == Order():
            first = 0 if after is None else after.number + 1
            for ref in content.bearers(kind, first // SEATS[kind] * SEATS[kind]):
                yield from (comment for comment in content.comments_of(kind, ref) if comment.number >= first)
            return
        register = content.registers.dated(kind, order.field)
        for number in register.read(after, descending=order.descending):
            comment = content.comment(kind, id_of(kind, number))
            if comment is not None:
                yield comment

    return read


def _number(comment: Comment) -> int:
    return comment.number


def _all(kind: Kind) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        representation = body_format(call)
        read = site_comments(call.content, kind)
        sorts = ("id", "created-date", "modified-date")
        rows: Rows[Comment] = Rows(read, sort_key, _number, sorts, kind)
        return window(
            call,
            rows,
            lambda comment: comment_row(call.content, comment, representation, "whole"),
            deprecation=_change(kind),
        )

    return answer


def _few(call: Call, kind: Kind, comments: Sequence[Comment], shape: Callable[[Comment], Row]) -> Answer:
    sorts = ("id", "created-date", "modified-date")
    rows: Rows[Comment] = Rows(sorted_whole(comments, sort_key, _number), sort_key, _number, sorts, kind)
    return window(call, rows, shape, deprecation=_change(kind))


def _of(kind: Kind, subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        representation = body_format(call)
        if subject is ATTACHMENT:
            # The comments of every version of a file are the same here.
            older_version(call, subject.of(call), subject.name)
        statuses = call.query.several("status", _STATUSES, ("current",))
        resolutions = call.query.several("resolution-status", _RESOLUTIONS, _RESOLUTIONS)
        comments = [
            comment
            for comment in call.content.comments_of(kind, ref_of(subject.of(call)))
            if comment.parent is None
            and "current" in statuses
            and (kind is Kind.FOOTER_COMMENT or comment.resolution in resolutions)
        ]
        return _few(
            call, kind, comments, lambda comment: comment_row(call.content, comment, representation, "top")
        )

    return answer


def _children(kind: Kind, subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        representation = body_format(call)
        above = _comment_of(call, subject)
        replies = [
            reply for reply in call.content.comments_of(kind, above.owner) if reply.parent == above.number
        ]

        def shape(comment: Comment) -> Row:
            return comment_row(call.content, comment, representation, "reply")

        return _few(call, kind, replies, shape)

    return answer


def _comment_of(call: Call, subject: Subject) -> Comment:
    thing: Thing = subject.of(call)
    if not isinstance(thing, Comment):
        raise missing(f"a {subject.name}", next(iter(call.path.values())))
    return thing


def _one(kind: Kind, subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        comment = _comment_of(call, subject)
        older = older_version(call, comment, subject.name)
        row = comment_row(call.content, comment, body_format(call, _FORMATS), "whole")
        if older:
            row |= {"version": version_row(call.content, older), "status": "historical"}
        row = included(call, comment, row)
        answered = single(call, row)
        if change := _change(kind):
            announce(change, answered.headers)
        return answered

    return answer


def _either(call: Call) -> Comment:
    identifier = call.path["comment-id"]
    for kind in (Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT):
        comment = call.content.comment(kind, identifier)
        if comment is not None:
            return comment
    raise missing("a comment", identifier)


def _properties(call: Call) -> Answer:
    return properties_window(call, property_rows(call.content, _either(call)))


def _property(call: Call) -> Answer:
    return property_by_id(call, property_rows(call.content, _either(call)))


def _operations() -> list[Operation]:
    found = [
        v2("/comments/{comment-id}/properties", _properties, FOOTER.scope),
        v2("/comments/{comment-id}/properties/{property-id}", _property, FOOTER.scope),
    ]
    for kind, subject, bearers in (
        (Kind.FOOTER_COMMENT, FOOTER, (PAGE, BLOGPOST, ATTACHMENT, CUSTOM)),
        (Kind.INLINE_COMMENT, INLINE, (PAGE, BLOGPOST)),
    ):
        found.append(v2(f"/{subject.plural}", _all(kind), subject.scope))
        found.append(v2(f"/{subject.plural}/{{comment-id}}", _one(kind, subject), subject.scope))
        found.append(v2(f"/{subject.plural}/{{id}}/children", _children(kind, subject), subject.scope))
        for bearer in bearers:
            found.append(v2(f"/{bearer.plural}/{{id}}/{subject.plural}", _of(kind, bearer), subject.scope))
    return found


OPERATIONS = tuple(_operations())
