"""Who may read and who may change one page or post, as the v1 API tells it."""

from __future__ import annotations

from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_shapes import API, group, user
from confluence_nb.sandbox.rest.v2_spaces import group_id
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.pages import Page

OPERATIONS = ("read", "update")
_GROUP = 1


def restricted_to(
    content: SiteContent, thing: Page | BlogPost, operation: str
) -> tuple[list[int], list[int]]:
    """The people and the groups that alone may do it, as indexes; none when everybody may."""
    if content.chance.bits(thing.number, 210 + (operation == "update")) & 7:
        return [], []
    return [thing.author], [_GROUP]


def restriction_row(content: SiteContent, thing: Page | BlogPost, operation: str) -> Row:
    """The restriction of one operation, with its people and groups."""
    people, groups = restricted_to(content, thing, operation)
    return {
        "operation": operation,
        "restrictions": {
            "user": _listed([user(content, index) for index in people]),
            "group": _listed([group(content, index, group_id(index)) for index in groups]),
        },
        "_expandable": {"content": f"{API}/content/{thing.id}"},
        "_links": {
            "self": f"{content.site_url}/wiki{API}/content/{thing.id}/restriction/byOperation/{operation}"
        },
    }


def _listed(rows: list[Row]) -> Row:
    return {"results": rows, "start": 0, "limit": 100, "size": len(rows)}
