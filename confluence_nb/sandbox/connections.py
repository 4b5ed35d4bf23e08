"""The HTTP protocol of the sandbox's server, which lets an answer end by a dropped connection."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from confluence_nb.sandbox.asgi import Receive, Scope


class DroppableConnection(H11Protocol):
    """h11 that keeps its open transports at hand: ASGI itself has no way to hang up without an answer."""

    _open: ClassVar[dict[tuple[object, object], asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._open[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._open.pop((self.client, self.server), None)

    @classmethod
    def is_open(cls, scope: Scope) -> bool:
        """True while the client of this request has not hung up."""
        return (scope["client"], scope["server"]) in cls._open

    @classmethod
    async def drop(cls, scope: Scope, receive: Receive) -> None:
        """Hang up on the client of this request, and return when the server has noticed."""
        transport = cls._open.get((scope["client"], scope["server"]))
        if transport is not None:
            transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass
