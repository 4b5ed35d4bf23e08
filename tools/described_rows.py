"""What the rows of an answer hold, read out of the schema that a specification gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from specification import Specification

from confluence_nb.api.columns import ANY_FORMAT, FORMATS, LINKS, column_name

# Not sent in a list of v2. What a list of v1 leaves out is among its expandable fields.
UNASKED = {"operations", "likes", "versions"}

# Sent although the specifications do not say so, as recorded of the service. See also LINKS.
RESOLUTION = [
    ["resolution_status", "category", "resolutionStatus", ["open", "reopened", "resolved", "dangling"]]
]
STEP = [["version_ncs_step_version", "string", "version.ncsStepVersion"]]
TEMPLATE = [["source_template_entity_id", "string", "sourceTemplateEntityId"]]
FOOTER = ("Attachment", "CustomContent", "Page", "BlogPost", "Footer", "Children")
RECORDED = {
    **dict.fromkeys(("PageBulk (v2)", "PageSingle (v2)"), STEP + TEMPLATE),
    **dict.fromkeys(("BlogPostBulk (v2)", "BlogPostSingle (v2)"), STEP),
    **dict.fromkeys((f"{kind}CommentModel (v2)" for kind in FOOTER), RESOLUTION),
}

# Values that were recorded although no specification lists them, by those that it lists.
UNLISTED = {("user", "group", "role"): ["access-class"]}

# What stands beside the rows in any list.
PAGE_OF_A_LIST = {"results", "meta", "start", "limit", "size", "totalSize", "_links"}

# Sent without being expanded although they are listed as expandable: who may read and who may edit.
SENT = {("ContentRestriction", "restrictions"), ("", "user"), ("", "group")}
SENT |= {("Relation", "relationData")}

# Closed sets of values that v1 describes as any text, and v2 now and then; v2 names most of them elsewhere.
CONTENT = ["page", "blogpost", "comment", "attachment", "whiteboard", "database", "embed", "folder"]
SPACES = ["global", "collaboration", "knowledge_base", "personal", "system", "onboarding"]
SPACES += ["xflow_sample_space"]
PEOPLE = ["known", "unknown", "anonymous", "user"]
ACCOUNTS = ["atlassian", "app", "customer", "unknown"]
STATUSES = ["current", "draft", "archived", "historical", "trashed", "deleted"]
TREE = ["page", "whiteboard", "database", "embed", "folder"]
LABELS = ["my", "team", "global", "system"]
CLOSED = {
    ("Content", "type"): CONTENT,
    ("Content", "status"): STATUSES,
    ("Space", "type"): SPACES,
    ("Space", "status"): ["current", "archived"],
    ("Label", "prefix"): LABELS,
    ("SpaceWatch", "prefix"): LABELS,
    ("WatchUser", "type"): PEOPLE,
    ("WatchUser", "accountType"): ACCOUNTS,
    ("BulkUserLookup", "accountType"): ACCOUNTS,
    ("User", "accountType"): ACCOUNTS,
    ("PageBulk", "subtype"): ["live", "page"],
}
HIERARCHICAL = ("ChildrenResponse", "DescendantsResponse")
HIERARCHICAL += ("FolderSingle", "DatabaseSingle", "WhiteboardSingle", "SmartLinkSingle")
CLOSED |= {(owner, "type"): TREE for owner in HIERARCHICAL}

# What a single thing holds only when a parameter of this name, after `include-`, asks for it.
INCLUDED = {name: name for name in ("labels", "properties", "operations", "likes", "versions", "permissions")}
INCLUDED["isFavoritedByCurrentUser"] = "favorited-by-current-user-status"

# A search row is about one thing: what is found comes up a level (see confluence_nb.frames.search).
FOUND = [
    ["id", "string", "id"],
    ["type", "category", "type", [*CONTENT, *SPACES, *PEOPLE]],
    ["status", "category", "status", STATUSES],
    *([name, "string", name] for name in ("title", "space_id", "space_key", "space_name")),
    ["excerpt", "string", "excerpt"],
    ["last_modified", "datetime", "lastModified"],
    ["url", "string", "url"],
    ["entity_type", "category", "entityType", ["content", "space", "user"]],
    ["score", "Float64", "score"],
    ["parent_title", "string", "parent_title"],
    ["breadcrumbs", "list", "breadcrumbs"],
    ["account_id", "string", "accountId"],
]
FOUND_USER = ["title", "excerpt", "last_modified", "url", "entity_type", "score", "breadcrumbs"]


def columns_of(
    spec: Specification, path: str, operation: dict[str, Any], row: dict[str, Any]
) -> tuple[str, list[list[Any]]]:
    """The name of a kind of row, and its columns."""
    key = row.get("$ref", "").rpartition("/")[2] or path.strip("/").replace("/", " ")
    key = f"{key} (v{2 if spec.is_v2 else 1})"
    if path == "/wiki/rest/api/search":
        return "found", FOUND
    if path == "/wiki/rest/api/search/user":
        user = list(flattened(spec, {"$ref": "#/components/schemas/User"}, ()))
        return "found user", user + [column for column in FOUND if column[0] in FOUND_USER]
    columns = list(flattened(spec, row, ()))
    if key == "Content (v1)":  # v1 describes no links; those of content are always sent
        columns += [[LINKS[link], "string", f"_links.{link}"] for link in ("webui", "tinyui", "editui")]
    columns += RECORDED.get(key, [])
    if key == "Relation (v1)":
        return key, columns + list(related(spec, row))
    names = [column[0] for column in columns]
    for name in expansions(spec, operation, row):
        columns += [column for column in expanded(spec, row, name) if column[0] not in names]
    names = [column[0] for column in columns]
    if len(set(names)) != len(names):
        raise SystemExit(f"Two columns of {path} have one name: {sorted(names)}")
    return key, columns


def flattened(spec: Specification, schema: dict[str, Any], at: tuple[str, ...]) -> Iterator[list[Any]]:
    """The columns of a schema, nested objects flattened, in its order."""
    owner = schema.get("$ref", "").rpartition("/")[2]
    schema = spec.resolve(schema)
    expandable = set(schema.get("properties", {}).get("_expandable", {}).get("properties", ()))
    unasked = UNASKED if spec.is_v2 else expandable
    for name, described in schema.get("properties", {}).items():
        is_content = name == "body" and bool(FORMATS & set(spec.resolve(described).get("properties", ())))
        if owner.endswith("Single") and name in INCLUDED:
            for column in of_field(spec, owner, described, (*at, name)):
                yield asked(column, f"include-{INCLUDED[name]}")
        elif is_content or name == "_links":
            yield from of_field(spec, owner, described, (*at, name))
        elif name.startswith("_") or (name in unasked and (owner, name) not in SENT):
            continue
        else:
            yield from of_field(spec, owner, described, (*at, name))


def of_field(
    spec: Specification, owner: str, described: dict[str, Any], source: tuple[str, ...]
) -> Iterator[list[Any]]:
    """The columns of one field of the schema called `owner`."""
    field = spec.resolve(described)
    properties = field.get("properties", {})
    name = source[-1]
    if name == "_links":
        yield from texts(source, [link for link in properties if link in LINKS])
    elif FORMATS & set(properties):
        yield from texts((*source, ANY_FORMAT), ["value"])
        if "embeddedContent" in spec.resolve(next(iter(properties.values()))).get("properties", ()):
            name = column_name((*source, "embeddedContent"))
            yield [name, "list", ".".join((*source, ANY_FORMAT, "embeddedContent"))]
    elif "results" in properties:
        yield from inside_a_list(field, owner, source)
    elif name == "space" and not properties:  # a template's space is described as any object
        yield from texts(source, ["id", "key", "name"])
    elif properties:
        yield from flattened(spec, described, source)
    elif (owner, name) in CLOSED:
        yield [column_name(source), "category", ".".join(source), CLOSED[owner, name]]
    else:
        yield [column_name(source), *typed(field, name, source)]


def related(spec: Specification, row: dict[str, Any]) -> Iterator[list[Any]]:
    """Both ends of a relation: the path says of what kind each is. They stay empty unless they are expanded."""
    for end in ("source", "target"):
        for kind in spec.resolve(row)["properties"][end]["oneOf"]:
            name = kind["$ref"].rpartition("/")[2]
            columns = list(flattened(spec, kind, (end,)))
            if name != "User":
                links = ("webui", "tinyui", "editui") if name == "Content" else ("webui",)
                columns += [[f"{end}_{LINKS[link]}", "string", f"{end}._links.{link}"] for link in links]
            yield from (asked(column, f"{end}Type={name.lower()}") for column in columns)


def expansions(spec: Specification, operation: dict[str, Any], row: dict[str, Any]) -> list[str]:
    """What `expand` adds to a row, save bodies, whose columns are in any row that has them."""
    if row.get("$ref", "").endswith("/Content"):  # named in words only, and not for every list
        names = re.findall(
            r"- `([\w.]+)`", spec.root["components"]["parameters"]["contentExpand"]["description"]
        )
    else:
        declared = [spec.resolve(parameter) for parameter in operation.get("parameters", ())]
        schemas = [parameter["schema"] for parameter in declared if parameter["name"] == "expand"]
        names = [name for schema in schemas for name in schema["items"].get("enum", ())]
    return [name for name in names if name.split(".")[0] != "body"]


def expanded(spec: Specification, row: dict[str, Any], name: str) -> Iterator[list[Any]]:
    """The columns of what can be expanded, as far as it is described."""
    schema, owner, path = row, "", tuple(name.split("."))
    for key in path:
        owner = schema.get("$ref", "").rpartition("/")[2]
        schema = spec.resolve(schema).get("properties", {}).get(key, {})
        if path == ("metadata", "labels"):  # described as a list in either of two forms
            schema = schema.get("oneOf", [schema])[0]
    field = spec.resolve(schema)
    is_described = "properties" in field or field.get("type", "object") != "object"
    if is_described:
        for column in of_field(spec, owner, schema, path):
            yield asked(column, name)
    if name == "space":
        yield asked(["space_url", "string", "space._links.webui"], name)


def asked(column: list[Any], by: str) -> list[Any]:
    """The column, promised only when `by` asks for it."""
    name, dtype, source, *categories = column[:4]
    return [name, dtype, source, categories[0] if categories else [], by]


def texts(at: tuple[str, ...], names: list[str]) -> Iterator[list[Any]]:
    """Fields that are text, whatever is said of them."""
    for name in names:
        yield [column_name((*at, name)), "string", ".".join((*at, name))]


def inside_a_list(field: dict[str, Any], owner: str, source: tuple[str, ...]) -> Iterator[list[Any]]:
    """A list within a row is one column, save the `properties` of a comment: named values beside a list."""
    named = [key for key in field["properties"] if key not in PAGE_OF_A_LIST]
    yield from texts(source, named)
    if not named and (source != ("properties",) or owner.endswith("Single")):
        yield [column_name((*source, "results")), "list", ".".join((*source, "results"))]


def typed(field: dict[str, Any], name: str, source: tuple[str, ...]) -> list[Any]:
    """The dtype of a plain field, and where it is, and its fixed values."""
    where = ".".join(source)
    kind = field.get("type")
    is_id = name == "id" or name.endswith("Id")
    if kind == "array":
        return ["list", where]
    if field.get("format") == "date-time" or (kind == "integer" and name.endswith("Date")):
        return ["datetime", where]
    if kind == "string" and field.get("enum"):
        return ["category", where, [*field["enum"], *UNLISTED.get(tuple(field["enum"]), ())]]
    if kind == "string" or is_id:
        return ["string", where]
    dtypes = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}
    return [dtypes.get(str(kind), "json"), where]
