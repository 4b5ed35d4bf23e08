"""Sends a request again when that can help: pauses the server asks for, backoff when it asks for none."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from confluence_nb._http import httpx, read_body
from confluence_nb._moments import end_of_pause
from confluence_nb.errors import BadRequest, RateLimited, Unreachable

TRIES = 5
"""Sendings of one request, the first included; those that were told to wait are counted for themselves."""

PAUSES = 12
"""Pauses of one request that the server asks for, before it is taken to ask for ever."""

TOO_LONG = "it took too long"

MAX_WAIT = 120.0
"""Seconds; pauses that are longer, or longer together, are reported instead of waited for."""

LONG_PAUSE = 60.0
"""Seconds; of a pause as long the end is told."""

LONGEST_ANSWER = 300.0
"""Seconds from sending a request to the end of its answer: one that trickles for ever is given up.

Once the sendings of a request have taken so long together in vain, there is no further one.
"""

_LONGEST = 7 * 86_400.0

_PASSING = frozenset({408, 425, 500, 502, 503, 504})

_OVERTAXED = frozenset({500, 502, 504})
"""What a server says that fails at the answer itself, where others say that they are busy, or away."""


@dataclass(frozen=True)
class Reply:
    """An answer read whole; `seconds` from the sending of its request, pauses and refused tries left out."""

    status: int
    headers: httpx.Headers
    body: bytes
    seconds: float


class Lane(Protocol):
    """The leave to send one request, and where it is told how that went."""

    def answered(self, status: int, size: int, seconds: float) -> None: ...

    def in_vain(self) -> None: ...


class Lanes(Protocol):
    """What bounds the requests under way at the same time, and makes all of them keep a pause."""

    def lane(self, kind: str) -> AbstractAsyncContextManager[Lane]: ...

    def hold(self, seconds: float) -> None: ...


class _Alone:
    """The one lane of a request that shares its pauses with nobody."""

    def __init__(self) -> None:
        self._pause = 0.0

    @asynccontextmanager
    async def lane(self, kind: str) -> AsyncIterator[_Alone]:
        await asyncio.sleep(self._pause)
        yield self

    def hold(self, seconds: float) -> None:
        self._pause = seconds

    def answered(self, status: int, size: int, seconds: float) -> None:
        self._pause = 0.0

    def in_vain(self) -> None:
        self._pause = 0.0


async def send_patiently(
    http: httpx.AsyncClient,
    build: Callable[[], httpx.Request],
    *,
    auth: httpx.Auth | None,
    again: bool = True,
    tries: int = TRIES,
    max_wait: float = MAX_WAIT,
    lanes: Lanes | None = None,
    kind: str = "",
    heard: Callable[[Reply], None] | None = None,
) -> Reply:
    """Send until an answer comes that a repetition would not change.

    Parameters
    ----------
    build:
        Makes the request anew for each sending.
    again:
        False for calls that change something: those are repeated only when they were refused unread (429).
    tries:
        Sendings that the server may fail to answer, or to answer in time; a pause that is asked for is no failure.
        A connection that breaks and a server that is busy are another matter: for those there are always `TRIES`.
    max_wait:
        Seconds that all such pauses together may take.
    lanes, kind:
        What each sending waits for and tells how it went, and what is asked. None for sign-in, which waits for nobody.
    heard:
        Called with every answer, those that lead to another sending too.

    Raises
    ------
    BadRequest
        The address is too long, or none; nothing was sent.
    RateLimited
        The server asks for pauses longer than `max_wait` seconds.
    Unreachable
        No answer came from the network, however often it was asked, or the server wants to be left alone for longer.
    """
    through: Lanes = lanes or _Alone()
    failed, paused, waited, in_vain = 0, 0, 0.0, 0.0
    while True:
        request = _built(build)
        async with through.lane(kind) as lane:
            began = time.monotonic()
            reply = await _sent(http, request, auth, lane)
            in_vain += time.monotonic() - began
            if isinstance(reply, Reply) and heard is not None:
                heard(reply)
            if isinstance(reply, Reply) and reply.status == 429:
                paused += 1
                asked = asked_pause(reply.status, reply.headers)
                pause = _pause(asked, paused)
                least = pause if asked is None else asked
                if waited + least > max_wait or paused == PAUSES:
                    raise _limit_reached(least, request.url.path)
                pause = max(least, min(pause, max_wait - waited))
                waited += pause
                # Before the lane is left: who is let in then would run into the same wall.
                through.hold(pause)
                continue
        failed += 1
        if isinstance(reply, Reply):
            asked = asked_pause(reply.status, reply.headers)
            waited += asked or 0.0
            enough = tries if reply.status in _OVERTAXED else TRIES
            if reply.status not in _PASSING or not again or failed >= enough or waited > max_wait:
                return reply
        elif failed >= (tries if reply == TOO_LONG else TRIES) or in_vain > LONGEST_ANSWER or not again:
            times = "once" if failed == 1 else f"{failed} times"
            raise Unreachable(
                f"No answer from {request.url.host} ({reply}, tried {times}). Check the network, VPN or "
                "proxy, then try again.",
                path=request.url.path,
                timed_out=reply == TOO_LONG,
            )
        else:
            asked = None
        await asyncio.sleep(backoff(failed, 0.5) if asked is None else asked)


async def _sent(
    http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth | None, lane: Lane
) -> Reply | str:
    """One sending: its answer, or in words why none came."""
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            reply = await _answer(http, request, auth)
    except TimeoutError:
        lane.in_vain()
        return TOO_LONG
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if isinstance(error, httpx.TimeoutException):
            lane.in_vain()
        return in_words(error)
    lane.answered(reply.status, len(reply.body), reply.seconds)
    return reply


async def _answer(http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth | None) -> Reply:
    response = await http.send(request, auth=auth, stream=True)
    body = await read_body(response)
    return Reply(response.status_code, response.headers, body, response.elapsed.total_seconds())


def _built(build: Callable[[], httpx.Request]) -> httpx.Request:
    try:
        return build()
    except httpx.InvalidURL as error:
        raise BadRequest(
            f"The path and its parameters make no address that can be asked: {error}. Ask with shorter ones, "
            "or for less at once."
        ) from None
    except (UnicodeEncodeError, RecursionError):
        raise BadRequest(
            "What is to be sent along cannot be written as JSON: half a character is in it, or it is nested too "
            "deeply. Nothing was sent; correct it and try again."
        ) from None


def backoff(tried: int, base: float) -> float:
    """Seconds: doubling, at most 30, spread by a third so that callers do not come back together."""
    return min(30.0, base * 2.0 ** (tried - 1)) * random.uniform(0.7, 1.3)  # noqa: S311 (keeps no secret)


def asked_pause(status: int, headers: httpx.Headers) -> float | None:
    """Seconds that an answer asks for; at least one, None when unsaid.

    `Retry-After` asks at all times. `X-RateLimit-Reset` stands in ordinary answers too, where it tells when the hour
    ends: it asks for a pause when the limit is why there was no answer.
    """
    given = headers.get("Retry-After", "").strip()
    if given.replace(".", "", 1).isdecimal():
        seconds = float(given)
    else:
        is_limit = status == 429 or headers.get("X-RateLimit-Remaining", "").strip() == "0"
        until = moment_of(given) or (moment_of(headers.get("X-RateLimit-Reset", "")) if is_limit else None)
        if until is None:
            return None
        # By the clock that told it: this machine's may be an hour off, as after a virtual one slept.
        now = moment_of(headers.get("Date", ""))
        seconds = until - (time.time() if now is None else now)
    return min(_LONGEST, max(1.0, seconds))


def moment_of(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date or an ISO moment, which may come without its seconds; None for neither."""
    text = text.strip()
    try:
        # One of the three forms of an HTTP date has no comma (RFC 9110 §5.6.7), but the name of a day too.
        at = parsedate_to_datetime(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.timestamp()


def _pause(asked: float | None, paused: int) -> float:
    """Seconds to wait after a refusal: what the server asks for at the least, and longer each time."""
    if asked is None:
        return backoff(paused, 2.0)
    spread = random.uniform(1.0, 1.1)  # noqa: S311 (keeps no secret)
    return max(asked * spread, backoff(paused, 0.5))


def _limit_reached(pause: float, path: str) -> RateLimited:
    """The error for pauses that together are longer than the caller allows."""
    reset_at, moment = end_of_pause(pause)
    if pause < LONG_PAUSE:
        said = "The site asks for one pause after the other. Wait a few minutes, then go on"
    else:
        said = (
            f"The site's request limit is used up until {moment}; everybody who uses the same app "
            "shares it. Go on after that"
        )
    # What belongs to no site is asked for in a sign-in, which has no list that could go on.
    how = "wiki.resume() continues where a list broke off" if "/wiki/" in path else "run the cell again"
    return RateLimited(f"{said}: {how}.", reset_at=reset_at, path=path)


def in_words(error: httpx.HTTPError | httpx.InvalidURL) -> str:
    """What went wrong; the error's own text may hold an address with a secret in it."""
    if isinstance(error, httpx.InvalidURL):  # where a redirect leads is looked at, though it is not followed
        return "it sends to an address that is none"
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            "this machine does not trust its certificate: a company's own goes into the file of SSL_CERT_FILE"
        )
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return "no connection"
    if isinstance(error, httpx.TimeoutException):
        return TOO_LONG
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused"
    if isinstance(error, httpx.DecodingError):
        return "a damaged answer"
    return "the connection broke"
