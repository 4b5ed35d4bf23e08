"""Sends a wiki's requests from the workers of a Dask cluster; sign-in, lanes, patience and budget stay in one place."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from confluence_nb._http import DATA, MAX_ANSWER_BYTES, ClientPerLoop, httpx, no_cookies, route, trusted
from confluence_nb.mirror.dask_frames import need_dask

if TYPE_CHECKING:
    import distributed

WAIT_SECONDS = 600.0
"""How long a request may wait for a worker: a cluster that grows on demand begins with none."""

_TIMEOUT = httpx.Timeout(60.0, connect=15.0)


@dataclass(frozen=True, repr=False)
class Parcel:
    """A signed request on its way to a worker.

    Parameters
    ----------
    is_local:
        Whether it goes to this machine itself: then past any proxy.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    is_local: bool

    def __repr__(self) -> str:
        # Dask shows what a task is given, in logs and on its dashboard; the headers hold the access token.
        return f"Parcel({self.method} {urlsplit(self.url).path})"


@dataclass(frozen=True, repr=False)
class Reply:
    """An answer as it came, still compressed; or, with status 0, the kind of failure and its words."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content: bytes = b""
    failure: tuple[str, str] = ("", "")


class ClientOfWorkers(ClientPerLoop):
    """HTTP clients that send from the workers of a cluster.

    A worker gets each request signed, with the access token of the moment. The refresh token, the one renewal for all
    and the count of what is under way stay with whoever asks.

    Parameters
    ----------
    workers:
        The cluster's client.
    like:
        The clients in whose place these send.

    Raises
    ------
    ConfluenceNBError
        When Dask is missing.
    """

    def __init__(self, workers: distributed.Client, like: ClientPerLoop) -> None:
        super().__init__(local=like._local, user_agent=like._user_agent)
        need_dask()
        from distributed import Client

        if not isinstance(workers, Client):
            raise TypeError(
                f"client is a {type(workers).__name__}. Give a distributed.Client, or leave it out."
            )
        self._transport = _Workers(workers, is_local=like._local)
        self._headers = {"User-Agent": like._user_agent, **DATA}
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )

    def client(self) -> httpx.AsyncClient:
        """The running loop's client."""
        loop = asyncio.get_running_loop()
        if loop not in self._by_loop:
            self._by_loop[loop] = httpx.AsyncClient(
                transport=self._transport,
                headers=self._headers,
                follow_redirects=False,
                timeout=_TIMEOUT,
                cookies=no_cookies(),
            )
        return self._by_loop[loop]


class _Workers(httpx.AsyncBaseTransport):
    """One request, carried out by whichever worker is free."""

    def __init__(self, workers: distributed.Client, *, is_local: bool) -> None:
        self._workers = workers
        self._is_local = is_local

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        headers = tuple((name, value) for name, value in request.headers.items() if name != "host")
        parcel = Parcel(request.method, str(request.url), headers, content, self._is_local)
        future: Any = self._workers.submit(carried_out, parcel, key=f"confluence-{uuid4()}", pure=False)
        try:
            await asyncio.wait_for(_done(future), WAIT_SECONDS)
            reply: Reply = await asyncio.to_thread(future.result)
        except TimeoutError:
            future.cancel()
            raise httpx.ReadTimeout("no worker of the cluster carried it out", request=request) from None
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Exception as error:
            words = f"the cluster did not carry it out: {type(error).__name__}: {str(error)[:300]}"
            raise httpx.ConnectError(words, request=request) from error
        if not reply.status:
            kind, words = reply.failure
            failure: Callable[..., Exception] = getattr(httpx, kind, httpx.TransportError)
            raise failure(words, request=request)
        return httpx.Response(
            reply.status, headers=list(reply.headers), stream=httpx.ByteStream(reply.content)
        )


def carried_out(parcel: Parcel) -> Reply:
    """Send a request from this worker. A failure is an answer too: Dask would log an exception, and try it anew."""
    http = _worker_client(parcel.is_local)
    try:
        request = http.build_request(
            parcel.method, parcel.url, headers=list(parcel.headers), content=parcel.content
        )
        response = http.send(request, stream=True)
        try:
            pieces, size = [], 0
            for piece in response.iter_raw():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_ANSWER_BYTES:
                    return Reply(
                        0, failure=("ReadError", f"the answer is larger than {MAX_ANSWER_BYTES:,} bytes")
                    )
            return Reply(response.status_code, tuple(response.headers.raw), b"".join(pieces))
        finally:
            response.close()
    except httpx.TransportError as error:
        return Reply(0, failure=(type(error).__name__, str(error)))


async def _done(future: Any) -> None:
    """Wait until the cluster is done with it, without holding a thread."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: Any) -> None:
        loop.call_soon_threadsafe(done.set)

    future.add_done_callback(tell)
    await done.wait()


@cache
def _worker_client(is_local: bool) -> httpx.Client:
    """This worker's connections."""
    return httpx.Client(
        timeout=_TIMEOUT,
        follow_redirects=False,
        **route(local=is_local),
        verify=trusted(local=is_local),
        cookies=no_cookies(),
    )
