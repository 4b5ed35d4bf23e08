"""How a long list is read: both ends at once, ids before bodies, spaces side by side; every row, once, in order."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud

from confluence_nb import ConfluenceNBError, ManyPoints, Unreachable, Wiki
from confluence_nb.api.plan import Plan, chosen, chunk_of
from confluence_nb.oauth.app import DEFAULT_SCOPES
from confluence_nb.sandbox import Sandbox

PAGES, SPACES = 1_300, 4
FULL = {"wish": None, "seconds": 2.5, "has_bodies": True, "rows": 20_000, "left": None, "spaces": 0}


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Sandbox, Wiki]]:
    with Sandbox(pages=PAGES, spaces=SPACES, body_bytes=500, hourly_points=10**9) as sandbox:
        wiki = open_wiki(sandbox)
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        yield sandbox, wiki.use("acme")


@pytest.fixture
def sandbox(shared: tuple[Sandbox, Wiki]) -> Sandbox:
    return shared[0]


@pytest.fixture
def wiki(shared: tuple[Sandbox, Wiki]) -> Wiki:
    return shared[1]


@pytest.fixture(scope="module")
def truth(shared: tuple[Sandbox, Wiki]) -> pd.DataFrame:
    """Every page with its body, read with one cursor."""
    return shared[1].table("/pages", body_format="storage")


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a window with bodies takes is too long, and bodies are what it takes long for."""
    monkeypatch.setattr("confluence_nb.api.plan.COSTLY_WINDOW", 0.0)
    monkeypatch.setattr("confluence_nb.pull.planned.BODIES_ALONE", 1e9)
    monkeypatch.setattr("confluence_nb.api.plan.CHUNK", (10, 40))


def same(frame: pd.DataFrame, truth: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(frame, truth[list(frame.columns)])


# ------------------------------------------------------------------------------ choosing


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "ids first"),
        ({"has_bodies": False}, "both ends"),
        ({"seconds": 0.1}, "both ends"),
        ({"wish": "frugal"}, "both ends"),
        ({"wish": "frugal", "spaces": 5}, "spaces side by side"),
        ({"wish": "frugal", "spaces": 2}, "both ends"),
        ({"left": 30_000}, "both ends"),
        ({"left": 30_000, "spaces": 8}, "spaces side by side"),
        ({"left": 30_000, "wish": "fast"}, "ids first"),
        ({"left": 50_000}, "ids first"),
        ({"left": 30_000, "rows": None}, "ids first"),
        ({"left": 10, "rows": None}, "both ends"),
    ],
    ids=str,
)
def test_what_is_chosen(changes: dict[str, Any], name: str) -> None:
    plan = chosen(**FULL | changes)
    assert plan.name == name
    assert plan.reason


def test_what_a_plan_costs() -> None:
    assert Plan("both ends", "").points(20_000) == 20_081
    assert Plan("ids first", "", copies=2).points(20_000) == 2 * 20_081
    assert chunk_of(0.01) == 100
    assert chunk_of(1.0) == 10
    assert chunk_of(0.0001) == chunk_of(0.0) == 250


def test_an_unknown_plan_is_refused_before_anything_is_asked(wiki: Wiki, sandbox: Sandbox) -> None:
    before = sandbox.counts()["requests"]
    with pytest.raises(ConfluenceNBError, match="frugal"):
        wiki.pages(plan="frugl")
    assert sandbox.counts()["requests"] == before


# ------------------------------------------------------------------------------- reading


def read(sandbox: Sandbox, wiki: Wiki, *args: Any, **options: Any) -> pd.DataFrame:
    """A frame, its plan's number of requests kept."""
    wiki.spaces()
    before = sandbox.counts()["requests"]
    frame = wiki.pages(*args, **options)
    asked = sandbox.counts()["requests"] - before
    assert asked <= frame.attrs["plan"]["requests"]
    assert asked == frame.attrs["requests"]
    return frame


def test_both_ends(wiki: Wiki, sandbox: Sandbox, truth: pd.DataFrame) -> None:
    frame = read(sandbox, wiki)
    assert frame.attrs["plan"]["name"] == "both ends"
    same(frame, truth)


def test_ids_first(wiki: Wiki, sandbox: Sandbox, truth: pd.DataFrame, costly: None) -> None:
    frame = read(sandbox, wiki, body="storage")
    assert frame.attrs["plan"]["name"] == "ids first"
    same(frame, truth)


def test_frugal_costs_no_more_points_than_one_cursor(
    wiki: Wiki, sandbox: Sandbox, truth: pd.DataFrame, costly: None
) -> None:
    before = sandbox.counts()["points"]
    frame = read(sandbox, wiki, body="storage", plan="frugal")
    seam = 2 * 250
    assert sandbox.counts()["points"] - before <= truth.attrs["points"] + seam + 10
    same(frame, truth)


def test_spaces_side_by_side(wiki: Wiki, sandbox: Sandbox, truth: pd.DataFrame, costly: None) -> None:
    keys = list(wiki.spaces()["key"])
    wiki.pages(keys, limit=1)  # their ids are remembered from here on
    frame = read(sandbox, wiki, keys, body="storage", plan="frugal")
    assert frame.attrs["plan"]["name"] == "spaces side by side"
    same(frame, truth)


def test_some_spaces(wiki: Wiki, truth: pd.DataFrame, costly: None) -> None:
    spaces = wiki.spaces().head(2)
    frame = wiki.pages(spaces, body="storage")
    expected = truth[truth["space_id"].isin(spaces["id"])].reset_index(drop=True)
    same(frame, expected)


def test_blog_posts_have_a_plan_too(sandbox: Sandbox, wiki: Wiki, costly: None) -> None:
    posts = wiki.blogposts(body="storage")
    same(posts, wiki.table("/blogposts", body_format="storage"))
    assert posts.attrs["plan"]["name"]


def test_a_short_list_and_a_wish_for_an_order_take_one_cursor(wiki: Wiki, truth: pd.DataFrame) -> None:
    some = wiki.pages(limit=300)
    assert "plan" not in some.attrs
    same(some, truth.head(300))
    titled = wiki.pages(sort="title")
    assert set(titled["id"]) == set(truth["id"])
    assert "plan" not in titled.attrs


@pytest.mark.parametrize("status", ["archived", "trashed", ["current", "trashed"]])
def test_a_status_holds_for_ids_and_for_bodies(
    wiki: Wiki, costly: None, monkeypatch: pytest.MonkeyPatch, status: Any
) -> None:
    monkeypatch.setattr("confluence_nb.pull.planned.COSTLY_WINDOW", 0.0)  # the first window is not waited for
    frame = wiki.pages(body="storage", status=status)
    same(frame, wiki.table("/pages", body_format="storage", status=status))
    assert set(frame["status"]) <= ({status} if isinstance(status, str) else set(status))
    assert len(frame)


def test_two_plans_at_once_on_one_wiki(wiki: Wiki, truth: pd.DataFrame, costly: None) -> None:
    plans = [None, "frugal", None, "fast"]
    with ThreadPoolExecutor(len(plans)) as threads:
        frames = list(threads.map(lambda plan: wiki.pages(body="storage", plan=plan), plans))
    for frame in frames:
        same(frame, truth)
    assert wiki.partial is None


def test_spaces_side_by_side_lose_nothing_to_faults(
    shared: tuple[Sandbox, Wiki], truth: pd.DataFrame, costly: None, hurried: None
) -> None:
    sandbox, wiki = shared
    keys = list(wiki.spaces()["key"])
    sandbox.set(error_every=4, error_status=503, retry_after_form="none")
    try:
        same(wiki.pages(keys, body="storage", plan="frugal", names=True)[list(truth.columns)], truth)
    finally:
        sandbox.set(error_every=0, retry_after_form="seconds")


def test_without_a_scope_to_search(sandbox: Sandbox, truth: pd.DataFrame, costly: None) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES if scope != "search:confluence"]
    narrow = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    narrow.sign_in(sandbox.approve(narrow.consent_url)).use("acme")
    same(narrow.pages(body="storage"), truth)


def test_a_plan_is_chosen_again_when_windows_become_slow(
    wiki: Wiki, truth: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confluence_nb.pull.planned.BODIES_ALONE", 1e9)
    monkeypatch.setattr("confluence_nb.pull.planned.SLOW_WINDOWS", 1)
    first = True

    def slower(**given: Any) -> Plan:
        nonlocal first
        seconds, first = (0.0 if first else 9.9), False
        return chosen(**given | {"seconds": seconds})

    monkeypatch.setattr("confluence_nb.pull.planned.chosen", slower)
    monkeypatch.setattr("confluence_nb.pull.planned.COSTLY_WINDOW", 0.0)
    frame = wiki.pages(body="storage")
    assert frame.attrs["plan"]["name"] == "ids first"
    same(frame, truth)


def test_ids_that_take_as_long_as_bodies_are_not_asked_for_first(
    wiki: Wiki, truth: pd.DataFrame, costly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confluence_nb.pull.planned.BODIES_ALONE", 0.0)
    frame = wiki.pages(body="storage")
    assert frame.attrs["plan"]["name"] == "both ends"
    same(frame, truth)


@pytest.mark.parametrize("plan", ["fast", "frugal"])
def test_faults_lose_nothing_and_repeat_nothing(
    shared: tuple[Sandbox, Wiki], truth: pd.DataFrame, costly: None, hurried: None, plan: str
) -> None:
    sandbox, wiki = shared
    sandbox.set(error_every=7, error_status=503, retry_after_form="none")
    try:
        same(wiki.pages(body="storage", plan=plan), truth)
    finally:
        sandbox.set(error_every=0, retry_after_form="seconds")


def test_after_an_outage_it_goes_on(
    shared: tuple[Sandbox, Wiki], truth: pd.DataFrame, costly: None, hurried: None
) -> None:
    sandbox, wiki = shared
    sandbox.set(error_every=6, error_status=502, retry_after_form="none")
    answers = iter([None] * 5)

    def falls_ill(rows: int, total: int | None, *rest: object) -> None:
        if next(answers, "ill") == "ill":
            sandbox.set(error_every=1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("confluence_nb.wiki.pulling.progress_bar", lambda *_: nullcontext(falls_ill))
        with pytest.raises(Unreachable) as caught:
            wiki.pages(body="storage")
    sandbox.set(error_every=0, retry_after_form="seconds")
    before = caught.value.frame
    assert before is not None
    assert 0 < len(before) < len(truth)
    assert before["id"].is_unique
    same(wiki.resume(), truth)


# -------------------------------------------------------------------------- the hour's points


def poor(points: int) -> Sandbox:
    return Sandbox(pages=PAGES, spaces=2, sites=1, body_bytes=500, hourly_points=points)


def warned(sandbox: Sandbox, **options: Any) -> tuple[pd.DataFrame, list[str]]:
    wiki = open_wiki(sandbox)
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = wiki.pages(**options)
    told = [warning for warning in caught if warning.category is ManyPoints]
    assert {warning.filename for warning in told} <= {__file__}
    return frame, [str(warning.message) for warning in told]


def test_a_large_share_of_the_hour_is_told_once_at_the_line_that_asks(costly: None) -> None:
    with poor(8_000) as sandbox:
        frame, told = warned(sandbox, body="storage")
    assert frame.attrs["plan"]["name"] == "ids first"
    (sentence,) = told
    assert "points that the app has for this hour" in sentence
    assert 'plan="frugal" costs about' in sentence
    assert len(frame) == PAGES


def test_a_small_share_is_not_told() -> None:
    with poor(8_000) as sandbox:
        assert warned(sandbox)[1] == []


def test_near_the_end_of_the_hour_s_points_the_frugal_plan_is_chosen(costly: None) -> None:
    with poor(2_400) as sandbox:
        frame, told = warned(sandbox, body="storage")
    assert frame.attrs["plan"]["name"] == "both ends"
    assert "points are left in this hour" in frame.attrs["plan"]["reason"]
    assert len(told) == 1
    assert "frugal" not in told[0]
    assert len(frame) == PAGES


# ------------------------------------------------------------------------ strange servers


def listed(*numbers: int, following: str | None = None) -> Says:
    links = {"next": f"/wiki/api/v2/pages?cursor={following}"} if following else {}
    rows = [{"id": str(number), "title": f"Page {number}", "status": "current"} for number in numbers]
    return Says({"results": rows, "_links": links})


def upwards(asked: Asked) -> Says:
    """3,000 pages, 100 at a time, whatever order is asked for."""
    if asked.path.endswith("/search"):
        return Says({"results": [], "totalSize": 6_000, "_links": {}})
    start = int(asked["cursor"] or 0)
    following = str(start + 100) if start < 2_900 else None
    return listed(*range(start + 1, start + 101), following=following)


def test_a_server_that_ignores_the_order_loses_nothing() -> None:
    with strange_cloud(upwards) as cloud:
        frame = cloud.open_wiki().pages()
    assert frame["id"].tolist() == [str(number) for number in range(1, 3_001)]


def test_a_server_that_refuses_the_order_loses_nothing() -> None:
    def script(asked: Asked) -> Says:
        if asked["sort"] is not None:
            return Says({"errors": [{"status": 400, "title": "No such order"}]}, 400)
        return upwards(asked)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().pages()
    assert frame["id"].tolist() == [str(number) for number in range(1, 3_001)]
    assert frame.attrs["plan"]["name"] == "one cursor"
    assert "No such order" in frame.attrs["plan"]["reason"]


def test_a_server_in_no_order_at_all_loses_nothing() -> None:
    ids = [(number * 7_919) % 6_001 for number in range(1, 601)]

    def script(asked: Asked) -> Says:
        if asked.path.endswith("/search"):
            return Says({}, 404)
        start = int(asked["cursor"] or 0)
        order = ids[::-1] if asked["sort"] else ids
        return listed(*order[start : start + 100], following=str(start + 100) if start < 500 else None)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().pages()
    assert sorted(frame["id"].astype(int)) == sorted(ids)


def test_a_page_that_vanishes_between_its_id_and_its_body_is_told(costly: None) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("/search"):
            return Says({"results": [], "totalSize": 3_000, "_links": {}})
        if asked["id"]:
            wanted = sorted(int(own) for own in asked["id"].split(","))
            return listed(*(own for own in wanted if own != 2955))
        start = int(asked["cursor"] or 0)
        order = range(3_000, 0, -1) if asked["sort"] else range(1, 3_001)
        return listed(*order[start : start + 100], following=str(start + 100) if start < 2_900 else None)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().pages(body="storage")
        asked = [call for call in cloud.wiki_calls if "2955" in (call["id"] or "").split(",")]
    assert frame["id"].tolist() == [str(number) for number in range(1, 3_001) if number != 2955]
    assert frame.attrs["plan"]["gone"] == ["2955"]
    assert len(asked) == 2, "it was asked for once more before it was given up"


def test_windows_in_drops_are_read_as_they_come() -> None:
    def script(asked: Asked) -> Says:
        start = int(asked["cursor"] or 0)
        return listed(start + 1, following=str(start + 1) if start < 20 else None)

    with strange_cloud(script) as cloud:
        frame = cloud.open_wiki().pages()
        assert len(cloud.wiki_calls) == 21
    assert frame["id"].tolist() == [str(number) for number in range(1, 22)]
