"""The little HTTP that a browser's visit to the callback URL takes: one GET read strictly, one page said."""

from __future__ import annotations

import re
from html import escape
from http import HTTPStatus

MOST_BYTES = 32_768
"""Of a request's head. Atlassian's answer is about 1,000 characters long, and a browser's cookies may be more."""

_TARGET = re.compile(r"/[!\"$-~]*")
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*")
_NOT_HERE = "Nothing is here."

_HEADERS = """\
Content-Type: text/html; charset=utf-8
Cache-Control: no-store
Referrer-Policy: no-referrer
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'
Cross-Origin-Resource-Policy: same-origin
X-Content-Type-Options: nosniff
Connection: close"""

_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Confluence sign-in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 15vh auto; max-width: 30em; padding: 0 1em; font: 16px/1.5 system-ui, sans-serif; }}
</style></head>
<body><main><h1>Confluence sign-in</h1><p role="status">{words}</p></main></body></html>
"""


class Refused(Exception):
    """A request that is not answered as it wants; `words` are what its page says."""

    def __init__(self, status: int, words: str = _NOT_HERE) -> None:
        super().__init__(status)
        self.status = status
        self.words = words


def read_target(head: bytes, host: str, path: str) -> str:
    """Path and query of a GET for this path of this host.

    Parameters
    ----------
    head:
        The request without the empty line that ends its head.
    host:
        What the `Host` header has to be. A page elsewhere can make its own name lead to this machine, but a browser
        sends that name along.
    path:
        The one path that is answered.

    Raises
    ------
    Refused
    """
    line, *fields = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not _TARGET.fullmatch(words[1]):
        raise Refused(400)
    if not all(_FIELD.fullmatch(field) for field in fields):
        raise Refused(400)
    named = [field for field in fields if field.lower().startswith("host:")]
    if len(named) != 1 or named[0][5:].strip().lower() != host:
        raise Refused(421)
    method, target, _ = words
    if target.partition("?")[0] != path:
        raise Refused(404)
    if method != "GET":
        raise Refused(405)
    return target


def page(status: int, words: str) -> bytes:
    """A whole answer: a page that says this, and holds nothing of the request."""
    body = _PAGE.format(words=escape(words)).encode()
    allow = "\nAllow: GET" if status == HTTPStatus.METHOD_NOT_ALLOWED else ""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\n{_HEADERS}{allow}\nContent-Length: {len(body)}\n\n"
    )
    return head.replace("\n", "\r\n").encode() + body
