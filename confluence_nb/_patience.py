"""Sends a request again when that can help: pauses the server asks for, backoff when it asks for none."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from confluence_nb._http import httpx, read_body
from confluence_nb.errors import BadRequest, RateLimited, Unreachable

TRIES = 5
"""Sendings of one request, the first included."""

MAX_WAIT = 120.0
"""Seconds; a longer pause is reported instead of slept through."""

_PASSING = frozenset({408, 425, 500, 502, 503, 504})


@dataclass(frozen=True)
class Reply:
    """An answer read whole."""

    status: int
    headers: httpx.Headers
    body: bytes


async def send_patiently(
    http: httpx.AsyncClient,
    build: Callable[[], httpx.Request],
    *,
    auth: httpx.Auth | None,
    again: bool = True,
    max_wait: float = MAX_WAIT,
) -> Reply:
    """Send until an answer comes that a repetition would not change.

    Parameters
    ----------
    build:
        Makes the request anew for each sending.
    again:
        False for calls that change something: those are repeated only when they were refused unread (429).

    Raises
    ------
    BadRequest
        The address is too long, or none; nothing was sent.
    RateLimited
        The server asks for a pause longer than `max_wait` seconds.
    Unreachable
        No answer came from the network, however often it was asked.
    """
    for tried in range(1, TRIES + 1):
        request = _built(build)
        failure: str | None = None
        try:
            response = await http.send(request, auth=auth, stream=True)
            reply = Reply(response.status_code, response.headers, await read_body(response))
        except httpx.HTTPError as error:
            failure = _named(error)
        if failure is None:
            if reply.status == 429:
                await asyncio.sleep(_pause_or_raise(reply, tried, max_wait, request.url.path))
                continue
            if reply.status not in _PASSING or not again or tried == TRIES:
                return reply
            pause = asked_pause(reply.headers)
            await asyncio.sleep(backoff(tried, 0.5) if pause is None else min(pause, max_wait))
        elif tried == TRIES or not again:
            raise Unreachable(
                f"No answer from {request.url.host} ({failure}, tried {tried} times). Check the network, VPN or "
                "proxy, then try again.",
                path=request.url.path,
            )
        else:
            await asyncio.sleep(backoff(tried, 0.5))
    raise Unreachable(
        f"{request.url.host} asked for a pause {TRIES} times in a row. Try again in a few minutes.",
        status=429,
        path=request.url.path,
    )


def _built(build: Callable[[], httpx.Request]) -> httpx.Request:
    try:
        return build()
    except httpx.InvalidURL as error:
        raise BadRequest(
            f"The path and its parameters make no address that can be asked: {error}. Ask with shorter ones, "
            "or for less at once."
        ) from None


def backoff(tried: int, base: float) -> float:
    """Seconds: doubling, at most 30, spread by a third so that callers do not come back together."""
    return min(30.0, base * 2.0 ** (tried - 1)) * random.uniform(0.7, 1.3)  # noqa: S311 (keeps no secret)


def asked_pause(headers: httpx.Headers) -> float | None:
    """Seconds that the server asks for, by `Retry-After` or `X-RateLimit-Reset`; at least one, None when unsaid."""
    given = headers.get("Retry-After", "").strip()
    seconds: float | None = None
    if given.replace(".", "", 1).isdigit():
        seconds = float(given)
    elif given:
        seconds = _until(str(given))
    if seconds is None:
        seconds = _until(str(headers.get("X-RateLimit-Reset", "")).strip())
    return None if seconds is None else max(1.0, float(seconds))


def _until(moment: str) -> float | None:
    """Seconds from now to an HTTP date or an ISO moment; ISO may come without seconds."""
    if not moment:
        return None
    try:
        at = parsedate_to_datetime(moment) if "," in moment else datetime.fromisoformat(moment)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return float(at.timestamp()) - time.time()


def _pause_or_raise(reply: Reply, tried: int, max_wait: float, path: str) -> float:
    asked = asked_pause(reply.headers)
    if asked is None:
        return backoff(tried, 2.0)
    if asked > max_wait:
        reset_at = datetime.now(UTC) + timedelta(seconds=asked)
        raise RateLimited(
            f"The site's request limit is used up until {reset_at:%H:%M} UTC ({asked / 60:.0f} minutes from now); "
            "everybody who uses the same app shares it. Go on after that: wiki.resume() continues where a list "
            "broke off.",
            reset_at=reset_at,
            path=path,
        )
    return asked * random.uniform(1.0, 1.1)  # noqa: S311 (keeps no secret)


def _named(error: httpx.HTTPError) -> str:
    """What went wrong, in words; the error's own text may hold an address with a secret in it."""
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused"
    if isinstance(error, httpx.DecodingError):
        return "a damaged answer"
    return "the connection broke"
