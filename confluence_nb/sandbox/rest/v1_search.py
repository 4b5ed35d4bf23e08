"""Search of the v1 API: CQL over content, and over people."""

from __future__ import annotations

import base64
import binascii
import html
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

import orjson

from confluence_nb.sandbox.rest.cql import Asker, CQLError, Results, parse, run
from confluence_nb.sandbox.rest.cql.grammar import Clause, clauses, spaced
from confluence_nb.sandbox.rest.cql.hits import Hit
from confluence_nb.sandbox.rest.cql.results import words_of
from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1
from confluence_nb.sandbox.rest.problems import ProblemError, v1_problem
from confluence_nb.sandbox.rest.query import Query
from confluence_nb.sandbox.rest.stretch import Row, stretched
from confluence_nb.sandbox.rest.v1_content_rows import link
from confluence_nb.sandbox.rest.v1_expansions import Expand, bodies_in, content_row, read_expand
from confluence_nb.sandbox.rest.v1_shapes import friendly, space
from confluence_nb.sandbox.wiki import SiteContent
from confluence_nb.sandbox.wiki.moments import iso

# More rows than this never come at once, whatever the limit says.
_MOST = 250
_RENDERED = frozenset({"export_view", "styled_view"})
_MOST_RENDERED = 25
_EXCERPT = 180
_EXCERPTS = ("highlight", "indexed", "none", "highlight_unescaped", "indexed_unescaped")
_WHICH_SPACES = ("includeArchivedSpaces", "excludeCurrentSpaces")
REFUSED = "com.atlassian.confluence.api.service.exceptions.BadRequestException: "


def cql_of(call: Call) -> str:
    """The query, which must be there."""
    cql = call.query.one("cql")
    if cql is None or not cql.strip():
        raise v1_problem(400, f"{REFUSED}cql query param is required")
    return cql


def _asked(call: Call) -> str:
    """The query as it came: it is this that links and cursors repeat, whatever was searched in its place."""
    return Query(call.request.query).one("cql") or ""


def limit_of(call: Call) -> int:
    """How many rows are asked for; what is no number finds nothing at all."""
    asked = call.query.one("limit")
    if asked is None:
        return 25
    try:
        limit = int(asked)
    except ValueError:
        raise ProblemError(Answer(404, b"")) from None
    if limit < 0:
        raise v1_problem(400, f"{REFUSED}limit must not be negative")
    return limit


@lru_cache(maxsize=16)
def _results(content: SiteContent, edits: int, cql: str, asker: Asker, statuses: tuple[str, ...]) -> Results:
    """The matches of a query; a later window of the same query reads on where the former stopped."""
    return run(content, parse(cql), asker, statuses)


def _asker(call: Call) -> Asker:
    """Who asks, and in which space when `cqlcontext` names one."""
    written = call.query.one("cqlcontext")
    if written is None:
        return Asker(call.account)
    try:
        key = orjson.loads(written).get("spaceKey")
    except (orjson.JSONDecodeError, AttributeError):
        raise v1_problem(400, f"{REFUSED}Could not parse cqlcontext : {written}") from None
    return Asker(call.account, None if key is None else str(key))


def _space_statuses(call: Call) -> tuple[str, ...]:
    """Of the spaces to search; `content/search` knows neither parameter, and finds what is in current ones."""
    included, alone = (call.query.flag(name) for name in _WHICH_SPACES)
    if alone:
        return ("archived",)
    return ("current", "archived") if included else ("current",)


def _clauses(cql: str) -> Sequence[Clause]:
    try:
        return clauses(parse(cql).where)
    except CQLError as error:
        raise v1_problem(400, f"{REFUSED}{error}") from None


@dataclass(frozen=True)
class _Window:
    """Rows from `start` on; the next ones begin at `after`; `windows` counts those read so far."""

    rows: list[Row]
    start: int
    after: int | None
    total: int
    windows: int


def _window(
    call: Call,
    cql: str,
    limit: int,
    shape: Callable[[Hit], Row | None],
    expand: Expand,
    statuses: tuple[str, ...] = ("current",),
) -> _Window:
    start, before = _read_cursor(call.query.one("cursor"), _asked(call))
    try:
        results = _results(call.content, call.content.pages.edits, cql, _asker(call), statuses)
    except CQLError as error:
        raise v1_problem(400, f"{REFUSED}{error}") from None
    if any(clause.field in ("text", "siteSearch") and clause.values == ("",) for clause in _clauses(cql)):
        raise v1_problem(500, "java.lang.NullPointerException")
    take = min(limit, _MOST_RENDERED if _RENDERED & expand.get("body", {}).keys() else _MOST)
    if take >= 20:
        # Windows come a few rows short now and then, which says nothing about the end.
        take -= (0, 2, 0, 9)[(start // take) % 4]
    count = call.around.rows_per_list
    if count is None:
        rows = [row for hit in results.slice(start, take) if (row := shape(hit)) is not None]
        more, total = bool(results.slice(start + take, 1)), results.estimate()
    else:
        natural = (row for hit in results.slice(0, count) if (row := shape(hit)) is not None)
        rows = stretched(natural, count)[start : start + take]
        more, total = start + take < count, count
    return _Window(rows, start, start + take if more and take else None, total, before + 1)


def _search(call: Call) -> Answer:
    cql, limit = cql_of(call), limit_of(call)
    excerpt = call.query.chosen("excerpt", _EXCERPTS) or "highlight"
    expand: Expand = read_expand(call.query.many("expand")).get("content", {})
    wanted = [
        word
        for clause in _clauses(cql)
        if clause.operator == "~"
        for value in clause.values
        if isinstance(value, str)
        for word in words_of(value)
    ]
    statuses = _space_statuses(call)
    found = _window(call, cql, limit, lambda hit: _row(hit, wanted, excerpt, expand), expand, statuses)
    size = len(found.rows)
    said: Row = {
        "results": found.rows,
        "start": found.start,
        "limit": limit,
        "size": size,
        "totalSize": found.total + (5, 3, 2, 0)[min(3, found.start // max(1, limit))],
        "cqlQuery": spaced(cql),
        "searchDuration": 17 + len(cql) % 50,
        # None, even where some would be found in archived spaces.
        "archivedResultCount": 0,
        "_links": _links(call, "search", limit, found),
    }
    return plain(said, points=1 + size, bodies=bodies_in(expand) * size, rows=size)


def _content_search(call: Call) -> Answer:
    cql, limit = cql_of(call), limit_of(call)
    expand = read_expand(call.query.many("expand"))

    def shape(hit: Hit) -> Row | None:
        return None if hit.type == "space" else content_row(hit, expand)

    found = _window(call, cql, limit, shape, expand)
    size = len(found.rows)
    links = _links(call, "content/search", limit, found)
    said = {"results": found.rows, "start": found.start, "limit": limit, "size": size, "_links": links}
    return plain(said, points=1 + size, bodies=bodies_in(expand) * size, rows=size)


def _row(hit: Hit, wanted: list[str], excerpt: str, expand: Expand) -> Row:
    row: Row = {}
    if hit.type == "space" and hit.space is not None:
        row["space"] = space(hit.content, hit.space)
    else:
        row["content"] = content_row(hit, expand)
    row["title"] = _highlighted(hit.title, wanted)
    row["excerpt"] = _excerpt(hit, wanted, excerpt)
    row["url"] = link(hit)
    if hit.space is not None:
        row["resultGlobalContainer"] = {"title": hit.space.name, "displayUrl": f"/spaces/{hit.space.key}"}
    return row | {
        "breadcrumbs": [],
        "entityType": "space" if hit.type == "space" else "content",
        "iconCssClass": f"aui-icon content-type-{hit.type}",
        # The index keeps no more than the second.
        "lastModified": iso(hit.modified // 1_000 * 1_000),
        "friendlyLastModified": friendly(hit.modified),
        "score": 0.0,
    }


def _escaped(text: str) -> str:
    """With the apostrophe as the service writes it."""
    return html.escape(text).replace("&#x27;", "&#39;")


def _highlighted(text: str, wanted: list[str]) -> str:
    found = _escaped(text)
    for word in wanted:
        at = found.casefold().find(word)
        if at >= 0:
            found = f"{found[:at]}@@@hl@@@{found[at : at + len(word)]}@@@endhl@@@{found[at + len(word) :]}"
    return found


def _excerpt(hit: Hit, wanted: list[str], form: str) -> str:
    if form == "none":
        return ""
    words = hit.words
    at = max(
        0, min((found for word in wanted if (found := words.casefold().find(word)) >= 0), default=0) - 40
    )
    cut = words[at : at + _EXCERPT]
    if form.startswith("indexed"):
        return cut if form.endswith("unescaped") else _escaped(cut)
    return (
        html.unescape(_highlighted(cut, wanted)) if form.endswith("unescaped") else _highlighted(cut, wanted)
    )


def _links(call: Call, path: str, limit: int, found: _Window) -> Row:
    asked = _asked(call)
    links: Row = {
        "base": call.base,
        "context": "/wiki",
        "self": f"{call.base}/rest/api/{path}?{urlencode({'cql': asked})}",
    }
    if found.after is not None:
        pairs: Row = {
            "next": "true",
            "cursor": _write_cursor(found, asked, call.around.cursor_grows),
            **_repeated(call, path),
            "limit": limit,
            "start": found.start + limit,
            "cql": asked,
        }
        links["next"] = f"/rest/api/{path}?{urlencode(pairs)}"
    return links


def _repeated(call: Call, path: str) -> Row:
    """What a next link says again beside the query: where to search, and of a search for content its `expand`."""
    context, expand = call.query.one("cqlcontext"), call.query.many("expand")
    found: Row = {} if context is None else {"cqlcontext": context}
    if path == "content/search":
        return found | ({"expand": ",".join(expand)} if expand else {})
    return found | {name: "true" for name in _WHICH_SPACES if call.query.flag(name)}


def _write_cursor(found: _Window, cql: str, grows: int) -> str:
    content: Row = {"at": found.after, "of": zlib.crc32(cql.encode())}
    if grows:
        # The service is known to write more and more into a cursor: here, a note of every window so far.
        content |= {"windows": found.windows, "seen": "=" * (found.windows * grows * 3 // 4)}
    return "_t_" + base64.b64encode(orjson.dumps(content)).decode()


def _read_cursor(cursor: str | None, cql: str) -> tuple[int, int]:
    """Where the window starts, and how many came before it as far as the cursor says."""
    if cursor is None:
        return 0, 0
    try:
        content = orjson.loads(base64.b64decode(cursor.removeprefix("_t_"), validate=True))
        if content["of"] != zlib.crc32(cql.encode()):
            raise ValueError("another query's cursor")
        return int(content["at"]), int(content.get("windows", 0))
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise v1_problem(400, f"{REFUSED}Could not parse cursor") from None


OPERATIONS = (
    v1("/search", _search, "search:confluence", "read:content-details"),
    v1("/content/search", _content_search, "search:confluence", "read:content-details"),
)
