"""Any JSON value as a text that every encoding can hold."""

from __future__ import annotations

import json
from typing import Any


def text_of(value: Any) -> str:
    """A text as it is; anything else as JSON."""
    return value if isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """The value as JSON, a text in quotation marks: `json.loads` gives it back."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def encodable(text: str) -> str:
    """Half of a surrogate pair, which JSON admits and no encoding does, as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
