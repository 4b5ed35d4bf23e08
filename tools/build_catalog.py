"""Turn Atlassian's two OpenAPI files into `confluence_nb/api/catalog.json`: names, types, limits, no prose.

    python tools/build_catalog.py FOLDER     # with confluence-v1.json and confluence-v2.json in it

Where a specification says too little to call the API rightly, the fact is stated here, with its reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from described_rows import columns_of
from specification import Specification

CATALOG = Path(__file__).parent.parent / "confluence_nb" / "api" / "catalog.json"
V2 = "/wiki/api/v2"

# Read with POST, because the ids go in the body.
POSTED = {"/users-bulk", "/content/convert-ids-to-types"}

# Read one at a time: what a list leaves out, and what no list has.
ONE_BY_ONE = {
    *(f"/{things}/{{id}}" for things in ("pages", "blogposts", "attachments", "spaces")),
    *(f"/{things}/{{id}}" for things in ("folders", "databases", "whiteboards", "embeds")),
    *(f"/{things}/{{comment-id}}" for things in ("footer-comments", "inline-comments")),
    "/content/convert-ids-to-types",
    "/wiki/rest/api/user/current",
    "/wiki/rest/api/analytics/content/{contentId}/views",
    "/wiki/rest/api/analytics/content/{contentId}/viewers",
}

# Their start and limit count the users inside a row; the rows, one for each operation, come all at once.
NOT_PAGED = {"/wiki/rest/api/content/{id}/restriction"}


def build(folder: Path) -> dict[str, Any]:
    """The whole catalog."""
    rows: dict[str, list[list[Any]]] = {}
    collections: dict[str, Any] = {}
    one_by_one: dict[str, Any] = {}
    scopes: dict[str, Any] = {}
    for name in ("confluence-v2.json", "confluence-v1.json"):
        spec = Specification(folder / name)
        for path, method, operation in spec.operations():
            is_read = method == "get" or path in POSTED
            row = spec.row(operation) if is_read else None
            if row is not None:
                kept = collections
            elif is_read and path in ONE_BY_ONE:
                kept, row = one_by_one, spec.thing(operation)
            if row is not None:
                key, columns = columns_of(spec, path, operation, row)
                if rows.setdefault(key, columns) != columns:
                    raise SystemExit(f"Two kinds of row are called {key}: {path}")
                kept[path] = facts_of(spec, path, method, operation, key)
            elif operation.get("x-atlassian-oauth2-scopes"):
                url = V2 + path if spec.is_v2 else path
                scopes[f"{method.upper()} {url}"] = alternatives(operation)
    return {"collections": collections, "one_by_one": one_by_one, "rows": rows, "scopes": scopes}


def facts_of(
    spec: Specification, path: str, method: str, operation: dict[str, Any], row: str
) -> dict[str, Any]:
    facts: dict[str, Any] = {"row": row}
    if path == "/wiki/rest/api/search":
        facts["holds"] = {"content": "Content (v1)"}
    parameters = list(parameters_of(spec, path, operation))
    names = {parameter["name"] for parameter in parameters}
    facts["paging"] = paging_of(spec, path, names)
    if method != "get":
        facts["method"] = method.upper()
    if operation.get("deprecated"):
        facts["deprecated"] = True
    facts["scopes"] = alternatives(operation)
    if parameters:
        facts["parameters"] = parameters
    return facts


def alternatives(operation: dict[str, Any]) -> list[list[str]]:
    """The scope sets of an operation: the current ones first, then the granular ones that v1 calls beta."""
    sets = sorted(operation["x-atlassian-oauth2-scopes"], key=lambda entry: entry["state"] != "Current")
    unique: list[list[str]] = []
    for entry in sets:
        if entry["scopes"] not in unique:
            unique.append(entry["scopes"])
    return unique


def paging_of(spec: Specification, path: str, names: set[str]) -> str:
    if path in NOT_PAGED or path in ONE_BY_ONE:
        return "none"
    if path.endswith("/ancestors"):
        return "ancestors"
    if "cursor" in names:
        return "cursor" if spec.is_v2 else "cql"
    return "offset" if "start" in names else "none"


def parameters_of(spec: Specification, path: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    declared = [spec.resolve(parameter) for parameter in operation.get("parameters", ())]
    for parameter in sorted(declared, key=lambda entry: entry["in"] != "path"):
        if parameter["name"] != "_":  # a browser's way around its own cache
            yield parameter_fact(spec, path, parameter)
    body = spec.resolve(operation.get("requestBody", {}))
    schema = spec.resolve(body.get("content", {}).get("application/json", {}).get("schema", {}))
    for name, described in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        yield parameter_fact(
            spec, path, {"name": name, "in": "body", "required": required, "schema": described}
        )


def parameter_fact(spec: Specification, path: str, parameter: dict[str, Any]) -> dict[str, Any]:
    name = parameter["name"]
    schema = spec.resolve(parameter["schema"])
    many = schema.get("type") == "array"
    item = (
        spec.resolve(schema["items"]) if "items" in schema else schema
    )  # v2 puts the values of some sorts in items
    fact: dict[str, Any] = {"name": name}
    maximum = item.get("maximum")
    if path.startswith("/wiki/rest/api/group") and name == "limit":
        maximum = 200  # said in words only
    kind = parameter_type(spec, path, parameter, item)
    max_items = schema.get("maxItems")
    joined = spec.is_v2 or parameter.get("explode") is False
    if path == "/wiki/rest/api/user/bulk" and name == "accountId":
        many, joined, max_items = (
            True,
            False,
            100,
        )  # typed as one string, and documented as a list of up to a hundred
    if kind != "string":
        fact["type"] = kind
    if parameter["in"] != "query":
        fact["place"] = parameter["in"]
    if many:
        fact["many"] = True
        if not joined:
            fact["joined"] = False
    # Expansions nest beyond the values listed, and a depth may also be any number.
    allowed = [value for value in item.get("enum", ()) if value]
    if allowed and name != "expand" and not any("<" in value for value in allowed):
        fact["allowed"] = allowed
    if schema.get("default") is not None:
        fact["default"] = schema["default"]
    for ours, value in (
        ("minimum", item.get("minimum")),
        ("maximum", maximum),
        ("max_items", max_items),
    ):
        if value is not None:
            fact[ours] = value
    if parameter.get("required"):
        fact["required"] = True
    return fact


def parameter_type(spec: Specification, path: str, parameter: dict[str, Any], item: dict[str, Any]) -> str:
    name = parameter["name"]
    if name in ("start", "limit"):
        return "integer"  # v1 types those of one list as strings
    if name.endswith(("-at-from", "-at-to")) or name in ("startDate", "endDate"):
        return "epoch-ms"
    if name == "space-id":
        return "id"  # one list types it as a string
    # An attachment's own id begins with att, though some of its lists type it as a number.
    is_attachment = path.startswith("/attachments/") and parameter["in"] == "path"
    if is_attachment or name == "contentIds" or (not spec.is_v2 and name in ("id", "contentId")):
        return "content-id"
    if item.get("type") == "integer" and (name in ("id", "ids") or name.endswith("-id")):
        return "id"
    kind: str = item.get("type", "string")
    return kind


def written(catalog: dict[str, Any]) -> str:
    """The catalog as text: one list, one kind of row, one operation to a line, so that changes read well."""
    parts = []
    for name, entries in catalog.items():
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items())
        parts.append(f'"{name}": {{\n{lines}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    catalog = build(Path(arguments[0]))
    CATALOG.write_text(written(catalog), encoding="utf-8")
    print(f"{CATALOG.name}: {len(catalog['collections'])} lists, {len(catalog['scopes'])} other operations")


if __name__ == "__main__":
    main(sys.argv[1:])
