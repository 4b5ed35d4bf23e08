"""Rows of the v1 API: people, groups, labels, spaces and versions as the older endpoints show them."""

from __future__ import annotations

from datetime import UTC, datetime

from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import iso
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import Label
from confluence_nb.sandbox.wiki.versions import Version

API = "/rest/api"
"""The v1 API, relative to the context /wiki."""
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
        "_links": {"self": f"{content.site_url}/wiki{API}/user?accountId={account.account_id}"},
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
        "_links": {"self": f"{content.site_url}/wiki{API}/group/by-id?id={identifier}"},
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
    """A label; its full form names the prefix, unless it is anybody's."""
    return {
        "prefix": found.prefix,
        "name": found.name,
        "id": found.id,
        "label": found.name if found.prefix == "global" else f"{found.prefix}:{found.name}",
    }


def space(content: SiteContent, found: Space) -> Row:
    """A space; the numeric id is a number here. Some of what it could hold has an address of its own."""
    home = content.homepage(found)
    expandable = dict.fromkeys(_SPACE_PARTS, "") | {
        "settings": f"{API}/space/{found.key}/settings",
        "theme": f"{API}/space/{found.key}/theme",
        "lookAndFeel": f"{API}/settings/lookandfeel?spaceKey={found.key}",
        "homepage": "" if home is None else f"{API}/content/{home.id}",
    }
    return {
        "id": int(found.id),
        "key": found.key,
        "alias": found.alias,
        "name": found.name,
        "type": found.type,
        "status": found.status,
        "_expandable": expandable,
        "_links": {
            "webui": f"/spaces/{found.key}",
            "self": f"{content.site_url}/wiki{API}/space/{found.key}",
        },
    }


def version(content: SiteContent, found: Version, identifier: str) -> Row:
    """A version of the content with that id."""
    return {
        "by": user(content, found.author),
        "when": iso(found.created),
        "friendlyWhen": friendly(found.created),
        "message": found.message,
        "number": found.number,
        "minorEdit": found.minor,
        "contentTypeModified": False,
        "_expandable": {"collaborators": "", "content": f"{API}/content/{identifier}"},
        "_links": {"self": f"{content.site_url}/wiki{API}/content/{identifier}/version/{found.number}"},
    }


def friendly(moment: int) -> str:
    """A time for people, such as Mar 04, 2024."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%b %d, %Y")
