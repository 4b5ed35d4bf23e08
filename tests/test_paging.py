"""Lists read to their true end: every row once, or an error that keeps the rows; the token goes nowhere else."""

from __future__ import annotations

import signal
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from conftest import open_wiki
from strange_cloud import Asked, Says, Script, strange_cloud

from confluence_nb import Wiki
from confluence_nb.errors import (
    BadRequest,
    ConfluenceNBError,
    Interrupted,
    NotFound,
    RateLimited,
    Unreachable,
)
from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hurried")

ACME = "acme.atlassian.net"


def page(number: int) -> dict[str, Any]:
    return {"id": str(number), "title": f"Page {number}", "status": "current", "spaceId": "1"}


def windows_of(windows: dict[str | None, tuple[list[int], str | None]]) -> Script:
    """A script of windows by cursor: the rows, and the next link as the server would write it."""

    def script(asked: Asked) -> Says:
        rows, following = windows[asked["cursor"]]
        links = {"base": "https://strange.atlassian.net/wiki"} | ({"next": following} if following else {})
        return Says({"results": [page(row) for row in rows], "_links": links})

    return script


def ids(frame: pd.DataFrame | None) -> list[int]:
    assert frame is not None
    return [int(row) for row in frame["id"]]


# ------------------------------------------------------------------------ all of it


@pytest.mark.slow
def test_every_page_of_forty_spaces() -> None:
    with Sandbox(pages=25_000, spaces=40, sites=1, hourly_points=10_000_000) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        frame = wiki.pages()
        truth = sandbox.contents()[ACME]
        assert len(frame) == frame["id"].nunique() == truth["pages"] == 25_000
        assert frame["space_id"].nunique() == len(wiki.spaces()) == 40
        by_space = wiki.pages(wiki.spaces())
        assert set(by_space["id"]) == set(frame["id"])
        assert frame.attrs["complete"]
        seam = 2 * 250 + 1  # where both ends of the list meet some rows come twice, and a search counts
        assert 0 <= frame.attrs["points"] - 25_000 - frame.attrs["requests"] <= seam


def test_the_frame_says_where_it_came_from(sandbox: Sandbox, wiki: Wiki) -> None:
    frame = wiki.pages(status="current")
    truth = sandbox.contents()[ACME]["pages"]
    attrs = frame.attrs
    assert (attrs["site"], attrs["endpoint"], attrs["rows"]) == (ACME, "GET /wiki/api/v2/pages", len(frame))
    assert attrs["complete"] is True
    assert attrs["parameters"] == {"status": "current"}
    assert 0 < len(frame) <= truth
    assert attrs["seconds"] >= 0


def test_the_points_are_what_the_server_charged(sandbox: Sandbox, wiki: Wiki) -> None:
    before = sandbox.counts()["points"]
    frame = wiki.pages()
    assert frame.attrs["points"] == sandbox.counts()["points"] - before


def test_some_spaces_are_the_union_of_each(sandbox: Sandbox, wiki: Wiki) -> None:
    spaces = wiki.spaces()
    key, other = spaces["key"].iloc[0], spaces["key"].iloc[1]
    both = wiki.pages([key.lower(), other])
    assert set(both["id"]) == set(wiki.pages(key)["id"]) | set(wiki.pages(other)["id"])
    assert set(both["space_id"]) == set(spaces["id"].iloc[:2])
    with pytest.raises(NotFound, match="Did you mean"):
        wiki.pages(key + "X")


def test_search_is_read_to_its_end(sandbox: Sandbox, wiki: Wiki) -> None:
    found = wiki.search("type = page")
    assert set(found["id"]) == set(wiki.pages(status="current")["id"])
    assert found.attrs["complete"]


@pytest.mark.parametrize("limit", [0, 1, 7, 60, 10_000])
def test_limit_is_a_number_of_rows(wiki: Wiki, limit: int) -> None:
    everything = wiki.pages()
    frame = wiki.pages(limit=limit)
    assert list(frame["id"]) == list(everything["id"][:limit])
    assert list(frame.dtypes) == list(everything.dtypes)[: len(frame.columns)]


def test_limit_over_several_lists(wiki: Wiki) -> None:
    people = wiki.pages()["author_id"].dropna().unique()
    assert len(wiki.users(people, limit=2)) == min(2, len(people))


@pytest.mark.parametrize("limit", [-1, 1.5, "10", True])
def test_limit_that_is_no_number_of_rows(sandbox: Sandbox, wiki: Wiki, limit: object) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match="limit="):
        wiki.pages(limit=limit)  # type: ignore[arg-type]
    assert sandbox.counts()["requests"] == before


def test_no_rows_have_the_same_columns_and_dtypes(wiki: Wiki) -> None:
    for read in (
        lambda **given: wiki.pages(**given),
        lambda **given: wiki.pages(body="storage", **given),
        lambda **given: wiki.table("/pages", **given),
    ):
        rows, none = read(), read(title="no page of this wiki is called so")
        assert none.empty
        # Fields that no specification names follow its columns, and only rows can have them.
        promised = list(none.columns)
        assert promised == list(rows.columns)[: len(promised)]
        assert len(promised) > 10
        assert none.dtypes.map(str).to_dict() == rows[promised].dtypes.map(str).to_dict()
        assert none.attrs["complete"]


def test_people_asked_for_by_nobody(wiki: Wiki) -> None:
    nobody = wiki.users([])
    assert nobody.empty
    assert list(nobody.columns) == list(wiki.users(wiki.pages(limit=5)).columns)


# ------------------------------------------------------------------ where next may lead


@pytest.mark.parametrize(
    "lead",
    [
        lambda thief: f"{thief}/ex/confluence/cloud-1/wiki/api/v2/pages?cursor=two",
        lambda thief: f"//{thief.removeprefix('http://')}/wiki/api/v2/pages?cursor=two",
        lambda thief: f"\\\\{thief.removeprefix('http://')}/?cursor=two",
        lambda thief: f"@{thief.removeprefix('http://')}/wiki/api/v2/pages?cursor=two",
        lambda thief: f"/../../../..{thief.removeprefix('http:')}?cursor=two",
    ],
    ids=["absolute", "no scheme", "backslashes", "user info", "climbing"],
)
def test_no_next_link_leads_the_token_away(lead: Callable[[str], str]) -> None:
    with strange_cloud(lambda asked: Says({"results": [page(9)]})) as thief:

        def script(asked: Asked) -> Says:
            if asked["cursor"] == "two":
                return Says({"results": [page(2)], "_links": {"base": thief.url}})
            links = {"next": lead(thief.url), "base": thief.url, "context": thief.url, "self": thief.url}
            return Says(
                {"results": [page(1) | {"_links": {"webui": "/x"}}], "_links": links},
                headers={"Link": f'<{thief.url}/wiki?cursor=two>; rel="next"'},
            )

        with strange_cloud(script) as cloud:
            assert ids(cloud.open_wiki().pages()) == [1, 2]
        assert thief.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with strange_cloud(lambda asked: Says({"results": [page(9)]})) as thief:
        away = Says(b"", status, {"Location": f"{thief.url}/wiki/api/v2/pages"})
        with strange_cloud(lambda asked: away) as cloud:
            wiki = cloud.open_wiki()
            with pytest.raises(Unreachable, match="sent the request elsewhere"):
                wiki.pages()
            with pytest.raises(Unreachable):
                wiki.request("POST", "/pages", json={})
        assert thief.asked == []


def test_an_address_of_elsewhere_is_not_asked() -> None:
    with strange_cloud(lambda asked: Says({})) as thief, strange_cloud(lambda asked: Says({})) as cloud:
        wiki = cloud.open_wiki()
        for path in (
            thief.url + "/wiki/x",
            "//evil.example/wiki",
            "/../../oauth/token",
            "/wiki/%2e%2e/%2E%2E/me",
        ):
            with pytest.raises(ConfluenceNBError):
                wiki.get(path)
        assert thief.asked == []
        assert cloud.wiki_calls == []


def test_every_call_of_the_wiki_is_signed_and_under_the_site() -> None:
    with strange_cloud(windows_of({None: ([1], None)})) as cloud:
        cloud.open_wiki().pages()
        for asked in cloud.wiki_calls:
            assert asked.path.startswith("/ex/confluence/cloud-1/wiki/api/v2/")
            assert asked.headers["Authorization"] == "Bearer strange-access"


# ------------------------------------------------------------------------ odd cursors


def next_to(cursor: str) -> str:
    return f"/wiki/api/v2/pages?limit=250&cursor={cursor}"


CURSORS = ["plain", b64encode(b'{"id":"1","order":"id?>~"}' * 3).decode(), "a+b/c==", "eyJ+/=", "ü", "a b"]


@pytest.mark.parametrize(
    ("cursor", "written"),
    [(cursor, cursor) for cursor in CURSORS]
    + [(cursor, quote(cursor, safe="")) for cursor in [*CURSORS, "%", "%2B"]],
)
def test_a_cursor_comes_back_as_it_was(cursor: str, written: str) -> None:
    windows = {None: ([1], next_to(written) + "&depth=all"), cursor: ([2], None)}
    with strange_cloud(windows_of(windows)) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2]
        assert cloud.wiki_calls[-1]["cursor"] == cursor


@pytest.mark.parametrize("cursor", [*CURSORS, "a&b", "a%2Bb", "a#b", "?cursor=x", "100%"])
def test_a_cursor_that_is_in_no_link_comes_back_as_it_was(cursor: str) -> None:
    def script(asked: Asked) -> Says:
        if asked["cursor"]:
            return Says({"results": [page(2)], "_links": {}})
        return Says({"results": [page(1)], "cursor": cursor})

    with strange_cloud(script) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2]
        assert cloud.wiki_calls[-1]["cursor"] == cursor


def test_the_other_parameters_stay_as_they_were_asked() -> None:
    windows = {None: ([1], "/wiki/api/v2/pages?limit=1&status=trashed&cursor=two"), "two": ([2], None)}
    with strange_cloud(windows_of(windows)) as cloud:
        cloud.open_wiki().pages(status="current", body="storage")
        first, second = (dict(asked.query) for asked in cloud.wiki_calls)
        assert second == first | {"cursor": "two"}


def test_empty_and_short_windows_are_not_the_end() -> None:
    windows = {
        None: ([], next_to("b")), "b": ([1], next_to("c")), "c": ([], next_to("d")), "d": ([], next_to("e")),
        "e": ([2, 3], None),
    }  # fmt: skip
    with strange_cloud(windows_of(windows)) as cloud:
        frame = cloud.open_wiki().pages()
        assert ids(frame) == [1, 2, 3]
        assert frame.attrs["requests"] == 5


def test_rows_that_come_twice_are_one() -> None:
    windows = {None: ([1, 2], next_to("b")), "b": ([2, 3], next_to("c")), "c": ([1, 3], None)}
    with strange_cloud(windows_of(windows)) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2, 3]


def test_rows_with_an_empty_id_are_no_repetitions() -> None:
    rows = [
        {"id": identity, "name": name}
        for identity, name in [("", "a"), ("", "b"), ("", "c"), ("1", "d"), ("1", "d")]
    ]
    with strange_cloud(lambda asked: Says({"results": rows, "_links": {}})) as cloud:
        assert list(cloud.open_wiki().table("/labels")["name"]) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("round_trip", [["a", "a"], ["a", "b", "a"]], ids=["the same", "an earlier one"])
def test_a_cursor_that_comes_back_ends_it_and_keeps_the_rows(round_trip: list[str]) -> None:
    asked_for: list[str | None] = [None, *round_trip[:-1]]
    windows = {
        asked: ([number], next_to(following))
        for number, (asked, following) in enumerate(zip(asked_for, round_trip, strict=True))
    }
    with strange_cloud(windows_of(windows)) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Interrupted, match="same cursor twice") as caught:
            wiki.pages()
        rows = list(range(len(round_trip)))
        assert ids(caught.value.frame) == rows
        assert ids(wiki.partial) == rows
        assert caught.value.frame is not None
        assert caught.value.frame.attrs["complete"] is False
        assert len(cloud.wiki_calls) == len(round_trip)


def test_a_next_link_without_cursor_keeps_the_rows() -> None:
    with strange_cloud(windows_of({None: ([1], "/wiki/api/v2/pages?limit=250")})) as cloud:
        with pytest.raises(Interrupted, match="not where") as caught:
            cloud.open_wiki().pages()
        assert ids(caught.value.frame) == [1]


def next_is(following: object) -> Script:
    """A script whose first window says so where its next link stands, and whose second is the last."""

    def script(asked: Asked) -> Says:
        if asked["cursor"]:
            return Says({"results": [page(2)], "_links": {}})
        return Says({"results": [page(1)], "_links": {"next": following}})

    return script


def test_a_next_link_that_is_an_object_is_followed() -> None:
    with strange_cloud(next_is({"href": next_to("two"), "type": "application/json"})) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2]


@pytest.mark.parametrize("following", [{"uri": next_to("two")}, {"href": 5}, [next_to("two")], 2, True])
def test_a_next_link_of_an_unknown_form_is_no_end(following: object) -> None:
    with strange_cloud(next_is(following)) as cloud:
        with pytest.raises(Interrupted, match="not where") as caught:
            cloud.open_wiki().pages()
        assert ids(caught.value.frame) == [1]


@pytest.mark.parametrize("following", [None, "", False, {}, []])
def test_a_next_link_that_is_nothing_is_the_end(following: object) -> None:
    with strange_cloud(next_is(following)) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1]


def test_empty_windows_without_end_are_given_up() -> None:
    def script(asked: Asked) -> Says:
        number = int(asked["cursor"] or 0)
        return Says({"results": [], "_links": {"next": next_to(str(number + 1))}})

    with strange_cloud(script) as cloud:
        with pytest.raises(Interrupted, match="nothing does"):
            cloud.open_wiki().pages()
        assert len(cloud.wiki_calls) < 150


@pytest.mark.parametrize(
    "link",
    [
        '</wiki/api/v2/pages?cursor=two>; rel="next"',
        '<https://d.example/#1411>; rel="deprecation", </wiki/api/v2/pages?cursor=two>; rel="next", <b>; rel="base"',
        "</wiki/api/v2/pages?cursor=two>;rel=next",
        '</wiki/api/v2/pages?limit=25&ids=1,2&cursor=two>; title="a, b"; REL="next"',
        '</wiki/api/v2/pages?cursor=two>; rel="next last"',
        '</wiki/api/v2/pages?cursor=two>; rel="last\tNEXT"',
        '</wiki/api/v2/pages?cursor=two>; rel = "next"',
        "</wiki/api/v2/pages?cursor=two> ; rel = next ; title=x",
        '</wiki/api/v2/pages?cursor=two>; title="a<b"; rel="next"',
        '</wiki/api/v2/pages?cursor=two>; title="a; rel=last, <b>; \\" "; rel="next"',
        '<b>; title="<c>; rel=next"; rel="base", </wiki/api/v2/pages?cursor=two>; rel="next"',
        '</wiki/api/v2/pages?cursor=two>; rel="next',
    ],
)
def test_a_next_link_in_the_header_alone(link: str) -> None:
    def script(asked: Asked) -> Says:
        return (
            Says({"results": [page(2)]})
            if asked["cursor"]
            else Says({"results": [page(1)]}, headers={"Link": link})
        )

    with strange_cloud(script) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2]


def test_links_for_people_are_made_of_the_sites_address() -> None:
    rows = {"results": [page(1) | {"_links": {"webui": "/spaces/E/pages/1"}}], "_links": {}}
    with strange_cloud(lambda asked: Says(rows)) as cloud:
        frame = cloud.open_wiki().pages()
        assert frame["url"].iloc[0] == "https://strange.atlassian.net/wiki/spaces/E/pages/1"


@pytest.mark.parametrize("said", [{"results": "many"}, 7, "rows", {"results": {"a": 1}}])
def test_a_list_of_an_unknown_form_is_not_an_empty_one(said: object) -> None:
    with strange_cloud(lambda asked: Says(said)) as cloud, pytest.raises(Unreachable, match="form"):
        cloud.open_wiki().pages()


# ------------------------------------------------------------------------- hard times


def test_a_window_too_large_is_asked_for_at_half_its_size() -> None:
    def script(asked: Asked) -> Says:
        start, limit = int(asked["cursor"] or 0), int(asked["limit"] or 0)
        if limit > 40:
            return Says({"message": "timeout"}, 504)
        rows = [page(number) for number in range(start, min(start + limit, 100))]
        links = {"next": next_to(str(start + limit))} if start + limit < 100 else {}
        return Says({"results": rows, "_links": links})

    with strange_cloud(script) as cloud:
        assert ids(cloud.open_wiki().pages(body="storage")) == list(range(100))
        sizes = {int(asked["limit"] or 0) for asked in cloud.wiki_calls}
        assert max(size for size in sizes if size <= 40) == 31


@pytest.mark.parametrize("status", [408, 503])
def test_a_busy_server_is_asked_for_whole_windows(status: int) -> None:
    """It says nothing about the size, and `limit` is a parameter that a cursor may be bound to."""
    failures = iter([status] * 4)

    def script(asked: Asked) -> Says:
        if asked["cursor"]:
            failed = next(failures, None)
            return Says(b"", failed) if failed else Says({"results": [page(2)], "_links": {}})
        return Says({"results": [page(1)], "_links": {"next": next_to("two")}})

    with strange_cloud(script) as cloud:
        assert ids(cloud.open_wiki().pages()) == [1, 2]
        assert [asked["limit"] for asked in cloud.wiki_calls] == ["250"] * 6


class Bound:
    """A list whose cursors are good with the limit alone that they were given with."""

    def __init__(self, there: int, fails: Callable[[int, int], bool]) -> None:
        self.there, self.fails = there, fails
        self.limits: list[int] = []

    def __call__(self, asked: Asked) -> Says:
        limit = int(asked["limit"] or 0)
        start, given = map(int, (asked["cursor"] or f"0_{limit}").split("_"))
        self.limits.append(limit)
        if limit != given:
            return Says({"errors": [{"status": 400, "title": "The provided cursor was not valid."}]}, 400)
        if self.fails(start, limit):
            return Says(b"", 504)
        rows = [page(number) for number in range(start, min(start + limit, self.there))]
        links = {"next": next_to(f"{start + limit}_{limit}")} if start + limit < self.there else {}
        return Says({"results": rows, "_links": links})


def test_a_cursor_that_is_bound_to_its_limit_is_asked_with_that_again() -> None:
    failures = iter([True] * 4)
    bound = Bound(600, lambda start, limit: start == 250 and next(failures, False))
    with strange_cloud(bound) as cloud:
        assert ids(cloud.open_wiki().table("/labels")) == list(range(600))
    assert bound.limits == [250, 250, 250, 125, 250, 250, 250, 250]


def test_windows_that_are_bound_to_a_smaller_limit_stay_that_small() -> None:
    bound = Bound(300, lambda start, limit: limit > 130)
    with strange_cloud(bound) as cloud:
        assert ids(cloud.open_wiki().table("/labels")) == list(range(300))
    assert bound.limits == [250, 250, 125, 250, 125, 125]


def test_a_bound_cursor_at_which_the_server_fails_for_good_keeps_the_rows() -> None:
    away = threading.Event()
    bound = Bound(600, lambda start, limit: start == 250 and not away.is_set())
    with strange_cloud(bound) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable) as caught:
            wiki.table("/labels")
        assert ids(caught.value.frame) == list(range(250))
        assert bound.limits == [250, 250, 250, 125, *[250] * 5]
        away.set()
        assert ids(wiki.resume()) == list(range(600))


@pytest.mark.parametrize(
    "fault",
    [
        {"error_every": 3, "error_status": 500}, {"error_every": 3, "error_status": 502},
        {"drop_every": 3}, {"drop_every": 3, "drop_at": "middle"}, {"drop_every": 3, "drop_at": "after"},
        {"throttle_every": 4, "retry_after_form": "none"},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)  # fmt: skip
def test_passing_faults_change_no_row(sandbox: Sandbox, wiki: Wiki, fault: dict[str, Any]) -> None:
    calm = wiki.pages(body="storage")
    sandbox.set(retry_after=0.0, **fault)
    for _ in range(4):
        pd.testing.assert_frame_equal(wiki.pages(body="storage"), calm)
    assert sum(sandbox.counts()["faults"].values()) > 0


@pytest.mark.parametrize("form", ["seconds", "date", "reset"])
def test_a_pause_that_is_asked_for_is_kept(sandbox: Sandbox, wiki: Wiki, form: str) -> None:
    sandbox.set(throttle_every=1, fault_limit=1, retry_after=1.0, retry_after_form=form)
    began = time.monotonic()
    assert len(wiki.get("/spaces")["results"]) == 3
    assert time.monotonic() - began > 0.8
    assert sandbox.counts()["faults"] == {"throttle": 1}


def test_a_pause_that_is_too_long_is_said_not_slept(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(throttle_every=1, retry_after=1_800.0)
    began = time.monotonic()
    with pytest.raises(RateLimited, match="30 minutes") as caught:
        wiki.pages()
    assert time.monotonic() - began < 5
    assert caught.value.reset_at is not None
    assert caught.value.frame is not None
    sandbox.set(throttle_every=0)
    assert len(wiki.resume()) == len(wiki.pages())


def test_a_server_that_says_when_it_is_back_is_left_alone_until_then() -> None:
    """Maintenance is no window that is too large: one request, and an error that names the moment."""
    away = threading.Event()

    def script(asked: Asked) -> Says:
        if asked["cursor"] and not away.is_set():
            return Says({"message": "Down for maintenance"}, 503, {"Retry-After": "3600"})
        links = {} if asked["cursor"] else {"next": next_to("two")}
        return Says({"results": [page(2 if asked["cursor"] else 1)], "_links": links})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(
            Unreachable, match=r"until \d\d:\d\d UTC \(60 minutes from now\)\. Down for maintenance"
        ) as caught:
            wiki.pages()
        assert ids(caught.value.frame) == [1]
        assert caught.value.reset_at is not None
        assert 3_500 < (caught.value.reset_at - datetime.now(UTC)).total_seconds() <= 3_600
        assert [(asked["cursor"], asked["limit"]) for asked in cloud.wiki_calls] == [
            (None, "250"),
            ("two", "250"),
        ]
        away.set()
        assert ids(wiki.resume()) == [1, 2]


def test_resume_gives_the_whole_frame() -> None:
    away = threading.Event()

    def script(asked: Asked) -> Says:
        start = int(asked["cursor"] or 0)
        if start >= 30 and not away.is_set():
            return Says({"errors": [{"status": 500, "title": "Internal Server Error"}]}, 500)
        links = {"next": next_to(str(start + 10))} if start < 50 else {}
        return Says({"results": [page(number) for number in range(start, start + 10)], "_links": links})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable) as caught:
            wiki.pages()
        assert ids(caught.value.frame) == ids(wiki.partial) == list(range(30))
        with pytest.raises(Unreachable):
            wiki.resume()
        away.set()
        frame = wiki.resume()
        assert ids(frame) == list(range(60))
        assert frame.attrs["complete"] is True
        assert wiki.partial is None
        with pytest.raises(ConfluenceNBError, match="nothing to resume"):
            wiki.resume()


def test_whole_windows_are_asked_for_again_once_the_server_is_back() -> None:
    away = threading.Event()

    def script(asked: Asked) -> Says:
        return Says({"results": [page(1)], "_links": {}}) if away.is_set() else Says(b"", 502)

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Unreachable):
            wiki.pages()
        assert cloud.wiki_calls[-1]["limit"] == "1"
        away.set()
        assert ids(wiki.resume()) == [1]
        assert cloud.wiki_calls[-1]["limit"] == "250"


def test_an_offset_list_that_promises_more_and_gives_nothing_is_no_end() -> None:
    def script(asked: Asked) -> Says:
        rows = [] if asked["start"] else [{"id": "1", "name": "one"}]
        return Says({"results": rows, "limit": 1, "_links": {"next": "/rest/api/group"}})

    with strange_cloud(script) as cloud:
        with pytest.raises(Interrupted) as caught:
            cloud.open_wiki().table("/wiki/rest/api/group")
        assert ids(caught.value.frame) == [1]


def search_by_start(there: int, *, heeds: bool = True, echoes: bool = True, ends: bool = True) -> Script:
    """A search whose next link has the number of a row in place of a cursor."""

    def script(asked: Asked) -> Says:
        start = int(asked["start"] or 0)
        first = start if heeds else 0
        rows = [
            {"title": "t", "content": {"id": str(number), "type": "page", "title": "t"}}
            for number in range(first, min(first + 2, there))
        ]
        follows = start + 2 < there or not ends
        links = {"next": f"/rest/api/search?cql=x&limit=2&start={start + 2}"} if follows else {}
        return Says({"results": rows, "start": start if echoes else 0, "limit": 2, "_links": links})

    return script


@pytest.mark.parametrize("echoes", [True, False])
def test_a_search_that_counts_is_read_to_its_end(echoes: bool) -> None:
    with strange_cloud(search_by_start(5, echoes=echoes)) as cloud:
        frame = cloud.open_wiki().search("type = page")
        assert ids(frame) == list(range(5))
        assert frame.attrs["complete"]
        assert [asked["start"] for asked in cloud.wiki_calls] == [None, "2", "4"]


@pytest.mark.parametrize("echoes", [True, False])
@pytest.mark.parametrize("ends", [True, False])
def test_a_search_that_ignores_where_it_should_go_on_is_no_end_and_not_endless(
    echoes: bool, ends: bool
) -> None:
    with strange_cloud(search_by_start(50, heeds=False, echoes=echoes, ends=ends)) as cloud:
        with pytest.raises(Interrupted, match="again and again") as caught:
            cloud.open_wiki().search("type = page")
        assert ids(caught.value.frame) == [0, 1]
        assert len(cloud.wiki_calls) == (5 if echoes else 2)


def test_a_search_that_goes_back_is_no_end_and_not_endless() -> None:
    row = {"title": "t", "content": {"id": "1", "type": "page", "title": "t"}}
    window = {"results": [row], "_links": {"next": "/rest/api/search?start=0"}}
    with strange_cloud(lambda asked: Says(window)) as cloud, pytest.raises(Interrupted) as caught:
        cloud.open_wiki().search("type = page")
    assert ids(caught.value.frame) == [1]


def groups_at_most(most: int, there: int, **says: object) -> Script:
    """A counted list that gives fewer rows than it is asked for, and echoes the limit all the same."""

    def script(asked: Asked) -> Says:
        start = int(asked["start"] or 0)
        rows = [{"id": f"g{number}", "name": "n"} for number in range(start, min(start + most, there))]
        window = {
            "results": rows,
            "start": start,
            "limit": int(asked["limit"] or 0),
            "size": len(rows),
            "_links": {},
        }
        return Says(window | says)

    return script


@pytest.mark.parametrize(("total", "requests"), [(120, 3), (121, 4), (110, 3)])
def test_an_offset_list_goes_on_until_it_has_as_many_rows_as_it_says(total: int, requests: int) -> None:
    with strange_cloud(groups_at_most(50, 120, totalSize=total)) as cloud:
        frame = cloud.open_wiki().groups()
        assert list(frame["id"]) == [f"g{number}" for number in range(120)]
        assert frame.attrs["complete"]
        assert frame.attrs["requests"] == requests


def test_a_bare_list_that_does_not_move_is_no_end() -> None:
    window = [{"id": f"g{number}", "name": "n"} for number in range(200)]
    with strange_cloud(lambda asked: Says(window)) as cloud:
        with pytest.raises(Interrupted, match="again and again") as caught:
            cloud.open_wiki().groups()
        assert caught.value.frame is not None
        assert len(caught.value.frame) == 200


def test_an_offset_list_that_counts_more_and_does_not_move_is_no_end() -> None:
    window = {"results": [{"id": "g1", "name": "n"}], "totalSize": 120, "_links": {}}
    with strange_cloud(lambda asked: Says(window)) as cloud:
        with pytest.raises(Interrupted, match="again and again") as caught:
            cloud.open_wiki().groups()
        assert caught.value.frame is not None
        assert len(caught.value.frame) == 1


def test_an_offset_list_that_counts_rows_which_it_does_not_show_ends_where_it_ends() -> None:
    shown = [number for number in range(25) if number not in (3, 24)]

    def script(asked: Asked) -> Says:
        start = int(asked["start"] or 0)
        rows = [{"id": f"g{number}", "name": "n"} for number in shown if number >= start]
        return Says({"results": rows, "start": start, "limit": 200, "totalSize": 25, "_links": {}})

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().groups()
        assert list(frame["id"]) == [f"g{number}" for number in shown]
        assert frame.attrs["complete"]


def test_ever_new_cursors_to_the_same_rows_come_to_an_end() -> None:
    numbers = iter(range(1_000))

    def script(asked: Asked) -> Says:
        return Says(
            {"results": [{"id": "1", "title": "P"}], "_links": {"next": f"/x?cursor=c{next(numbers)}"}}
        )

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        with pytest.raises(Interrupted, match="again and again") as caught:
            wiki.pages()
        assert caught.value.frame is not None
        assert list(caught.value.frame["id"]) == ["1"]


def test_a_server_that_is_away_is_unreachable_in_words() -> None:
    with strange_cloud(windows_of({None: ([1], None)})) as cloud:
        wiki = cloud.open_wiki()
    with pytest.raises(Unreachable, match="network, VPN or proxy"):
        wiki.pages()


def test_an_interrupt_stops_the_requests_and_can_be_resumed() -> None:
    """What Ctrl-C does in a cell: the waiting call raises, the portal cancels what was under way."""
    reached, released = threading.Event(), threading.Event()

    def script(asked: Asked) -> Says:
        start = int(asked["cursor"] or 0)
        if start == 20 and not released.is_set():
            reached.set()
            released.wait(10)
        links = {"next": next_to(str(start + 10))} if start < 40 else {}
        return Says({"results": [page(number) for number in range(start, start + 10)], "_links": links})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        main = threading.main_thread().ident
        assert main == threading.get_ident()

        def interrupt() -> None:
            reached.wait(10)
            signal.pthread_kill(main, signal.SIGINT)

        usual = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            threading.Thread(target=interrupt, daemon=True).start()
            with pytest.raises(KeyboardInterrupt):
                wiki.pages()
        finally:
            signal.signal(signal.SIGINT, usual)
        calls = len(cloud.wiki_calls)
        released.set()
        assert ids(wiki.partial) == list(range(20))
        assert len(cloud.wiki_calls) == calls
        assert ids(wiki.resume()) == list(range(50))


def test_a_cursor_the_server_does_not_take_is_a_bad_request() -> None:
    refusal = {
        "errors": [{"status": 400, "code": "INVALID_REQUEST_PARAMETER", "title": "Provided value is wrong."}]
    }

    def script(asked: Asked) -> Says:
        return (
            Says(refusal, 400)
            if asked["cursor"]
            else Says({"results": [page(1)], "_links": {"next": next_to("x")}})
        )

    with strange_cloud(script) as cloud:
        with pytest.raises(BadRequest, match="Provided value is wrong") as caught:
            cloud.open_wiki().pages()
        assert ids(caught.value.frame) == [1]
