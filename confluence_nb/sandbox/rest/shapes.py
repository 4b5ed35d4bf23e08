"""Rows of the v2 API: what each thing of the wiki looks like as JSON."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import orjson

from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.moments import date, iso
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.tree import TYPE_NAMES, Node
from confluence_nb.sandbox.wiki.versions import Version

Row = dict[str, Any]


_ENCODED = {code: quote_plus(chr(code)) for code in range(128)}


def version_row(content: SiteContent, version: Version) -> Row:
    """A version as it stands within another row."""
    return {
        "number": version.number,
        "message": version.message,
        "minorEdit": version.minor,
        "authorId": content.accounts[version.author].account_id,
        "createdAt": iso(version.created),
    }


def saved_version_row(content: SiteContent, version: Version) -> Row:
    """A version with the editor's own counter, which pages and posts carry and no document names."""
    row = version_row(content, version)
    row["ncsStepVersion"] = None if version.minor else str(version.number * 3)
    return row


def body_of(value: bytes, representation: str) -> Row:
    """A body of one representation; the value is JSON already."""
    return {representation: {"representation": representation, "value": orjson.Fragment(value)}}


def page_row(content: SiteContent, page: Page, representation: str | None) -> Row:
    """A page, as lists show it; keys that the service sends beyond its documents included."""
    space = content.spaces[page.space]
    page_id = page.id
    accounts = content.accounts
    parent = page.parent
    seen, is_live = page_link(content, page), page.subtype == "live"
    row: Row = {
        "id": page_id,
        "status": page.status,
        "title": page.title,
        "spaceId": space.id,
        "parentId": None if parent is None else parent.id,
        "parentType": None if parent is None else TYPE_NAMES[parent.kind],
        "position": page.position,
        "authorId": accounts[page.author].account_id,
        "ownerId": None if page.owner is None else accounts[page.owner].account_id,
        "lastOwnerId": None if page.last_owner is None else accounts[page.last_owner].account_id,
        "createdAt": iso(page.created),
        "version": saved_version_row(content, page.version),
        "body": {} if representation is None else body_of(content.body(page, representation), representation),
        "_links": {
            "webui": seen,
            # A live doc is edited where it is read.
            "editui": seen if is_live else f"/pages/resumedraft.action?draftId={page_id}",
            "edituiv2": seen if is_live else f"/spaces/{space.key}/pages/edit-v2/{page_id}",
            "tinyui": tiny(page_id),
        },
    }
    # Pages that are nothing special have neither key, not a null.
    if page.subtype is not None:
        row["subtype"] = page.subtype
    if page.template is not None:
        row["sourceTemplateEntityId"] = page.template
    return row


def blogpost_row(content: SiteContent, post: BlogPost, representation: str | None) -> Row:
    """A blog post, as lists show it."""
    space = content.spaces[post.space]
    return {
        "id": post.id,
        "status": post.status,
        "title": post.title,
        "spaceId": space.id,
        "authorId": content.accounts[post.author].account_id,
        "createdAt": iso(post.created),
        "version": saved_version_row(content, post.version),
        "body": {} if representation is None else body_of(content.body(post, representation), representation),
        "_links": {
            "webui": blogpost_link(content, post),
            "editui": f"/pages/resumedraft.action?draftId={post.id}",
            "edituiv2": f"/spaces/{space.key}/blog/edit-v2/{post.id}",
            "tinyui": tiny(post.id),
        },
    }


def space_row(content: SiteContent, space: Space, description: str | None, icon: bool) -> Row:
    """A space, as lists show it."""
    home = content.homepage(space)
    described = None
    if description is not None and space.description is not None:
        described = {description: {"representation": description, "value": space.description}}
    return {
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "authorId": content.accounts[space.author].account_id,
        "spaceOwnerId": content.accounts[space.author].account_id,
        "currentActiveAlias": space.alias,
        "createdAt": iso(space.created),
        "homepageId": None if home is None else home.id,
        "description": described,
        "icon": _icon(space) if icon and space.icon else None,
        "_links": {"webui": f"/spaces/{space.key}"},
    }


def _icon(space: Space) -> Row:
    """Where the picture of a space is, for people and for tokens; both relative to the site."""
    file = f"att{space.id}"
    return {
        "path": space.icon,
        "apiDownloadLink": f"/wiki/rest/api/content/{space.id}/child/attachment/{file}/download",
    }


def node_row(content: SiteContent, node: Node) -> Row:
    """A folder, whiteboard, database or embed by itself."""
    account_id = content.accounts[node.author].account_id
    parent = node.parent
    row: Row = {
        "id": node.id,
        "type": TYPE_NAMES[node.kind],
        "status": node.status,
        "title": node.title,
        "parentId": None if parent is None else parent.id,
        "parentType": None if parent is None else TYPE_NAMES[parent.kind],
        "position": node.position,
        "authorId": account_id,
        "ownerId": account_id,
        "createdAt": iso(node.created),
        "spaceId": content.spaces[node.space].id,
        "version": version_row(content, node.version),
        "_links": {"webui": node_link(content, node)},
    }
    if node.kind is Kind.EMBED:
        row["embedUrl"] = node.address
    return row


def child_row(content: SiteContent, thing: Page | Node) -> Row:
    """A child in the tree; it names its type and has no link."""
    return {
        "id": thing.id,
        "status": thing.status,
        "title": thing.title,
        "type": TYPE_NAMES[thing.ref.kind],
        "spaceId": content.spaces[thing.space].id,
        "childPosition": thing.position,
    }


def descendant_row(depth: int, thing: Page | Node) -> Row:
    """A thing further down the tree, with how far."""
    return {
        "id": thing.id,
        "status": thing.status,
        "title": thing.title,
        "type": TYPE_NAMES[thing.ref.kind],
        "parentId": None if thing.parent is None else thing.parent.id,
        "depth": depth,
        "childPosition": thing.position,
    }


def page_link(content: SiteContent, page: Page) -> str:
    """Where a page is seen, relative to /wiki; what a space opens with is seen as its overview."""
    key = content.spaces[page.space].key
    if content.is_homepage(page):
        return f"/spaces/{key}/overview"
    return f"/spaces/{key}/pages/{page.id}/{in_address(page.title)}"


def blogpost_link(content: SiteContent, post: BlogPost) -> str:
    """Where a post is seen, relative to /wiki."""
    day = date(post.created).replace("-", "/")
    return f"/spaces/{content.spaces[post.space].key}/blog/{day}/{post.id}/{in_address(post.title)}"


def node_link(content: SiteContent, node: Node) -> str:
    """Where a folder or its like is seen, relative to /wiki."""
    return f"/spaces/{content.spaces[node.space].key}/{TYPE_NAMES[node.kind]}/{node.id}"


def in_address(title: str) -> str:
    """A title as it stands in an address; those of plain letters need no encoder."""
    return title.translate(_ENCODED) if title.isascii() else quote_plus(title)


def tiny(identifier: str) -> str:
    """The short link of a page; one that ends in an underscore is given a slash."""
    digits = int(identifier).to_bytes(8, "little").rstrip(b"\0")
    code = b64encode(digits, altchars=b"_-").decode().rstrip("=A")
    return f"/x/{code}/" if code.endswith("_") else f"/x/{code}"
