"""What `expand` adds to a row of content in the v1 API: every name brings what it is a part of with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.facets import operation_rows, property_rows
from confluence_nb.sandbox.rest.shapes import Row, body_of
from confluence_nb.sandbox.rest.subjects import ref_of, versions_of
from confluence_nb.sandbox.rest.v1_content_rows import bare_row
from confluence_nb.sandbox.rest.v1_restrictions import OPERATIONS, restriction_row
from confluence_nb.sandbox.rest.v1_shapes import API, label, space, user, version
from confluence_nb.sandbox.rest.v1_tree import below_row
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.moments import iso
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Attachment, Comment
from confluence_nb.sandbox.wiki.tree import Node

Expand = dict[str, Any]
"""Names within names: `version.by` and `version` are `{"version": {"by": {}}}`."""

REPRESENTATIONS = (
    "storage",
    "view",
    "export_view",
    "styled_view",
    "anonymous_export_view",
    "editor",
    "editor2",
    "atlas_doc_format",
)
_HISTORY = ("lastUpdated", "previousVersion", "contributors", "nextVersion", "ownedBy", "lastOwnedBy")
_METADATA = ("currentuser", "comments", "sourceTemplateEntityId", "simple", "properties", "frontend", "likes")


def read_expand(names: Iterable[str]) -> Expand:
    """The dotted names of an `expand` as names within names."""
    found: Expand = {}
    for name in names:
        step = found
        for part in name.split("."):
            step = step.setdefault(part, {})
    return found


def bodies_in(expand: Expand) -> int:
    """How many bodies each row carries."""
    return sum(name in REPRESENTATIONS for name in expand.get("body", ()))


def content_row(hit: Hit, expand: Expand) -> Row:
    """A page, post, comment or file with the parts asked for; names that nobody knows add nothing."""
    row = bare_row(hit)
    for name, part in _PARTS.items():
        if name in expand and (found := part(hit, expand[name])) is not None:
            row[name] = found
            row["_expandable"].pop(name, None)
    return row


def _space(hit: Hit, expand: Expand) -> Row | None:
    return None if hit.space is None else space(hit.content, hit.space)


def _container(hit: Hit, expand: Expand) -> Row | None:
    """What it is in: a space, or of comments and files the page or post."""
    holder = hit.holder
    if isinstance(hit.thing, Comment | Attachment) and isinstance(holder, Page | BlogPost):
        return bare_row(Hit(hit.content, "page" if isinstance(holder, Page) else "blogpost", holder))
    return _space(hit, expand)


def _version(hit: Hit, expand: Expand) -> Row | None:
    return None if isinstance(hit.thing, Space) else version(hit.content, hit.thing.version, hit.id)


def _history(hit: Hit, expand: Expand) -> Row | None:
    content, thing = hit.content, hit.thing
    if isinstance(thing, Space):
        return None
    saved = versions_of(content, thing)
    people = [user(content, index) for index in sorted(hit.people)]
    parts: dict[str, Callable[[], Row | None]] = {
        "lastUpdated": lambda: version(content, saved[-1], hit.id),
        "previousVersion": lambda: version(content, saved[-2], hit.id) if len(saved) > 1 else None,
        "contributors": lambda: {
            "publishers": {"users": people, "userAccountIds": [one["accountId"] for one in people]}
        },
        "ownedBy": lambda: _person(hit, thing.owner) if isinstance(thing, Page) else None,
        "lastOwnedBy": lambda: _person(hit, thing.last_owner) if isinstance(thing, Page) else None,
    }
    row: Row = {
        "latest": True,
        "createdBy": user(content, hit.author),
        "createdDate": iso(hit.created),
        "_expandable": dict.fromkeys(_HISTORY, ""),
        "_links": {"self": f"{content.site_url}/wiki{API}/content/{hit.id}/history"},
    }
    for name, part in parts.items():
        if name in expand and (found := part()) is not None:
            row[name] = found
            del row["_expandable"][name]
    return row


def _person(hit: Hit, index: int | None) -> Row | None:
    return None if index is None else user(hit.content, index)


def _ancestors(hit: Hit, expand: Expand) -> list[Row]:
    """The pages above it, from the top; what is no page is left out here."""
    thing, tree = hit.thing, hit.content.tree
    above = [tree.get(ref) for ref in tree.ancestors(thing.ref)] if isinstance(thing, Page | Node) else []
    return [
        bare_row(Hit(hit.content, "page", page)) | {"extensions": {"position": _position(page)}}
        for page in above
        if isinstance(page, Page)
    ]


def _position(page: Page) -> int | str:
    return "none" if page.position is None else page.position


def _body(hit: Hit, expand: Expand) -> Row:
    content, thing = hit.content, hit.thing
    row: Row = {}
    for name in expand:
        if name not in REPRESENTATIONS:
            continue
        if isinstance(thing, Page | BlogPost):
            row |= body_of(content.body(thing, name), name)
        elif isinstance(thing, Comment):
            row |= body_of(orjson.dumps(content.comment_body(thing, name)), name)
        else:
            continue
        row[name] |= {"embeddedContent": [], "_expandable": {"content": f"{API}/content/{hit.id}"}}
    row["_expandable"] = {name: "" for name in REPRESENTATIONS if name not in row}
    return row


def _metadata(hit: Hit, expand: Expand) -> Row | None:
    content, thing = hit.content, hit.thing
    if isinstance(thing, Space):
        return None
    row: Row = {}
    if isinstance(thing, Attachment):
        row |= {"mediaType": thing.media_type, "comment": thing.comment}
    expandable = dict.fromkeys(_METADATA, "")
    if "labels" in expand:
        found = [label(one) for one in content.labels_of(ref_of(thing))]
        address = f"{content.site_url}/wiki{API}/content/{hit.id}/label"
        row["labels"] = {
            "results": found,
            "start": 0,
            "limit": 200,
            "size": len(found),
            "_links": {"self": address},
        }
    else:
        expandable["labels"] = ""
    if "properties" in expand:
        del expandable["properties"]
        row["properties"] = _properties(hit, expand["properties"])
    return row | {"_expandable": expandable}


def _properties(hit: Hit, expand: Expand) -> Row:
    """Those whose keys are asked for; of the others the keys."""
    rows = [] if isinstance(hit.thing, Space) else property_rows(hit.content, hit.thing)
    own = {row["key"]: row for row in rows}
    shown: Row = {
        key: {"id": own[key]["id"], "key": key, "value": own[key]["value"]} for key in own if key in expand
    }
    rest = {key: f"{API}/content/{hit.id}/property/{key}" for key in own if key not in expand}
    return shown | {"_expandable": rest, "_links": {"self": f"{API}/content/{hit.id}/property"}}


def _extensions(hit: Hit, expand: Expand) -> Row:
    match hit.thing:
        case Page() as page:
            return {"position": _position(page)}
        case Attachment() as file:
            return {
                "mediaType": file.media_type,
                "fileSize": file.size,
                "comment": file.comment,
                "mediaTypeDescription": file.described,
                "fileId": file.file_id,
                "collectionName": f"contentId-{file.owner.id}",
            }
        case Comment() as comment:
            return _comment_extensions(comment, expand)
    return {}


def _comment_extensions(comment: Comment, expand: Expand) -> Row:
    is_inline = comment.kind is Kind.INLINE_COMMENT
    row: Row = {"location": "inline" if is_inline else "footer", "_expandable": {"resolution": ""}}
    if is_inline:
        row["_expandable"]["inlineProperties"] = ""
    if "resolution" in expand:
        row["resolution"] = {"status": comment.resolution}
    if is_inline and "inlineProperties" in expand:
        row["inlineProperties"] = {
            "originalSelection": comment.selection,
            "markerRef": comment.marker,
        }
    row["_expandable"] = {name: "" for name in row["_expandable"] if name not in row}
    return row


def _restrictions(hit: Hit, expand: Expand) -> Row | None:
    if not isinstance(hit.thing, Page | BlogPost):
        return None
    address = f"{API}/content/{hit.id}/restriction/byOperation"
    row: Row = {}
    for operation in OPERATIONS:
        if operation not in expand:
            continue
        found = restriction_row(hit.content, hit.thing, operation)
        wanted = expand[operation].get("restrictions")
        kept = {
            name: people
            for name, people in found.pop("restrictions").items()
            if wanted is not None and name in wanted
        }
        if wanted is None:
            found["_expandable"]["restrictions"] = ""
        else:
            rest = {name: "" for name in ("user", "group") if name not in kept}
            found["restrictions"] = kept | {"_expandable": rest}
        row[operation] = found
    row["_expandable"] = {name: f"{address}/{name}" for name in OPERATIONS if name not in row}
    return row | {"_links": {"self": f"{hit.content.site_url}/wiki{address}"}}


def _operations(hit: Hit, expand: Expand) -> list[Row] | None:
    if isinstance(hit.thing, Space):
        return None
    return [row | {"targetType": hit.type} for row in operation_rows(hit.thing)]


def _children(hit: Hit, expand: Expand) -> Row:
    return below_row(hit, expand, "child")


def _descendants(hit: Hit, expand: Expand) -> Row:
    return below_row(hit, expand, "descendant")


_PARTS: dict[str, Callable[[Hit, Expand], Any]] = {
    "space": _space,
    "container": _container,
    "version": _version,
    "history": _history,
    "ancestors": _ancestors,
    "body": _body,
    "metadata": _metadata,
    "extensions": _extensions,
    "restrictions": _restrictions,
    "operations": _operations,
    "children": _children,
    "descendants": _descendants,
}
