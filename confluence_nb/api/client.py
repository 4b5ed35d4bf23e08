"""Asks one site: builds the gateway's address, signs, repeats what may be repeated, names what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from confluence_nb._http import ClientPerLoop, answered_json, httpx
from confluence_nb._patience import TRIES, Reply, send_patiently
from confluence_nb.api.budget import Budget, points_of
from confluence_nb.api.catalog import V2
from confluence_nb.api.deprecations import hear_deprecation
from confluence_nb.api.failures import failure
from confluence_nb.api.following import query_pairs
from confluence_nb.api.lanes import Lanes
from confluence_nb.api.parameters import Parameter, encodable
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site

Query = Sequence[tuple[str, str]]

_READS_BY_POST = ("/users-bulk", "/content/convert-ids-to-types")

_ID = re.compile(r"/(?:[a-z]+)?\d[^/]*(?=/|$)")
"""A step of a path that differs from thing to thing."""


@dataclass(frozen=True)
class Answer:
    """A successful answer: its JSON (None when it has no body) and its headers.

    `seconds` is what it took by itself: no waiting for a lane, no pause, no try that failed.
    """

    said: Any
    headers: httpx.Headers
    seconds: float


class ApiClient:
    """Speaks to the API gateway for one session.

    `lanes` bounds what is under way at the same time, `budget` knows the hour's points; all that is asked of this
    client shares them.
    """

    def __init__(self, session: Session, http: ClientPerLoop) -> None:
        self._session = session
        self._http = http
        self.lanes = Lanes()
        self.budget = Budget()

    async def ask(
        self, site: Site, method: str, path: str, *, query: Query = (), json: Any = None, tries: int = TRIES
    ) -> Answer:
        """One call, repeated where that is safe.

        Parameters
        ----------
        path:
            From the root of the site, `/wiki/...`; see `site_path`.
        tries:
            Sendings that may fail.

        Raises
        ------
        ConfluenceNBError
            Of the kind that `failures.failure` finds.
        """
        http = self._http.client()
        url = f"{self._session.cloud.api_url}/ex/confluence/{quote(site.id, safe='')}{path}"
        if query:
            url += "?" + urlencode(query, quote_via=quote, safe="")
        is_read = method == "GET" or path.endswith(_READS_BY_POST)
        reply = await send_patiently(
            http,
            lambda: http.build_request(method, url, json=json),
            auth=self._session.bearer(),
            again=is_read,
            tries=tries,
            lanes=self.lanes,
            kind=" ".join([method, _ID.sub("/{id}", path), *sorted({name for name, _ in query})]),
            heard=self._heard,
        )
        answer = answer_of(reply, method=method, path=path, site=site, granted=self._session.granted_scopes())
        hear_deprecation(method, path, reply.headers)
        self.budget.note(reply.headers, points_of(path, _things(answer.said)) if is_read else 1)
        return answer

    def _heard(self, reply: Reply) -> None:
        """Take in what a refusal tells of the budget; what it costs is a guess, since no document says it."""
        if not 200 <= reply.status < 300:
            let_in = reply.status not in (401, 429) and reply.status < 500
            self.budget.note(reply.headers, int(let_in))


def answer_of(reply: Reply, *, method: str, path: str, site: Site, granted: Sequence[str]) -> Answer:
    """What a reply says, be it anything at all.

    Raises
    ------
    ConfluenceNBError
        Of the kind that `failures.failure` finds, and `Unreachable` for what is no JSON.
    """
    if not 200 <= reply.status < 300:
        raise failure(reply, method=method, path=path, site=site, granted=granted)
    said = None if not reply.body else answered_json(reply.status, reply.headers, reply.body, path=path)
    return Answer(said, reply.headers, reply.seconds)


def _things(said: Any) -> int:
    """How many things an answer holds."""
    rows = said.get("results") if isinstance(said, Mapping) else said
    return len(rows) if isinstance(rows, list) else int(bool(said))


def site_path(path: str, site: Site) -> tuple[str, list[tuple[str, str]]]:
    """The path from the site's root, and the query it carried: `/pages` and `/rest/api/...` are completed.

    A whole address is taken only when it is the site's own or this site's on the gateway.

    Raises
    ------
    ConfluenceNBError
        For any other address, and for paths that climb.
    """
    text = encodable("path", path).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ConfluenceNBError(
            f"{text[:200]!r} is not a path of the API. Give one such as /pages."
        ) from None
    bare = parts.path
    if parts.scheme or parts.netloc:
        gateway = f"/ex/confluence/{site.id}"
        if bare.startswith(gateway + "/"):
            bare = bare.removeprefix(gateway)
        elif parts.netloc.lower() != urlsplit(site.url).netloc.lower():
            raise ConfluenceNBError(
                f"{text[:200]!r} is not on {site.host}. Give a path of its API, such as /pages."
            )
    bare = "/" + bare.lstrip("/")
    # Decoded before it is split: a slash or backslash in disguise would let the dots behind it climb.
    if bare == "/" or any(part in (".", "..") for part in re.split(r"[/\\]", unquote(bare))):
        raise ConfluenceNBError(f"{text[:200]!r} is not a path of the API. Give one such as /pages.")
    if bare.startswith(("/rest/", "/api/v2/")):
        bare = "/wiki" + bare
    elif not bare.startswith("/wiki/"):
        bare = V2 + bare
    return bare, query_pairs(parts.query)


def wire_query(params: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """Free parameters of `Wiki.get`: several values repeated, None left out, booleans as JSON has them.

    Raises
    ------
    ConfluenceNBError
        For a value that no address can say, and for an empty choice, which would ask for everything.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in params:
        if value is not None:
            kind = "boolean" if isinstance(value, bool) else "string"
            parameter = Parameter(name.replace("_", "-"), kind, many=True, joined=False)
            pairs += [(parameter.name, text) for text in parameter.wire(value)]
    return pairs
