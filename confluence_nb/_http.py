"""The one module that imports httpx, so that a successor is one line away; how a client is made and read.

Everything of the library that speaks HTTP takes the names from here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import weakref
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies

import httpx
import orjson
import sniffio  # noqa: F401 (found once and for all: an import under way at a fork holds its lock in the child for ever)

from confluence_nb.errors import Unreachable

__all__ = [
    "DATA",
    "MAX_ANSWER_BYTES",
    "ClientPerLoop",
    "answered_json",
    "httpx",
    "is_markup",
    "keep_body",
    "no_cookies",
    "read_body",
    "route",
    "trusted",
    "unlogged",
    "unpacked",
]

MAX_ANSWER_BYTES = 256 * 2**20
"""Largest decoded answer read into memory: 250 pages of 1 MB. A hostile gzip ends here."""

SHORTEST_TOKEN = 15
"""Characters; what is no longer may be a word of a title."""

_UNPACKED_AT_ONCE = 2**20
"""Bytes; 64 KB off the wire can be 64 MB of zeros, and packed twice 64 GB."""

_TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=None)
_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30.0)


DATA = {"Accept": "application/json", "Accept-Encoding": "gzip"}
"""What is taken for an answer: `unpacked` knows no other packing."""

_LOGGERS = ("httpx", *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")))
_unlogged: ContextVar[bool] = ContextVar("unlogged", default=False)

_ClientsByLoop = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]


class ClientPerLoop:
    """Hands out the `httpx.AsyncClient`s of each event loop that asks.

    A client's sockets and locks belong to the loop that opened them: used from another loop, or after a
    fork, they fail or answer somebody else's request.
    """

    def __init__(self, *, local: bool, user_agent: str) -> None:
        self._local = local
        self._user_agent = user_agent
        self._clients: _ClientsByLoop = weakref.WeakKeyDictionary()
        self._strangers: _ClientsByLoop = weakref.WeakKeyDictionary()

    def client(self) -> httpx.AsyncClient:
        """The running loop's client for Atlassian's own origins, made on first use."""
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None or found.is_closed:
            found = self._clients[loop] = self._made(DATA)
        return found

    def client_for_files(self) -> httpx.AsyncClient:
        """The running loop's client for hosts that keep files.

        It asks for bytes as they are, since a range of a compressed file is no range of the file.
        """
        loop = asyncio.get_running_loop()
        found = self._strangers.get(loop)
        if found is None or found.is_closed:
            headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
            found = self._strangers[loop] = self._made(headers)
        return found

    async def aclose(self) -> None:
        """Close the running loop's clients."""
        for clients in (self._clients, self._strangers):
            found = clients.pop(asyncio.get_running_loop(), None)
            if found is not None:
                await found.aclose()

    def _made(self, headers: dict[str, str]) -> httpx.AsyncClient:
        try:
            return httpx.AsyncClient(
                timeout=_TIMEOUT,
                limits=_LIMITS,
                follow_redirects=False,
                **route(local=self._local),
                verify=trusted(local=self._local),
                headers={"User-Agent": self._user_agent, **headers},
                cookies=no_cookies(),
                event_hooks={"response": [_closed_whole]},
            )
        except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
            # Not its message: the address of a proxy may have a password in it.
            raise Unreachable(
                "A proxy or a certificate that the environment names cannot be used "
                f"({type(error).__name__}). Look at HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR: a proxy is "
                "given as http://host:port, certificates as a file or a folder that is there. Then run the cell again."
            ) from None


class _ClosedWhole(httpx.AsyncByteStream):
    """An answer's body whose end nobody interrupts: a connection half given back would be in use for ever."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        await asyncio.shield(self._stream.aclose())


async def _closed_whole(response: httpx.Response) -> None:
    response.stream = _ClosedWhole(response.stream)


def route(*, local: bool) -> dict[str, Any]:
    """A client's options that say which proxy is gone through.

    A company's is honoured on the way to Atlassian; a stand-in on this machine is spoken to directly, or HTTP_PROXY
    would carry its tokens elsewhere. It is not left to httpx, which makes no client at all where NO_PROXY has a range
    of IPv6 in it, or an address in brackets, as some containers bring along.
    """
    told = {} if local else getproxies()
    proxy = told.get("https") or told.get("all")
    direct = [name.strip() for name in told.get("no", "").split(",")]
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    # Plain http is to this machine, also where the other origin is not.
    mounts = {"http://": None} | dict.fromkeys(_patterns_of(direct))
    return {"trust_env": False, "proxy": None if "*" in direct else proxy, "mounts": mounts}


def _patterns_of(hosts: list[str]) -> Iterator[str]:
    """How httpx has them: a star stands for what is below a name, too. What it cannot read is passed over."""
    for host in hosts:
        bare = host.strip("*[]")
        pattern = f"all://[{bare}]" if bare.count(":") > 1 else f"all://*{bare}"
        pattern = host if "://" in host else pattern
        with suppress(httpx.InvalidURL):
            if bare and httpx.URL(pattern).host:
                yield pattern


def trusted(*, local: bool) -> ssl.SSLContext:
    """The certificates that `SSL_CERT_FILE` or `SSL_CERT_DIR` names, also on the way to this machine.

    Raises
    ------
    OSError
        They cannot be read; never on the way to this machine, where plain http, which needs none, is the rule.
    """
    try:
        return httpx.create_ssl_context()
    except OSError:
        if not local:
            raise
        return httpx.create_ssl_context(trust_env=False)


def no_cookies() -> CookieJar:
    """A jar that takes none: one account's session would go along with the next one's token, and to other hosts."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))


@contextmanager
def unlogged() -> Iterator[None]:
    """Requests made inside, in this task, are not logged: their addresses, or where they lead, hold a token."""
    before = _unlogged.set(True)
    try:
        yield
    finally:
        _unlogged.reset(before)


def _is_logged(record: logging.LogRecord) -> bool:
    return not _unlogged.get()


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_is_logged)


async def unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body of a streamed answer a piece at a time, however small it was packed.

    Raises
    ------
    httpx.HTTPError
        The body is packed otherwise than asked for, damaged, or cut short.
    """
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing in ("", "identity"):
        async for raw in response.aiter_raw():
            yield raw
        return
    if packing not in ("gzip", "x-gzip"):
        raise httpx.DecodingError("the answer is packed in a way that was not asked for")
    unpacking = _gunzip()
    async for raw in response.aiter_raw():
        while raw:
            if unpacking.eof:  # one gzip may follow another
                unpacking = _gunzip()
            try:
                piece = unpacking.decompress(raw, _UNPACKED_AT_ONCE)
            except zlib.error:
                raise httpx.DecodingError("the answer is no gzip") from None
            raw = unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail
            yield piece
    if response.num_bytes_downloaded and not unpacking.eof:
        raise httpx.DecodingError("the gzip has no end")


def _gunzip() -> Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


async def read_body(response: httpx.Response) -> bytes:
    """Read a streamed answer into memory, up to `MAX_ANSWER_BYTES`, and close it. The token that asked is not in it."""
    if response.is_stream_consumed:
        return response.content  # kept for us
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in unpacked(response):
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise Unreachable(
                    f"The answer is larger than {MAX_ANSWER_BYTES // 2**20} MB and was not read to its end. "
                    "Ask for fewer rows at a time or without bodies.",
                    status=response.status_code,
                    path=response.request.url.path,
                )
            chunks.append(chunk)
    finally:
        await response.aclose()
    return _unquoted(b"".join(chunks), response.request)


def _unquoted(body: bytes, request: httpx.Request) -> bytes:
    """An answer without the token of its request: a proxy in debug mode says what it was sent, and errors quote it."""
    token = request.headers.get("Authorization", "").rpartition(" ")[2].encode()
    return body.replace(token, "••••".encode()) if len(token) > SHORTEST_TOKEN and token in body else body


async def keep_body(response: httpx.Response) -> bytes:
    """Read a streamed answer that others will read again, as `aread` does, but only up to `MAX_ANSWER_BYTES`."""
    response._content = await read_body(response)
    return response._content


def is_markup(body: bytes) -> bool:
    """Whether an answer is a web page, in whatever encoding: what stands before its first tag is passed over."""
    return body[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"


def answered_json(status: int, headers: httpx.Headers, body: bytes, *, path: str) -> Any:
    """Parse an answer's JSON; a page of HTML in its place is named for what it is.

    Raises
    ------
    Unreachable
        When the body is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            # orjson is strict where servers are not: an excerpt cut through an emoji is half a surrogate pair.
            return json.loads(body)
        except (ValueError, RecursionError):
            pass
    if "html" in headers.get("content-type", "").lower() or is_markup(body):
        said = (
            "A web page came back where data was expected: something between here and Atlassian, "
            "often a proxy's or a single sign-on's login page, answered instead. "
            "Open any website in your browser to pass that login, or ask for a proxy exception, then try again."
        )
    elif not body:
        said = "The answer was empty. Try again; if it stays so, see https://status.atlassian.com."
    else:
        said = "The answer was not valid JSON, perhaps cut short. Try again."
    raise Unreachable(f"{said} (HTTP {status} from {path})", status=status, path=path)
