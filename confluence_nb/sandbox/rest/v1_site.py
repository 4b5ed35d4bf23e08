"""What the v1 API still tells about a site: templates, audit log, long tasks, relations, emails of people."""

from __future__ import annotations

from datetime import timedelta

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1, whole
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.query import BadValueError
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_shapes import GROUPS, label
from confluence_nb.sandbox.rest.v1_shapes import space as space_row
from confluence_nb.sandbox.rest.v1_subjects import space_of_key
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import iso, milliseconds
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.spaces import Space
from confluence_nb.sandbox.wiki.things import SITE_LABELS

_SUMMARY = "read:confluence-content.summary"
_AUDIT = "read:audit-log:confluence"
_TEMPLATES = (
    "Meeting notes",
    "Décision d'architecture",
    "Post-mortem <draft>",
    "Weekly status & goals",
    "採用面接",
)
# How many numbers a space sets aside for its templates; the first so many are global ones.
_TEMPLATE_SEATS = 16
_BLUEPRINTS = ("How-to article", "Product requirements", "Retrospective")
_AUDITED = (
    ("Space created", "Spaces", "Space"),
    ("Page restrictions changed", "Permissions", "Page"),
    ("User added to group", "Users and groups", "Group"),
    ("Global permission added", "Permissions", "Group"),
    ("Page exported", "Import/Export", "Page"),
)
_AUDIT_RECORDS = 1_200
_UNITS = {
    "NANOS": 1e-9, "MICROS": 1e-6, "MILLIS": 1e-3, "SECONDS": 1, "MINUTES": 60, "HOURS": 3_600,
    "HALF_DAYS": 43_200,
    "DAYS": 86_400, "WEEKS": 604_800, "MONTHS": 2_629_746, "YEARS": 31_556_952, "DECADES": 315_569_520,
    "CENTURIES": 3_155_695_200,
}  # fmt: skip
_USER_PROPERTIES = ("theme", "sidebar", "onboarding-done", "last-space", "zoom", "beta")


def _space_asked(call: Call) -> Space | None:
    key = call.query.one("spaceKey")
    return None if key is None else space_of_key(call, key)


def _template(call: Call, index: int, name: str, kind: str, found: Space | None) -> Row:
    number = index if found is None else (found.index + 1) * _TEMPLATE_SEATS + index
    row: Row = {
        "templateId": id_of(Kind.TEMPLATE, number),
        "name": name,
        "description": "" if index % 2 else f"Starting point: {name}",
        "labels": [label(SITE_LABELS[index])],
        "templateType": kind,
        "editorVersion": "v2",
        "_expandable": {"body": ""},
        "_links": {"self": f"{call.base}/rest/api/template/{id_of(Kind.TEMPLATE, number)}"},
    }
    if found is not None:
        row["space"] = space_row(call.content, found)
    if "body" in call.query.many("expand"):
        value = f"<h2>{index + 1}</h2><p>&hellip;</p>"
        row["body"] = {
            "storage": {"value": value, "representation": "storage", "embeddedContent": [], "_expandable": {}}
        }
    return row


def _page_templates(call: Call) -> Answer:
    space = _space_asked(call)
    rows = [_template(call, index, name, "page", space) for index, name in enumerate(_TEMPLATES)]
    return offset_window(call, rows, 25)


def _blueprints(call: Call) -> Answer:
    rows, space = [], _space_asked(call)
    for index, name in enumerate(_BLUEPRINTS):
        plugin = {"pluginKey": "com.example.blueprints", "moduleKey": name.lower().replace(" ", "-")}
        row = _template(call, len(_TEMPLATES) + index, name, "blueprint", space)
        rows.append(row | {"originalTemplate": plugin, "referencingBlueprint": plugin["moduleKey"]})
    return offset_window(call, rows, 25)


def _one_template(call: Call) -> Answer:
    number, names = number_of(Kind.TEMPLATE, call.path["contentTemplateId"]), (*_TEMPLATES, *_BLUEPRINTS)
    if number is not None:
        holder, index = divmod(number, _TEMPLATE_SEATS)
        if holder <= len(call.content.spaces) and index < len(names):
            kind = "page" if index < len(_TEMPLATES) else "blueprint"
            space = call.content.spaces[holder - 1] if holder else None
            return plain(_template(call, index, names[index], kind, space))
    raise v1_problem(404, f"No template found with id: {call.path['contentTemplateId']}")


def _audit_record(content: SiteContent, index: int, end: int) -> Row:
    bits = content.chance.bits(index, 240)
    summary, category, kind = _AUDITED[bits % len(_AUDITED)]
    account = content.accounts[(bits >> 8) % len(content.accounts)]
    named = {
        "Space": content.spaces[(bits >> 16) % len(content.spaces)].name,
        "Group": GROUPS[(bits >> 16) % len(GROUPS)],
        "Page": f"Page {bits >> 20 & 0xFFF}",
    }[kind]
    changed = [{"name": "status", "oldValue": "", "newValue": "active"}] if bits >> 40 & 1 else []
    return {
        "author": {
            "type": "user",
            "displayName": account.name,
            "accountId": account.account_id,
            "accountType": "atlassian",
            "isExternalCollaborator": False,
            "isGuest": False,
            "publicName": account.name.split(" ")[0],
            "operations": None,
        },
        "remoteAddress": f"192.0.2.{bits >> 24 & 255}",
        "creationDate": end - index * 2_700_000 - (bits & 0xFFFFF),
        "summary": summary,
        "description": "",
        "category": category,
        "sysAdmin": False,
        "superAdmin": False,
        "affectedObject": {"name": named, "objectType": kind},
        "changedValues": changed,
        "associatedObjects": [],
    }


def _told(record: Row) -> str:
    """The words that a search of the log looks at."""
    who, what = record["author"]["displayName"], record["affectedObject"]["name"]
    return f"{record['summary']} {record['category']} {who} {what} {record['remoteAddress']}".casefold()


def _audit_window(call: Call, first: int | None, last: int | None) -> Answer:
    wanted = (call.query.one("searchString") or "").casefold()
    end = call.content.attached.until
    records = [_audit_record(call.content, index, end) for index in range(_AUDIT_RECORDS)]
    rows = [
        record
        for record in records
        if (first is None or record["creationDate"] >= first)
        and (last is None or record["creationDate"] <= last)
        and wanted in _told(record)
    ]
    return offset_window(call, rows, 1_000)


def _audit(call: Call) -> Answer:
    return _audit_window(call, call.query.moment("startDate"), call.query.moment("endDate"))


def _audit_since(call: Call) -> Answer:
    number = call.query.whole("number", 3, 0, None)
    unit = call.query.chosen("units", tuple(_UNITS)) or "MONTHS"
    seconds = number * _UNITS[unit]
    try:
        return _audit_window(call, milliseconds(call.content.now() - timedelta(seconds=seconds)), None)
    except OverflowError:
        raise BadValueError("number", str(number), "period within the calendar") from None


def _long_task_rows() -> list[Row]:
    return [
        {
            "ari": f"ari:cloud:confluence::task/{index + 1}",
            "id": str(index + 1),
            "name": {"key": "com.atlassian.confluence.extra.export", "args": []},
            "elapsedTime": 1_500 * (index + 1),
            "percentageComplete": percent,
            "successful": percent == 100,
            "finished": percent == 100,
            "messages": [{"translation": "Copied 12 pages", "args": []}] if percent == 100 else [],
            "status": "COMPLETE" if percent == 100 else "IN_PROGRESS",
            "errors": [],
            "additionalDetails": {},
        }
        for index, percent in enumerate((100, 100, 40))
    ]


def _long_tasks(call: Call) -> Answer:
    return offset_window(call, _long_task_rows(), 100)


def _long_task(call: Call) -> Answer:
    for row in _long_task_rows():
        if row["id"] == call.path["id"]:
            links = {
                "base": call.base,
                "context": "/wiki",
                "self": f"{call.base}/rest/api/longtask/{row['id']}",
            }
            return plain(row | {"_links": links})
    raise v1_problem(404, f"No long running task found with id: {call.path['id']}")


def _retention(call: Call) -> Answer:
    return plain({"number": 3, "units": "YEARS"})


def _emails(call: Call) -> Answer:
    asked = [value for name, value in call.query.pairs if name == "accountId"]
    indexes = [index for index in map(call.content.account_index, asked) if index is not None]
    people = [call.content.accounts[index] for index in indexes]
    rows = whole(call, [{"accountId": one.account_id, "email": one.email} for one in people])
    return plain(rows, points=1 + 2 * len(rows), rows=len(rows))


def _email(call: Call) -> Answer:
    index = call.content.account_index(call.query.one("accountId") or "")
    if index is None:
        raise v1_problem(404, f"No user found with accountId: {call.query.one('accountId')}")
    account = call.content.accounts[index]
    return plain({"accountId": account.account_id, "email": account.email}, points=3)


def _user_properties(call: Call) -> Answer:
    _known_person(call)
    rows: list[Row] = [{"key": key} for key in _USER_PROPERTIES]
    return offset_window(call, rows, 5, highest=25)


def _user_property(call: Call) -> Answer:
    index, key = _known_person(call), call.path["key"]
    if key not in _USER_PROPERTIES:
        raise v1_problem(404, f"No property found with key: {key}")
    place = _USER_PROPERTIES.index(key)
    saved = iso(call.content.spaces[0].created)
    return plain(
        {
            "key": key,
            "value": {"chosen": call.content.chance.below(5, index * 8 + place, 245)},
            "id": id_of(Kind.PROPERTY, (index * 32 + Kind.SPACE + 1) * 4 + place),
            "lastModifiedDate": saved,
            "createdDate": saved,
        }
    )


def _known_person(call: Call) -> int:
    index = call.content.account_index(call.path["userId"])
    if index is None:
        raise v1_problem(404, f"No user found with id: {call.path['userId']}")
    return index


OPERATIONS = (
    v1("/template/page", _page_templates, _SUMMARY, "read:template", "read:content-details"),
    v1("/template/blueprint", _blueprints, _SUMMARY, "read:template", "read:content-details"),
    v1("/template/{contentTemplateId}", _one_template, _SUMMARY, "read:template", "read:content-details"),
    v1("/audit", _audit, _AUDIT),
    v1("/audit/since", _audit_since, _AUDIT),
    v1("/audit/retention", _retention, _AUDIT),
    v1("/longtask/{id}", _long_task, "read:confluence-space.summary", "read:content.metadata"),
    v1("/longtask", _long_tasks, "", "read:content.metadata"),
    v1("/user/email", _email, "", "read:email-address"),
    v1("/user/email/bulk", _emails, "", "read:email-address"),
    v1("/user/{userId}/property", _user_properties, "read:user.property:confluence"),
    v1("/user/{userId}/property/{key}", _user_property, "read:user.property:confluence"),
)  # fmt: skip
