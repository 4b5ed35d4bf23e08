"""A sign-in server that cannot answer, or asks to be left alone: what waits for it, and what does not."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace

import pytest
from renewals import age, keeper_of, old_in_hand
from test_strict_sign_in import Raw, StrictServer, open_wiki, strict

from confluence_nb import Unreachable, Wiki
from confluence_nb.api.portal import portal
from confluence_nb.oauth.grant import Grant
from confluence_nb.oauth.vault import FileVault, VaultFailed

__all__ = ["strict"]

pytestmark = pytest.mark.usefixtures("hurried")

EARLY, OVER = 3_500.0, 3_700.0
"""Seconds of age at which a token is renewed, and at which it is good for nothing."""


@pytest.fixture
def wiki(strict: StrictServer, tmp_path: Path) -> Wiki:
    opened = open_wiki(strict, tmp_path / "sign-in.json")
    return opened.sign_in(strict.consent(opened.consent_url))


@contextmanager
def away(strict: StrictServer, status: int = 503, pause: str | None = None) -> Iterator[list[float]]:
    """The token endpoint answers so; when it was asked is handed out."""
    asked: list[float] = []

    def said(_: dict[str, str]) -> Raw:
        asked.append(time.monotonic())
        return status, b"{}", {} if pause is None else {"Retry-After": pause}

    strict.before = said
    yield asked
    strict.before = None


@pytest.mark.parametrize("pause", ["60", "9", "Fri, 31 Dec 2100 00:00:00 GMT"])
def test_a_server_that_asks_for_a_pause_is_left_alone_while_the_token_lives(
    strict: StrictServer, wiki: Wiki, pause: str
) -> None:
    age(wiki, EARLY)
    with away(strict, 429, pause) as asked:
        assert len(wiki.pages()) == 3
        assert len(wiki.pages()) == 3
    assert len(asked) == 1


def test_a_server_that_fails_is_left_alone_for_a_while(strict: StrictServer, wiki: Wiki) -> None:
    age(wiki, EARLY)
    with away(strict) as asked:
        assert len(wiki.pages()) == 3
        assert len(asked) == 4, "an answer that was lost may hold the new pair"
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(lambda _: len(wiki.pages()), range(16))) == [3] * 16
    assert len(asked) == 4
    keeper_of(wiki)._rests_until = 0.0
    assert len(wiki.pages()) == 3
    assert strict.renewals == 1


def test_threads_that_find_it_failing_together_ask_once(strict: StrictServer, wiki: Wiki) -> None:
    age(wiki, EARLY)
    with away(strict, 429, "60") as asked, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: len(wiki.pages()), range(32))) == [3] * 32
    assert len(asked) == 1


def test_a_store_that_fails_is_left_alone_for_as_long(
    strict: StrictServer, wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def locked(vault: FileVault, name: str) -> None:
        tried.append(name)
        raise VaultFailed("The keyring cannot keep the sign-in: it is locked.")

    old_in_hand(wiki, EARLY)
    monkeypatch.setattr(FileVault, "read", locked)
    for _ in range(5):
        assert len(wiki.pages()) == 3
    assert len(tried) == 1


def test_no_pause_outlasts_the_token(strict: StrictServer, wiki: Wiki) -> None:
    age(wiki, EARLY)
    with away(strict, 429, "3600"):
        assert len(wiki.pages()) == 3
    age(wiki, OVER - EARLY)
    assert len(wiki.pages()) == 3
    assert strict.renewals == 1


def test_nor_is_a_token_kept_that_the_wiki_refuses(strict: StrictServer, wiki: Wiki) -> None:
    age(wiki, EARLY)
    with away(strict, 429, "3600"):
        assert len(wiki.pages()) == 3
    strict.expire()
    assert len(wiki.pages()) == 3
    assert strict.renewals == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_pause_is_kept_where_nothing_goes_without_the_renewal(
    strict: StrictServer, wiki: Wiki, status: int
) -> None:
    age(wiki, OVER)
    asked: list[float] = []

    def once(_: dict[str, str]) -> Raw | None:
        asked.append(time.monotonic())
        return (status, b"{}", {"Retry-After": "2"}) if len(asked) == 1 else None

    strict.before = once
    assert len(wiki.pages()) == 3
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 2.0


@pytest.mark.parametrize(("pause", "words"), [("60", "Wait 60 seconds"), ("1200", "Wait 20 minutes")])
def test_a_long_pause_is_said_not_slept(strict: StrictServer, wiki: Wiki, pause: str, words: str) -> None:
    age(wiki, OVER)
    with (
        away(strict, 429, pause) as asked,
        pytest.raises(Unreachable, match=f"429.*{words}.*not lost") as told,
    ):
        wiki.pages()
    assert len(asked) == 1
    assert told.value.pause == float(pause)
    assert wiki.signed_in
    assert len(wiki.pages()) == 3


def test_a_pause_until_a_moment_is_as_long_though_the_clock_here_is_wrong(
    strict: StrictServer, wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(wiki, OVER)
    slow = SimpleNamespace(time=lambda: time.time() - 7_200, monotonic=time.monotonic)
    monkeypatch.setattr("confluence_nb._patience.time", slow)
    until = formatdate(time.time() + 60, usegmt=True)
    with away(strict, 429, until), pytest.raises(Unreachable) as told:
        wiki.pages()
    assert told.value.pause == pytest.approx(60, abs=2)


def test_a_code_that_came_at_a_bad_moment_is_still_good(strict: StrictServer, tmp_path: Path) -> None:
    wiki = open_wiki(strict, tmp_path / "sign-in.json")
    address = strict.consent(wiki.consent_url)
    with away(strict, 429, "7"), pytest.raises(Unreachable, match="Wait 7 seconds"):
        wiki.sign_in(address)
    assert len(wiki.sign_in(address).pages()) == 3


def test_a_request_that_was_refused_waits_though_an_early_renewal_gave_up(
    strict: StrictServer, wiki: Wiki
) -> None:
    """It joined that one, which waits for nothing since its own token still lives."""
    keeper = keeper_of(wiki)
    age(wiki, EARLY)
    begun, go_on = threading.Event(), threading.Event()

    def once(_: dict[str, str]) -> Raw | None:
        if begun.is_set():
            return None
        begun.set()
        go_on.wait(10)
        return 503, b"{}", {"Retry-After": "1"}

    async def both() -> tuple[Grant, Grant]:
        held = keeper.grant
        early = asyncio.create_task(keeper.current())
        await asyncio.to_thread(begun.wait, 10)
        refused = asyncio.create_task(keeper.after_rejection(held))
        await asyncio.sleep(0)
        go_on.set()
        return await early, await refused

    strict.before = once
    held = keeper.grant
    early, refused = portal.run(both())
    assert early.access_token == held.access_token
    assert refused.access_token != held.access_token
    assert strict.renewals == 1
