"""Rows of the v1 API: people, spaces and content as the older endpoints show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from confluence_nb.sandbox.rest.attached_shapes import attachment_row
from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.shapes import Row, blogpost_row, body_of, page_row, tiny
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.moments import iso
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.pages import Page
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Attachment, Comment, Label
from confluence_nb.sandbox.wiki.versions import Version

_API = "/rest/api"
_SPACE_PARTS = (
    "settings",
    "metadata",
    "operations",
    "lookAndFeel",
    "permissions",
    "icon",
    "description",
    "theme",
    "history",
    "homepage",
    "identifiers",
)
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Etc/UTC")


def user(content: SiteContent, index: int) -> Row:
    """A person; half of them keep their email to themselves."""
    account = content.accounts[index]
    bits = content.chance.bits(index, 180)
    return {
        "type": "known",
        "accountId": account.account_id,
        "accountType": "app" if account.name.startswith("Release Bot") else "atlassian",
        "email": "" if bits >> 16 & 1 else account.email,
        "publicName": account.name.split(" ")[0],
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{account.account_id}",
            "width": 48,
            "height": 48,
            "isDefault": bits >> 20 & 1 == 1,
        },
        "displayName": account.name,
        "timeZone": None if bits & 3 == 0 else _ZONES[bits >> 2 & 3],
        "isExternalCollaborator": bits >> 8 & 15 == 1,
        "isGuest": False,
        "_expandable": {"operations": "", "details": "", "personalSpace": ""},
        "_links": {"self": f"{content.site_url}/wiki{_API}/user?accountId={account.account_id}"},
    }


def watcher(content: SiteContent, index: int) -> Row:
    """A person who watches something: every field a person can have, whether told or not."""
    row = user(content, index)
    kept = {name: value for name, value in row.items() if not name.startswith("_")}
    return kept | {
        "operations": None,
        "externalCollaborator": row["isExternalCollaborator"],
        "personalSpace": None,
    }


def group(content: SiteContent, index: int, identifier: str) -> Row:
    """A group."""
    return {
        "type": "group",
        "name": GROUPS[index],
        "id": identifier,
        "usageType": "USERBASE_GROUP" if index < 3 else "TEAM_COLLABORATION",
        "managedBy": "ADMINS" if index < 3 else "TEAM_MEMBERS",
        "_links": {"self": f"{content.site_url}/wiki{_API}/group/by-id?id={identifier}"},
    }


GROUPS = (
    "confluence-users",
    "confluence-admins",
    "site-admins",
    "engineering",
    "Équipe France",
    "finance & legal",
    "東京チーム",
)


def label(found: Label) -> Row:
    """A label; its full form names the prefix."""
    return {
        "prefix": found.prefix,
        "name": found.name,
        "id": found.id,
        "label": f"{found.prefix}:{found.name}",
    }


def space(content: SiteContent, found: Space) -> Row:
    """A space; the numeric id is a number here."""
    return {
        "id": int(found.id),
        "key": found.key,
        "alias": found.alias,
        "name": found.name,
        "type": found.type,
        "status": found.status,
        "_expandable": dict.fromkeys(_SPACE_PARTS, ""),
        "_links": {
            "webui": f"/spaces/{found.key}",
            "self": f"{content.site_url}/wiki{_API}/space/{found.key}",
        },
    }


def version(content: SiteContent, found: Version) -> Row:
    """A version of content."""
    return {
        "by": user(content, found.author),
        "when": iso(found.created),
        "friendlyWhen": friendly(found.created),
        "message": found.message,
        "number": found.number,
        "minorEdit": found.minor,
        "contentTypeModified": False,
        "_expandable": {"collaborators": "", "content": ""},
        "_links": {},
    }


def friendly(moment: int) -> str:
    """A time for people, such as Mar 04, 2024."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%b %d, %Y")


def content_row(hit: Hit, expand: Collection[str]) -> Row:
    """A page, post, comment or attachment; `expand` names the parts to add, such as `body.storage`."""
    content, thing = hit.content, hit.thing
    row: Row = {"id": hit.id, "type": hit.type, "status": "current", "title": hit.title, "childTypes": {}}
    row["macroRenderedOutput"] = {}
    row["restrictions"] = {}
    names = {
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
    }
    if "space" in expand and hit.space is not None:
        row["space"] = space(content, hit.space)
    if "version" in expand:
        row["version"] = version(content, thing.version) if not isinstance(thing, Space) else None
    if {"history", "history.lastUpdated"} & set(expand):
        row["history"] = {
            "latest": True,
            "createdBy": user(content, hit.author),
            "createdDate": iso(hit.created),
            "_expandable": {"previousVersion": "", "contributors": "", "nextVersion": ""},
            "_links": {"self": f"{content.site_url}/wiki{_API}/content/{hit.id}/history"},
        }
        if "history.lastUpdated" in expand and not isinstance(thing, Space):
            row["history"]["lastUpdated"] = version(content, thing.version)
    if "ancestors" in expand:
        row["ancestors"] = _ancestors(content, thing)
    bodies = [name.removeprefix("body.") for name in expand if name.startswith("body.")]
    if bodies:
        row["body"] = {}
        for name in bodies:
            if isinstance(thing, Page | BlogPost):
                row["body"] |= body_of(content.body(thing, name), name)
                row["body"][name] |= {
                    "embeddedContent": [],
                    "_expandable": {"content": f"{_API}/content/{hit.id}"},
                }
    if "metadata.labels" in expand and isinstance(thing, Page | BlogPost):
        found = [label(one) for one in content.labels_of(thing.ref)]
        row["metadata"] = {
            "labels": {"results": found, "start": 0, "limit": 200, "size": len(found)},
            "_expandable": {},
        }
    row["_expandable"] = {name: "" for name in sorted(names) if name not in row}
    row["_links"] = {"webui": link(hit), "self": f"{content.site_url}/wiki{_API}/content/{hit.id}"}
    if isinstance(thing, Page | BlogPost):
        row["_links"]["tinyui"] = tiny(thing.id)
    return row


def link(hit: Hit) -> str:
    """Where a person sees it, relative to /wiki."""
    content, thing = hit.content, hit.thing
    found: Any
    match thing:
        case Page():
            found = page_row(content, thing, None)["_links"]["webui"]
        case BlogPost():
            found = blogpost_row(content, thing, None)["_links"]["webui"]
        case Attachment():
            found = attachment_row(content, thing)["_links"]["webui"]
        case Comment():
            found = f"/pages/viewpage.action?pageId={thing.owner.id}&focusedCommentId={thing.id}"
        case Space():
            found = f"/spaces/{thing.key}"
    return str(found)


def _ancestors(content: SiteContent, thing: object) -> list[Row]:
    if not isinstance(thing, Page):
        return []
    found = []
    for ref in content.tree.ancestors(thing.ref):
        above = content.tree.get(ref)
        if above is not None and ref.kind is Kind.PAGE:
            found.append(
                {"id": ref.id, "type": "page", "status": above.status, "title": above.title, "_links": {}}
            )
    return found
