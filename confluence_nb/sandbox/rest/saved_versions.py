"""Versions of a thing in the v2 API: the one that is asked for, and rows of them with what they are of."""

from __future__ import annotations

import orjson

from confluence_nb.sandbox.rest.exchange import Call
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.shapes import Row, body_of, version_row
from confluence_nb.sandbox.rest.subjects import Thing, ref_of, title_of, versions_of
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.custom_content import CustomContent
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.things import Comment
from confluence_nb.sandbox.wiki.versions import Version

# What the row of a version calls the thing that it is a version of.
_HOLDERS = {
    Kind.PAGE: "page",
    Kind.BLOGPOST: "blogpost",
    Kind.ATTACHMENT: "attachment",
    Kind.CUSTOM_CONTENT: "custom",
    Kind.FOOTER_COMMENT: "comment",
    Kind.INLINE_COMMENT: "comment",
}


def older_version(call: Call, thing: Thing, name: str) -> Version | None:
    """The version that a call asks for, None when that is the present one; a 404 when it was never saved."""
    versions = versions_of(call.content, thing)
    asked = call.query.whole("version", len(versions), 1, None)
    if asked > len(versions):
        raise missing(f"a version of the {name}", str(asked))
    return None if asked == len(versions) else versions[asked - 1]


def saved_rows(content: SiteContent, thing: Thing, representation: str | None, most: int) -> list[Row]:
    """The versions of a thing, the latest first, each with what it is of."""
    versions = versions_of(content, thing)[: -most - 1 : -1]
    return [saved_row(content, thing, version, ago, representation) for ago, version in enumerate(versions)]


def saved_row(
    content: SiteContent, thing: Thing, version: Version, ago: int, representation: str | None
) -> Row:
    """A version with what it is of, as that was so many saves ago."""
    entity: Row = {"body": {}, "title": title_of(content, thing), "id": thing.id}
    if representation is not None:
        if isinstance(thing, Page | BlogPost):
            entity["body"] = body_of(content.body(thing, representation, ago), representation)
        elif isinstance(thing, Comment):
            value = orjson.dumps(content.comment_body(thing, representation))
            entity["body"] = body_of(value, representation)
        elif isinstance(thing, CustomContent):
            entity["body"] = body_of(orjson.dumps(thing.raw), representation)
    return version_row(content, version) | {_HOLDERS[ref_of(thing).kind]: entity}
