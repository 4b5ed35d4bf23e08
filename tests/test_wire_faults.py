"""Lists, sign-ins and syncs over a wire that breaks: every row, or an error that says so with all rows kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pandas as pd
import pytest
from conftest import open_wiki
from renewals import age
from wire_proxy import CALM, KINDS, Weather, WireProxy

from confluence_nb import Cloud, Wiki
from confluence_nb.errors import ConfluenceNBError, Unreachable
from confluence_nb.sandbox import Sandbox

T = TypeVar("T")

SOON = 1.5
"""Seconds after which a silent server is given up here; a minute in earnest."""

IN_TIME = 60.0
"""Seconds that a busy machine may take for what is over at once."""

TOKENS = (b"POST /oauth/token",)
WIKI = (b"GET /ex/",)


@pytest.fixture(scope="module")
def site() -> Iterator[Sandbox]:
    with Sandbox(pages=600, spaces=3, sites=1, body_bytes=500) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    """Silence is given up soon, and what failed is asked for again at once."""
    monkeypatch.setattr("confluence_nb._http._TIMEOUT", httpx.Timeout(SOON))


@contextmanager
def behind_a_wire(site: Sandbox, seed: int = 0) -> Iterator[tuple[Wiki, WireProxy]]:
    """A wiki that is signed in, all of whose requests pass the proxy, which is calm as yet."""
    with WireProxy(site.url, seed=seed) as wire:
        wiki = open_wiki(site, cloud=Cloud(wire.url, wire.url))
        wiki.sign_in(site.approve(wiki.consent_url)).use("acme")
        yield wiki, wire
        wire.set(CALM)


def within(seconds: float, call: Callable[[], T]) -> T:
    """What it gives or raises; an end comes in time or the test fails instead of waiting for ever."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(seconds)


def to_the_end(wiki: Wiki, call: Callable[[], pd.DataFrame], whole: pd.DataFrame) -> pd.DataFrame:
    """The frame at last; whatever it breaks off with on the way, no row is lost or invented."""
    kept = 0
    for _ in range(30):
        try:
            return call()
        except ConfluenceNBError as error:
            told = error.frame
        if wiki.partial is None:
            continue  # it had not begun
        assert told is not None
        assert kept <= len(told) == len(wiki.partial)
        assert set(told["id"]) <= set(whole["id"])
        assert not told.attrs["complete"]
        kept, call = len(told), wiki.resume
    raise AssertionError("it breaks off again and again")


def same(frame: pd.DataFrame, whole: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        frame.sort_values("id", ignore_index=True), whole.sort_values("id", ignore_index=True)
    )


CALLS: dict[str, Callable[[Wiki], pd.DataFrame]] = {
    "pages": lambda wiki: wiki.pages(),
    "frugal, with bodies": lambda wiki: wiki.pages(body="storage", plan="frugal"),
    "fast, with bodies": lambda wiki: wiki.pages(body="storage", plan="fast"),
    "comments": lambda wiki: wiki.comments(),
}


@pytest.fixture(scope="module")
def wholes(site: Sandbox) -> dict[str, pd.DataFrame]:
    """The frames as they come without anything between wiki and site."""
    wiki = open_wiki(site)
    wiki.sign_in(site.approve(wiki.consent_url)).use("acme")
    found = {name: call(wiki) for name, call in CALLS.items()}
    assert len(found["pages"]) == site.contents()["acme.atlassian.net"]["pages"]
    return found


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_every_row_comes_or_an_error_that_can_be_gone_on_from(
    site: Sandbox, wholes: dict[str, pd.DataFrame], kind: str
) -> None:
    """A third of the answers, so that few requests meet many faults; the long form has 5 % of 20,000 pages."""
    met, kinds, most = 0, KINDS if kind == "all" else (kind,), 1 if kind == "stall" else 6
    with behind_a_wire(site, seed=len(kind)) as (wiki, wire):
        for name, call in CALLS.items():
            wire.set(Weather(kinds, 0.35, on=WIKI, most=most, delay=0.05, trickle=(4_096, 0.002)))
            frame = to_the_end(wiki, partial(call, wiki), wholes[name])
            same(frame, wholes[name])
            assert frame.attrs["complete"]
            met += wire.met.total()
    assert met >= 3, "the wire was calm"


@pytest.mark.usefixtures("hurried")
def test_a_connection_that_breaks_again_and_again_breaks_off_no_list(site: Sandbox) -> None:
    """That a window could be asked for in halves says nothing about a wire that breaks."""
    with behind_a_wire(site) as (wiki, wire):
        wire.set(Weather(("cut body",), 1.0, on=WIKI, most=4))
        assert wiki.pages().attrs["complete"]
        assert wire.met["cut body"] == 4


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("answers", [1, 2])
def test_an_outage_in_mid_pull_keeps_all_rows(
    site: Sandbox, wholes: dict[str, pd.DataFrame], answers: int
) -> None:
    whole = wholes["frugal, with bodies"]
    with behind_a_wire(site) as (wiki, wire):
        wire.set(Weather(("reset",), 1.0, on=WIKI, after=answers))
        with pytest.raises(Unreachable, match="tried 5 times") as caught:
            CALLS["frugal, with bodies"](wiki)
        assert caught.value.frame is not None
        assert set(caught.value.frame["id"]) < set(whole["id"])
        assert len(caught.value.frame) > 0 or answers == 1
        wire.set(CALM)
        same(wiki.resume(), whole)


@pytest.mark.usefixtures("hurried")
def test_an_outage_amid_many_lists_keeps_all_rows(site: Sandbox, wholes: dict[str, pd.DataFrame]) -> None:
    """The lists that were under way as another failed are read when it is gone on with."""
    ids = wholes["pages"]["id"].head(40).tolist()
    with behind_a_wire(site) as (wiki, wire):
        whole = wiki.versions(ids)
        wire.set(Weather(("reset",), 1.0, on=WIKI, after=15))
        with pytest.raises(Unreachable):
            wiki.versions(ids)
        wire.set(CALM)
        pd.testing.assert_frame_equal(wiki.resume(), whole)


# ------------------------------------------------------------------ in bounded time


@pytest.mark.usefixtures("hurried")
def test_silence_is_given_up(site: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("confluence_nb._http._TIMEOUT", httpx.Timeout(0.3))
    with behind_a_wire(site) as (wiki, wire):
        wire.set(Weather(("stall",), 1.0, on=WIKI))
        with pytest.raises(Unreachable, match="took too long") as caught:
            within(IN_TIME, lambda: wiki.get("/spaces"))
        assert caught.value.timed_out
        wire.set(CALM)
        assert len(wiki.spaces()) == 3


@pytest.mark.usefixtures("hurried")
def test_an_answer_that_trickles_for_ever_is_given_up(site: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("confluence_nb._patience.LONGEST_ANSWER", 0.3)
    with behind_a_wire(site) as (wiki, wire):
        wire.set(Weather(("trickle",), 1.0, on=WIKI, trickle=(1, 0.1)))
        with pytest.raises(Unreachable, match="took too long, tried once"):
            within(IN_TIME, lambda: wiki.get("/spaces"))


@pytest.mark.usefixtures("hurried")
def test_tokens_that_trickle_for_ever_are_given_up(site: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tries of a renewal together within the ten minutes in which its spent token may be shown again."""
    from confluence_nb.oauth import grant, keeper

    assert keeper.RENEWAL_TRIES * grant.LONGEST_ANSWER < 550
    monkeypatch.setattr(grant, "LONGEST_ANSWER", 0.3)
    with behind_a_wire(site) as (wiki, wire):
        age(wiki, 3_600)
        wire.set(Weather(("trickle",), 1.0, on=TOKENS, trickle=(1, 0.1)))
        with pytest.raises(Unreachable, match="took too long"):
            within(IN_TIME, lambda: wiki.get("/spaces"))
        wire.set(CALM)
        assert len(wiki.spaces()) == 3


# ------------------------------------------------------------------ sign-in and sync


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["reset", "cut head", "stall", "all"])
def test_lost_renewals_never_end_the_grant(kind: str) -> None:
    kinds = KINDS if kind == "all" else (kind,)
    with (
        Sandbox(pages=20, spaces=3, sites=1) as own,
        behind_a_wire(own, seed=3) as (wiki, wire),
    ):
        most = 2 if kind == "stall" else 6
        wire.set(Weather(kinds, 0.6, on=TOKENS, most=most, delay=0.05, trickle=(64, 0.002)))
        for _ in range(8):
            age(wiki, 3_600)
            for _ in range(5):
                try:
                    assert len(wiki.spaces()) == 3
                    break
                except Unreachable:
                    continue  # a cell that failed is run again
            else:
                raise AssertionError("the sign-in does not come back")
        assert wire.met.total() > 0
        counts = own.counts()
        assert counts["codes_issued"] == 1
        assert not any(str(status).startswith("4") for status in counts["routes"]["POST /oauth/token"])


@pytest.mark.usefixtures("hurried")
def test_a_code_whose_answer_was_lost_asks_for_another_consent(site: Sandbox) -> None:
    """It is good for one time; what is lost is said, and the next link works."""
    with WireProxy(site.url) as wire:
        wiki = open_wiki(site, cloud=Cloud(wire.url, wire.url))
        pasted = site.approve(wiki.consent_url)
        wire.set(Weather(("cut head",), 1.0, on=TOKENS, most=1))
        with pytest.raises(Unreachable, match="try again"):
            wiki.sign_in(pasted)
        assert not wiki.signed_in
        with pytest.raises(ConfluenceNBError, match="Open the consent link again"):
            wiki.sign_in(pasted)
        wiki.sign_in(site.approve(wiki.consent_url)).use("acme")
        assert len(wiki.spaces()) == 3


@pytest.mark.usefixtures("impatient")
def test_a_mirror_is_whole_however_often_its_sync_broke_off(
    site: Sandbox, wholes: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    whole = wholes["frugal, with bodies"]
    wanted: dict[str, Any] = {"collections": ["spaces", "pages"]}
    with behind_a_wire(site, seed=5) as (wiki, wire):
        kinds = tuple(kind for kind in KINDS if kind != "stall")
        wire.set(Weather(kinds, 0.4, on=WIKI, delay=0.05, trickle=(4_096, 0.002)))
        ends = time.monotonic() + IN_TIME
        while True:
            try:
                mirror = wiki.sync(tmp_path / "mirror", **wanted)
                break
            except ConfluenceNBError:
                assert time.monotonic() < ends
        assert wire.met.total() > 0
    pages = mirror.pages()
    assert set(pages["id"]) == set(whole["id"])
    assert pages["id"].is_unique
    bodies = dict(zip(pages["id"], pages["body"], strict=True))
    assert bodies == dict(zip(whole["id"], whole["body"], strict=True))
