"""Takes the consent page's answer up where the callback URL leads to this very machine: nobody has to copy it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import errno
import hmac
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from confluence_nb.cloud import is_loopback
from confluence_nb.oauth.callback_wire import MOST_BYTES, Refused, page, read_target
from confluence_nb.secret import Secret

LISTENING_SECONDS = 600.0
"""A consent page that nobody answers for so long was left alone."""

HEAD_SECONDS = 10.0
"""A browser sends its few lines at once."""

MOST_CONNECTIONS = 16
"""With more at once the oldest goes: whoever opens many and sends nothing keeps no answer out."""

ANSWERED = "The notebook has the answer. You can close this tab and go back to it."
OTHER_SIGN_IN = (
    "This address belongs to another sign-in. If its panel is still open, copy the address from the browser's address "
    "bar and paste it there; else open the consent link in the notebook again."
)
TOO_LONG = page(431, "That is no request of a browser.")
NO_ANSWER = (
    "This address has no answer of the consent page in it. Open the consent link in the notebook again."
)


@dataclass(frozen=True)
class Callback:
    """A callback URL that leads to this machine: what a request to it has to look like."""

    host: str
    port: int
    path: str

    @classmethod
    def of(cls, redirect_uri: str) -> Callback | None:
        """None for the address of another machine, and for https: there is no certificate for this one."""
        try:
            parts = urlsplit(redirect_uri)
            host, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return None
        if parts.scheme != "http" or not is_loopback(host) or "@" in parts.netloc:
            return None
        return cls(host, port, parts.path or "/")

    @property
    def authority(self) -> str:
        """What a browser sends as `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 80 else f"{host}:{self.port}"


class Listener:
    """Open for one answer: it closes with that, with `close()`, and after ten minutes at the latest."""

    def __init__(
        self, callback: Callback, state: Secret, arrived: Callable[[Secret], None], ended: Callable[[], None]
    ) -> None:
        self._callback = callback
        self._state = state
        self._arrived = arrived
        self._ended = ended
        self._sockets: list[socket.socket] = []
        self._connections: dict[_Connection, None] = {}
        self._made: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None
        # Widgets find their cell by the context of whoever asked, and a socket's own has none.
        self._context = contextvars.copy_context()

    def open(self, seconds: float) -> bool:
        """Begin to listen; False where the port is not free."""
        loop = asyncio.get_running_loop()
        self._sockets = _bound(self._callback)
        for bound in self._sockets:
            loop.add_reader(bound, self._accept, bound)
        self._timer = loop.call_later(seconds, self.end, context=self._context)
        return self.is_open

    @property
    def is_open(self) -> bool:
        return bool(self._sockets)

    def close(self) -> None:
        """Stop listening, at once and for good."""
        if self._timer is not None:
            self._timer.cancel()
        for bound in self._sockets:
            asyncio.get_running_loop().remove_reader(bound)
        self.abandon()
        for connection in list(self._connections):
            connection.drop()
        if _open.get(self._callback.port) is self:
            del _open[self._callback.port]

    def abandon(self) -> None:
        """Let go of the port alone: after a fork the loop is the parent's, and not to be touched."""
        for bound in self._sockets:
            bound.close()
        self._sockets = []

    def end(self) -> None:
        """Stop listening without an answer, and say so to whoever waits for one."""
        self.close()
        asyncio.get_running_loop().call_soon(self._ended, context=self._context)

    def _accept(self, bound: socket.socket) -> None:
        # Not by asyncio's own server: what that has accepted when it closes is left hanging on some Pythons.
        loop = asyncio.get_running_loop()
        try:
            accepted, _ = bound.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:
            self.end()
            return
        made = loop.create_task(loop.connect_accepted_socket(lambda: _Connection(self), accepted))
        self._made.add(made)
        made.add_done_callback(self._made.discard)

    def admit(self, connection: _Connection) -> None:
        if not self.is_open:
            connection.drop()
            return
        self._connections[connection] = None
        if len(self._connections) > MOST_CONNECTIONS:
            next(iter(self._connections)).drop()

    def leave(self, connection: _Connection) -> None:
        self._connections.pop(connection, None)

    def answer(self, head: bytes) -> bytes:
        """What a request gets; the one that answers this sign-in ends the listening."""
        try:
            target = read_target(head, self._callback.authority, self._callback.path)
            self._check(parse_qs(target.partition("?")[2], keep_blank_values=True))
        except Refused as refused:
            return page(refused.status, refused.words)
        self.close()
        address = Secret(f"http://{self._callback.authority}{target}")
        asyncio.get_running_loop().call_soon(self._arrived, address, context=self._context)
        return page(200, ANSWERED)

    def _check(self, given: dict[str, list[str]]) -> None:
        wanted = self._state.reveal().encode()
        states = given.get("state", [])
        if not states or not all(hmac.compare_digest(state.encode(), wanted) for state in states):
            raise Refused(400, OTHER_SIGN_IN)
        if not ("code" in given or "error" in given):
            raise Refused(400, NO_ANSWER)


class _Connection(asyncio.Protocol):
    """One request, read no further than its head, answered once and closed."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            return
        self._transport = transport
        self._timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.drop)
        self._listener.admit(self)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0 and len(self._head) <= MOST_BYTES:
            return
        head, self._head = self._head[: max(end, 0)], b""
        # Out of the list first: what is under way to the browser is not cut off by the listener's end.
        self._listener.leave(self)
        self._transport.write(self._listener.answer(head) if len(head) <= MOST_BYTES and head else TOO_LONG)
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head = b""
        self._listener.leave(self)
        if self._timer is not None:
            self._timer.cancel()

    def drop(self) -> None:
        """Close without an answer, whatever is still unsent."""
        self._listener.leave(self)
        if self._transport is not None:
            self._transport.abort()


_open: dict[int, Listener] = {}


def _forget() -> None:
    for listener in _open.values():
        listener.abandon()
    _open.clear()


if hasattr(os, "register_at_fork"):
    # A child would keep the port taken when the parent has long been answered.
    os.register_at_fork(after_in_child=_forget)


def listen(
    redirect_uri: str,
    state: Secret,
    arrived: Callable[[Secret], None],
    ended: Callable[[], None],
) -> Listener | None:
    """Wait on this machine for the answer to one sign-in, from the running loop; the newest takes the port over.

    Parameters
    ----------
    redirect_uri:
        The callback URL of the app. Only the loopback address that it names is listened on.
    state:
        What the answer has to bring back. Any other request changes nothing.
    arrived:
        Called once, on the running loop, with the whole address; the listener is closed by then.
    ended:
        Called when it closes without an answer: after ten minutes, or when a newer one takes over.

    Returns
    -------
    None where the callback URL leads elsewhere, or its port is not free.
    """
    callback = Callback.of(redirect_uri)
    if callback is None:
        return None
    if callback.port in _open:
        _open[callback.port].end()
    listener = _open[callback.port] = Listener(callback, state, arrived, ended)
    if not listener.open(LISTENING_SECONDS):
        listener.close()
        return None
    return listener


def _bound(callback: Callback) -> list[socket.socket]:
    """Listening sockets on the loopback addresses that a browser tries for this host; none when one is taken."""
    names = ("127.0.0.1", "::1") if callback.host == "localhost" else (callback.host,)
    found: list[socket.socket] = []
    for name in names:
        family = socket.AF_INET6 if ip_address(name).version == 6 else socket.AF_INET
        try:
            with contextlib.ExitStack() as undo:
                bound = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
                _bind(bound, (name, callback.port))
                undo.pop_all()
        except OSError as error:
            # Where there is no IPv6, no browser goes there either. A port that another program has is its own.
            if name == "::1" and error.errno not in (errno.EADDRINUSE, errno.EACCES):
                continue
            for other in found:
                other.close()
            return []
        found.append(bound)
    return found


def _bind(bound: socket.socket, address: tuple[str, int]) -> None:
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        # On Windows two programs may hold one port unless one of them objects.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    bound.setblocking(False)
    bound.listen()
