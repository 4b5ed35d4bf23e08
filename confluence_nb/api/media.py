"""Takes the bytes of a file from whatever host keeps them, without telling it anything: no token, no cookie.

The wiki answers a download with an address on another host that has a token of its own in it. What goes there is
a request of its own, by a client that knows nothing of the wiki.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from confluence_nb._http import ClientPerLoop, httpx, unlogged, unpacked
from confluence_nb._patience import MAX_WAIT, asked_pause
from confluence_nb.api.download_folder import PartFile
from confluence_nb.cloud import Cloud, is_loopback
from confluence_nb.errors import ConfluenceNBError, NotFound, NotPermitted, RateLimited, Unreachable
from confluence_nb.secret import Secret

MOST_HOPS = 5
"""Hosts that send us on, one to the next, before an address is taken to lead nowhere."""

WRITTEN_AT_ONCE = 2**20
"""Bytes gathered before they go to the disk: what one file takes of the memory."""

_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)", re.ASCII)

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class Unfit(ConfluenceNBError):
    """This file cannot be had as the list shows it; others can."""


@dataclass(frozen=True)
class Setback:
    """Something passing: in words, and the seconds to wait where the host said so."""

    said: str
    pause: float | None = None


class MediaHosts:
    """Asks any host for bytes; `requests` counts how often."""

    def __init__(self, http: ClientPerLoop, cloud: Cloud) -> None:
        self._http = http
        self._cloud = cloud
        self.requests = 0

    async def go_on(self, part: PartFile, address: Secret, size: int | None) -> Setback | None:
        """One request for the bytes that a part lacks.

        Parameters
        ----------
        size:
            Bytes of the whole file, None where nobody said.

        Returns
        -------
        None when the part is whole now, else what came in between.

        Raises
        ------
        NotFound, NotPermitted
            The address does not hold, or not any more.
        Unfit
            The host has another file than the list.
        RateLimited, Unreachable
            Nothing can be had there for now.
        """
        asked = {"Range": f"bytes={part.length}-", "If-Range": part.etag} if part.etag else {}
        with unlogged():
            response = await self._opened(address, asked)
            if isinstance(response, Setback):
                return response
            try:
                return await _received(response, part, size)
            except httpx.HTTPError as error:
                was_slow = isinstance(error, httpx.TimeoutException)
                return Setback("it took too long" if was_slow else "the connection broke")
            finally:
                await response.aclose()

    async def _opened(self, address: Secret, headers: Mapping[str, str]) -> httpx.Response | Setback:
        """The answer behind all redirects."""
        http = self._http.client_for_files()
        for _ in range(MOST_HOPS):
            self._check(address)
            self.requests += 1
            try:
                response = await http.send(
                    http.build_request("GET", address.reveal(), headers=headers), auth=None, stream=True
                )
            except httpx.HTTPError:
                return Setback("no connection to the host that keeps it")
            except httpx.InvalidURL:
                return Setback("the host that keeps it sends to an address that is none")
            if not response.has_redirect_location:
                return response
            await response.aclose()
            address = joined(address, Secret(response.headers["Location"]))
        raise Unfit("Its address leads from host to host without end.")

    def _check(self, address: Secret) -> None:
        """Bytes come over https; over http only on this machine, when the API is there too."""
        scheme, host, user = _parts(address)
        is_here = is_loopback(host) and is_loopback(httpx.URL(self._cloud.api_url).host)
        is_kept_private = scheme == "https" or (scheme == "http" and is_here)
        if not is_kept_private or not host or user:
            raise Unreachable(
                f"The download leads to {host or 'no host'}, and not by a plain https address: it is not followed. A "
                "proxy in between is the usual cause."
            )


def joined(base: Secret, location: Secret) -> Secret:
    """Where a redirect leads; empty when that is no address."""
    try:
        return Secret(str(httpx.URL(base.reveal()).join(location.reveal())))
    except (httpx.InvalidURL, ValueError):
        return Secret("")


def _parts(address: Secret) -> tuple[str, str, bytes]:
    """Scheme, host and who is named before it; a traceback must find no more of the address."""
    url = httpx.URL(address.reveal())
    return url.scheme, url.host, url.userinfo


async def _received(response: httpx.Response, part: PartFile, size: int | None) -> Setback | None:
    status, host = response.status_code, response.url.host
    if status in (401, 403):
        raise NotPermitted(f"{host}, which keeps the file, does not give it out.", status=status)
    if status in (404, 410):
        raise NotFound(f"{host}, which should keep the file, does not have it.", status=status)
    if status in (408, 425, 429) or status >= 500:
        return Setback(f"HTTP {status} of {host}", _pause(response))
    start, total = _range(response)
    if status == 416:
        if part.length and total == part.length:
            return None
        part.restart(None)
        return Setback("the host has less than what is here already")
    if status not in (200, 206):
        raise Unreachable(f"{host} answers with HTTP {status} and no file. Try again later.", status=status)
    is_plain = response.headers.get("Content-Encoding", "").strip().lower() in ("", "identity")
    etag = response.headers.get("ETag")
    if status == 206 and (start != part.length or not is_plain or etag not in (None, part.etag)):
        part.restart(None)
        return Setback("the host sent another piece than was asked for")
    if status == 200:
        # A weak tag names files that are alike, not files of the same bytes.
        part.restart(etag if etag and is_plain and not etag.startswith("W/") else None)
        length = response.headers.get("Content-Length", "")
        total = int(length) if is_plain and _LENGTH.fullmatch(length) else None
    if total is not None and size is not None and total != size:
        raise Unfit(_differing(f"{total:,}", size))
    return await _written(response, part, size if total is None else total)


async def _written(response: httpx.Response, part: PartFile, size: int | None) -> Setback | None:
    """Let the body go to the disk; one that is slow holds up this file and nothing else."""
    gathered = bytearray()
    try:
        async for chunk in unpacked(response):
            gathered += chunk
            if size is not None and part.length + len(gathered) > size:
                gathered.clear()
                raise Unfit(_differing("more", size))
            if len(gathered) >= WRITTEN_AT_ONCE:
                piece, gathered = bytes(gathered), bytearray()
                await asyncio.to_thread(part.write, piece)
    finally:
        part.write(bytes(gathered))
    return None if size is None or part.length == size else Setback("it ended too early")


def _differing(sent: str, size: int) -> str:
    return f"It has {size:,} bytes in the list and {sent} on the host: it changed since. List the attachments again."


def _range(response: httpx.Response) -> tuple[int | None, int | None]:
    """Where the piece begins and how long the whole is, as `Content-Range` says."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None:
        return None, None
    start, total = found.groups()
    return int(start) if start else None, int(total) if total != "*" else None


def _pause(response: httpx.Response) -> float | None:
    asked = asked_pause(response.status_code, response.headers)
    if asked is not None and asked > MAX_WAIT:
        raise RateLimited(
            "The host that keeps the files asks for a long pause.",
            reset_at=datetime.now(UTC) + timedelta(seconds=asked),
        )
    return asked
