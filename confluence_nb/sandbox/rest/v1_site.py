"""What the v1 API still tells about a site: templates, audit log, long tasks, themes, relations, emails."""

from __future__ import annotations

from datetime import timedelta

from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1, whole
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.query import BadValueError
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_content_rows import bare_row
from confluence_nb.sandbox.rest.v1_shapes import GROUPS, label, user
from confluence_nb.sandbox.rest.v1_shapes import space as space_row
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import milliseconds
from confluence_nb.sandbox.wiki.numbering import Kind, id_of, number_of
from confluence_nb.sandbox.wiki.order import Order
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
_RELATIONS = ("sandbox-reviews", "sandbox-follows")


def _space_asked(call: Call) -> Space | None:
    key = call.query.one("spaceKey")
    if key is None:
        return None
    found = call.content.space(key) if not key.isdigit() else None
    if found is None:
        raise v1_problem(404, f"No space with key : {key}")
    return found


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


def _long_tasks(call: Call) -> Answer:
    rows: list[Row] = [
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
    return offset_window(call, rows, 100)


def _themes(call: Call) -> Answer:
    icon = {"path": "/images/theme.png", "width": 110, "height": 73, "isDefault": False}
    rows: list[Row] = [
        {"themeKey": f"com.example.themes:{key}", "name": name, "description": "", "icon": icon}
        for key, name in (("plain", "Plain"), ("docs", "Documentation"))
    ]
    return offset_window(call, rows, 100)


def _relation(call: Call, who: int, hit: Hit) -> Row:
    return {
        "name": call.path["relationName"],
        "relationData": {"createdBy": user(call.content, who), "friendlyCreatedDate": ""},
        "source": user(call.content, who),
        "target": bare_row(hit),
        "_expandable": {"relationData": "", "source": "", "target": ""},
        "_links": {"base": call.base},
    }


def _relations_from(call: Call) -> Answer:
    source, target = call.path["sourceType"], call.path["targetType"]
    key = call.path["sourceKey"]
    who = call.account if key == "current" else call.content.account_index(key)
    if (source, target) != ("user", "content") or who is None or call.path["relationName"] not in _RELATIONS:
        return offset_window(call, [], 25)
    pages = [page for page in call.content.pages.read(Order()) if page.status == "current"][who::97]
    hits = [Hit(call.content, "page", page) for page in pages]
    return offset_window(call, hits, 25, shape=lambda hit: _relation(call, who, hit))


def _relations_to(call: Call) -> Answer:
    page = call.content.pages.find(call.path["targetKey"])
    known = call.path["relationName"] in _RELATIONS and call.path["targetType"] == "content"
    if page is None or not known or call.path["sourceType"] != "user":
        return offset_window(call, [], 25)
    hit = Hit(call.content, "page", page)
    people = range(page.number % 7, len(call.content.accounts), 7)
    return offset_window(call, [_relation(call, who, hit) for who in people], 25)


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
    if call.content.account_index(call.path["userId"]) is None:
        raise v1_problem(404, f"No user found with id: {call.path['userId']}")
    rows: list[Row] = [
        {"key": key} for key in ("theme", "sidebar", "onboarding-done", "last-space", "zoom", "beta")
    ]
    return offset_window(call, rows, 5, highest=25)


OPERATIONS = (
    v1("/template/page", _page_templates, _SUMMARY, "read:template", "read:content-details"),
    v1("/template/blueprint", _blueprints, _SUMMARY, "read:template", "read:content-details"),
    v1("/template/{contentTemplateId}", _one_template, _SUMMARY, "read:template", "read:content-details"),
    v1("/audit", _audit, _AUDIT),
    v1("/audit/since", _audit_since, _AUDIT),
    v1("/longtask", _long_tasks, "", "read:content.metadata"),
    v1("/settings/theme", _themes, "manage:confluence-configuration", "read:configuration"),
    v1("/relation/{relationName}/from/{sourceType}/{sourceKey}/to/{targetType}", _relations_from, _SUMMARY,
       "read:relation", "read:content-details"),
    v1("/relation/{relationName}/to/{targetType}/{targetKey}/from/{sourceType}", _relations_to, _SUMMARY,
       "read:relation", "read:content-details"),
    v1("/user/email", _email, "", "read:email-address"),
    v1("/user/email/bulk", _emails, "", "read:email-address"),
    v1("/user/{userId}/property", _user_properties, "read:user.property:confluence"),
)  # fmt: skip
