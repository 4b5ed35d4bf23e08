"""One of Atlassian's OpenAPI files, with its references followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


class Specification:
    """The file's operations and schemas."""

    def __init__(self, path: Path) -> None:
        self.root: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.is_v2 = "/pages" in self.root["paths"]

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.root
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def row(self, operation: dict[str, Any]) -> dict[str, Any] | None:
        """The schema of one row when the answer is a list, else None."""
        content = operation["responses"].get("200", {}).get("content", {})
        schema = self.resolve(content.get("application/json", {}).get("schema", {}))
        listed = (
            schema
            if schema.get("type") == "array"
            else self.resolve(schema.get("properties", {}).get("results", {}))
        )
        return listed.get("items") if listed.get("type") == "array" else None

    def thing(self, operation: dict[str, Any]) -> dict[str, Any]:
        """The schema of an answer that is one thing."""
        schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
        whole: dict[str, Any] = schema.get("allOf", [schema])[0]  # the links of the answer stand apart
        return whole
