"""Where a list goes on, as an answer says it: in its body or in a header, and always in a link that is not followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from confluence_nb._http import httpx
from confluence_nb.api.parameters import is_encodable

_LINK = re.compile(r'<([^<>]*)>((?:[^<"]++|"(?:[^"\\]|\\.)*+"?)*+)', re.DOTALL)
"""One link of a `Link` header and what is said of it: quotes hold anything, and commas stand in addresses too."""

_REL = re.compile(r'"(?:[^"\\]|\\.)*+"?|;\s*+rel\s*+=\s*+(?:"([^"]*)|([^\s;,"]*))', re.IGNORECASE | re.DOTALL)
"""The relations of a link, in quotes or without; quotes around anything else are passed over whole."""

_QUOTED = {ord(sign): f"%{ord(sign):02X}" for sign in "%&#"}
"""What would cut a cursor, or change it, in the link that is made of one."""

_LARGEST_START = 9
"""Digits; a list of more rows is none."""


def next_link(said: Any, headers: httpx.Headers) -> str | None:
    """The next link of the body, else of the Link header, which may hold several in any order.

    None at the end of the list, and empty where the body says that more follows in a form that is not known.
    """
    links = said.get("_links") if isinstance(said, Mapping) else None
    following = links.get("next") if isinstance(links, Mapping) else None
    address = following.get("href") if isinstance(following, Mapping) else following
    if isinstance(address, str) and address:
        return address
    for address, attributes in _LINK.findall(headers.get("Link", "")):
        if "next" in _relations(attributes):
            return str(address).strip()
    if isinstance(said, Mapping) and isinstance(said.get("cursor"), str) and said["cursor"]:
        return f"?cursor={said['cursor'].translate(_QUOTED)}"
    return "" if following else None


def _relations(attributes: str) -> list[str]:
    """What a link is to the answer; of several `rel` the first counts (RFC 8288, 3.3)."""
    for found in _REL.finditer(attributes):
        if found.lastindex is not None:
            return str(found[found.lastindex]).lower().split()
    return []


def cursor_in(link: str) -> str | None:
    """The cursor that a link carries, None when it has none that can be sent back."""
    cursor = next((value for name, value in _query_of(link) if name == "cursor"), None)
    return cursor if cursor is not None and is_encodable(cursor) else None


def start_in(link: str) -> int | None:
    """The number of the first row that a link leads to, None when it names none."""
    start = dict(_query_of(link)).get("start", "")
    is_number = start.isascii() and start.isdigit() and len(start) <= _LARGEST_START
    return int(start) if is_number else None


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query, each decoded once; a plus sign is itself, since cursors have it unescaped."""
    pairs = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name:
            pairs.append((unquote(name), unquote(value)))
    return pairs


def _query_of(link: str) -> list[tuple[str, str]]:
    """The query of a link, however the rest of it looks."""
    return query_pairs(link.partition("#")[0].partition("?")[2])
