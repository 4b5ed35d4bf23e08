"""Every operation of the sandbox, held against Atlassian's own OpenAPI files where those are at hand."""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.rest import ROUTES, ApiRequest, Surroundings, answer, scopes_needed
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.numbering import Kind
from confluence_nb.sandbox.wiki.order import Order
from confluence_nb.sandbox.wiki.pages import Ref
from confluence_nb.sandbox.wiki.things import SITE_LABELS

V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"

# What was recorded from the service although its documents say otherwise: field -> why.
NULL_THOUGH_NOT_NULLABLE = {
    "parentId": "pages at the top of a space and trashed pages",
    "parentType": "pages at the top of a space and trashed pages",
    "description": "spaces without a description, or when none was asked for",
    "icon": "spaces without an icon, or when none was asked for",
    "mediaTypeDescription": "files of a type nobody described",
    "homepageId": "spaces whose homepage was deleted",
    "timeZone": "people who hide it",
    "personalSpaceId": "people without a personal space",
}


# What v2 answers hold although its documents do not know it: the end of its path -> why.
UNDOCUMENTED = {
    "sourceTemplateEntityId": "recorded on pages",
    "version.ncsStepVersion": "recorded on pages and posts",
    "_links.edituiv2": "recorded on pages and posts",
    "resolutionStatus": "recorded on footer comments",
    "properties.inline-marker-ref": "recorded on inline comments",
    "properties.inline-original-selection": "recorded on inline comments",
    "meta.count": "recorded on the likes of a page",
    "currentActiveAlias": "recorded on a single space, where only the list documents it",
    "collaborators": "recorded on a single file, asked for by include-collaborators",
    "page": "recorded on the versions that a page includes",
    "attachment": "recorded on the versions that a file includes",
    **dict.fromkeys(
        ("blogpost", "custom", "comment"), "as recorded on pages and files, on included versions too"
    ),
    "directChildren": "asked for by include-direct-children, whose answer is not documented",
    "roleAssignments": "asked for by include-role-assignments, whose answer is not documented",
    "operations": "asked for by include-operations, on a folder and its like not documented",
    "properties": "asked for by include-properties, on a folder and its like not documented",
}


# Values that were recorded although no document lists them, by those that it lists.
UNLISTED = {("user", "group", "role"): "access-class"}


def specs_folder() -> Path | None:
    named = os.environ.get("CONFLUENCE_SPECS")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "specs"
    return folder if (folder / "confluence-v2.json").is_file() else None


FOLDER = specs_folder()
pytestmark = pytest.mark.skipif(
    FOLDER is None,
    reason="needs the official OpenAPI files: set CONFLUENCE_SPECS to the folder that holds them",
)


@cache
def spec(version: str) -> dict[str, Any]:
    assert FOLDER is not None
    loaded: dict[str, Any] = json.loads((FOLDER / f"confluence-{version}.json").read_text())
    return loaded


def version_of(path: str) -> str:
    return "v2" if path.startswith(V2) else "v1"


def spec_operation(method: str, path: str) -> dict[str, Any]:
    inside = path.removeprefix(V2) if path.startswith(V2) else path
    found: dict[str, Any] = spec(version_of(path))["paths"][inside][method.lower()]
    return found


def translated(node: Any, root: dict[str, Any], key: str = "") -> Any:
    """OpenAPI 3.0 as JSON Schema: nullable becomes a type, references stay inside the document."""
    if isinstance(node, list):
        return [translated(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    found = {
        name: translated(value, root, name)
        for name, value in node.items()
        if name not in ("example", "nullable", "default")
    }
    if "properties" in node:
        found["properties"] = {
            name: translated(value, root, name) for name, value in node["properties"].items()
        }
        for name in set(node["properties"]) & set(NULL_THOUGH_NOT_NULLABLE):
            found["properties"][name] = {"anyOf": [found["properties"][name], {"type": "null"}]}
    if (unlisted := UNLISTED.get(tuple(node.get("enum", ())))) is not None:
        found["enum"] = [*node["enum"], unlisted]
    if node.get("nullable"):
        return {"anyOf": [found, {"type": "null"}]}
    return found


@cache
def validator(method: str, path: str) -> Draft202012Validator | None:
    operation = spec_operation(method, path)
    content = operation["responses"].get("200", {}).get("content", {})
    if "application/json" not in content:
        return None
    root = spec(version_of(path))
    components = {name: translated(schema, root) for name, schema in root["components"]["schemas"].items()}
    # That an id of nothing maps to null is said in words only.
    types = components.get("ContentIdToContentTypeResponse", {}).get("properties", {}).get("results", {})
    if types:
        types["additionalProperties"]["anyOf"].append({"type": "null"})
    schema = translated(content["application/json"]["schema"], root)
    return Draft202012Validator({"allOf": [schema], "components": {"schemas": components}})


@cache
def content() -> SiteContent:
    return SiteContent(site_url="https://acme.atlassian.net", seed=7, spaces=6, pages=400, accounts=ACCOUNTS)


def examples(path: str) -> Iterator[str]:
    """The path with ids of things of the sandbox in it, several of each kind."""
    names = re.findall(r"{(.*?)}", path)
    if not names:
        yield path
        return
    if "attachmentId" in names:
        for identifier in identifiers(path):
            for file in content().attachments_of(content().pages.find(identifier).ref):
                if file.status == "current":
                    yield path.replace("{id}", identifier).replace("{attachmentId}", file.id)
        return
    for identifier in identifiers(path):
        filled = path.replace("{" + names[0] + "}", identifier)
        rest = names[1:]
        if rest == ["property-id"]:
            listed = json.loads(fetch(filled.rpartition("/")[0]).body)["results"]
            yield from (filled.replace("{property-id}", row["id"]) for row in listed)
            continue
        for name in rest:
            filled = filled.replace("{" + name + "}", SECOND[name])
        yield filled


SECOND = {
    "version-number": "1",
    "operationKey": "read",
    "key": "theme",
    "type": "page",
    "sourceType": "user",
    "sourceKey": "current",
    "targetType": "content",
    "targetKey": "32769",
    "groupId": "00000002-7f3a-4c1e-9b52-000000003dde",
}


@cache
def identifiers(path: str) -> tuple[str, ...]:
    site = content()
    head = path.removeprefix(V2).removeprefix(V1).strip("/").split("/")[0]
    pages = [page for page in site.pages.read(Order()) if page.status == "current"]
    refs = [page.ref for page in pages]
    posts = [post.ref for post in site.blogposts.read(Order()) if post.status == "current"]
    nodes = {
        "folders": Kind.FOLDER,
        "whiteboards": Kind.WHITEBOARD,
        "databases": Kind.DATABASE,
        "embeds": Kind.EMBED,
    }
    if head in nodes:
        found = [Ref(nodes[head], page.number) for page in pages]
        return tuple(ref.id for ref in found if site.tree.get(ref) is not None)[:4]
    match path.removeprefix(V2).removeprefix(V1):
        case "/attachments/{id}/thumbnail/download":
            files = [file for ref in refs for file in site.attachments_of(ref)]
            return tuple(file.id for file in files if file.media_type.startswith("image/"))[:9]
        case "/settings/theme/{themeKey}":
            return tuple(row["themeKey"] for row in json.loads(fetch(f"{V1}/settings/theme").body)["results"])
        case "/space/{spaceKey}/theme":
            return tuple(space.key for space in site.spaces if space.index % 2)
        case "/user/watch/space/{spaceKey}":
            return tuple(space.key for space in site.spaces)
        case "/user/watch/label/{labelName}":
            return tuple(label.name for label in SITE_LABELS[:6])
        case "/user/watch/content/{contentId}":
            return tuple(ref.id for ref in refs[:9])
    match head:
        case "spaces":
            return tuple(space.id for space in site.spaces)
        case "blogposts":
            return tuple(ref.id for ref in posts[:12])
        case "attachments":
            return tuple(
                file.id for ref in refs for file in site.attachments_of(ref) if file.status == "current"
            )[:60]
        case "footer-comments" | "comments":
            return tuple(one.id for ref in refs for one in site.comments_of(Kind.FOOTER_COMMENT, ref))[:40]
        case "inline-comments":
            return tuple(one.id for ref in refs for one in site.comments_of(Kind.INLINE_COMMENT, ref))[:40]
        case "custom-content":
            return tuple(item.id for ref in refs if (item := site.custom.get(ref.number)))[:20]
        case "labels":
            return tuple(label.id for label in SITE_LABELS[:6])
        case "tasks":
            return tuple(task.id for ref in refs for task in site.tasks_of(ref))[:20]
        case "space-roles" | "template" | "longtask":
            return tuple(
                row[("id" if head != "template" else "templateId")]
                for row in json.loads(fetch(LISTS[head]).body)["results"]
            )
        case "app":
            return ("settings",)
        case "user":
            return tuple(account.account_id for account in ACCOUNTS[:3])
        case "group":
            return tuple(row["id"] for row in json.loads(fetch(f"{V1}/group").body)["results"])
        case "space":
            return tuple(space.key for space in site.spaces)
        case "relation":
            return ("sandbox-reviews",)
    return tuple(ref.id for ref in [*refs[:30], *refs[-10:]])


LISTS = {"space-roles": f"{V2}/space-roles", "template": f"{V1}/template/page", "longtask": f"{V1}/longtask"}

EXPANDED = [
    f"content.{part}"
    for part in ("body.storage", "version", "space", "history.lastUpdated", "ancestors", "metadata.labels")
]

# What a call needs or shows more with.
QUERIES: dict[str, tuple[tuple[str, str], ...]] = {
    f"{V1}/search": (
        ("cql", "type in (page, space, comment, attachment)"),
        ("expand", ",".join(EXPANDED)),
        ("limit", "900"),
    ),
    f"{V1}/content/search": (
        ("cql", "type in (page, blogpost, comment)"),
        ("expand", "body.storage,version,space"),
        ("limit", "90"),
    ),
    f"{V1}/search/user": (("cql", 'type = user and user.fullname ~ "a"'),),
    f"{V1}/user": (("accountId", ACCOUNTS[1].account_id),),
    f"{V1}/user/bulk": tuple(("accountId", account.account_id) for account in ACCOUNTS),
    f"{V1}/user/memberof": (("accountId", ACCOUNTS[1].account_id),),
    f"{V1}/user/email": (("accountId", ACCOUNTS[1].account_id),),
    f"{V1}/user/email/bulk": (("accountId", ACCOUNTS[1].account_id),),
    f"{V1}/group/picker": (("query", "e"),),
    f"{V1}/group/by-id": (("id", "00000001-7f3a-4c1e-9b52-000000001eef"),),
    f"{V1}/label": (("name", "runbook"),),
    f"{V1}/contentbody/convert/async/bulk/tasks": (("ids", "1"),),
    f"{V1}/space/{{spaceKey}}/state/content": (("state-id", "1"),),
}  # fmt: skip

BODIES = {
    f"{V2}/users-bulk": {"accountIds": [account.account_id for account in ACCOUNTS]},
    f"{V2}/content/convert-ids-to-types": {"contentIds": ["32769", "1"]},
    f"{V2}/user/access/check-access-by-email": {"emails": ["ada.lovelace@example.com", "x@example.org", "x"]},
    f"{V1}/content/{{id}}/permission/check": {
        "subject": {"type": "user", "identifier": ACCOUNTS[3].account_id},
        "operation": "read",
    },
}


NATURAL = Surroundings()


def fetch(
    url: str,
    query: tuple[tuple[str, str], ...] = (),
    method: str = "GET",
    body: object = None,
    around: Surroundings = NATURAL,
) -> Any:
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(content(), ApiRequest(method, url, query, sent, ACCOUNTS[0].account_id, around))


def full_query(method: str, path: str) -> tuple[tuple[str, str], ...]:
    """Every include there is, and bodies, so that no part of a row goes unseen."""
    if path in QUERIES:
        return QUERIES[path]
    query: list[tuple[str, str]] = []
    for parameter in spec_operation(method, path).get("parameters", []):
        name = parameter.get("name", "")
        if name == "body-format":
            query.append((name, "storage"))
        elif name.startswith("include-") and name not in ("include-version", "include-blank-tasks"):
            query.append((name, "true"))
        elif name == "description-format":
            query.append((name, "plain"))
        elif name == "type" and "custom-content" in path:
            query.append((name, "ac:com.example.diagrams:diagram"))
    return tuple(query)


def required_query(path: str) -> tuple[tuple[str, str], ...]:
    """What a call cannot do without."""
    return QUERIES.get(
        path,
        tuple(pair for pair in full_query("GET", path) if pair[0] == "type") if path not in BODIES else (),
    )


OPERATIONS = [(operation.method, operation.path) for operation in ROUTES.operations]


@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS]
)
def test_answers_validate(method: str, path: str) -> None:
    checked = rows = 0
    for url in examples(path):
        for query in {full_query(method, path), required_query(path)}:
            found = fetch(url, query, method, BODIES.get(path))
            if "302" in spec_operation(method, path)["responses"]:
                assert (found.status, found.body) == (302, b"")
                checked = rows = 1
                continue
            assert found.status == 200, (url, query, found.body)
            parsed = json.loads(found.body)
            schema = validator(method, path)
            if schema is not None:
                errors = errors_of(schema, parsed)
                assert not errors, (url, errors[:5])
            checked += 1
            rows += len(parsed["results"]) if isinstance(parsed, dict) and "results" in parsed else 1
    assert checked, "no example of this path was found"
    assert rows, "no row was checked"


def is_list(operation: dict[str, Any] | None, version: str) -> bool:
    if operation is None:
        return False
    schema = (
        operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    while "$ref" in schema:
        schema = spec(version)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return (
        schema.get("type") == "array"
        or schema.get("properties", {}).get("results", {}).get("type") == "array"
    )


def errors_of(schema: Draft202012Validator, parsed: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in schema.iter_errors(parsed)
    ]


LIST_OPERATIONS = [
    (method, path)
    for method, path in OPERATIONS
    if FOLDER is not None
    and (is_list(spec_operation(method, path), version_of(path)) or path == f"{V2}/users-bulk")
]


@pytest.mark.parametrize("count", [0, 1, 600])
@pytest.mark.parametrize(
    ("method", "path"), LIST_OPERATIONS, ids=[f"{method} {path}" for method, path in LIST_OPERATIONS]
)
def test_lists_of_a_chosen_length_validate_whatever_they_are_asked_about(
    method: str, path: str, count: int
) -> None:
    url = re.sub(r"{(\w+)}", lambda match: SECOND.get(match[1], "987654321"), re.sub("-id}", "}", path))
    around = Surroundings(rows_per_list=count)
    found = fetch(url, full_query(method, path), method, BODIES.get(path), around)
    assert found.status == 200, found.body
    parsed = json.loads(found.body)
    schema = validator(method, path)
    assert schema is not None
    assert errors_of(schema, parsed)[:5] == []
    rows = parsed["results"] if isinstance(parsed, dict) else parsed
    if len(rows) != count:
        assert 0 < len(rows) < count
        counted = path.endswith(("/ancestors", "/search/user"))
        assert counted or parsed.get("cursor") or "next" in parsed["_links"]


def described(schema: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """The plain schemas that a schema is put together from."""
    if "$ref" in schema:
        return described(root["components"]["schemas"][schema["$ref"].rpartition("/")[2]], root)
    parts = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, [])]
    return [schema, *(found for part in parts for found in described(part, root))]


def undocumented(
    value: Any, schemas: list[dict[str, Any]], root: dict[str, Any], path: str = ""
) -> Iterator[str]:
    """The keys of an answer that no schema names; objects without any named key may hold what they like."""
    plain = [part for schema in schemas for part in described(schema, root)]
    if isinstance(value, list):
        items = [part["items"] for part in plain if "items" in part]
        for item in value:
            yield from undocumented(item, items, root, path)
    elif isinstance(value, dict):
        named = [part["properties"] for part in plain if "properties" in part]
        for key, inner in value.items():
            known = [properties[key] for properties in named if key in properties]
            if known:
                yield from undocumented(inner, known, root, key)
            elif named:
                yield f"{path}.{key}" if path in ("version", "_links", "properties", "meta") else key


V2_OPERATIONS = [
    (method, path) for method, path in OPERATIONS if path.startswith(V2) and not path.endswith("/download")
]


@pytest.mark.parametrize(
    ("method", "path"), V2_OPERATIONS, ids=[f"{method} {path}" for method, path in V2_OPERATIONS]
)
def test_nothing_is_sent_that_neither_documents_nor_recordings_know(method: str, path: str) -> None:
    answered = spec_operation(method, path)["responses"].get("200", {}).get("content", {})
    schema = answered["application/json"]["schema"]
    for url in islice(examples(path), 15):
        found = json.loads(fetch(url, full_query(method, path), method, BODIES.get(path)).body)
        assert set(undocumented(found, [schema], spec("v2"))) <= UNDOCUMENTED.keys(), url


@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS]
)
def test_scopes_are_those_of_the_specs(method: str, path: str) -> None:
    declared = spec_operation(method, path).get("x-atlassian-oauth2-scopes", [])
    expected = {frozenset(entry["scopes"]) for entry in declared if entry["scopes"]}
    found = scopes_needed(method, re.sub(r"{.*?}", "1", path))
    assert found is not None
    assert set(found) == expected


def test_every_operation_of_the_specs_wants_its_scopes_served_or_not() -> None:
    for version, prefix in (("v2", V2), ("v1", "")):
        for path, methods in spec(version)["paths"].items():
            for method in set(methods) & {"get", "post", "put", "patch", "delete"}:
                declared = methods[method].get("x-atlassian-oauth2-scopes", [])
                expected = {frozenset(entry["scopes"]) for entry in declared if entry["scopes"]}
                found = scopes_needed(method.upper(), prefix + re.sub(r"{.*?}", "1", path))
                assert found is not None, (method, path)
                assert set(found) == expected, (method, path)


def test_the_operations_are_written_down_as_the_specs_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    tools = Path(__file__).resolve().parents[1] / "tools"
    monkeypatch.syspath_prepend(tools)
    tool = runpy.run_path(str(tools / "build_operations.py"))
    fresh = tool["written"](tool["build"](FOLDER))
    assert fresh == tool["OPERATIONS"].read_text(encoding="utf-8"), "run tools/build_operations.py again"


def test_every_list_of_the_specs_is_served() -> None:
    served = {(method, re.sub(r"{.*?}", "{}", path)) for method, path in OPERATIONS}
    missing = [
        path
        for version, prefix in (("v2", V2), ("v1", ""))
        for path, operations in spec(version)["paths"].items()
        if is_list(operations.get("get"), version)
        and ("GET", re.sub(r"{.*?}", "{}", prefix + path)) not in served
    ]
    assert missing == []


def parameters_of(method: str, path: str) -> Iterator[tuple[str, list[Any], str]]:
    """The parameters of a query: name, the values that are listed, the type of one."""
    root = spec(version_of(path))["components"]
    for declared in spec_operation(method, path).get("parameters", []):
        parameter = (
            root["parameters"][declared["$ref"].rpartition("/")[2]] if "$ref" in declared else declared
        )
        if parameter["in"] == "query":
            schema = resolved(parameter["schema"], root)
            item = resolved(schema.get("items", schema), root)
            yield parameter["name"], item.get("enum", []), item.get("type", "")


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = root["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


READ = [
    (method, path)
    for method, path in OPERATIONS
    if FOLDER is not None and method == "GET" and path.startswith(V2) and any(parameters_of(method, path))
]
# What comes only together with another.
TOGETHER = {"principal-type": ("principal-id", ACCOUNTS[0].account_id)}


@pytest.mark.parametrize(("method", "path"), READ, ids=[f"{method} {path}" for method, path in READ])
def test_values_that_are_listed_are_taken_and_no_others(method: str, path: str) -> None:
    url = next(examples(path))
    for name, values, kind in parameters_of(method, path):
        rest = [pair for pair in required_query(path) if pair[0] != name]
        rest += [TOGETHER[name]] if name in TOGETHER else []
        for value in values:
            found = fetch(url, (*rest, (name, str(value))), method)
            # A thing is not found by a status that it has not.
            assert found.status in ((200, 404) if name == "status" else (200,)), (name, value)
        strange = {"boolean": "perhaps", "integer": "x"}.get(kind, "no-such" if values else None)
        if strange is not None:
            assert fetch(url, (*rest, (name, strange)), method).status == 400, name
