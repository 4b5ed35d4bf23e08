"""A small HTTP server whose answers a test writes itself, for what no well-behaved Confluence would say."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki

SITE = {
    "id": "cloud-1",
    "name": "strange",
    "url": "https://strange.atlassian.net",
    "scopes": ["read:page:confluence", "read:space:confluence", "search:confluence"],
}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    raw_query: str
    headers: Mapping[str, str]

    def __getitem__(self, name: str) -> str | None:
        return dict(self.query).get(name)


@dataclass(frozen=True)
class Says:
    """One answer; anything but bytes is sent as JSON, None drops the connection.

    With a `pause` its bytes come one by one, so many seconds apart.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0


Script = Callable[[Asked], Says]


class StrangeCloud:
    """Signs anybody in; what it answers under `/wiki/` is the script's."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.closed = False
        self.token: dict[str, Any] = {
            "access_token": "strange-access", "refresh_token": "strange-refresh", "expires_in": 3600,
            "token_type": "Bearer", "scope": " ".join(["offline_access", "read:me", *SITE["scopes"]]),
        }  # fmt: skip
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def wiki_calls(self) -> list[Asked]:
        return [asked for asked in self.asked if "/wiki/" in asked.path]

    def answer(self, asked: Asked) -> Says:
        if asked.path == "/oauth/token":
            return Says(self.token)
        if asked.path == "/oauth/token/accessible-resources":
            return Says([SITE])
        if asked.path == "/me":
            return Says({"account_id": "1", "name": "Somebody"})
        return self.script(asked)

    def open_wiki(self) -> Wiki:
        """Signed in."""
        wiki = confluence_nb.connect(
            app=OAuthApp("StrangeApp0001", "strange-secret", f"{self.url}/callback", SITE["scopes"]),
            store="memory",
            profile=uuid4().hex,  # ports come again, and what is kept in memory lasts as long as the process
            cloud=Cloud(auth_url=self.url, api_url=self.url),
        )
        return wiki.sign_in("strange-code-0001")

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        self.closed = True  # connections that are open have threads of their own
        self._server.shutdown()
        self._server.server_close()

    def _handler(cloud) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (the handler has a self of its own)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 65_536

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)), parts.query,
                    dict(self.headers.items()),
                )  # fmt: skip
                cloud.asked.append(asked)
                said = cloud.answer(asked)
                if said.body is None or cloud.closed:
                    self.close_connection = True
                    return
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                headers = {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                    **said.headers,
                }
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if not said.pause:
                    self.wfile.write(body)
                    return
                for place in range(len(body)):
                    if cloud.closed:
                        break
                    try:
                        self.wfile.write(body[place : place + 1])
                        self.wfile.flush()
                    except OSError:  # nobody listens any more
                        break
                    time.sleep(said.pause)

            do_POST = do_DELETE = do_GET  # noqa: N815 (the base class's name)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
                """Quiet: the test reads `asked`."""

        return Handler


@contextmanager
def strange_cloud(script: Script, kind: type[StrangeCloud] = StrangeCloud) -> Iterator[StrangeCloud]:
    """Run one for a test."""
    cloud = kind(script)
    thread = threading.Thread(target=cloud.serve, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.close()
        thread.join(10)
