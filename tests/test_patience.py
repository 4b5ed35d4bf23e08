"""What is sent again, after which pause, and when it is said instead of waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from confluence_nb import _patience
from confluence_nb._patience import (
    MAX_WAIT,
    PAUSES,
    TRIES,
    Reply,
    asked_pause,
    backoff,
    moment_of,
    send_patiently,
)
from confluence_nb.api.lanes import Lanes
from confluence_nb.errors import RateLimited, Unreachable

HOUR_ENDS = datetime(2027, 1, 15, 15, tzinfo=UTC)

PAGES = "https://a.example/wiki/api/v2/pages"

Answers = Iterator[httpx.Response | Exception]


class Slept:
    """Pauses of this thread that are noted and take no time; the servers of other tests sleep as they do."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self._thread, self._sleep = threading.get_ident(), asyncio.sleep

    async def __call__(self, seconds: float) -> None:
        if threading.get_ident() != self._thread:
            await self._sleep(seconds)
        elif seconds:
            self.pauses.append(seconds)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Slept:
    noted = Slept()
    monkeypatch.setattr(_patience.asyncio, "sleep", noted)
    return noted


Send = Callable[..., Awaitable[Reply]]


async def sent(
    answers: list[httpx.Response | Exception], sendings: list[str], address: str = PAGES, **given: object
) -> Reply:
    """Send to a server that answers so, one after the other, the last one for ever."""

    def answer(request: httpx.Request) -> httpx.Response:
        sendings.append(request.method)
        said = answers[min(len(sendings), len(answers)) - 1]
        if isinstance(said, Exception):
            raise said
        return httpx.Response(said.status_code, headers=said.headers, stream=httpx.ByteStream(b"{}"))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:

        def build() -> httpx.Request:
            return http.build_request("GET", address)

        return await send_patiently(http, build, auth=None, **given)  # type: ignore[arg-type]


def run(answers: list[httpx.Response | Exception], **given: object) -> tuple[Reply, int]:
    """The reply, and how often was sent."""
    sendings: list[str] = []
    return asyncio.run(sent(answers, sendings, **given)), len(sendings)


def says(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


OK = says(200)

# ------------------------------------------------------------------------ pauses asked for


IMPORTED = time.time()
"""The moment of the parameters below; a test may run minutes later."""


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7), ({"Retry-After": " 7 "}, 7), ({"Retry-After": "2.5"}, 2.5),
        ({"Retry-After": "0"}, 1), ({"Retry-After": "0.2"}, 1), ({"retry-after": "90"}, 90),
        ({"Retry-After": format_datetime(soon(6_000), usegmt=True)}, 6_000),
        ({"Retry-After": format_datetime(soon(-90), usegmt=True)}, 1),
        ({"Retry-After": "9" * 400}, 7 * 86_400),
        ({"X-RateLimit-Reset": soon(6_000).isoformat()}, 6_000),
        ({"X-RateLimit-Reset": soon(6_000).isoformat().replace("+00:00", "Z")}, 6_000),
        ({"X-RateLimit-Reset": soon(6_000).strftime("%Y-%m-%dT%H:%M:%S")}, 6_000),
        ({"X-RateLimit-Reset": soon(6_000).strftime("%Y-%m-%dT%H:%MZ")}, 6_000),
        ({"X-RateLimit-Reset": soon(-300).isoformat()}, 1),
        ({"Retry-After": "7", "X-RateLimit-Reset": soon(6_000).isoformat()}, 7),
        ({"Retry-After": "whenever", "X-RateLimit-Reset": soon(6_000).isoformat()}, 6_000),
        ({"Beta-Retry-After": "600"}, None), ({"Beta-X-RateLimit-Reset": soon(6_000).isoformat()}, None),
        ({"Retry-After": ""}, None), ({"Retry-After": "-5"}, None), ({"Retry-After": "whenever"}, None),
        ({"Retry-After": "Fri, 99 Foo 2027 15:00:00 GMT"}, None), ({"X-RateLimit-Reset": "17"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_pause_that_is_asked_for(
    headers: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confluence_nb._patience.time.time", lambda: IMPORTED)
    pause = asked_pause(429, httpx.Headers(headers))
    if seconds is None:
        assert pause is None
    else:
        # One of the moments lacks its seconds, and another what is less than one.
        assert pause == pytest.approx(seconds, abs=61 if seconds == 6_000 else 0)


RESETS = {"X-RateLimit-Limit": "65000", "X-RateLimit-Reset": soon(6_000).isoformat()}


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (503, RESETS | {"X-RateLimit-Remaining": "64000"}, None), (500, RESETS, None),
        (503, RESETS | {"X-RateLimit-Remaining": "0"}, 6_000),
        (429, RESETS | {"X-RateLimit-Remaining": "64000"}, 6_000),
        (503, RESETS | {"X-RateLimit-Remaining": "64000", "Retry-After": "7"}, 7), (502, {"Retry-After": "7"}, 7),
    ],
)  # fmt: skip
def test_when_the_hour_ends_is_a_pause_only_of_a_limit_that_is_reached(
    status: int, headers: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confluence_nb._patience.time.time", lambda: IMPORTED)
    pause = asked_pause(status, httpx.Headers(headers))
    assert pause == (None if seconds is None else pytest.approx(seconds, abs=2))


@pytest.mark.parametrize("wrong", [-7_200, 7_200])
@pytest.mark.parametrize("name", ["Retry-After", "X-RateLimit-Reset"])
def test_a_moment_is_read_by_the_clock_that_told_it(name: str, wrong: float) -> None:
    """The servers' clock is two hours from this machine's: the pause between its two moments is the same."""
    there = soon(wrong)
    until = there + timedelta(seconds=30)
    told = format_datetime(until, usegmt=True) if name == "Retry-After" else until.isoformat()
    headers = {name: told, "Date": format_datetime(there, usegmt=True)}
    assert asked_pause(429, httpx.Headers(headers)) == pytest.approx(30, abs=2)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Foo 2027 15:00:00 GMT"])
def test_a_date_that_is_none_is_not_looked_at(date: str) -> None:
    headers = {"Retry-After": format_datetime(soon(30), usegmt=True), "Date": date}
    assert asked_pause(429, httpx.Headers(headers)) == pytest.approx(30, abs=2)


def test_a_passing_failure_is_asked_again_at_once_though_its_answer_tells_of_the_hour(slept: Slept) -> None:
    ordinary = {"X_RateLimit_Remaining": "64000", "X_RateLimit_Reset": soon(90).isoformat()}
    assert run([says(503, **ordinary), OK])[1] == 2
    assert sum(slept.pauses) < 1


def test_bytes_that_are_no_ascii_are_no_pause() -> None:
    assert asked_pause(429, httpx.Headers([(b"Retry-After", "²".encode())])) is None


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-15T15:00Z", "2027-01-15T15:00:00Z", "2027-01-15T15:00:00.000Z", "2027-01-15T16:00+01:00",
        "2027-01-15 15:00", "2027-01-15T15:00", "Fri, 15 Jan 2027 15:00:00 GMT",
        "Friday, 15-Jan-27 15:00:00 GMT", "Fri Jan 15 15:00:00 2027",
    ],
)  # fmt: skip
def test_a_moment_in_every_form(text: str) -> None:
    assert moment_of(text) == HOUR_ENDS.timestamp()


# ------------------------------------------------------------------------- sent again


def test_a_refusal_is_waited_out_and_sent_again(slept: Slept) -> None:
    reply, sendings = run([says(429, Retry_After="7"), says(429, Retry_After="0"), OK])
    assert (reply.status, sendings) == (200, 3)
    first, second = slept.pauses
    assert 7 <= first <= 7.7
    assert 1 <= second <= 1.4


def test_without_a_word_of_how_long_it_waits_longer_each_time(slept: Slept) -> None:
    reply, sendings = run([says(429), says(429), says(429), OK])
    assert (reply.status, sendings) == (200, 4)
    for pause, base in zip(slept.pauses, (2, 4, 8), strict=True):
        assert 0.7 * base <= pause <= 1.3 * base


def test_backoff_doubles_is_spread_and_ends_at_half_a_minute() -> None:
    tries = [[backoff(tried, 2.0) for _ in range(200)] for tried in range(1, 12)]
    for tried, pauses in enumerate(tries, 1):
        middle = min(30.0, 2.0**tried)
        assert 0.7 * middle <= min(pauses) < 0.8 * middle
        assert 1.2 * middle < max(pauses) <= 1.3 * middle


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_what_passes_is_sent_again(slept: Slept, status: int) -> None:
    assert run([says(status), OK])[1] == 2
    reply, sendings = run([says(status)])
    assert (reply.status, sendings) == (status, TRIES)
    assert run([says(status), OK], again=False)[0].status == status


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 410, 413, 501])
def test_what_stays_is_not(slept: Slept, status: int) -> None:
    assert run([says(status)])[1] == 1
    assert not slept.pauses


def test_a_refusal_was_not_read_so_a_write_is_sent_again(slept: Slept) -> None:
    assert run([says(429, Retry_After="1"), OK], again=False)[0].status == 200


def test_a_busy_servers_pause_is_kept_too(slept: Slept) -> None:
    run([says(503, Retry_After="20"), OK])
    assert slept.pauses == [20.0]


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("x"), httpx.ConnectError("x"), httpx.RemoteProtocolError("x"), httpx.ReadError("x")]
)  # fmt: skip
def test_no_answer(slept: Slept, error: Exception) -> None:
    assert run([error, error, OK])[1] == 3
    with pytest.raises(Unreachable, match=f"tried {TRIES} times"):
        run([error])
    with pytest.raises(Unreachable, match="tried once"):
        run([error, OK], again=False)


# ------------------------------------------------------------------- said, not waited for


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        ("121", r"\d\d:\d\d UTC \(3 minutes"),
        ("1800", r"\d\d:\d\d UTC \(30 minutes"),
        ("3600", r"\d\d:\d\d UTC \(60 minutes"),
        ("43200", r"\d\d:\d\d UTC \(12 hours"),
        ("90000", r"\d{4}-\d\d-\d\d \d\d:\d\d UTC \(25 hours"),
        ("9" * 400, r"\d{4}-\d\d-\d\d \d\d:\d\d UTC \(7 days"),
    ],
)
def test_a_pause_that_is_too_long_names_its_end(slept: Slept, pause: str, end: str) -> None:
    with pytest.raises(RateLimited, match=f"until {end} from now") as caught:
        run([says(429, Retry_After=pause)])
    assert not slept.pauses
    reset = caught.value.reset_at
    assert reset is not None
    assert reset.tzinfo == UTC
    expected = min(float(pause), 7 * 86_400.0)
    assert (reset - datetime.now(UTC)).total_seconds() == pytest.approx(expected, abs=10)
    assert caught.value.status == 429


def test_the_caller_says_how_long_is_too_long(slept: Slept) -> None:
    with pytest.raises(RateLimited):
        run([says(429, Retry_After="5"), OK], max_wait=4.0)
    assert run([says(429, Retry_After="5"), OK], max_wait=5.0)[0].status == 200


def test_many_short_pauses_are_one_long_one(slept: Slept) -> None:
    with pytest.raises(RateLimited, match="one pause after the other") as caught:
        run([says(429, Retry_After="50")])
    assert len(slept.pauses) == 2
    assert caught.value.reset_at is not None


@pytest.mark.parametrize("pause", ["1", "7", "50", "119"])
def test_pauses_without_end_take_no_longer_than_one_that_is_too_long(slept: Slept, pause: str) -> None:
    """What counts is what was slept, which is more than what was asked for."""
    with pytest.raises(RateLimited):
        run([says(429, Retry_After=pause)])
    assert MAX_WAIT - int(pause) < sum(slept.pauses) <= MAX_WAIT + 0.01


def test_pauses_without_end_are_given_up(slept: Slept, hurried: None) -> None:
    sendings: list[str] = []
    with pytest.raises(RateLimited):
        asyncio.run(sent([says(429, Retry_After="1")], sendings))
    assert len(sendings) == PAUSES


def test_what_to_do_after_a_long_pause_depends_on_what_was_asked(slept: Slept) -> None:
    with pytest.raises(RateLimited, match=r"wiki\.resume\(\) continues"):
        run([says(429, Retry_After="1800")])
    with pytest.raises(RateLimited, match=r"Go on after that: run the cell again\.") as caught:
        run([says(429, Retry_After="1800")], address="https://a.example/oauth/token/accessible-resources")
    assert "resume" not in str(caught.value)


def test_maintenance_for_an_hour_is_not_slept_through(slept: Slept) -> None:
    reply, sendings = run([says(503, Retry_After="3600"), OK])
    assert (reply.status, sendings) == (503, 1)
    assert not slept.pauses


def test_many_short_pauses_of_a_busy_server_are_one_long_one(slept: Slept) -> None:
    reply, sendings = run([says(503, Retry_After="50")])
    assert (reply.status, sendings) == (503, 3)
    assert slept.pauses == [50.0, 50.0]


# ---------------------------------------------------------------------- what is told to whom


def test_a_pause_is_everybodys_and_a_failure_ones_own(slept: Slept) -> None:
    lanes = Lanes()
    told: list[float] = []
    lanes.hold = told.append  # type: ignore[method-assign]
    run([says(429, Retry_After="7"), says(429), OK], lanes=lanes)
    assert len(told) == 2
    assert told[0] >= 7
    assert not slept.pauses
    run([says(503), says(502, Retry_After="7"), OK], lanes=lanes)
    assert len(told) == len(slept.pauses) == 2


def test_the_pause_begins_before_the_lane_is_left() -> None:
    """Whoever waits for the lane would run into the same wall."""
    lanes = Lanes(most=1)
    sendings: list[str] = []

    async def scene() -> None:
        waiting = [
            asyncio.create_task(sent([says(429, Retry_After="60")], sendings, lanes=lanes)) for _ in range(5)
        ]
        while not lanes.held_for:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(scene())
    assert len(sendings) == 1


def test_a_lane_is_left_while_its_request_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = Lanes(most=1)
    monkeypatch.setattr(_patience, "backoff", lambda tried, base: 0.2)

    async def scene() -> bool:
        sendings: list[str] = []
        waiting = asyncio.create_task(sent([says(503), OK], sendings, lanes=lanes))
        while not sendings:
            await asyncio.sleep(0)
        await sent([OK], [], lanes=lanes)
        went_first = not waiting.done()
        await waiting
        return went_first

    assert asyncio.run(scene())


@pytest.mark.parametrize(
    ("said", "troubles"),
    [
        (says(429, Retry_After="1"), 1), (says(503), 1), (httpx.ReadTimeout("x"), 1), (httpx.ConnectTimeout("x"), 1),
        (httpx.ReadError("x"), 0), (OK, 0), (says(404), 0),
    ],
)  # fmt: skip
def test_the_lanes_hear_of_trouble(slept: Slept, said: httpx.Response | Exception, troubles: int) -> None:
    lanes = Lanes()
    lanes.hold = lambda seconds: None  # type: ignore[method-assign]
    run([said, OK], lanes=lanes)
    assert lanes.troubles == troubles


def test_every_answer_is_heard(slept: Slept) -> None:
    heard: list[int] = []
    run([says(429), says(503), httpx.ReadError("x"), OK], heard=lambda reply: heard.append(reply.status))
    assert heard == [429, 503, 200]


def test_the_seconds_of_an_answer_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_patience, "backoff", lambda tried, base: 0.3)
    began = time.monotonic()
    reply, _ = run([says(503), OK])
    assert time.monotonic() - began >= 0.3
    assert 0 <= reply.seconds < 0.3
