"""HTTP as the sandbox handles it: a request read whole, a response sent whole, or cut short on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """One HTTP request, read to its end: header names in lower case, nothing secret in its repr."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    address_length: int = 0

    @property
    def bearer(self) -> str | None:
        """What came after `Authorization: Bearer`, else None."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    @property
    def form(self) -> tuple[tuple[str, str], ...]:
        """The body as form fields, in order."""
        return tuple(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Wait for the whole request."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = bool(message.get("more_body"))
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=tuple(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=b"".join(chunks),
        address_length=len(scope["raw_path"]) + len(scope["query_string"]) + 1,
    )


class StreamedResponse(Response):
    """A response whose body is made while it is sent."""

    def __init__(
        self, pieces: Iterator[bytes], length: int, *, status_code: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(None, status_code, {**headers, "Content-Length": str(length)})
        self.pieces = pieces
        self.length = length


async def send_response(response: Response, send: Send, *, is_wanted: Callable[[], bool]) -> None:
    """Send it whole; a streamed one only for as long as somebody listens."""
    await send(_start(response))
    if isinstance(response, StreamedResponse):
        await _send_pieces(response, response.length, send, is_wanted)
    await send({"type": "http.response.body", "body": response.body})


async def send_half(response: Response, send: Send, *, is_wanted: Callable[[], bool]) -> None:
    """Send the headers and the first half of the body that they promise."""
    await send(_start(response))
    if isinstance(response, StreamedResponse):
        await _send_pieces(response, response.length // 2, send, is_wanted)
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def _send_pieces(
    response: StreamedResponse, length: int, send: Send, is_wanted: Callable[[], bool]
) -> None:
    left = length
    for piece in response.pieces:
        if left <= 0 or not is_wanted():
            return
        await send({"type": "http.response.body", "body": piece[:left], "more_body": True})
        left -= len(piece)
        await asyncio.sleep(0)  # other requests have their turn between two pieces


def _start(response: Response) -> Message:
    return {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
