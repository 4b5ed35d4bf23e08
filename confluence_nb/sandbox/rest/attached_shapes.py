"""Rows of the v2 API for what hangs on pages and posts: comments, files, custom content, tasks, labels."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote_plus

import orjson

from confluence_nb.sandbox.rest.shapes import Row, blogpost_link, body_of, page_link, version_row
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.custom_content import CustomContent
from confluence_nb.sandbox.wiki.moments import iso
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.pages import Page, Ref
from confluence_nb.sandbox.wiki.things import Attachment, Comment, Label, Task

_OWNER_FIELDS = {
    Kind.PAGE: "pageId",
    Kind.BLOGPOST: "blogPostId",
    Kind.ATTACHMENT: "attachmentId",
    Kind.CUSTOM_CONTENT: "customContentId",
}


def comment_row(
    content: SiteContent, comment: Comment, representation: str | None, form: Literal["whole", "top", "reply"]
) -> Row:
    """A comment: whole, or as lists under its page (`top`) or under its parent (`reply`) show it."""
    owner = comment.owner
    bearer = content.owner(owner)
    title = "" if bearer is None else bearer.title
    row: Row = {"id": comment.id, "status": "current", "title": f"Re: {title}"}
    if form != "reply":
        row[_OWNER_FIELDS[owner.kind]] = owner.id
    if form != "top" and comment.parent is not None:
        row["parentCommentId"] = id_of(comment.kind, comment.parent)
    row["version"] = version_row(content, comment.version)
    # Unlike a page, a comment has no body at all when none is asked for.
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
        if form == "whole" and comment.resolver is not None:
            row["resolutionLastModifierId"] = content.accounts[comment.resolver].account_id
            row["resolutionLastModifiedAt"] = iso(comment.version.created)
    else:
        row["resolutionStatus"] = "open"
    row["_links"] = {"webui": comment_link(content, comment)}
    return row


def comment_link(content: SiteContent, comment: Comment) -> str:
    """Where a comment is seen, relative to /wiki: on what it hangs on, which may have a query of its own."""
    seen = _link(content, comment.owner)
    return f"{seen}{'&' if '?' in seen else '?'}focusedCommentId={comment.id}"


def attachment_row(content: SiteContent, file: Attachment) -> Row:
    """A file; its download link is the one for people, not for tokens."""
    download = (
        f"/download/attachments/{file.owner.id}/{quote_plus(file.title)}"
        f"?version={file.version.number}&modificationDate={file.version.created}&cacheVersion=1&api=v2"
    )
    webui = file_link(file)
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


def file_link(file: Attachment) -> str:
    """Where a file is seen, relative to /wiki; it is named there by its bare number."""
    owner, number = file.owner.id, file.id.removeprefix("att")
    name = quote_plus(file.title)
    return f"/pages/viewpageattachments.action?pageId={owner}&preview=%2F{owner}%2F{number}%2F{name}"


def custom_link(content: SiteContent, item: CustomContent) -> str:
    """Where a piece of custom content is seen, relative to /wiki."""
    return f"/spaces/{content.spaces[item.space].key}/custom/{item.id}"


def custom_row(content: SiteContent, item: CustomContent, representation: str | None) -> Row:
    """A piece of custom content."""
    row: Row = {
        "id": item.id,
        "type": item.type,
        "status": item.status,
        "title": item.title,
        "spaceId": content.spaces[item.space].id,
        _OWNER_FIELDS[item.owner.kind]: item.owner.id,
        "authorId": content.accounts[item.author].account_id,
        "createdAt": iso(item.created),
        "version": version_row(content, item.version),
        "body": {},
        "_links": {"webui": custom_link(content, item)},
    }
    if representation is not None:
        row["body"] = {representation: {"representation": representation, "value": item.raw}}
    return row


def custom_child_row(content: SiteContent, item: CustomContent) -> Row:
    """A piece of custom content within another."""
    return {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "type": item.type,
        "spaceId": content.spaces[item.space].id,
    }


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


def _link(content: SiteContent, ref: Ref) -> str:
    match content.owner(ref):
        case Page() as page:
            return page_link(content, page)
        case BlogPost() as post:
            return blogpost_link(content, post)
        case Attachment() as file:
            return file_link(file)
        case CustomContent() as item:
            return custom_link(content, item)
    return f"/pages/viewpage.action?pageId={ref.id}"
