"""Everything that reads what a server, or a person who pastes, has sent: for `fuzz_answers.py`, without a socket."""

from __future__ import annotations

import asyncio
import atexit
import gzip
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar

from answer_seeds import FILES, LIMITS, LINKS, PASTES, REFUSALS, SITES, STATE, TOKENS, WHOAMI, Told
from torn_answers import cut

from confluence_nb import Cloud, OAuthApp, _patience
from confluence_nb._http import answered_json, httpx, read_body
from confluence_nb._patience import Reply, asked_pause
from confluence_nb.api import deprecations, media
from confluence_nb.api.budget import Budget
from confluence_nb.api.catalog import collection
from confluence_nb.api.client import Answer, answer_of
from confluence_nb.api.download import Download
from confluence_nb.api.filenames import place_of
from confluence_nb.api.following import cursor_in, next_link, start_in
from confluence_nb.api.paging import ListReader
from confluence_nb.api.parameters import is_encodable
from confluence_nb.errors import ConfluenceNBError, Unreachable
from confluence_nb.frames.builder import FrameBuilder
from confluence_nb.oauth.consent import read_paste
from confluence_nb.oauth.grant import Grant, exchange_code, renew_grant
from confluence_nb.oauth.sites import Site, confluence_sites, find_site
from confluence_nb.oauth.whoami import account_name
from confluence_nb.secret import Secret

T = TypeVar("T")

SITE = Site("cloud-1", "acme", "https://acme.atlassian.net", ("read:page:confluence",))
APP = OAuthApp("AppForAnswers01", "secret-of-the-app")
GRANT = Grant(Secret("access"), Secret("refresh"), ("read:me",), 1.7e9, 3600.0, "0011")
STATUSES = (400, 401, 403, 404, 409, 410, 413, 418, 429, 500, 503, 302)
KINDS = [
    httpx.Headers({"Content-Type": kind}) for kind in ("application/json", "text/html; charset=utf-8", "")
]
FILE = httpx.Request("GET", "https://media.example/file")

_LOOP = asyncio.new_event_loop()
"""For what keeps time; everything else here waits for nobody."""
atexit.register(_LOOP.close)

ROWS_OF_A_FRAME = 250
"""Answers that one frame is made of: making it is what takes the time."""


class Broken(AssertionError):
    """A parser gave out less than it was given, or something that nobody can use."""


@dataclass(frozen=True)
class Parser:
    """One thing that reads answers."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes, Random], object]


def parsers(told: Told) -> list[Parser]:
    """All of them, with whole answers of each kind."""
    return [
        Parser("paste", PASTES, paste),
        Parser("token", [*TOKENS, *TOKENS[:1] * 8], token),
        Parser("accessible-resources", [*SITES, *SITES[1:] * 2], sites),
        Parser("whoami", WHOAMI, whoami),
        *(Parser(f"list {path}", answers, List(path).read) for path, answers in told.lists.items()),
        Parser("single attachment", told.attachments, attachment),
        Parser("any refusal", [*REFUSALS, *told.attachments], refusal),
        Parser("Retry-After and rate limits", LIMITS, limits),
        Parser("Link and deprecations", LINKS, links),
        Parser("headers of a file", FILES, file_headers),
        Parser("gzip", [gzip.compress(answer, mtime=0) for answer in (*REFUSALS, *told.attachments)], gunzip),
    ]


def paste(body: bytes, chance: Random) -> None:
    text = body.decode("utf-8", chance.choice(("replace", "surrogateescape")))
    found = read_paste(Secret(text), Secret(STATE))
    if found.state_checked and STATE not in "".join(filter(str.isprintable, "".join(text.split()))):
        raise Broken("a state was checked that is not there")


def token(body: bytes, chance: Random) -> None:
    status = chance.choice((200, 200, 200, 400, 401, 403, 500))
    http: Any = Answering(httpx.Response(status, headers=chance.choice(KINDS), content=body))
    is_first = chance.random() < 0.5
    asked = (
        exchange_code(http, Cloud(), APP, Secret("code"))
        if is_first
        else renew_grant(http, Cloud(), APP, GRANT)
    )
    grant = _LOOP.run_until_complete(asked)
    httpx.Headers({"Authorization": f"Bearer {grant.access_token.reveal()}"})
    if Grant.from_json(grant.as_json()) != grant or not 0 < grant.lifetime < 10**9:
        raise Broken(f"{grant!r} is not what would be kept")


def sites(body: bytes, chance: Random) -> None:
    found = confluence_sites(answered_json(200, chance.choice(KINDS), body, path="/sites"))
    if not all(
        map(is_encodable, (text for site in found for text in (site.id, site.name, site.url, *site.scopes)))
    ):
        raise Broken("half a character")
    find_site(found, chance.choice(("acme", "https://acme.atlassian.net/wiki", "cloud-9")))


def whoami(body: bytes, chance: Random) -> None:
    async def read(path: str) -> Any:
        return answered_json(200, chance.choice(KINDS), body, path=path)

    async def found() -> tuple[Site, ...]:
        return (SITE,)

    name = finished(account_name(read, found, chance.random() < 0.5))
    if name is not None and not (is_encodable(name) and len(name) < 1_000):
        raise Broken("a name that nobody can show")


class List:
    """One list of the API, an answer at a time, into frames of many answers."""

    def __init__(self, path: str) -> None:
        self._collection = collection(path)
        self._params: dict[str, object] = {"cql": "type = page"} if self._collection.paging == "cql" else {}
        self._columns = self._collection.columns_for(
            {**self._params, "body_format": "storage"} if "pages" in path else self._params
        )
        self._bodies: list[bytes] = []
        self._frames = FrameBuilder(self._columns)
        self._answer: Answer | None = None

    async def ask(self, *asked: object, **more: object) -> Answer:
        """As of `ApiClient`."""
        if self._answer is None:
            raise Unreachable("No more answers.")
        answer, self._answer = self._answer, None
        return answer

    def read(self, body: bytes, chance: Random) -> None:
        reply = Reply(200, chance.choice(KINDS), body, 0.1)
        self._answer = answer_of(reply, method="GET", path=self._collection.url, site=SITE, granted=())
        said = self._answer.said
        client: Any = self
        reader = ListReader(client, SITE, self._collection, self._params)
        window = finished(reader.window())
        lost = distinct(said) - len(window.rows if window else ())
        if lost:
            raise Broken(f"{lost} rows of {said!r} are lost")
        if window is None:
            return
        self._bodies.append(body)
        self._add(self._frames, window.rows, window.base)
        if len(self._bodies) == ROWS_OF_A_FRAME:
            self._check()
        if not reader.done:
            with suppress(ConfluenceNBError):  # where the list goes on it may say in any way
                finished(reader.window())

    def _add(self, frames: FrameBuilder, rows: list[Any], base: str) -> None:
        before = len(frames)
        if frames.add(rows, base=base) != len(rows) or len(frames) != before + len(rows):
            raise Broken("rows are lost on the way into the frame")

    def _check(self) -> None:
        """Make the frame of the latest answers; where that fails, find the answer that made it fail."""
        bodies, frames = self._bodies, self._frames
        self._bodies, self._frames = [], FrameBuilder(self._columns)
        try:
            if len(frames.frame()) != len(frames):
                raise Broken("the frame has fewer rows than it was given")
        except Exception as error:
            raise Broken(
                f"{error!r} in a frame of {[cut(body) for body in smallest(bodies, self._fails)]!r}"
            ) from error

    def _fails(self, bodies: Sequence[bytes]) -> bool:
        frames = FrameBuilder(self._columns)
        for body in bodies:
            said = answered_json(200, KINDS[0], body, path="/again")
            frames.add(
                said["results"] if isinstance(said, dict) else said, base="https://acme.atlassian.net/wiki"
            )
        try:
            return len(frames.frame()) != len(frames)
        except Exception:
            return True


def attachment(body: bytes, chance: Random) -> None:
    async def ask(*asked: object, **more: object) -> Answer:
        return answer_of(
            Reply(200, chance.choice(KINDS), body, 0.1), method="GET", path="/a", site=SITE, granted=()
        )

    given: Any = SimpleNamespace(_asked=0, client=SimpleNamespace(ask=ask), site=SITE)
    found = finished(Download._looked_up(given, "att7"))
    if found.container is not None:
        place_of(found.container, found.id, found.title or "")
    for number in (found.size, found.version):
        if not (number is None or (type(number) is int and 0 <= number < 2**63)):
            raise Broken(f"{found!r} has a number that is none")


def refusal(body: bytes, chance: Random) -> None:
    reply = Reply(chance.choice(STATUSES), chance.choice(KINDS), body, 0.1)
    path = chance.choice(("/wiki/api/v2/pages/7", "/wiki/rest/api/search", "/wiki/x"))
    answer_of(reply, method="GET", path=path, site=SITE, granted=("read:me",))
    raise Broken(f"HTTP {reply.status} is taken for an answer")


def limits(body: bytes, chance: Random) -> None:
    names = (
        "Retry-After",
        "X-RateLimit-Reset",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "RateLimit-Reason",
    )
    headers = headed(
        body, chance, (*names, "RateLimit", "RateLimit-Policy", "Beta-RateLimit", "X-RateLimit-NearLimit")
    )
    pause = asked_pause(chance.choice((429, 503)), headers)
    if pause is not None and not 1 <= pause <= 7 * 86_400:
        raise Broken(f"a pause of {pause} s")
    budget = Budget()
    budget.note(headers, 1)
    budget.note(headers, 1)
    if not 0 <= budget.quota().left <= 10**10 or "points" not in repr(budget.quota()):
        raise Broken(f"{budget.quota()}")
    raise _patience._limit_reached(pause or 1.0, "/wiki/x")


def links(body: bytes, chance: Random) -> None:
    headers = headed(body, chance, ("Link", "Warning", "Deprecation", "Sunset"))
    said = {"_links": {"next": body.decode("utf-8", "replace")}} if chance.random() < 0.5 else None
    link = next_link(said, headers)
    if link is not None:
        cursor, start = cursor_in(link), start_in(link)
        if not is_encodable(cursor or "") or not 0 <= (start or 0) < 10**9:
            raise Broken(f"{cursor!r}, {start!r} of {link!r}")
    deprecations.hear_deprecation("GET", "/wiki/api/v2/pages", headers)
    deprecations._heard.clear()
    deprecations._unsaid.clear()


def file_headers(body: bytes, chance: Random) -> None:
    names = ("Content-Range", "Content-Length", "ETag", "Retry-After", "Content-Encoding", "Location")
    headers = headed(body, chance, names)
    status = chance.choice((200, 206, 206, 206, 204, 302, 403, 404, 416, 429, 500))
    response = httpx.Response(status, headers=headers, stream=Pieces(b"abc"), request=FILE)
    part: Any = Part(chance.choice((0, 3)))
    address = media.joined(Secret("https://api.example/a/b"), Secret(headers.get("Location", "")))
    media.MediaHosts(Any, Cloud())._check(address)  # type: ignore[arg-type]  # nothing is asked
    try:
        finished(media._received(response, part, chance.choice((None, 3, 6))))
    except httpx.HTTPError:
        raise Unreachable("The connection broke, as far as anybody can tell.") from None


def gunzip(body: bytes, chance: Random) -> None:
    response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(body), request=FILE)
    try:
        read = finished(read_body(response))
    except httpx.DecodingError:
        raise Unreachable("The answer is damaged, which is asked for again.") from None
    if read != (gzip.decompress(body) if body else b""):
        raise Broken("another text than was packed")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine that waits for nobody returns."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        found: T = stop.value
        return found
    coroutine.close()
    raise Broken("it waits")


def headed(value: bytes, chance: Random, names: Sequence[str]) -> httpx.Headers:
    """Headers as they come off the wire: one to three with that value, without what ends a header."""
    value = value.translate(None, b"\r\n\0")
    return httpx.Headers([(name.encode(), value) for name in chance.sample(names, chance.randint(1, 3))])


def distinct(said: Any) -> int:
    """The rows of an answer, each thing once."""
    rows = said.get("results", said) if isinstance(said, dict) else said
    things = set()
    for number, row in enumerate(rows if isinstance(rows, list) else [rows] if rows else []):
        own = row.get("id") if isinstance(row, dict) else None
        for kind in ("content", "space", "user"):
            inner = row.get(kind) if isinstance(row, dict) and own in (None, "") and "title" in row else None
            if isinstance(inner, dict) and (found := inner.get("id") or inner.get("accountId")) not in (
                None,
                "",
            ):
                own = f"{kind}:{found}"
                break
        is_id = isinstance(own, (str, int)) and not isinstance(own, bool) and own != ""
        things.add(str(own) if is_id else number)
    return len(things)


def smallest(bodies: Sequence[bytes], fails: Callable[[Sequence[bytes]], bool]) -> Sequence[bytes]:
    """The fewest of the answers that fail together: one of them, or else two."""
    alone = next(([body] for body in bodies if fails([body])), None)
    if alone is not None:
        return alone
    last = next((end for end in range(1, len(bodies) + 1) if fails(bodies[:end])), len(bodies))
    return next(
        ([body, bodies[last - 1]] for body in bodies[:last] if fails([body, bodies[last - 1]])), bodies
    )


class Answering:
    """Stands for a client of httpx that gets one answer."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def build_request(self, *asked: object, **more: object) -> None: ...

    async def send(self, *asked: object, **more: object) -> httpx.Response:
        return self._response


class Pieces(httpx.AsyncByteStream):
    """A body off the wire, in two pieces."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self._body) // 2
        yield self._body[:half]
        yield self._body[half:]


class Part:
    """A file on its way that is kept nowhere."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.etag = '"abc"' if length else None

    def restart(self, etag: str | None) -> None:
        self.length = 0

    def write(self, chunk: bytes) -> None:
        self.length += len(chunk)
