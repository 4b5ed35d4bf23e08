"""What goes in and out of one API operation, and the table row that names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from confluence_nb.sandbox.rest.query import Query
from confluence_nb.sandbox.rest.stretch import Row, stretched
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.things import Attachment


def _nowhere(file: Attachment, version: int) -> str:
    return f"/media/file/{file.file_id}?version={version}"


@dataclass(frozen=True)
class Surroundings:
    """What an answer depends on beside the wiki itself.

    Parameters
    ----------
    rows_per_list:
        How many rows every list holds; None leaves them as they are.
    cursor_grows:
        By how many characters a search's cursor grows with each window.
    file_address:
        Where the bytes of a file's version can be had now.
    """

    rows_per_list: int | None = None
    cursor_grows: int = 0
    file_address: Callable[[Attachment, int], str] = _nowhere


@dataclass(frozen=True)
class ApiRequest:
    """One call, as it stands after `/ex/confluence/{cloudId}`; the query decoded and in order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    account_id: str = ""
    around: Surroundings = Surroundings()


@dataclass(frozen=True)
class Answer:
    """One answer.

    Parameters
    ----------
    points:
        Its cost in the hourly budget.
    bodies:
        How many page bodies it carries.
    rows:
        How many rows it carries; None when it is no list.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    points: int = 1
    bodies: int = 0
    rows: int | None = None


@dataclass(frozen=True)
class Call:
    """A request that found its operation: the content, the path's parameters, the query."""

    content: SiteContent
    request: ApiRequest
    path: dict[str, str]
    query: Query

    @property
    def base(self) -> str:
        """The site's own address, which `_links.base` carries."""
        return f"{self.content.site_url}/wiki"

    @property
    def account(self) -> int:
        """Who asks, as an index into the accounts."""
        return self.content.account_index(self.request.account_id) or 0

    @property
    def around(self) -> Surroundings:
        """What the answer depends on beside the wiki."""
        return self.request.around


Handler = Callable[[Call], Answer]
Scopes = tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Operation:
    """One operation of an API: method, path with names in braces, what answers it, what scope it takes."""

    method: str
    path: str
    handler: Handler
    scopes: Scopes


V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"


def v2(path: str, handler: Handler, scope: str, *, method: str = "GET", also: str | None = None) -> Operation:
    """An operation of the v2 API; `also` is a second scope that it wants together with the first."""
    needed = {f"{scope}:confluence"} | ({f"{also}:confluence"} if also else set())
    return Operation(method, V2 + path, handler, (frozenset(needed),))


def v1(path: str, handler: Handler, current: str, *beta: str, method: str = "GET") -> Operation:
    """An operation of the v1 API: its classic scope, and the granular ones that do as well."""
    classic = (frozenset({current}),) if current else ()
    granular = (frozenset(f"{scope}:confluence" for scope in beta),) if beta else ()
    return Operation(method, V1 + path, handler, classic + granular)


def plain(content: Any, *, points: int = 1, bodies: int = 0, rows: int | None = None) -> Answer:
    """A 200 with a JSON body."""
    return Answer(200, orjson.dumps(content), {"Content-Type": "application/json"}, points, bodies, rows)


def single(call: Call, thing: Row, *, points: int = 1, bodies: int = 0) -> Answer:
    """A 200 about one thing of the v2 API, which names the site's address as windows of lists do."""
    links = thing["_links"] | {"base": call.base}
    answer = plain(thing | {"_links": links}, points=points, bodies=bodies)
    answer.headers["Link"] = base_link(call)
    return answer


def base_link(call: Call) -> str:
    """The site's address, as a Link header has it."""
    return f'<{call.base}>; rel="base"'


def whole(call: Call, rows: Sequence[Row]) -> list[Row]:
    """The rows of a list that comes in one piece."""
    count = call.around.rows_per_list
    return list(rows) if count is None else stretched(rows, count)
