"""Rows of the v2 API: what each thing of the wiki looks like as JSON."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote_plus

import orjson

from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.attached import Attachment, Comment, Label, Task
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.custom_content import CustomContent
from confluence_nb.sandbox.wiki.moments import date, iso
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.pages import Page, Ref
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
        "subtype": page.subtype,
        "createdAt": iso(page.created),
        "sourceTemplateEntityId": page.template,
        "version": saved_version_row(content, page.version),
        "body": {} if representation is None else body_of(content.body(page, representation), representation),
        "_links": {
            "webui": f"/spaces/{space.key}/pages/{page_id}/{in_address(page.title)}",
            "editui": f"/pages/resumedraft.action?draftId={page_id}",
            "edituiv2": f"/spaces/{space.key}/pages/edit-v2/{page_id}",
            "tinyui": tiny(page_id),
        },
    }
    return row


def blogpost_row(content: SiteContent, post: BlogPost, representation: str | None) -> Row:
    """A blog post, as lists show it."""
    space = content.spaces[post.space]
    day = date(post.created).replace("-", "/")
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
            "webui": f"/spaces/{space.key}/blog/{day}/{post.id}/{in_address(post.title)}",
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
        "icon": {"path": space.icon, "apiDownloadLink": f"{content.site_url}{space.icon}"}
        if icon and space.icon
        else None,
        "_links": {"webui": f"/spaces/{space.key}"},
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
        "_links": {"webui": f"/spaces/{content.spaces[node.space].key}/{TYPE_NAMES[node.kind]}/{node.id}"},
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


def comment_row(
    content: SiteContent, comment: Comment, representation: str | None, *, parents: bool = False
) -> Row:
    """A comment; replies name their parent in the lists that mix both."""
    owner = comment.owner
    row: Row = {"id": comment.id, "status": "current", "title": f"Re: {_owner_title(content, owner)}"}
    row[_OWNER_FIELDS[owner.kind]] = owner.id
    if parents and comment.parent is not None:
        row["parentCommentId"] = id_of(comment.kind, comment.parent)
    row["version"] = version_row(content, comment.version)
    row["body"] = {}
    if representation is not None:
        value = orjson.dumps(content.comment_body(comment, representation))
        row["body"] = body_of(value, representation)
    if comment.kind is Kind.INLINE_COMMENT:
        row["resolutionStatus"] = comment.resolution
        row["properties"] = {
            "inlineMarkerRef": comment.marker,
            "inlineOriginalSelection": comment.selection,
            "inline-marker-ref": comment.marker,
            "inline-original-selection": comment.selection,
        }
        if comment.resolver is not None:
            row["resolutionLastModifierId"] = content.accounts[comment.resolver].account_id
            row["resolutionLastModifiedAt"] = iso(comment.version.created)
    else:
        row["resolutionStatus"] = "open"
    row["_links"] = {"webui": f"{_owner_link(content, owner)}?focusedCommentId={comment.id}"}
    return row


def attachment_row(content: SiteContent, file: Attachment) -> Row:
    """A file; its download link is the one for people, not for tokens."""
    download = (
        f"/download/attachments/{file.owner.id}/{quote_plus(file.title)}"
        f"?version={file.version.number}&modificationDate={file.version.created}&cacheVersion=1&api=v2"
    )
    webui = f"/pages/viewpageattachments.action?pageId={file.owner.id}&preview=%2F{file.owner.id}%2F{file.id}"
    return {
        "id": file.id,
        "status": file.status,
        "title": file.title,
        "createdAt": iso(file.history.created),
        _OWNER_FIELDS[file.owner.kind]: file.owner.id,
        "mediaType": file.media_type,
        "mediaTypeDescription": file.described,
        "comment": file.comment,
        "fileId": file.file_id,
        "fileSize": file.size,
        "webuiLink": webui,
        "downloadLink": download,
        "version": version_row(content, file.version),
        "_links": {"webui": webui, "download": download},
    }


def custom_row(content: SiteContent, item: CustomContent, representation: str | None) -> Row:
    """A piece of custom content."""
    row: Row = {
        "id": item.id,
        "type": item.type,
        "status": item.status,
        "title": item.title,
        "spaceId": content.spaces[item.space].id,
        "pageId": item.page_id,
        "authorId": content.accounts[item.author].account_id,
        "createdAt": iso(item.created),
        "version": version_row(content, item.version),
        "body": {},
        "_links": {"webui": f"/spaces/{content.spaces[item.space].key}/custom/{item.id}"},
    }
    if representation is not None:
        row["body"] = {representation: {"representation": representation, "value": item.raw}}
    return row


def task_row(content: SiteContent, task: Task, representation: str | None) -> Row:
    """A task; times that are not there are left out."""
    owner = content.owner(task.owner)
    people = content.accounts
    row: Row = {
        "id": task.id,
        "localId": str(task.local),
        "spaceId": content.spaces[owner.space].id
        if owner is not None and not isinstance(owner, Attachment)
        else None,
        _OWNER_FIELDS[task.owner.kind]: task.owner.id,
        "status": "complete" if task.done else "incomplete",
        "body": {},
        "createdBy": people[task.created_by].account_id,
        "createdAt": iso(task.created),
        "updatedAt": iso(task.updated),
    }
    if representation is not None:
        row["body"] = body_of(orjson.dumps(content.task_body(task, representation)), representation)
    if task.assigned_to is not None:
        row["assignedTo"] = people[task.assigned_to].account_id
    if task.completed_by is not None and task.completed is not None:
        row["completedBy"] = people[task.completed_by].account_id
        row["completedAt"] = iso(task.completed)
    if task.due is not None:
        row["dueAt"] = iso(task.due)
    return row


def label_row(label: Label) -> Row:
    """A label."""
    return {"id": label.id, "name": label.name, "prefix": label.prefix}


def in_address(title: str) -> str:
    """A title as it stands in an address; those of plain letters need no encoder."""
    return title.translate(_ENCODED) if title.isascii() else quote_plus(title)


def tiny(identifier: str) -> str:
    """The short link of a page."""
    digits = int(identifier).to_bytes(8, "little").rstrip(b"\0")
    return "/x/" + urlsafe_b64encode(digits).decode().rstrip("=A")


_OWNER_FIELDS = {
    Kind.PAGE: "pageId",
    Kind.BLOGPOST: "blogPostId",
    Kind.ATTACHMENT: "attachmentId",
    Kind.CUSTOM_CONTENT: "customContentId",
}


def _owner_title(content: SiteContent, ref: Ref) -> str:
    owner = content.owner(ref)
    return owner.title if owner is not None else ""


def _owner_link(content: SiteContent, ref: Ref) -> str:
    owner = content.owner(ref)
    if isinstance(owner, Page | BlogPost):
        section = "blog" if isinstance(owner, BlogPost) else "pages"
        return f"/spaces/{content.spaces[owner.space].key}/{section}/{owner.id}"
    return f"/pages/viewpage.action?pageId={ref.id}"
