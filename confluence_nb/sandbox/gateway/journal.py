"""What was asked of the sandbox and what it answered, counted for tests; it never holds a token or a code."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict, deque
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from confluence_nb.sandbox.asgi import Request

_KEPT = 2_000
_SECRET_FIELDS = frozenset(
    {"code", "state", "client_secret", "access_token", "refresh_token", "code_challenge", "token"}
)
_IDENTIFIER = re.compile(r"(?:att)?\d+|[0-9a-fA-F-]{24,}|\d+:[0-9a-f-]{30,}")


class Journal:
    """Counts by route and status, and the last requests one by one."""

    def __init__(self) -> None:
        self._under_way = 0
        self.begin()

    def begin(self) -> None:
        """Forget what was counted; requests under way go on."""
        self.routes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.most_at_once = self._under_way

    def enter(self) -> float:
        """Note that a request has arrived; hand the returned moment to `leave`."""
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        return time.perf_counter()

    def leave(self, request: Request, outcome: str, entered: float) -> None:
        """Note how it was answered: a status, or the word of a fault that left none."""
        self._under_way -= 1
        self.routes[f"{request.method} {route_of(request.path)}"][outcome] += 1
        shown = [(name, "***" if name in _SECRET_FIELDS else value) for name, value in request.query]
        self.entries.append(
            {
                "method": request.method,
                "path": request.path,
                "query": urlencode(shown, safe="*"),
                "signed": "authorization" in request.headers,
                "outcome": outcome,
                "milliseconds": round((time.perf_counter() - entered) * 1e3, 2),
            }
        )

    @property
    def requests(self) -> int:
        """All that were answered or dropped."""
        return sum(sum(outcomes.values()) for outcomes in self.routes.values())


@lru_cache(maxsize=8_192)
def route_of(path: str) -> str:
    """The path with `{id}` for what differs from object to object, and without the gateway's prefix."""
    parts = path.split("/")
    if path.startswith("/ex/confluence/"):
        parts = ["", *parts[4:]]
    return "/".join("{id}" if _IDENTIFIER.fullmatch(part) else part for part in parts)
