"""Any JSON value as a text that every encoding can hold."""

from __future__ import annotations

import json
from typing import Any


def text_of(value: Any) -> str:
    """A text as it is; anything else as JSON."""
    return value if isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """The value as JSON, a text in quotation marks: `json.loads` gives it back."""
    try:
        return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    except RecursionError:
        return _deep_json(value)


class _Written(str):
    """A piece of JSON."""


def _deep_json(value: Any) -> str:
    """The same for what is nested deeper than Python's stack, which the reader of JSON takes."""
    pieces: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _Written):
            pieces.append(one)
        elif isinstance(one, dict):
            members = [
                part for name in one for part in (_Written(json.dumps(name) + ":"), one[name], _Written(","))
            ]
            waiting += reversed([_Written("{"), *members[:-1], _Written("}")])
        elif isinstance(one, list):
            items = [part for item in one for part in (item, _Written(","))]
            waiting += reversed([_Written("["), *items[:-1], _Written("]")])
        else:
            pieces.append(json.dumps(one, default=str))
    return "".join(pieces)


def encodable(text: str) -> str:
    """Half of a surrogate pair, which JSON admits and no encoding does, as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
