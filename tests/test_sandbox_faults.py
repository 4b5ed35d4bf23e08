"""The sandbox's faults: each comes when it was ordered, as it was ordered, and where it was ordered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from sandbox_caller import Caller

from confluence_nb.sandbox import Sandbox

PAGES = "/wiki/api/v2/pages"
BODIES = {"limit": 20, "body-format": "storage"}


@pytest.fixture
def caller() -> Iterator[Caller]:
    with Sandbox(pages=40, spaces=2) as sandbox:
        caller = Caller(sandbox).sign_in()
        caller.site_id("acme")
        yield caller
        caller.http.close()


def statuses(caller: Caller, times: int) -> list[int]:
    return [caller.wiki(PAGES, params={"limit": 1}).status_code for _ in range(times)]


def test_every_nth_request_is_throttled(caller: Caller) -> None:
    caller.sandbox.set(throttle_every=3)
    assert statuses(caller, 7) == [200, 200, 429, 200, 200, 429, 200]
    assert caller.sandbox.counts()["faults"] == {"throttle": 2}


def test_chance_is_seeded(caller: Caller) -> None:
    caller.sandbox.set(error_rate=0.4)
    first = statuses(caller, 20)
    caller.sandbox.set(error_rate=0.4)
    assert statuses(caller, 20) == first
    assert {200, 503} == set(first)


def test_the_pause_in_seconds(caller: Caller) -> None:
    caller.sandbox.set(throttle_every=1, retry_after=7.0)
    answer = caller.wiki(PAGES)
    assert answer.headers["retry-after"] == "7"
    assert "x-ratelimit-reset" not in answer.headers


def test_the_pause_as_a_date(caller: Caller) -> None:
    caller.sandbox.set(error_every=1, error_status=502, retry_after_form="date", retry_after=90.0)
    answer = caller.wiki(PAGES)
    assert answer.status_code == 502
    pause = parsedate_to_datetime(answer.headers["retry-after"]) - datetime.now(UTC)
    assert 80 < pause.total_seconds() < 91


def test_the_pause_as_a_reset_time_alone(caller: Caller) -> None:
    caller.sandbox.set(throttle_every=1, retry_after_form="reset", retry_after=30.0)
    headers = caller.wiki(PAGES).headers
    assert "retry-after" not in headers
    assert (
        20 < (datetime.fromisoformat(headers["x-ratelimit-reset"]) - datetime.now(UTC)).total_seconds() < 31
    )


def test_no_pause_is_named(caller: Caller) -> None:
    caller.sandbox.set(throttle_every=1, retry_after_form="none")
    headers = caller.wiki(PAGES).headers
    assert not {"retry-after", "x-ratelimit-reset"} & set(headers)
    assert headers["x-failure-category"] == "FAILURE CLIENT RATE LIMITED"


def test_dropped_before_the_answer(caller: Caller) -> None:
    caller.sandbox.set(drop_every=2, drop_at="before")
    assert caller.wiki(PAGES).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        caller.wiki(PAGES)
    assert caller.wiki(PAGES).status_code == 200


def test_dropped_in_the_middle_of_the_body(caller: Caller) -> None:
    caller.sandbox.set(drop_every=1, drop_at="middle")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.wiki(PAGES, params=BODIES)


def test_dropped_after_the_answer(caller: Caller) -> None:
    caller.sandbox.set(drop_every=1, drop_at="after")
    answer = caller.wiki(PAGES, params=BODIES)
    assert len(answer.json()["results"]) == 20
    assert "connection" not in answer.headers
    assert caller.sandbox.counts()["routes"]["GET /wiki/api/v2/pages"] == {"dropped after": 1}


def test_a_refresh_is_carried_out_although_its_answer_is_lost(caller: Caller) -> None:
    caller.sandbox.set(drop_every=1, faults_on="token", fault_limit=1)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.refresh()
    assert caller.sandbox.counts()["refreshes"] == 1
    again = caller.refresh()
    assert again.status_code == 200
    assert caller.sandbox.counts()["refreshes"] == 2


def test_a_throttled_refresh_is_not_carried_out(caller: Caller) -> None:
    caller.sandbox.set(throttle_every=1, faults_on="token")
    assert caller.refresh().status_code == 429
    assert caller.sandbox.counts()["refreshes"] == 0


def test_faults_fall_only_where_they_were_ordered(caller: Caller) -> None:
    caller.sandbox.set(error_every=1, faults_on="token")
    assert statuses(caller, 2) == [200, 200]
    caller.sandbox.set(error_every=1, faults_on="gateway")
    assert caller.get("/me").status_code == 200
    caller.sandbox.set(error_every=1, faults_on="all")
    assert caller.get("/me").status_code == 503
    assert httpx.get(caller.link()).status_code == 200


def test_no_more_faults_than_the_limit(caller: Caller) -> None:
    caller.sandbox.set(error_every=1, fault_limit=2)
    assert statuses(caller, 4) == [503, 503, 200, 200]


def test_a_stall_holds_the_answer_back(caller: Caller) -> None:
    caller.sandbox.set(stall_every=1, stall_seconds=60.0)
    with pytest.raises(httpx.ReadTimeout):
        caller.wiki(PAGES, timeout=0.2)


def test_closing_does_not_wait_for_a_stall() -> None:
    with Sandbox(pages=5, stall_every=1, stall_seconds=60.0) as sandbox:
        caller = Caller(sandbox).sign_in()
        with pytest.raises(httpx.ReadTimeout):
            caller.wiki(PAGES, timeout=0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 5


def test_latency_and_the_cost_of_bodies(caller: Caller) -> None:
    caller.sandbox.set(latency=0.05)
    assert caller.wiki(PAGES).elapsed.total_seconds() >= 0.05
    caller.sandbox.set(latency=0.0, body_cost=0.005)
    assert caller.wiki(PAGES, params=BODIES).elapsed.total_seconds() >= 0.1


def test_latency_does_not_queue_requests(caller: Caller) -> None:
    caller.sandbox.set(latency=0.3)

    async def forty() -> float:
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(base_url=caller.sandbox.url, limits=limits, trust_env=False) as client:
            began = time.monotonic()
            bearer = {"Authorization": f"Bearer {caller.pair['access_token']}"}
            answers = await asyncio.gather(*(client.get("/me", headers=bearer) for _ in range(40)))
            assert {answer.status_code for answer in answers} == {200}
            return time.monotonic() - began

    assert asyncio.run(forty()) < 6
    assert caller.sandbox.counts()["most_at_once"] > 10
