"""Brings attachments from a site into a folder: several at a time, each whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from confluence_nb._http import ClientPerLoop, unlogged
from confluence_nb._moments import clock
from confluence_nb._patience import TRIES, backoff, send_patiently
from confluence_nb.api.client import ApiClient
from confluence_nb.api.download_folder import DownloadFolder, PartFile, reason_of
from confluence_nb.api.failures import failure
from confluence_nb.api.filenames import place_of
from confluence_nb.api.media import MediaHosts, Unfit, joined
from confluence_nb.api.parameters import is_encodable
from confluence_nb.errors import (
    ApiError,
    BadRequest,
    ConfluenceNBError,
    NotFound,
    NotPermitted,
    RateLimited,
    Unreachable,
)
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site
from confluence_nb.secret import Secret

FILES_AT_ONCE = 4
"""Files under way at the same time; more would only share the same line."""

LOOK_UP = "/wiki/api/v2/attachments/{id}"
DOWNLOAD = "/wiki/rest/api/content/{id}/child/attachment/{attachmentId}/download"


@dataclass(frozen=True)
class Attachment:
    """A file of the wiki, as a list shows it; an id alone is looked up before it is downloaded.

    Parameters
    ----------
    container, page_id:
        The id of what it hangs on, and the same when that is a page.
    size:
        Bytes.
    """

    id: str
    container: str | None = None
    page_id: str | None = None
    title: str | None = None
    size: int | None = None
    version: int | None = None
    status: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one attachment: where it is, its size in bytes, or the reason why it was skipped."""

    attachment: Attachment
    status: Literal["saved", "resumed", "unchanged", "skipped"]
    path: Path | None = None
    size: int | None = None
    reason: str | None = None


@dataclass
class Download:
    """Attachments of one site on their way into one folder.

    Parameters
    ----------
    client, session, http:
        The API's client, and what signs and carries the one request of it that is answered with an address.
    single:
        One attachment was asked for: that it cannot be had is an error, not something to go on without.
    """

    client: ApiClient
    session: Session
    http: ClientPerLoop
    site: Site
    folder: DownloadFolder
    wanted: Sequence[Attachment]
    single: bool = False
    _done: dict[int, Outcome] = field(init=False, default_factory=dict)
    _asked: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._media = MediaHosts(self.http, self.session.cloud)

    @property
    def outcomes(self) -> list[Outcome]:
        """Those so far, in the order asked for."""
        return [outcome for _, outcome in sorted(self._done.items())]

    @property
    def requests(self) -> int:
        """To the API and to the hosts that keep the files."""
        return self._asked + self._media.requests

    async def run(self, progress: Callable[[int, int | None], None]) -> None:
        """Bring all; what is under way when one fails is kept in part.

        Raises
        ------
        ConfluenceNBError
            When no more can be brought for now.
        """
        left = iter(list(enumerate(self.wanted)))

        async def bring() -> None:
            for number, wanted in left:
                self._done[number] = await self._outcome(wanted)
                progress(len(self._done), len(self.wanted))
                await asyncio.sleep(0)  # files that are here already ask nobody, and would keep the loop

        async with self.folder.locked():
            workers = [asyncio.create_task(bring()) for _ in range(FILES_AT_ONCE)]
            try:
                await asyncio.gather(*workers)
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)

    async def _outcome(self, wanted: Attachment) -> Outcome:
        try:
            if wanted.title is None:
                wanted = await self._looked_up(wanted.id)
            return await self._saved(wanted)
        except (NotFound, NotPermitted, BadRequest, Unfit) as error:
            if self.single or (isinstance(error, ApiError) and error.of_site):
                raise
            status = f"HTTP {error.status}: " if isinstance(error, ApiError) and error.status else ""
            return Outcome(wanted, "skipped", reason=f"{status}{error}")
        except RateLimited as error:
            until = f" until {clock(error.reset_at)}" if error.reset_at else " for now"
            raise RateLimited(
                f"The request limit is used up{until}. Make the same call later: it goes on where this one stopped.",
                reset_at=error.reset_at,
                path=error.path,
            ) from None
        except OSError as error:
            raise ConfluenceNBError(
                f"{self.folder.path} cannot be written to: {reason_of(error)}. Make room or give another folder; the "
                "same call then goes on where this one stopped."
            ) from None

    async def _looked_up(self, attachment: str) -> Attachment:
        self._asked += 1
        answer = await self.client.ask(self.site, "GET", LOOK_UP.format(id=quote(attachment, safe="")))
        row: Mapping[str, Any] = answer.said if isinstance(answer.said, Mapping) else {}
        version = row.get("version")
        return Attachment(
            id=_text(row, "id") or attachment,
            container=_text(row, "pageId") or _text(row, "blogPostId") or _text(row, "customContentId"),
            page_id=_text(row, "pageId"),
            title=_text(row, "title") or "",
            size=_number(row, "fileSize"),
            version=_number(version, "number") if isinstance(version, Mapping) else None,
            status=_text(row, "status"),
        )

    async def _saved(self, wanted: Attachment) -> Outcome:
        if wanted.container is None:
            raise Unfit("Confluence does not say what it hangs on, and a download needs that.")
        place = place_of(wanted.container, wanted.id, wanted.title or "")
        path = self.folder.path / place
        here = self.folder.whole(place, self.site.id, wanted.version, wanted.size)
        if here is not None:
            return Outcome(wanted, "unchanged", path, here)
        part = self.folder.part(place, self.site.id, wanted.version)
        try:
            await self._fill(part, wanted)
            await asyncio.to_thread(part.finish)
        finally:
            part.close()
        return Outcome(wanted, "resumed" if part.kept else "saved", path, part.length)

    async def _fill(self, part: PartFile, wanted: Attachment) -> None:
        """Ask until the part is whole; only what brings nothing new counts as a try."""
        tries, furthest, refused = 0, part.length, False
        while not (part.etag and part.length == wanted.size):
            address = await self._address(wanted)
            try:
                setback = await self._media.go_on(part, address, wanted.size)
            except (NotFound, NotPermitted):
                if refused:
                    raise
                refused = True  # an address is good for a while only: once more with a new one
                continue
            if setback is None:
                return
            tries = 1 if part.length > furthest else tries + 1
            furthest = max(furthest, part.length)
            if tries >= TRIES:
                raise Unreachable(
                    f"{wanted.title!r} ({wanted.id}) cannot be read to its end: {setback.said}, {tries} times in a "
                    "row. What came of it is kept. Check the network, then make the same call: it goes on from there."
                )
            await asyncio.sleep(backoff(tries, 0.5) if setback.pause is None else setback.pause)

    async def _address(self, wanted: Attachment) -> Secret:
        """Where the bytes are, for a while.

        Source: `GET /wiki/rest/api/content/{id}/child/attachment/{attachmentId}/download`.
        """
        path = DOWNLOAD.format(id=wanted.container, attachmentId=wanted.id)
        url = f"{self.session.cloud.api_url}/ex/confluence/{quote(self.site.id, safe='')}{path}"
        # The version that the list shows: its size is known, and a part of it is never gone on with by another.
        asked = {} if wanted.version is None else {"version": str(wanted.version)}
        if wanted.status not in (None, "current"):
            asked |= {"status": wanted.status}
        http = self.http.client()
        self._asked += 1
        with unlogged():
            reply = await send_patiently(
                http,
                lambda: http.build_request("GET", url, params=asked),
                auth=self.session.bearer(),
                lanes=self.client.lanes,
                kind="GET a file's address",
            )
        self.client.budget.note(reply.headers, 1)
        location = Secret(reply.headers.get("Location", ""))
        if 300 <= reply.status < 400 and location:
            return joined(Secret(url), location)
        if reply.status < 400:
            raise Unreachable(
                f"{self.site.host} did not say where the bytes of {wanted.id} are. Try again; if it stays so, report "
                "it.",
                status=reply.status,
                path=path,
            )
        raise failure(reply, method="GET", path=path, site=self.site, granted=self.session.granted_scopes())


def _text(row: Mapping[str, Any], name: str) -> str | None:
    found = row.get(name)
    return found if isinstance(found, str) and is_encodable(found) else None


def _number(row: Mapping[str, Any], name: str) -> int | None:
    """A number of bytes or of a version, None for what is none."""
    found = row.get(name)
    return found if type(found) is int and 0 <= found < 2**63 else None
