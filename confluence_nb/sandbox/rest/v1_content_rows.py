"""Rows of content in the v1 API, as they are when nothing is expanded: what they hold, and what they could."""

from __future__ import annotations

from confluence_nb.sandbox.rest.attached_shapes import comment_link, file_link
from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.shapes import Row, blogpost_link, node_link, page_link, tiny
from confluence_nb.sandbox.rest.v1_shapes import API
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Attachment, Comment
from confluence_nb.sandbox.wiki.tree import Node

PARTS = (
    "container",
    "metadata",
    "extensions",
    "operations",
    "children",
    "history",
    "ancestors",
    "body",
    "version",
    "descendants",
    "space",
)
"""What a row can be expanded by, beside what it holds empty from the start."""


def bare_row(hit: Hit) -> Row:
    """A page, post, comment or file; of what it could hold two parts have an address of their own."""
    content = hit.content
    expandable = dict.fromkeys(PARTS, "")
    expandable["history"] = f"{API}/content/{hit.id}/history"
    if hit.space is not None:
        expandable["space"] = f"{API}/space/{hit.space.key}"
    row: Row = {
        "id": hit.id,
        "type": hit.type,
        "status": getattr(hit.thing, "status", "current"),
        "title": hit.title,
        "childTypes": {},
        "macroRenderedOutput": {},
        "restrictions": {},
        "_expandable": expandable,
        "_links": {"webui": link(hit), "self": f"{content.site_url}/wiki{API}/content/{hit.id}"},
    }
    if isinstance(hit.thing, Page | BlogPost):
        row["_links"]["tinyui"] = tiny(hit.id)
    return row


def link(hit: Hit) -> str:
    """Where a person sees it, relative to /wiki."""
    content = hit.content
    match hit.thing:
        case Page() as page:
            return page_link(content, page)
        case BlogPost() as post:
            return blogpost_link(content, post)
        case Attachment() as file:
            return file_link(file)
        case Comment() as comment:
            return comment_link(content, comment)
        case Node() as node:
            return node_link(content, node)
        case Space() as space:
            return f"/spaces/{space.key}"
