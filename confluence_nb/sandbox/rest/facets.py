"""What most things have: labels, operations, properties, versions, likes, and the include-… of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from confluence_nb.sandbox.rest.attached_shapes import label_row
from confluence_nb.sandbox.rest.exchange import Answer, Call, Operation, plain, v2
from confluence_nb.sandbox.rest.preferences import favours
from confluence_nb.sandbox.rest.problems import missing
from confluence_nb.sandbox.rest.saved_versions import saved_row, saved_rows
from confluence_nb.sandbox.rest.shapes import Row, version_row
from confluence_nb.sandbox.rest.subjects import (
    ATTACHMENT,
    BLOGPOST,
    CUSTOM,
    FOOTER,
    INLINE,
    NODES,
    PAGE,
    Subject,
    Thing,
    ref_of,
    versions_of,
)
from confluence_nb.sandbox.rest.window import in_memory, window
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.numbering import Kind, id_of
from confluence_nb.sandbox.wiki.things import Label
from confluence_nb.sandbox.wiki.versions import Version

INCLUDED_AT_MOST = 50
BODY_FORMATS = ("storage", "atlas_doc_format")
"""What lists give bodies in."""
PREFIXES = ("my", "team", "global", "system")
_OPERATIONS = ("use", "read", "update", "create", "delete", "copy", "move", "export", "archive")
_PROPERTY_KEYS = ("content-appearance-published", "editor", "emoji-title-published", "com.example.review")


def label_keys() -> dict[str, Callable[[Label], Any]]:
    """How labels can be sorted."""
    return {
        "id": lambda label: label.index,
        "created-date": lambda label: label.index,
        "name": lambda label: label.name,
    }


def labels_window(call: Call, labels: Sequence[Label], prefixes: Sequence[str] = PREFIXES) -> Answer:
    """A window of labels."""
    wanted = call.query.several("prefix", prefixes, prefixes)
    rows = in_memory([label for label in labels if label.prefix in wanted], label_keys())
    return window(call, rows, lambda pair: label_row(pair[1]))


def property_rows(content: SiteContent, thing: Thing) -> list[Row]:
    """The properties of a thing; what they hold differs from key to key, one of them null."""
    ref = ref_of(thing)
    if ref.kind is Kind.PAGE and ref.number >= content.pages.generated:
        return []
    bits = content.chance.bits(ref.number, 150 + ref.kind)
    values: tuple[Any, ...] = (
        "full-width",
        "v2",
        "1f680",
        {"reviewed": bits >> 8 & 1 == 1, "by": None, "score": bits % 100},
    )
    first = (ref.number * 32 + ref.kind) * len(values)
    return [
        {
            "id": id_of(Kind.PROPERTY, first + index),
            "key": key,
            "value": values[index],
            "version": version_row(content, versions_of(content, thing)[0]),
        }
        for index, key in enumerate(_PROPERTY_KEYS[: bits % (len(values) + 1)])
    ]


def operation_rows(thing: Thing) -> list[Row]:
    """What one may do with a thing."""
    target = {
        Kind.FOOTER_COMMENT: "comment",
        Kind.INLINE_COMMENT: "comment",
        Kind.CUSTOM_CONTENT: "custom-content",
    }.get(ref_of(thing).kind, ref_of(thing).kind.name.lower())
    return [{"operation": name, "targetType": target} for name in _OPERATIONS]


def included(call: Call, thing: Thing, row: Row) -> Row:
    """Add what include-… asks for: at most fifty of each, and whether there are more."""
    content, asks, ref = call.content, call.query.flag, ref_of(thing)
    if asks("include-labels"):
        row["labels"] = _part(call, [label_row(label) for label in content.labels_of(ref)], "labels")
    if asks("include-properties"):
        listed = _part(call, property_rows(content, thing), "properties")
        row["properties"] = row.get("properties", {}) | listed
    if asks("include-operations"):
        row["operations"] = _part(call, operation_rows(thing), "operations")
    if asks("include-likes"):
        likes = [{"accountId": content.accounts[index].account_id} for index in content.likes_of(ref)]
        row["likes"] = _part(call, likes, "likes/users")
        row["likes"]["meta"]["count"] = len(likes)
    if asks("include-versions"):
        asked = call.query.one("body-format")
        saved = saved_rows(content, thing, None if asked == "none" else asked, INCLUDED_AT_MOST + 1)
        row["versions"] = _part(call, saved, "versions")
    if asks("include-collaborators"):
        people = dict.fromkeys(version.author for version in versions_of(content, thing))
        row["collaborators"] = [{"accountId": content.accounts[index].account_id} for index in people]
    if asks("include-favorited-by-current-user-status"):
        row["isFavoritedByCurrentUser"] = favours(content, call.account, ref)
    if not asks("include-version", True):
        row.pop("version", None)
    return row


def _part(call: Call, rows: list[Row], path: str) -> Row:
    return {
        "results": rows[:INCLUDED_AT_MOST],
        "meta": {"hasMore": len(rows) > INCLUDED_AT_MOST},
        "_links": {"self": f"{call.request.path.removeprefix('/wiki')}/{path}"},
    }


def _labels(subject: Subject) -> Callable[[Call], Answer]:
    return lambda call: labels_window(call, call.content.labels_of(ref_of(subject.of(call))))


def _operations(subject: Subject) -> Callable[[Call], Answer]:
    return lambda call: plain({"operations": operation_rows(subject.of(call))})


def properties_window(call: Call, rows: list[Row]) -> Answer:
    """A window of content properties."""
    key = call.query.one("key")
    kept = [row for row in rows if key is None or row["key"] == key]
    return window(
        call,
        in_memory(kept, {"id": lambda row: int(row["id"]), "key": lambda row: row["key"]}),
        lambda pair: pair[1],
    )


def property_by_id(call: Call, rows: list[Row]) -> Answer:
    """One content property."""
    identifier = call.path["property-id"]
    for row in rows:
        if row["id"] == identifier:
            return plain(row)
    raise missing("a property", identifier)


def _properties(subject: Subject) -> Callable[[Call], Answer]:
    return lambda call: properties_window(call, property_rows(call.content, subject.of(call)))


def _property(subject: Subject) -> Callable[[Call], Answer]:
    return lambda call: property_by_id(call, property_rows(call.content, subject.of(call)))


def _likes_count(subject: Subject) -> Callable[[Call], Answer]:
    return lambda call: plain({"count": len(call.content.likes_of(ref_of(subject.of(call))))})


def _likes_users(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        accounts = call.content.accounts
        likes = in_memory(call.content.likes_of(ref_of(subject.of(call))), {"id": lambda index: None})
        return window(call, likes, lambda pair: {"accountId": accounts[pair[1]].account_id}, lowest=0, cost=2)

    return answer


def _versions(subject: Subject) -> Callable[[Call], Answer]:
    formats = ("raw", *BODY_FORMATS) if subject is CUSTOM else BODY_FORMATS

    def answer(call: Call) -> Answer:
        thing = subject.of(call)
        representation = body_format(call, formats)
        versions = versions_of(call.content, thing)[::-1]

        def row(pair: tuple[int, Version]) -> Row:
            return saved_row(call.content, thing, pair[1], pair[0], representation)

        rows = in_memory(versions, {"modified-date": lambda version: version.number})
        return window(call, rows, row, default_sort="-modified-date", bodies=representation is not None)

    return answer


def _version(subject: Subject) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        thing = subject.of(call)
        asked = call.path["version-number"]
        versions = versions_of(call.content, thing)
        if not asked.isdigit() or not 1 <= int(asked) <= len(versions):
            raise missing(f"a version of the {subject.name}", asked)
        number = int(asked)
        row = version_row(call.content, versions[number - 1]) | {
            "contentTypeModified": False,
            "collaborators": [call.content.accounts[versions[number - 1].author].account_id],
        }
        if number > 1:
            row["prevVersion"] = number - 1
        if number < len(versions):
            row["nextVersion"] = number + 1
        return plain(row)

    return answer


def body_format(call: Call, options: Sequence[str] = BODY_FORMATS) -> str | None:
    """The representation asked for; None leaves bodies out, and so does `none`, which clients are known to send."""
    chosen = call.query.chosen("body-format", (*options, "none"))
    return None if chosen == "none" else chosen


def _facets() -> list[Operation]:
    found = []
    for subject, word in (
        (PAGE, "page"),
        (BLOGPOST, "blogpost"),
        (ATTACHMENT, "attachment"),
        (CUSTOM, "custom-content"),
        (FOOTER, ""),
        (INLINE, ""),
    ):
        root, scope = f"/{subject.plural}", subject.scope
        found.append(v2(f"{root}/{{id}}/operations", _operations(subject), scope))
        named = "custom-content-id" if subject is CUSTOM else "id"
        found.append(v2(f"{root}/{{{named}}}/versions", _versions(subject), scope))
        found.append(
            v2(
                f"{root}/{{{word + '-' if word else ''}id}}/versions/{{version-number}}",
                _version(subject),
                scope,
            )
        )
        if word:
            found.append(v2(f"{root}/{{id}}/labels", _labels(subject), scope))
            found.append(v2(f"{root}/{{{word}-id}}/properties", _properties(subject), scope))
            found.append(v2(f"{root}/{{{word}-id}}/properties/{{property-id}}", _property(subject), scope))
        if subject not in (ATTACHMENT, CUSTOM):
            found.append(v2(f"{root}/{{id}}/likes/count", _likes_count(subject), scope))
            found.append(v2(f"{root}/{{id}}/likes/users", _likes_users(subject), scope))
    for subject in NODES:
        root, scope = f"/{subject.plural}", subject.scope
        found.append(v2(f"{root}/{{id}}/operations", _operations(subject), scope))
        found.append(v2(f"{root}/{{id}}/properties", _properties(subject), scope))
        found.append(
            v2(f"{root}/{{{subject.name}-id}}/properties/{{property-id}}", _property(subject), scope)
        )
    return found


OPERATIONS = tuple(_facets())
