"""A listener on a free port of this machine, what it told, and what a browser or somebody else sends it."""

from __future__ import annotations

import socket
from contextlib import closing

from confluence_nb.api.portal import portal
from confluence_nb.oauth.loopback import Listener, listen
from confluence_nb.secret import Secret

STATE = "state-canary-9Yq"
CODE = "code-canary-7Wp"
GOOD = f"/callback?code={CODE}&state={STATE}"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Waiting:
    """A listener on a free port, and what it told."""

    def __init__(self, host: str = "localhost", port: int | None = None) -> None:
        self.port = port or free_port()
        self.authority = f"{host}:{self.port}"
        self.arrived: list[str] = []
        self.ended = 0
        self.listener = portal.run(self._listen())

    async def _listen(self) -> Listener | None:
        uri, state = f"http://{self.authority}/callback", Secret(STATE)
        return listen(uri, state, self._note_arrival, self._note_end)

    def _note_arrival(self, address: Secret) -> None:
        self.arrived.append(address.reveal())

    def _note_end(self) -> None:
        self.ended += 1

    @property
    def is_open(self) -> bool:
        return self.listener is not None and self.listener.is_open

    def close(self) -> None:
        async def close() -> None:
            if self.listener is not None:
                self.listener.close()

        portal.run(close())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def send(self, request: bytes) -> bytes:
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)

    def get(self, target: str = GOOD, method: str = "GET", host: str | None = None) -> tuple[int, str]:
        """Status and the whole answer."""
        head = f"{method} {target} HTTP/1.1\r\nHost: {host or self.authority}\r\nUser-Agent: browser\r\n\r\n"
        answer = self.send(head.encode()).decode()
        return int(answer.split()[1]), answer


def read_all(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
