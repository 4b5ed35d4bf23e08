"""Who may do what with one page or post in the v1 API: its restrictions, and whether somebody may."""

from __future__ import annotations

from typing import Any

import orjson

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1, whole
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_people import group_members
from confluence_nb.sandbox.rest.v1_restrictions import OPERATIONS as KEYS
from confluence_nb.sandbox.rest.v1_restrictions import restricted_to, restriction_row
from confluence_nb.sandbox.rest.v1_shapes import GROUPS
from confluence_nb.sandbox.rest.v1_subjects import content_of, person_asked
from confluence_nb.sandbox.rest.v2_spaces import group_id
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.blogposts import BlogPost
from confluence_nb.sandbox.wiki.pages import Page

_ALL = "read:confluence-content.all"
_CHECKED = ("read", "update", "delete")


def _restrictions(call: Call) -> Answer:
    thing = content_of(call)
    # Start and limit are said to count users and groups: the operations come in one piece.
    rows = whole(call, [restriction_row(call.content, thing, operation) for operation in KEYS])
    found = {
        "results": rows,
        "start": 0,
        "limit": call.query.whole("limit", 100, 0, None),
        "size": len(rows),
        "restrictionsHash": f"{call.content.chance.bits(thing.number):x}",
        "_links": {"base": call.base, "context": "/wiki", "self": f"{call.base}/rest/api/content/{thing.id}"},
    }
    return plain(found, points=1 + 2 * len(rows), rows=len(rows))


def _by_operation(call: Call) -> Answer:
    thing = content_of(call)
    return plain({operation: restriction_row(call.content, thing, operation) for operation in KEYS})


def _operation(call: Call) -> str:
    operation = call.path["operationKey"]
    if operation not in KEYS:
        raise v1_problem(400, f"No restriction is kept for the operation {operation}")
    return operation


def _one_operation(call: Call) -> Answer:
    operation = _operation(call)
    return plain(restriction_row(call.content, content_of(call), operation))


def _is_for_person(call: Call) -> Answer:
    people, _ = restricted_to(call.content, content_of(call), _operation(call))
    return plain(person_asked(call) in people)


def _is_for_group(call: Call) -> Answer:
    _, groups = restricted_to(call.content, content_of(call), _operation(call))
    return plain(call.path["groupId"] in map(group_id, groups))


def _check(call: Call) -> Answer:
    """Whether a person or a group may; people without a licence may nothing."""
    thing, content = content_of(call), call.content
    kind, identifier, operation = _asked(call)
    lacking = _why_not(content, thing, kind, identifier, operation)
    said: Row = {"hasPermission": lacking is None, "errors": []}
    if lacking is not None:
        said["errors"] = [{"translation": lacking, "args": []}]
    return plain(said | {"_links": {"base": call.base, "context": "/wiki"}}, points=3)


def _asked(call: Call) -> tuple[str, str, str]:
    try:
        given: Any = orjson.loads(call.request.body)
        kind, identifier = given["subject"]["type"], given["subject"]["identifier"]
        operation = given["operation"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise v1_problem(400, "The body has to be an object with 'subject' and 'operation'") from None
    if kind not in ("user", "group") or operation not in _CHECKED:
        raise v1_problem(400, f"No permission to {operation} can be checked for a {kind}")
    return kind, str(identifier), operation


def _why_not(
    content: SiteContent, thing: Page | BlogPost, kind: str, identifier: str, operation: str
) -> str | None:
    # Whoever may change something may delete it; what may not be read may not be changed either.
    needed = KEYS if operation != "read" else ("read",)
    restricted = [restricted_to(content, thing, key) for key in needed]
    if kind == "group":
        may = all(not people or identifier in map(group_id, groups) for people, groups in restricted)
        known = identifier in map(group_id, range(len(GROUPS)))
        return None if may and known else "Group does not have permission to the content"
    index = content.account_index(identifier)
    if index is None:
        return "User is not allowed to use Confluence"
    may = all(
        not people or index in people or any(index in group_members(content, one) for one in groups)
        for people, groups in restricted
    )
    return None if may else "User does not have permission to the content"


_ONE = "/content/{id}/restriction/byOperation/{operationKey}"
OPERATIONS = (
    v1("/content/{id}/restriction", _restrictions, _ALL, "read:content-details"),
    v1("/content/{id}/restriction/byOperation", _by_operation, _ALL, "read:content-details"),
    v1(_ONE, _one_operation, _ALL, "read:content-details"),
    v1(f"{_ONE}/user", _is_for_person, _ALL, "read:content.restriction"),
    v1(f"{_ONE}/byGroupId/{{groupId}}", _is_for_group, _ALL, "read:content.restriction"),
    v1("/content/{id}/permission/check", _check, "read:confluence-content.permission",
       "read:content.permission", method="POST"),
)  # fmt: skip
