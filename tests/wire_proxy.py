"""A wire that can be trusted with nothing: a TCP proxy that resets, cuts, stalls, trickles and delays, by a seed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

KINDS = ("reset", "cut head", "cut body", "stall", "trickle", "delay")

_CHUNK = 65_536
_HEAD_ENDS = b"\r\n\r\n"


@dataclass(frozen=True)
class Weather:
    """What may happen to an answer.

    Parameters
    ----------
    kinds:
        Of these one is drawn: `reset`, an RST before the request was passed on, in place of its answer or in the
        middle of it; `cut head` and `cut body`, an end without an error there; `stall`, silence from anywhere on for
        as long as the client stays; `trickle` and `delay` as the two below say.
    rate:
        With which probability.
    on:
        Only requests that begin so.
    after, most:
        The first so many requests are spared; and so many times in all, None for ever.
    trickle:
        Bytes at a time, and seconds between them.
    delay:
        Seconds before the answer.
    """

    kinds: tuple[str, ...] = ()
    rate: float = 0.0
    on: tuple[bytes, ...] = (b"",)
    after: int = 0
    most: int | None = None
    trickle: tuple[int, float] = (512, 0.01)
    delay: float = 1.0


CALM = Weather()


class WireProxy:
    """Passes on to a server on this machine, one connection for one.

    Attributes
    ----------
    url:
        Where it listens.
    met:
        How often each kind of fault has befallen an answer.
    exchanges:
        How many requests came by.
    """

    def __init__(self, server: str, *, seed: int = 0) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._random = random.Random(seed)
        self.weather = CALM
        self.met: Counter[str] = Counter()
        self.exchanges = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="wire-proxy", daemon=True)
        self._ended: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(lambda: self._ended and self._ended.set())
        self._thread.join(30)

    def set(self, weather: Weather) -> None:
        """From the next request on; what is counted begins anew."""
        self.weather, self.exchanges = weather, 0
        self.met.clear()

    def drawn(self, request: bytes) -> str | None:
        """What is to befall the answer to this request."""
        weather = self.weather
        self.exchanges += 1
        if not request.startswith(weather.on) or self._random.random() >= weather.rate:
            return None
        is_over = weather.most is not None and self.met.total() >= weather.most
        return None if is_over or self.exchanges <= weather.after else self._random.choice(weather.kinds)

    def _serve(self) -> None:
        self._loop.run_until_complete(self._until_ended())
        self._loop.close()

    async def _until_ended(self) -> None:
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=self._listener)
        await self._ended.wait()
        server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection(*self._server)
        except OSError:
            writer.transport.abort()
            return
        wire = _Wire(self, reader, writer, back, forth)
        ways = [asyncio.ensure_future(wire.requests()), asyncio.ensure_future(wire.answers())]
        try:
            with contextlib.suppress(asyncio.CancelledError):  # the proxy ends, which asyncio would report
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, forth):
                end.close()


@dataclass
class _Wire:
    """One connection; a request begins when the client speaks after the server did."""

    proxy: WireProxy
    client: asyncio.StreamReader
    to_client: asyncio.StreamWriter
    server: asyncio.StreamReader
    to_server: asyncio.StreamWriter
    fault: str | None = None
    answered: bool = True
    head: bytearray = field(default_factory=bytearray)
    passed: int = 0

    async def requests(self) -> None:
        while data := await self.client.read(_CHUNK):
            if self.answered:
                self.fault, self.answered, self.passed = self.proxy.drawn(data), False, 0
                self.head.clear()
                if self.fault == "reset" and self.proxy._random.random() < 1 / 3:
                    self._reset()  # the server never hears of it
                    return
            self.to_server.write(data)
            await self.to_server.drain()

    async def answers(self) -> None:
        while data := await self.server.read(_CHUNK):
            first, self.answered = not self.answered, True
            befalls = _BEFALL.get(self.fault or "")
            if befalls is None or not await befalls(self, data, first):
                await self._pass(data)
            elif self.to_client.transport.is_closing():
                return

    # What befalls a piece of an answer: True when nothing more is to be passed on of it.

    async def reset(self, data: bytes, first: bool) -> bool:
        if self.proxy._random.random() < 0.5:
            await self._pass(data[: self.proxy._random.randrange(len(data))])
        self._reset()
        return True

    async def cut_head(self, data: bytes, first: bool) -> bool:
        await self._pass(data[: self.proxy._random.randrange(1, 40)])
        self._cut("cut head")
        return True

    async def cut_body(self, data: bytes, first: bool) -> bool:
        """In the piece that the body begins in, or in the next where that one is the head alone."""
        body = self._body_in(data)
        if body is None or body >= len(data):
            return False
        await self._pass(data[: self.proxy._random.randrange(body, len(data))])
        self._cut("cut body")
        return True

    async def stall(self, data: bytes, first: bool) -> bool:
        await self._pass(data[: self.proxy._random.choice((0, 12, len(data) // 2))])
        self._met("stall")
        await asyncio.Event().wait()  # until the client leaves
        return True

    async def trickle(self, data: bytes, first: bool) -> bool:
        if first:
            self._met("trickle")
        size, pause = self.proxy.weather.trickle
        for start in range(0, len(data), size):
            await self._pass(data[start : start + size])
            await asyncio.sleep(pause)
        return True

    async def delay(self, data: bytes, first: bool) -> bool:
        if first:
            self._met("delay")
            await asyncio.sleep(self.proxy.weather.delay)
        return False

    # ------------------------------------------------------------------ the means

    def _body_in(self, data: bytes) -> int | None:
        """Where in this piece the body begins; 0 in later ones, None while there is only head."""
        if self.passed and _HEAD_ENDS in self.head:
            return 0
        before = len(self.head)
        self.head += data
        found = self.head.find(_HEAD_ENDS)
        return None if found < 0 else found + len(_HEAD_ENDS) - before

    async def _pass(self, data: bytes) -> None:
        self.to_client.write(data)
        self.passed += len(data)
        await self.to_client.drain()

    def _met(self, kind: str) -> None:
        self.proxy.met[kind] += 1

    def _cut(self, kind: str) -> None:
        self._met(kind)
        self.to_client.close()

    def _reset(self) -> None:
        self._met("reset")
        with contextlib.suppress(OSError):
            self.to_client.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        self.to_client.transport.abort()


_BEFALL: dict[str, Callable[[_Wire, bytes, bool], Awaitable[bool]]] = {
    kind: getattr(_Wire, kind.replace(" ", "_")) for kind in KINDS
}
