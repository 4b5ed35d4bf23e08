"""Spaces of the v2 API: the list, one by id, and what is said about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluence_nb.sandbox.rest.attached_shapes import label_row
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, single, v2
from confluence_nb.sandbox.rest.facets import INCLUDED_AT_MOST, labels_window, property_by_id
from confluence_nb.sandbox.rest.preferences import favours_space
from confluence_nb.sandbox.rest.shapes import Row, space_row
from confluence_nb.sandbox.rest.subjects import space_of
from confluence_nb.sandbox.rest.window import in_memory, window
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import iso
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import SITE_LABELS, Label

TYPES = (
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
)
_DESCRIPTIONS = ("plain", "view")
SCOPE = "read:space"
_ACCESS_CLASSES = ("ALL_LICENSED_USERS", "ALL_PRODUCT_ADMINS")


def space_labels(content: SiteContent, space: Space) -> list[Label]:
    """The labels a space itself carries."""
    bits = content.chance.bits(space.index, 171)
    named = [label for label in SITE_LABELS if label.prefix != "global"]
    return [label for index, label in enumerate(named) if bits >> index & 1]


def permission_rows(content: SiteContent, space: Space) -> list[Row]:
    """Who may do what in a space: people, groups, roles, and everybody of some kind."""
    found: list[Row] = []
    bits = content.chance.bits(space.index, 172)
    principals = [
        {"type": "user", "id": content.accounts[(bits + step) % len(content.accounts)].account_id}
        for step in range(4)
    ]
    principals += [{"type": "group", "id": group_id(index)} for index in range(2)]
    principals.append({"type": "role", "id": id_of(Kind.ROLE, 1)})
    principals += [{"type": "access-class", "id": name} for name in _ACCESS_CLASSES]
    for principal in principals:
        for key, target in (
            ("read", "space"),
            ("create", "page"),
            ("create", "comment"),
            ("delete", "page"),
            ("administer", "space"),
        ):
            number = space.index * 64 + len(found)
            found.append(
                {
                    "id": str(900_000 + number),
                    "principal": principal,
                    "operation": {"key": key, "targetType": target},
                }
            )
    return found


def group_id(index: int) -> str:
    """The id of a group."""
    return f"{index + 1:08x}-7f3a-4c1e-9b52-{(index + 1) * 7_919:012x}"


def property_rows(content: SiteContent, space: Space) -> list[Row]:
    """The properties of a space."""
    author = content.accounts[space.author].account_id
    return [
        {
            "id": id_of(Kind.PROPERTY, (space.index * 32 + Kind.SPACE) * 4 + index),
            "key": key,
            "value": value,
            "createdAt": iso(space.created),
            "createdBy": author,
            "version": {"createdAt": iso(space.created), "createdBy": author, "message": "", "number": 1},
        }
        for index, (key, value) in enumerate(
            (
                ("default-theme", {"name": "light", "accent": None}),
                ("com.example.owner", "platform"),
                ("onboarding", True),
            )
        )
    ]


def _operation_rows() -> list[Row]:
    return [{"operation": name, "targetType": "space"} for name in ("use", "read", "update", "export")]


def _spaces(call: Call) -> Answer:
    query, content = call.query, call.content
    ids, keys = query.ids("ids", 250), {key.casefold() for key in query.many("keys", 250)}
    kind, status = query.chosen("type", TYPES), query.chosen("status", ("current", "archived"))
    labels = set(query.many("labels"))
    favored, unfavored = query.one("favorited-by"), query.one("not-favorited-by")
    description, icon = query.chosen("description-format", _DESCRIPTIONS), query.flag("include-icon")
    spaces = [
        space
        for space in content.spaces
        if (not ids or space.id in ids)
        and (not keys or space.key.casefold() in keys)
        and kind in (None, space.type)
        and status in (None, space.status)
        and (not labels or labels & {label.name for label in space_labels(content, space)})
        and (favored is None or _favors(content, favored, space))
        and (unfavored is None or not _favors(content, unfavored, space))
    ]
    sorts: dict[str, Any] = {
        "id": lambda space: space.index,
        "key": lambda space: space.key.casefold(),
        "name": lambda space: space.name.casefold(),
    }
    return window(
        call, in_memory(spaces, sorts), lambda pair: space_row(content, pair[1], description, icon), cost=1
    )


def _favors(content: SiteContent, account_id: str, space: Space) -> bool:
    index = content.account_index(account_id)
    return index is not None and favours_space(content, index, space)


def _space(call: Call) -> Answer:
    space, query, content = space_of(call), call.query, call.content
    row = space_row(
        content, space, query.chosen("description-format", _DESCRIPTIONS), query.flag("include-icon")
    )
    parts: dict[str, Callable[[], list[Row]]] = {
        "operations": _operation_rows,
        "properties": lambda: property_rows(content, space),
        "permissions": lambda: permission_rows(content, space),
        "role-assignments": lambda: role_assignment_rows(content, space),
        "labels": lambda: [label_row(label) for label in space_labels(content, space)],
    }
    for name, rows_of in parts.items():
        if query.flag(f"include-{name}"):
            rows = rows_of()
            row["roleAssignments" if name == "role-assignments" else name] = {
                "results": rows[:INCLUDED_AT_MOST],
                "meta": {"hasMore": len(rows) > INCLUDED_AT_MOST},
                "_links": {"self": f"/api/v2/spaces/{space.id}/{name}"},
            }
    return single(call, row, points=2)


def role_assignment_rows(content: SiteContent, space: Space) -> list[Row]:
    """Who has which role in a space."""
    bits = content.chance.bits(space.index, 174)
    people = [content.accounts[(bits + step * 3) % len(content.accounts)].account_id for step in range(5)]
    rows: list[Row] = [
        {"principal": {"principalType": "USER", "principalId": person}, "roleId": id_of(Kind.ROLE, index % 3)}
        for index, person in enumerate(people)
    ]
    rows.append(
        {"principal": {"principalType": "GROUP", "principalId": group_id(0)}, "roleId": id_of(Kind.ROLE, 1)}
    )
    return rows


def _labels(call: Call) -> Answer:
    return labels_window(call, space_labels(call.content, space_of(call)), ("my", "team"))


def _content_labels(call: Call) -> Answer:
    space_of(call)
    return labels_window(call, [label for label in SITE_LABELS if label.prefix != "global"], ("my", "team"))


def _operations(call: Call) -> Answer:
    space_of(call)
    return plain({"operations": _operation_rows()})


def _permissions(call: Call) -> Answer:
    rows = in_memory(permission_rows(call.content, space_of(call)), {"id": lambda row: int(row["id"])})
    return window(call, rows, lambda pair: pair[1], cost=2)


def _properties(call: Call) -> Answer:
    key = call.query.one("key")
    rows = [row for row in property_rows(call.content, space_of(call)) if key in (None, row["key"])]
    return window(call, in_memory(rows, {"id": lambda row: int(row["id"])}), lambda pair: pair[1])


def _property(call: Call) -> Answer:
    return property_by_id(call, property_rows(call.content, space_of(call)))


OPERATIONS = (
    v2("/spaces", _spaces, SCOPE),
    v2("/spaces/{id}", _space, SCOPE),
    v2("/spaces/{id}/labels", _labels, SCOPE),
    v2("/spaces/{id}/content/labels", _content_labels, SCOPE),
    v2("/spaces/{id}/operations", _operations, SCOPE),
    v2("/spaces/{id}/permissions", _permissions, SCOPE),
    v2("/spaces/{space-id}/properties", _properties, SCOPE),
    v2("/spaces/{space-id}/properties/{property-id}", _property, SCOPE),
)
