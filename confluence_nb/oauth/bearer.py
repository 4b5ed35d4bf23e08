"""Signs requests to the API origin: attaches the access token, and answers a refusal with a fresh one."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Generator

from confluence_nb._http import httpx, keep_body
from confluence_nb.cloud import Cloud
from confluence_nb.oauth.keeper import GrantKeeper

TRIES = 4
"""Sendings of one request; a token may die between its renewal and its use, as when a laptop sleeps then."""

SCOPE_MISS = "FAILURE_CLIENT_SCOPE_CHECK"
_INSUFFICIENT_SCOPE = re.compile(r'\berror\s*+=\s*+"?insufficient_scope\b', re.IGNORECASE)


class Bearer(httpx.Auth):
    """`httpx.Auth` for one grant. Requests to any other origin leave without the token."""

    def __init__(self, cloud: Cloud, keeper: GrantKeeper) -> None:
        self._origin = _origin(httpx.URL(cloud.api_url))
        self._keeper = keeper

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if _origin(request.url) != self._origin:
            request.headers.pop("Authorization", None)
            yield request
            return
        grant = await self._keeper.current()
        renewed = False
        for _ in range(TRIES):
            request.headers["Authorization"] = f"Bearer {grant.access_token.reveal()}"
            response = yield request
            if response.status_code not in (401, 403, 404):
                return
            if is_scope_miss(response.status_code, response.headers, await keep_body(response)):
                return
            fresh = await self._keeper.adopted(grant)
            # A gateway may answer an expired token with 404 or 403, as it does for a page one may not see:
            # only past its time is the token to blame.
            blamed = response.status_code == 401 or grant.expired()
            if fresh is None and blamed and not (renewed and self._keeper.vouches_for(grant)):
                fresh, renewed = await self._keeper.after_rejection(grant), True
            if fresh is None:
                return
            grant = fresh

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        raise RuntimeError("Bearer signs asynchronous requests only.")


def is_scope_miss(status: int, headers: httpx.Headers, body: bytes) -> bool:
    """A refusal of scopes, in Atlassian's words or as RFC 6750 (3.1) has it, which makes it a 403.

    Renewing the token cannot help, only a new consent can.
    """
    if status not in (401, 403):
        return False
    category = headers.get("X-Failure-Category", "").upper().replace(" ", "_")
    is_challenged = _INSUFFICIENT_SCOPE.search(headers.get("WWW-Authenticate", "")) is not None
    return is_challenged or SCOPE_MISS in category or b"scope does not match" in body.lower()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"https": 443, "http": 80}.get(url.scheme)
    return url.scheme, url.host.lower(), url.port or default
