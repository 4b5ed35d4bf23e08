"""The v1 endpoints that once were: Atlassian answers 410 for them to OAuth apps."""

from __future__ import annotations

import re
from functools import lru_cache

_ID = r"(?:att)?\d+"

_REMOVED: tuple[tuple[str, str], ...] = (
    ("GET POST", r"content"),
    ("GET PUT DELETE", rf"content/{_ID}"),
    ("GET", rf"content/{_ID}/child(?:/\w+)?"),
    ("GET", rf"content/{_ID}/history"),
    ("GET", rf"content/{_ID}/label"),
    ("GET POST PUT DELETE", rf"content/{_ID}/property(?:/[^/]+)?"),
    ("GET", rf"content/{_ID}/version(?:/\d+)?"),
    ("POST", r"contentbody/convert/(?!async)[^/]+"),
    ("GET DELETE", r"group/by-name"),
    ("GET", r"group/[^/]+/member"),
    ("GET PUT", r"inlinetasks/.+"),
    ("GET", r"space"),
    ("GET", r"space/[^/]+"),
    ("GET", r"space/[^/]+/content(?:/\w+)?"),
    ("GET POST PUT DELETE", r"space/[^/]+/property(?:/[^/]+)?"),
)
_PATTERNS = tuple((methods.split(), re.compile(f"/wiki/rest/api/{pattern}")) for methods, pattern in _REMOVED)


@lru_cache(maxsize=4_096)
def is_removed(method: str, path: str) -> bool:
    """True for an operation that v1 had and its current description has not."""
    return any(method in methods and pattern.fullmatch(path) for methods, pattern in _PATTERNS)
