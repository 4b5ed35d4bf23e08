"""Whoever else comes to the listener behind the callback URL: refused, cut off, told nothing."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback_hands import CODE, GOOD, STATE, Waiting, read_all
from panel_hands import eventually

from confluence_nb.oauth import loopback
from confluence_nb.oauth.callback_wire import MOST_BYTES
from confluence_nb.oauth.loopback import MOST_CONNECTIONS, Callback


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


def test_the_page_holds_nothing_of_the_request_and_is_kept_nowhere(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    for target in (f"/callback?code={CODE}&state=other", f"/{CODE}?{STATE}", GOOD):
        head, _, body = one.get(target)[1].partition("\r\n\r\n")
        assert CODE not in head + body
        assert STATE not in head + body
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
        assert fields["cache-control"] == "no-store"
        assert fields["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in fields["content-security-policy"]
        assert int(fields["content-length"]) == len(body.encode())
        assert "http" not in body.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("target", "method", "host", "status"),
    [
        (f"/callback?code={CODE}&state=other", "GET", None, 400),
        (f"/callback?code={CODE}", "GET", None, 400),
        (f"/callback?code={CODE}&state={STATE}&state=other", "GET", None, 400),
        (f"/callback?code={CODE}&state=%FF%00", "GET", None, 400),
        (f"/callback?state={STATE}", "GET", None, 400),
        (f"/callback/?code={CODE}&state={STATE}", "GET", None, 404),
        (f"/?code={CODE}&state={STATE}", "GET", None, 404),
        (f"//callback?code={CODE}&state={STATE}", "GET", None, 404),
        (f"/../callback?code={CODE}&state={STATE}", "GET", None, 404),
        ("/favicon.ico", "GET", None, 404),
        (f"http://localhost{GOOD}", "GET", None, 400),
        (GOOD, "POST", None, 405),
        (GOOD, "HEAD", None, 405),
        (GOOD, "OPTIONS", None, 405),
        (GOOD, "get", None, 405),
        (GOOD, "GET", "evil.example", 421),
        (GOOD, "GET", "evil.example:{port}", 421),
        (GOOD, "GET", "127.0.0.1:{port}", 421),
        (GOOD, "GET", "localhost", 421),
        (GOOD, "GET", "localhost:{port}.evil.example", 421),
        (GOOD, "GET", "localhost:{port}\r\nHost: evil.example", 421),
    ],
)
def test_anything_else_is_refused_and_changes_nothing(
    waiting: Callable[..., Waiting], target: str, method: str, host: str | None, status: int
) -> None:
    one = waiting()
    assert one.get(target, method, host and host.format(port=one.port))[0] == status
    assert one.is_open
    assert one.get()[0] == 200
    eventually(lambda: len(one.arrived) == 1)


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /callback\r\n\r\n",
        b"GET /callback?a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /callback HTTP/2.0\r\nHost: localhost\r\n\r\n",
        b"GET /callback HTTP/1.1\r\nHost: localhost\r\n folded: yes\r\n\r\n",
        b"GET /callback HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /callback HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /callb\xc3\xa4ck HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(waiting: Callable[..., Waiting], request_: bytes) -> None:
    one = waiting()
    assert one.send(request_).split()[1][:1] == b"4"
    assert one.is_open


def test_a_megabyte_of_headers_is_not_read(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    with one.connect() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(f"GET {GOOD} HTTP/1.1\r\nHost: {one.authority}\r\nCookie: ".encode())
        for _ in range(1_024):
            connection.sendall(b"x" * 1_024)
        assert read_all(connection)[:12] in (b"", b"HTTP/1.1 431")
    assert one.is_open
    assert one.arrived == []
    cookies = "Cookie: " + "x" * (MOST_BYTES // 2)
    head = f"GET {GOOD} HTTP/1.1\r\nHost: {one.authority}\r\n{cookies}\r\n\r\n"
    assert one.send(head.encode()).startswith(b"HTTP/1.1 200")


def test_whoever_sends_nothing_is_cut_off(
    waiting: Callable[..., Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "HEAD_SECONDS", 0.2)
    one = waiting()
    with one.connect() as silent, one.connect() as slow:
        slow.sendall(b"GET /call")
        assert read_all(silent) == b""
        assert read_all(slow) == b""
    assert one.is_open


def test_many_that_send_nothing_keep_no_answer_out(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    held = [one.connect() for _ in range(3 * MOST_CONNECTIONS)]
    try:
        for connection in held:
            connection.sendall(b"G")
        assert one.get()[0] == 200
        eventually(lambda: len(one.arrived) == 1)
        assert all(read_all(connection) == b"" for connection in held), "all are closed with the listener"
    finally:
        for connection in held:
            connection.close()


def test_a_request_in_pieces_is_one_request(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    with one.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in f"GET {GOOD} HTTP/1.1\r\nHost: {one.authority}\r\n\r\n":
            connection.sendall(byte.encode())
        assert read_all(connection).startswith(b"HTTP/1.1 200")


def test_two_answers_at_once_are_one(waiting: Callable[..., Waiting]) -> None:
    one = waiting()
    request = f"GET {GOOD} HTTP/1.1\r\nHost: {one.authority}\r\n\r\n".encode()
    with one.connect() as first, one.connect() as second:
        first.sendall(request)
        second.sendall(request)
        answers = sorted((read_all(first)[:12], read_all(second)[:12]))
    assert answers == [b"", b"HTTP/1.1 200"]
    assert len(one.arrived) == 1


def test_nothing_of_an_answer_is_logged(
    waiting: Callable[..., Waiting], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for target, host in ((GOOD, None), (f"/callback?code={CODE}", None), (GOOD, "evil.example")):
        waiting().get(target, host=host)
    assert CODE not in caplog.text
    assert STATE not in caplog.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://localhost:8765/callback",
        "http://wiki.example.com:8765/callback",
        "http://localhost.evil.example:8765/callback",
        "http://localhost@evil.example:8765/callback",
        "http://ada@localhost:8765/callback",
        "http://0.0.0.0:8765/callback",
        "http://localhost:99999/callback",
        "http://localhost:eight/callback",
        "http://10.0.0.1:8765/callback",
    ],
)
def test_an_address_that_leads_elsewhere_is_not_listened_on(redirect_uri: str) -> None:
    assert Callback.of(redirect_uri) is None
