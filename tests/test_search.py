"""Searches: the query as it was written, every row once, also when the search is too long for its own cursor."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

import pandas as pd
import pytest
from conftest import open_wiki
from strange_cloud import Asked, Says, StrangeCloud, strange_cloud

from confluence_nb import Wiki
from confluence_nb.errors import BadRequest, ConfluenceNBError
from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.rest.cql import CQLError, parse
from confluence_nb.sandbox.rest.cql.calendar import moment
from confluence_nb.sandbox.rest.cql.grammar import All, Clause, Node, Not, Query
from confluence_nb.sandbox.rest.cql.grammar import Any as AnyOf

pytestmark = pytest.mark.usefixtures("hurried")

ROOM = 400
"""Rows after which the cursors of the scripted server no longer fit an address."""


@dataclass(frozen=True)
class Thing:
    """Something to find."""

    id: str
    type: str
    created: datetime
    modified: datetime

    def row(self) -> dict[str, Any]:
        part = "space" if self.type == "space" else "content"
        inner = {"id": self.id, "type": self.type, "title": f"Title {self.id}", "status": "current"}
        return {
            part: {**inner, "key": self.id, "name": f"Title {self.id}"} if part == "space" else inner,
            "title": f"@@@hl@@@Title@@@endhl@@@ {self.id}",
            "excerpt": "one &amp; @@@hl@@@two@@@endhl@@@",
            "url": f"/spaces/ENG/pages/{self.id}",
            "entityType": part,
            "lastModified": self.modified.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


def things(count: int, *, kind: str = "page", within: timedelta = timedelta(days=4_000)) -> list[Thing]:
    """As if made at odd moments, many of them on a few days."""
    chance = random.Random(count)
    end = datetime(2026, 5, 1, tzinfo=UTC)
    found = []
    for number in range(count):
        age = within * chance.random() ** 3
        found.append(Thing(f"{kind[0]}{number}", kind, end - age, end - age * chance.random()))
    return found


class Index:
    """A search server whose cursors grow with every row, and whose address may have 8,000 characters."""

    def __init__(self, found: list[Thing], *, counts: bool = True, offset: timedelta = timedelta(0)) -> None:
        self.found = found
        self.counts = counts
        self.offset = offset
        """How far the account's time zone is from UTC."""
        self.queries: list[str] = []
        self.fail_at: int | None = None
        self._hits: dict[tuple[Query, int], list[Thing]] = {}

    def __call__(self, asked: Asked) -> Says:
        if len(asked.raw_query) > 8_000:
            return Says(b"<html>Request too large</html>", 413, {"Content-Type": "text/html"})
        query = asked["cql"]
        assert query is not None
        self.queries.append(query)
        if self.fail_at == len(self.queries):
            return Says({"message": "in pieces"}, 400)
        try:
            tree = parse(query)
        except CQLError as error:
            return Says({"message": str(error)}, 400)
        hits = self.hits(tree)
        start = int((asked["cursor"] or "0").split(".")[0])
        limit = int(asked["limit"] or 25)
        window, after = hits[start : start + limit], start + limit
        said: dict[str, Any] = {
            "results": [thing.row() for thing in window],
            "_links": {"base": "https://strange.atlassian.net/wiki", "context": "/wiki"},
        }
        if self.counts:
            said["totalSize"] = round(len(hits) * 1.02)
        if after < len(hits):
            cursor = f"{after}." + "x" * (after * 7_700 // ROOM)
            said["_links"]["next"] = f"/rest/api/search?next=true&cursor={cursor}&limit={limit}&cql=lost"
        return Says(said)

    def hits(self, query: Query) -> list[Thing]:
        """Worked out once for all windows of a query."""
        key = query, id(self.found)
        if key not in self._hits:
            hits = [thing for thing in self.found if self.holds(query.where, thing)]
            for field, descending in reversed(query.order):
                hits.sort(key=SORTS[field], reverse=descending)
            self._hits[key] = hits
        return self._hits[key]

    def holds(self, node: Node, thing: Thing) -> bool:
        match node:
            case Clause(field, "in", values):
                return getattr(thing, field) in values
            case Clause("type", "=", (value,)):
                return thing.type == value
            case Clause(field, operator, (value,)):
                # What has no date answers to none.
                if thing.type == "space":
                    return False
                bound = said_moment(str(value)) - self.offset / timedelta(milliseconds=1)
                at = {"created": thing.created, "lastmodified": thing.modified}[field].timestamp() * 1000
                return at >= bound if operator == ">=" else at < bound
            case Not(inner):
                return not self.holds(inner, thing)
            case All(parts):
                return all(self.holds(part, thing) for part in parts)
            case AnyOf(parts):
                return any(self.holds(part, thing) for part in parts)
        raise AssertionError(node)


@lru_cache
def said_moment(text: str) -> int:
    return moment(text, datetime.now(UTC))


SORTS: dict[str, Callable[[Thing], Any]] = {
    "created": lambda thing: thing.created,
    "lastmodified": lambda thing: thing.modified,
    "title": lambda thing: thing.id,
}


def searched(index: Index, query: str, **given: Any) -> tuple[pd.DataFrame, StrangeCloud]:
    with strange_cloud(index) as cloud:
        return cloud.open_wiki().search(query, **given), cloud


# ------------------------------------------------------------------- the whole search


def test_what_was_asked_goes_with_every_window() -> None:
    index = Index(things(250))
    frame, cloud = searched(index, "type = page order by title", excerpt="none")
    calls = [asked for asked in cloud.wiki_calls if asked.path.endswith("/search")]
    assert len(calls) == 3
    assert {(asked["cql"], asked["excerpt"], asked["limit"]) for asked in calls} == {
        ("type = page order by title", "none", "100")
    }
    assert set(frame["id"]) == {thing.id for thing in index.found}
    assert frame["title"].str.startswith("Title ").all()
    assert set(frame["excerpt"]) == {"one & two"}
    attrs = frame.attrs
    assert (attrs["estimated_total"], attrs["total_is_estimate"]) == (255, True)
    assert (attrs["slices"], attrs["order"], attrs["rows"]) == (1, "order by title", 250)
    assert attrs["parameters"] == {"cql": "type = page order by title", "excerpt": "none"}


def test_the_excerpts_of_the_sandbox(wiki: Wiki) -> None:
    word = wiki.search("type = page", limit=1)["title"].iloc[0].split()[0]
    found = {
        kind: wiki.search(f'type = page and title ~ "{word}"', excerpt=kind) for kind in ("highlight", "none")
    }
    assert found["highlight"]["id"].tolist() == found["none"]["id"].tolist()
    assert (found["none"]["excerpt"].fillna("") == "").all()
    shown = found["highlight"]["excerpt"]
    assert (shown.str.len() > 0).all()
    assert not shown.str.contains("@@@", regex=False).any()
    assert found["none"].dtypes.equals(found["highlight"].dtypes)


@pytest.mark.parametrize(
    ("cql", "given", "words"),
    [
        ("", {}, "blank"),
        (" \n\t", {}, "blank"),
        ('type = page and text ~ " "', {}, "text that is blank"),
        ("siteSearch ~''", {}, "text that is blank"),
        ("type = page", {"excerpt": "highlights"}, "Did you mean 'highlight'"),
        ("type = page", {"limit": -1}, "limit="),
    ],
)  # fmt: skip
def test_what_is_refused_before_anything_is_asked(
    sandbox: Sandbox, wiki: Wiki, cql: str, given: dict[str, Any], words: str
) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match=words):
        wiki.search(cql, **given)
    assert sandbox.counts()["requests"] == before


def test_quotes_that_only_look_blank(wiki: Wiki) -> None:
    assert wiki.search(r'type = page and title ~ "~ \"\" order by"').empty


def test_a_query_is_text(wiki: Wiki) -> None:
    with pytest.raises(ConfluenceNBError, match="cql is a NoneType"):
        wiki.search(None)  # type: ignore[arg-type]


def test_the_servers_words_about_a_query(wiki: Wiki) -> None:
    with pytest.raises(BadRequest, match="No field exists with the name: 'status' Did you mean one of"):
        wiki.search("status = current")


# ---------------------------------------------------------------------- in slices


@pytest.mark.parametrize(
    ("query", "offset", "counts"),
    [
        ("type = page", 0, True),
        ("type = page or type = comment", -11, True),
        ("type = page order by title desc", 13, True),
        ("type = comment or type = page", 0, False),
    ],
)  # fmt: skip
def test_a_search_too_long_is_read_in_slices(query: str, offset: int, counts: bool) -> None:
    index = Index(things(2_000), counts=counts, offset=timedelta(hours=offset))
    frame, cloud = searched(index, query)
    assert sorted(frame["id"]) == sorted(thing.id for thing in index.found)
    assert frame.attrs["complete"]
    assert frame.attrs["slices"] > 5
    assert frame.attrs["requests"] == len(cloud.wiki_calls)
    if counts:
        assert frame.attrs["estimated_total"] == 2_040
        assert frame.attrs["requests"] < 100, "what does not fit is seen from its count"


@pytest.mark.parametrize("field", ["created", "lastModified"])
@pytest.mark.parametrize("descending", [False, True], ids=["asc", "desc"])
def test_an_order_by_date_goes_through_all_slices(field: str, descending: bool) -> None:
    index = Index(things(2_000))
    order = f"order by {field}{' desc' if descending else ''}"
    frame, _ = searched(index, f"type = page {order}")
    expected = sorted(index.found, key=SORTS[field.lower()], reverse=descending)
    assert list(frame["id"]) == [thing.id for thing in expected]
    assert frame.attrs["order"] == order
    some, _ = searched(index, f"type = page {order}", limit=1_300)
    assert list(some["id"]) == [thing.id for thing in expected[:1_300]]


def test_what_is_saved_meanwhile_is_not_lost() -> None:
    """Newest first, and a page of the old end is saved while the slices in between are read."""
    index = Index(things(2_000))
    oldest = min(index.found, key=SORTS["lastmodified"])

    def script(asked: Asked) -> Says:
        if len(index.queries) == 15:
            now = Thing(oldest.id, "page", oldest.created, datetime.now(UTC))
            index.found = [now if thing is oldest else thing for thing in index.found]
        return index(asked)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().search("type = page order by lastmodified desc")
    assert len(frame) == frame["id"].nunique() == 2_000
    assert oldest.id in set(frame["id"])


def test_spaces_come_too_though_they_have_no_date() -> None:
    index = Index(things(2_000) + things(50, kind="space"))
    frame, _ = searched(index, "type in (page, space)")
    assert sorted(frame["id"]) == sorted(thing.id for thing in index.found)


def test_a_search_that_takes_no_other_type_has_none() -> None:
    index = Index(things(2_000))

    def script(asked: Asked) -> Says:
        refused = (asked["cql"] or "").endswith(("type = space", "type = user"))
        return Says({"message": "Unsupported value for the field 'type'"}, 400) if refused else index(asked)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().search("type = page")
    assert len(frame) == frame["id"].nunique() == 2_000
    assert frame.attrs["complete"]


@pytest.mark.parametrize(
    ("found", "query", "words"),
    [
        (things(2_000, kind="space"), "type = space", r"wiki\.spaces\(\)"),
        (things(2_000, within=timedelta(seconds=3)), "type = page", "one minute of created"),
    ],
    ids=["spaces", "one minute"],
)  # fmt: skip
def test_what_cannot_be_cut_says_what_to_do(found: list[Thing], query: str, words: str) -> None:
    with strange_cloud(Index(found)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(BadRequest, match=words) as caught:
            wiki.search(query)
    assert caught.value.status == 413
    assert caught.value.frame is not None
    assert 0 < len(caught.value.frame) < 2_000


def test_a_query_that_is_itself_too_long_is_not_cut() -> None:
    index = Index(things(10))
    with strange_cloud(index) as cloud, pytest.raises(BadRequest, match="too long"):
        cloud.open_wiki().search("type = page and title ~ " + '"' + "x" * 9_000 + '"')
    assert index.queries == []


def test_a_search_in_slices_goes_on_where_it_broke_off() -> None:
    index = Index(things(2_000))
    with strange_cloud(index) as cloud:
        wiki = cloud.open_wiki()
        read: Callable[[], pd.DataFrame] = partial(wiki.search, "type = page order by created")
        for at in (3, 12, 20, 21):
            index.fail_at = at
            with pytest.raises(BadRequest, match="in pieces") as caught:
                read()
            assert caught.value.frame is not None
            assert len(caught.value.frame) == caught.value.frame["id"].nunique()
            read = wiki.resume
        index.fail_at = None
        frame = wiki.resume()
    expected = sorted(index.found, key=SORTS["created"])
    assert list(frame["id"]) == [thing.id for thing in expected]
    assert frame.attrs["slices"] > 5


@pytest.mark.parametrize("query", ["type in (page, comment)", "type = page order by lastmodified desc"])
def test_the_sandboxs_cursors_grow_too_long(query: str) -> None:
    with Sandbox(pages=500, spaces=3, sites=1) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        whole = wiki.search(query)
        sandbox.set(cursor_grows=2_600)
        cut = wiki.search(query)
    assert whole.attrs["slices"] == 1 < cut.attrs["slices"]
    assert sorted(cut["id"]) == sorted(whole["id"])
    if "order by" in query:
        assert list(cut["id"]) == list(whole["id"])
    assert cut.dtypes.equals(whole.dtypes)


def test_a_search_in_slices_for_one_window() -> None:
    """Wanted rows that need no slice take none."""
    index = Index(things(2_000))
    frame, _ = searched(index, "type = page", limit=300)
    assert (len(frame), frame.attrs["slices"], len(index.queries)) == (300, 1, 3)
