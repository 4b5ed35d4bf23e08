"""What the values in the editor's JSON document are taken for: nodes, attributes, characters that XML can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def nodes_of(value: Any) -> list[Node]:
    return [node for node in value if isinstance(node, Mapping)] if isinstance(value, list) else []


def attrs_of(node: Node) -> Node:
    found = node.get("attrs")
    return found if isinstance(found, Mapping) else {}


def text_of(value: Any) -> str:
    """The value as characters that XML can hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return _NOT_IN_XML.sub("�", text)


def first_of(attrs: Node, *names: str) -> str:
    return next((text for name in names if (text := text_of(attrs.get(name)))), "")
