"""What the values in the editor's JSON document are taken for: nodes, attributes, characters that XML can hold."""

from __future__ import annotations

import json
import re
from typing import Any

Node = dict[str, Any]

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def nodes_of(value: Any) -> list[Node]:
    return [node for node in value if isinstance(node, dict)] if isinstance(value, list) else []


def attrs_of(node: Node) -> Node:
    found = node.get("attrs")
    return found if isinstance(found, dict) else {}


def text_of(value: Any) -> str:
    """The value as characters that XML can hold."""
    if isinstance(value, str):
        # What is printable is in XML too, and is soon recognised; most texts are.
        return value if value.isprintable() else _NOT_IN_XML.sub("\ufffd", value)
    if value is None:
        return ""
    return _NOT_IN_XML.sub("\ufffd", json.dumps(value, ensure_ascii=False, default=str))


def first_of(attrs: Node, *names: str) -> str:
    return next((text for name in names if (text := text_of(attrs.get(name)))), "")
