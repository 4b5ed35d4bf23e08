"""The listener behind the callback URL: what it takes, where it listens, when it ends, and what it leaves."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback_hands import GOOD, STATE, Waiting
from panel_hands import eventually

from confluence_nb.api.portal import portal
from confluence_nb.oauth import loopback
from confluence_nb.oauth.loopback import Callback


@pytest.fixture
def waiting() -> Iterator[Callable[..., Waiting]]:
    made: list[Waiting] = []

    def make(**given: Any) -> Waiting:
        made.append(Waiting(**given))
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert not loopback._open


def test_the_answer_is_taken_once_and_the_port_is_free_again(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    status, answer = one.get()
    assert status == 200
    assert "You can close this tab" in answer
    eventually(lambda: one.arrived == [f"http://{one.authority}{GOOD}"])
    assert not one.is_open
    with pytest.raises(ConnectionRefusedError):
        one.connect()
    again = waiting(port=one.port)
    assert again.is_open
    assert one.ended == 0


def test_a_refusal_of_the_consent_arrives_too(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    assert one.get(f"/callback?error=access_denied&state={STATE}")[0] == 200
    eventually(lambda: len(one.arrived) == 1)


def test_it_ends_when_its_time_is_over_and_says_so(
    waiting: Callable[..., Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "LISTENING_SECONDS", 0.05)
    one = waiting()
    eventually(lambda: one.ended == 1)
    assert not one.is_open
    with pytest.raises(ConnectionRefusedError):
        one.connect()


def test_a_newer_sign_in_of_this_process_takes_the_port_over(waiting: Callable[..., Waiting]) -> None:
    older = waiting()
    newer = waiting(port=older.port)
    eventually(lambda: older.ended == 1)
    assert newer.is_open
    assert newer.get()[0] == 200
    eventually(lambda: len(newer.arrived) == 1)
    assert older.arrived == []


@pytest.mark.parametrize("taken_at", ["127.0.0.1", "::1"])
def test_a_port_that_somebody_has_is_left_alone(waiting: Callable[..., Waiting], taken_at: str) -> None:
    family = socket.AF_INET6 if ":" in taken_at else socket.AF_INET
    try:
        taken = socket.create_server((taken_at, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {taken_at}")
    with taken:
        one = waiting(port=taken.getsockname()[1])
        assert one.listener is None
        assert one.ended == 0


def test_it_listens_on_this_machine_alone(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    assert one.listener is not None
    addresses = {bound.getsockname()[0] for bound in one.listener._sockets}
    assert "127.0.0.1" in addresses
    assert addresses <= {"127.0.0.1", "::1"}


def test_it_leaves_no_thread_and_no_socket(waiting: Callable[..., Waiting]) -> None:
    portal.run(asyncio.sleep(0))
    before = threading.active_count()
    for _ in range(20):
        one = waiting()
        assert threading.active_count() == before
        one.get() if len(one.authority) % 2 else one.close()
        assert not one.is_open
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("redirect_uri", "authority"),
    [
        ("http://localhost:8765/callback", "localhost:8765"),
        ("http://LOCALHOST:8765/callback", "localhost:8765"),
        ("http://127.0.0.1:80/callback", "127.0.0.1"),
        ("http://[::1]:8765/callback", "[::1]:8765"),
    ],
)
def test_the_host_is_what_a_browser_sends(redirect_uri: str, authority: str) -> None:
    callback = Callback.of(redirect_uri)
    assert callback is not None
    assert callback.authority == authority


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_does_not_keep_the_port(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    told, tell = os.pipe()
    gone, go = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.write(tell, b".")
        os.read(gone, 1)
        os._exit(0 if not loopback._open else 1)
    try:
        os.read(told, 1)
        assert one.get()[0] == 200
        eventually(lambda: len(one.arrived) == 1)
        with pytest.raises(ConnectionRefusedError):
            one.connect()
        assert waiting(port=one.port).is_open
    finally:
        os.write(go, b".")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        for end in (told, tell, gone, go):
            os.close(end)
