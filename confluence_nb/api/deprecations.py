"""Says once for each endpoint that Atlassian announces its end, or that of a part of it: in words, as a warning."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from confluence_nb._callers import callers_level
from confluence_nb._http import httpx
from confluence_nb.api.catalog import V2
from confluence_nb.notices import ConfluenceNBWarning

MOST_WARNINGS = 50
"""Endpoints warned of in one process; what a server sends for ever more paths goes to the log alone."""

PROVIDED_FOR = frozenset({"CHANGE-1411"})
"""Changes that touch no row of this version, so that nobody has to do anything: the log alone has them.

1411 comes with every list of inline comments. The specification has lost the second, hyphenated spelling of two
fields that these answers still carry; both spellings are read as one.
"""

WHAT_TO_DO = (
    "What was read is whole. Update confluence_nb; where the path is your own, look for what takes its place."
)

_LOG = logging.getLogger("confluence_nb")
# Without a handler of anybody's, Python would print what is logged.
_LOG.addHandler(logging.NullHandler())

_LONGEST_HEADER = 4_000
_WARNING = re.compile(r'(?:^|,)\s*299\s+\S+\s+"((?:\\.|[^"\\])*)"')
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_CHANGE = re.compile(r"\bCHANGE-\d{1,9}\b")
_ID = re.compile(r"/(?:[~A-Z][^/]*|[^/]*\d[^/]*)(?=/|$)")
"""A step of a path that differs from thing to thing: the key of a space, an id."""


class DeprecatedByAtlassian(ConfluenceNBWarning, FutureWarning):
    """Atlassian announces the end of something that a call has used; shown once for each endpoint and process.

    The rows are whole all the same. `warnings.filterwarnings("ignore", category=cnb.DeprecatedByAtlassian)` hides it.
    """


_guard = threading.Lock()
_heard: set[str] = set()
_unsaid: list[str] = []


def hear_deprecation(method: str, path: str, headers: httpx.Headers) -> None:
    """Take in what an answer says about the end of its endpoint, for `say_deprecations` and for the log.

    Parameters
    ----------
    path:
        From the root of the site; its ids make no new endpoint.
    headers:
        Of the answer: `Warning: 299 - "…"`, `Deprecation`, `Sunset`, or a `Link` whose rel is `deprecation`.
    """
    texts, links = list(_texts(headers)), list(_links(headers))
    told = "Deprecation" in headers or "Sunset" in headers
    if not (texts or links or told):
        return
    prefix, rest = (V2, path.removeprefix(V2)) if path.startswith(V2 + "/") else ("", path)
    endpoint = _printable(f"{method} {prefix}{_ID.sub('/{id}', rest)}")
    changes = set(_CHANGE.findall(" ".join([*texts, *links])))
    with _guard:
        if endpoint in _heard:
            return
        _heard.add(endpoint)
        is_told = len(_heard) <= MOST_WARNINGS
    words = _words(endpoint, [_printable(text) for text in texts], links, headers)
    known = bool(changes) and changes <= PROVIDED_FOR
    # The guard is let go of first: whoever handles the log may take its time, fork, or read the wiki.
    _LOG.log(logging.INFO if known else logging.WARNING, "%s", words)
    if is_told and not known:
        _unsaid.append(words)


def say_deprecations() -> None:
    """Warn of what has been heard since the last time, at the line that called this package."""
    while _unsaid:
        with _guard:
            words = _unsaid.pop(0) if _unsaid else None
        if words is not None:
            warnings.warn(words, DeprecatedByAtlassian, stacklevel=callers_level())


def _words(endpoint: str, texts: list[str], links: list[str], headers: httpx.Headers) -> str:
    ends = _day(headers.get("Sunset", ""))
    quoted = "; ".join(f"“{text}”" for text in texts[:3] if text)
    sentences = [
        f"Atlassian announces the end of {endpoint}, or of a part of it{f', for {ends}' if ends else ''}.",
        f"It says: {quoted}." if quoted else "",
        WHAT_TO_DO,
        next((f"See {link}" for link in links if link), ""),
    ]
    return " ".join(filter(None, sentences))


def _texts(headers: httpx.Headers) -> Iterator[str]:
    yield from _WARNING.findall(headers.get("Warning", "")[:_LONGEST_HEADER])


def _links(headers: httpx.Headers) -> Iterator[str]:
    """Where Atlassian tells more; nothing in place of an address that is not its own, which is not one to click."""
    for address, rest in _LINK.findall(headers.get("Link", "")[:_LONGEST_HEADER]):
        rel = _REL.search(rest)
        if rel is None or "deprecation" not in (rel[1] or rel[2] or "").lower().split():
            continue
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            continue
        is_theirs = parts.scheme == "https" and f".{host}".endswith(".atlassian.com")
        yield _printable(address) if is_theirs and parts.username is None else ""


def _day(header: str) -> str | None:
    """The day that a header names, as people write it."""
    try:
        moment = parsedate_to_datetime(header[:60])
    except (ValueError, IndexError, OverflowError):
        return None
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%d %B %Y}".lstrip("0")


def _printable(text: str) -> str:
    """On one line, of bounded length, without what would steer a terminal."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:300]
