"""What governs a site in the v2 API: permissions and roles, data policies, classification, app properties."""

from __future__ import annotations

import base64
from collections.abc import Callable

from confluence_nb.sandbox.rest.exchange import Answer, Call, Operation, plain, v2, whole
from confluence_nb.sandbox.rest.problems import bad_cursor, missing, v2_problem
from confluence_nb.sandbox.rest.shapes import Row, space_row
from confluence_nb.sandbox.rest.subjects import BLOGPOST, DATABASE, PAGE, WHITEBOARD, Subject, space_of
from confluence_nb.sandbox.rest.v2_spaces import role_assignment_rows
from confluence_nb.sandbox.rest.window import in_memory, window
from confluence_nb.sandbox.wiki.numbering import Kind, id_of

_SPACE_PERMISSION = "read:space.permission"
_CONFIGURATION = "read:configuration"

_PRINCIPALS = ("USER", "GROUP", "ACCESS_CLASS")
_PERMISSIONS = tuple(
    {
        "id": f"{verb}/{target}",
        "displayName": f"{verb.capitalize()} {target}s",
        "description": f"May {verb} {target}s of the space",
        "requiredPermissionIds": [] if verb == "read" else [f"read/{target}"],
    }
    for target in ("space", "page", "blogpost", "comment", "attachment", "whiteboard", "database", "folder")
    for verb in ("read", "create", "delete", "archive")
)
_ROLES = tuple(
    {
        "id": id_of(Kind.ROLE, index),
        "type": "SYSTEM" if index < 3 else "CUSTOM",
        "name": name,
        "description": f"Role of a {name.lower()}",
        "spacePermissions": [row["id"] for row in _PERMISSIONS[:: 4 - index] if isinstance(row["id"], str)],
    }
    for index, name in enumerate(("Viewer", "Contributor", "Admin", "Traductrice"))
)
_LEVELS: tuple[Row, ...] = tuple(
    {
        "id": f"level-{order}",
        "status": "PUBLISHED",
        "order": order,
        "name": name,
        "description": f"Content that is {name.lower()}",
        "guideline": "",
        "color": color,
    }
    for order, (name, color) in enumerate(
        (("Public", "GREEN"), ("Internal", "BLUE"), ("Confidential", "RED"))
    )
)
_APP_PROPERTIES: tuple[Row, ...] = tuple(
    {"key": key, "value": value}
    for key, value in (
        ("installed", {"by": None, "version": 2}),
        ("settings", {"theme": "dark", "retries": 3}),
    )
)


def _permissions(call: Call) -> Answer:
    return window(call, in_memory(_PERMISSIONS, {"id": lambda row: None}), lambda pair: pair[1], cost=2)


def _role_type(call: Call) -> str | None:
    kind = call.query.chosen("role-type", ("SYSTEM", "CUSTOM", "system", "custom"))
    return None if kind is None else kind.upper()


def _principal(call: Call) -> dict[str, str] | None:
    """The person or group that a call names, by kind and id together, or None."""
    kind, identifier = call.query.chosen("principal-type", _PRINCIPALS), call.query.one("principal-id")
    if (kind is None) != (identifier is None):
        lacking = "principal-id" if identifier is None else "principal-type"
        raise v2_problem(400, "INVALID_REQUEST_PARAMETER", f"Missing required parameter: {lacking}")
    return {"principalType": kind, "principalId": identifier} if kind and identifier else None


def _roles(call: Call) -> Answer:
    kind, principal, named = _role_type(call), _principal(call), call.query.one("space-id")
    space = None if named is None else call.content.space(named)
    if named is not None and space is None:
        raise missing("a space", named)
    spaces = call.content.spaces if space is None else (space,)
    given = {
        row["roleId"]
        for one in spaces
        for row in role_assignment_rows(call.content, one)
        if row["principal"] == principal
    }
    rows = [
        role for role in _ROLES if kind in (None, role["type"]) and (principal is None or role["id"] in given)
    ]
    return window(call, in_memory(rows, {"id": lambda row: None}), lambda pair: pair[1], cost=2)


def _role(call: Call) -> Answer:
    for role in _ROLES:
        if role["id"] == call.path["id"]:
            return plain(role, points=3)
    raise missing("a space role", call.path["id"])


def _assignments(call: Call) -> Answer:
    role, kind, principal = call.query.one("role-id"), _role_type(call), _principal(call)
    types = {one["id"]: one["type"] for one in _ROLES}
    rows = [
        row
        for row in role_assignment_rows(call.content, space_of(call))
        if role in (None, row["roleId"])
        and kind in (None, types[row["roleId"]])
        and principal in (None, row["principal"])
    ]
    return window(call, in_memory(rows, {"id": lambda row: None}), lambda pair: pair[1], cost=2)


def _combinations(call: Call) -> Answer:
    limit = call.query.whole("limit", 25, 1, 250)
    start = _read_place(call.query.one("cursor"))
    rows: list[Row] = [
        {
            "combinationId": f"combination-{index}",
            "spaceCount": len(call.content.spaces),
            "principalCount": 3 + index,
            "permissions": [
                {"id": row["id"], "displayName": row["displayName"]} for row in _PERMISSIONS[index::8]
            ],
            "principalTypes": ["USER", "GROUP"],
        }
        for index in range(3)
    ]
    rows = whole(call, rows)
    shown, more = rows[start : start + limit], start + limit < len(rows)
    cursor = base64.b64encode(b"%d" % (start + limit)).decode() if more else None
    return plain({"results": shown, "generatedAt": None, "cursor": cursor}, rows=len(shown))


def _read_place(cursor: str | None) -> int:
    """The cursor of this list stands in the answer itself, and counts rows."""
    try:
        return 0 if cursor is None else int(base64.b64decode(cursor, validate=True))
    except ValueError:
        raise bad_cursor() from None


def _role_mode(call: Call) -> Answer:
    return plain({"mode": "ROLES_TRANSITION"})


def _policy(call: Call) -> Answer:
    return plain({"anyContentBlocked": False})


def _policy_spaces(call: Call) -> Answer:
    ids, keys = call.query.ids("ids", 250), call.query.many("keys", 250)
    spaces = [
        space
        for space in call.content.spaces
        if (not ids or space.id in ids) and (not keys or space.key in keys)
    ]
    sorts = {
        "id": lambda space: space.index,
        "key": lambda space: space.key,
        "name": lambda space: space.name,
    }

    def row(pair: tuple[int, object]) -> Row:
        whole = space_row(call.content, spaces[pair[0]], None, False)
        kept = {name: whole[name] for name in ("id", "key", "name", "description", "icon", "_links")}
        return kept | {"dataPolicy": {"anyContentBlocked": False}}

    return window(call, in_memory(spaces, sorts), row, cost=1)


def _levels(call: Call) -> Answer:
    rows = whole(call, _LEVELS)
    return plain(rows, rows=len(rows))


def _level(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        thing = subject.of(call)
        if subject in (PAGE, BLOGPOST):
            call.query.chosen("status", ("current", "draft", "archived"))
        return plain(_LEVELS[call.content.chance.below(len(_LEVELS), thing.number, 200)])

    return answer


def _space_level(call: Call) -> Answer:
    return plain(_LEVELS[space_of(call).index % len(_LEVELS)])


def _app_properties(call: Call) -> Answer:
    return window(
        call, in_memory(_APP_PROPERTIES, {"id": lambda row: None}), lambda pair: pair[1], default_limit=50
    )


def _app_property(call: Call) -> Answer:
    for row in _APP_PROPERTIES:
        if row["key"] == call.path["propertyKey"]:
            return plain(row)
    raise v2_problem(404, "NOT_FOUND", f"Cannot find an app property with key [{call.path['propertyKey']}]")


def _operations() -> list[Operation]:
    found = [
        v2("/space-permissions", _permissions, _SPACE_PERMISSION),
        v2("/space-permissions/transition/combinations", _combinations, _CONFIGURATION),
        v2("/space-roles", _roles, _SPACE_PERMISSION),
        v2("/space-roles/{id}", _role, _SPACE_PERMISSION),
        v2("/space-role-mode", _role_mode, _CONFIGURATION),
        v2("/spaces/{id}/role-assignments", _assignments, _SPACE_PERMISSION),
        v2("/data-policies/metadata", _policy, _CONFIGURATION),
        v2("/data-policies/spaces", _policy_spaces, "read:space"),
        v2("/classification-levels", _levels, _CONFIGURATION),
        v2("/spaces/{id}/classification-level/default", _space_level, "read:space"),
        v2("/app/properties", _app_properties, "read:app-data"),
        v2("/app/properties/{propertyKey}", _app_property, "read:app-data"),
    ]
    for subject in (PAGE, BLOGPOST):
        # Reading the level of a page or post takes the scope to write it as well.
        found.append(
            v2(
                f"/{subject.plural}/{{id}}/classification-level",
                _level(subject),
                subject.scope,
                also="write:page",
            )
        )
    for subject in (WHITEBOARD, DATABASE):
        found.append(v2(f"/{subject.plural}/{{id}}/classification-level", _level(subject), subject.scope))
    return found


OPERATIONS = tuple(_operations())
