"""People and groups of the v1 API."""

from __future__ import annotations

from collections.abc import Sequence

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1, whole
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_shapes import GROUPS, group, user
from confluence_nb.sandbox.rest.v2_spaces import group_id
from confluence_nb.sandbox.wiki import SiteContent

_BULK_MOST = 100


def _indexes(call: Call) -> list[int]:
    asked = [value for name, value in call.query.pairs if name == "accountId"]
    if not asked:
        raise v1_problem(400, "Required parameter accountId is missing")
    if len(asked) > _BULK_MOST:
        raise v1_problem(400, f"At most {_BULK_MOST} accountIds are taken at once")
    return [index for index in map(call.content.account_index, asked) if index is not None]


def _current(call: Call) -> Answer:
    return plain(user(call.content, call.account), points=3)


def _user(call: Call) -> Answer:
    found = _indexes(call)
    if not found:
        raise v1_problem(404, f"No user found with accountId: {call.query.one('accountId')}")
    return plain(user(call.content, found[0]), points=3)


def _bulk(call: Call) -> Answer:
    rows = whole(call, [user(call.content, index) for index in _indexes(call)])
    found = {
        "results": rows,
        "start": 0,
        "limit": _BULK_MOST,
        "size": len(rows),
        "_links": {"base": call.base, "context": "/wiki"},
    }
    return plain(found, points=1 + 2 * len(rows), rows=len(rows))


def _anonymous(call: Call) -> Answer:
    picture = {
        "path": "/wiki/images/icons/profilepics/anonymous.svg",
        "width": 48,
        "height": 48,
        "isDefault": True,
    }
    return plain(
        {
            "type": "anonymous",
            "profilePicture": picture,
            "displayName": "Anonymous",
            "_expandable": {"operations": ""},
            "_links": {"self": f"{call.base}/rest/api/user/anonymous"},
        }
    )


def group_members(content: SiteContent, index: int) -> list[int]:
    """Who is in a group; everybody is in the first."""
    people = range(len(content.accounts))
    return (
        list(people)
        if index == 0
        else [who for who in people if content.chance.bits(who * 16 + index, 190) & 3 == 0]
    )


def _group_rows(content: SiteContent, indexes: Sequence[int]) -> list[Row]:
    return [group(content, index, group_id(index)) for index in indexes]


def _groups(call: Call) -> Answer:
    access = call.query.chosen("accessType", ("user", "admin", "site-admin"))
    indexes = {"user": [0], "admin": [1], "site-admin": [2], None: list(range(len(GROUPS)))}[access]
    return offset_window(call, _group_rows(call.content, indexes), 200, highest=200, cost=2)


def _group_picker(call: Call) -> Answer:
    query = (call.query.one("query") or "").casefold()
    rows = _group_rows(call.content, [index for index, name in enumerate(GROUPS) if query in name.casefold()])
    return offset_window(call, rows, 200, highest=200, cost=2, total=call.query.flag("shouldReturnTotalSize"))


def _group_index(identifier: str | None) -> int:
    for index in range(len(GROUPS)):
        if group_id(index) == identifier:
            return index
    raise v1_problem(404, f"No group found with id: {identifier}")


def _group(call: Call) -> Answer:
    return plain(_group_rows(call.content, [_group_index(call.query.one("id"))])[0], points=3)


def _members(call: Call) -> Answer:
    members = group_members(call.content, _group_index(call.path["groupId"]))
    rows = [user(call.content, index) for index in members]
    return offset_window(call, rows, 200, highest=200, cost=2, total=call.query.flag("shouldReturnTotalSize"))


def _member_of(call: Call) -> Answer:
    found = _indexes(call)
    groups = [
        index for index in range(len(GROUPS)) if found and found[0] in group_members(call.content, index)
    ]
    return offset_window(call, _group_rows(call.content, groups), 200, highest=200, cost=2)


OPERATIONS = (
    v1("/user/current", _current, "read:confluence-user", "read:content-details"),
    v1("/user", _user, "read:confluence-user", "read:content-details"),
    v1("/user/bulk", _bulk, "read:confluence-user", "read:content-details"),
    v1("/user/anonymous", _anonymous, "read:confluence-user", "read:user"),
    v1("/user/memberof", _member_of, "read:confluence-user", "read:user", "read:group"),
    v1("/group", _groups, "read:confluence-groups", "read:group"),
    v1("/group/by-id", _group, "read:confluence-groups", "read:group"),
    v1("/group/picker", _group_picker, "read:confluence-groups", "read:group"),
    v1("/group/{groupId}/membersByGroupId", _members, "read:confluence-groups", "read:group", "read:user"),
)
