"""Hands out files, whole or in ranges, to whoever has a ticket; an Authorization header is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from confluence_nb.sandbox.asgi import Request, StreamedResponse
from confluence_nb.sandbox.media.file_bytes import read_bytes
from confluence_nb.sandbox.media.tickets import Ticket, Tickets
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.things import Attachment

_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")
_UNSAFE = re.compile(r"[^A-Za-z0-9 ._()-]")


class Media:
    """Answers `/media/file/…`; `leaks` counts the bearer tokens that a client carried over from the gateway."""

    def __init__(self, tickets: Tickets, contents: Mapping[str, SiteContent]) -> None:
        self._tickets = tickets
        self._contents = contents
        self.leaks = 0

    def answer(self, request: Request) -> Response:
        """One request; only GET is known."""
        if "authorization" in request.headers:
            self.leaks += 1
            return _problem(400, "Only one auth mechanism allowed: a token was in the address")
        if request.method != "GET":
            return _problem(405, f"{request.method} is not offered here")
        ticket = self._tickets.read(dict(request.query).get("token", ""))
        content = None if ticket is None else self._contents.get(ticket.site)
        if ticket is None or content is None:
            return _problem(403, "The token is not valid, or no longer")
        file = content.attachment(ticket.attachment)
        if file is None or f"/{file.file_id}/" not in request.path:
            return _problem(404, "There is no such file")
        return _send(file, ticket, request.headers)


def _send(file: Attachment, ticket: Ticket, asked: Mapping[str, str]) -> Response:
    tag = f'"{file.file_id}-{ticket.version}"'
    headers = {
        "Content-Type": file.media_type,
        "Content-Disposition": disposition(file.title),
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, max-age=600",
    }
    wanted = asked.get("range")
    if wanted is None or asked.get("if-range", tag) != tag:
        return _stream(file, ticket, 0, file.size, 200, headers)
    span = _span(wanted, file.size)
    if span is None:
        return _stream(file, ticket, 0, file.size, 200, headers)
    first, end = span
    if first >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{file.size}"})
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    return _stream(file, ticket, first, end, 206, headers)


def _stream(
    file: Attachment, ticket: Ticket, first: int, end: int, status: int, headers: Mapping[str, str]
) -> Response:
    return StreamedResponse(
        read_bytes(file.id, ticket.version, first, end), end - first, status_code=status, headers=headers
    )


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """The one range asked for, empty when it lies beyond the file; None for several, or none that is known."""
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return None
    if match[3]:
        return max(0, size - int(match[3])), size
    return int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)


def disposition(name: str) -> str:
    """Content-Disposition of a file, whatever its name holds: nothing of it can end the header."""
    return f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _problem(status: int, title: str) -> Response:
    return JSONResponse({"error": {"code": status, "title": title}}, status)
