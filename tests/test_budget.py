"""The hour's points: what each answer costs, what its headers say is left, and what `wiki.quota()` makes of it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import httpx
import pandas as pd
import pytest
from conftest import app_of, open_wiki
from strange_cloud import Asked, Says, strange_cloud
from test_every_collection import SCOPES, needed

from confluence_nb import Wiki
from confluence_nb.api.budget import HOURLY_POINTS, Budget, Quota, points_of
from confluence_nb.api.catalog import Collection, collections
from confluence_nb.errors import NotFound, RateLimited
from confluence_nb.sandbox import Sandbox

TWO_O_CLOCK = datetime(2027, 1, 15, 14, tzinfo=UTC)
THREE = datetime(2027, 1, 15, 15, tzinfo=UTC)


class At:
    """A clock that stands where it is put, in seconds after two."""

    def __init__(self, seconds: float = 600) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return TWO_O_CLOCK.timestamp() + self.seconds


def after(*answers: Mapping[str, str], points: int = 0) -> Quota:
    budget = Budget(At())
    for headers in answers:
        note(budget, headers, points)
    return budget.quota()


def note(budget: Budget, headers: Mapping[str, str], points: int) -> None:
    budget.note(httpx.Headers([(name.encode(), value.encode()) for name, value in headers.items()]), points)


# ----------------------------------------------------------------- what an answer costs


@pytest.fixture(scope="module")
def meter() -> Iterator[tuple[Wiki, Sandbox]]:
    """A wiki that is told nothing of its points and has to count them, with every scope that a list needs."""
    with Sandbox(pages=60, spaces=3, app_scopes=SCOPES, rate_headers="none") as sandbox:
        wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=SCOPES))
        wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
        wiki._client.budget = Budget(At())
        yield wiki, sandbox


@pytest.fixture
def cost(meter: tuple[Wiki, Sandbox]) -> Callable[[Callable[[Wiki], object]], tuple[int, int]]:
    """The points that a call costs: as counted here, and as charged by the server."""
    wiki, sandbox = meter

    def measured(call: Callable[[Wiki], object]) -> tuple[int, int]:
        counted, charged = wiki.quota().used, sandbox.counts()["points"]
        call(wiki)
        return wiki.quota().used - counted, sandbox.counts()["points"] - charged

    return measured


Cost = Callable[[Callable[[Wiki], object]], tuple[int, int]]


@pytest.mark.parametrize("entry", collections(), ids=lambda entry: entry.path)
def test_what_each_list_costs(entry: Collection, meter: tuple[Wiki, Sandbox], cost: Cost) -> None:
    _, sandbox = meter
    sandbox.set(rows_per_list=3)
    counted, charged = cost(lambda wiki: wiki.table(entry.path, **needed(entry)))
    sandbox.set(rows_per_list=-1)
    assert counted == charged > 0
    per_row = {points_of(entry.url, 3) - 1, points_of(entry.url, 1) * 3 - 3}
    assert per_row <= {0, 3, 6}


@pytest.mark.parametrize(
    "call",
    [
        lambda wiki: wiki.pages(),
        lambda wiki: wiki.pages(limit=7),
        lambda wiki: wiki.spaces(),
        lambda wiki: wiki.search("type = page"),
        lambda wiki: wiki.get(f"/pages/{wiki.pages(limit=1)['id'].iloc[0]}"),
        lambda wiki: wiki.get(f"/spaces/{wiki.spaces(limit=1)['id'].iloc[0]}"),
        lambda wiki: wiki.get(f"/pages/{wiki.pages(limit=1)['id'].iloc[0]}/labels"),
        lambda wiki: wiki.get("/wiki/rest/api/user/current"),
        lambda wiki: wiki.comments(wiki.pages(limit=5)),
        lambda wiki: wiki.users(wiki.pages(limit=30)),
        lambda wiki: wiki.permissions(wiki.spaces()),
        lambda wiki: wiki.attachments(wiki.pages(limit=5)),
        lambda wiki: wiki.labels("200000"),
    ],
    ids=range(13),
)
def test_what_a_call_costs(call: Callable[[Wiki], object], cost: Cost) -> None:
    def asked(wiki: Wiki) -> None:
        with contextlib.suppress(NotFound):  # it costs its one point
            call(wiki)

    counted, charged = cost(asked)
    assert counted == charged > 0


def test_ids_may_be_filled_in_or_not() -> None:
    for path in ("/wiki/api/v2/pages/{id}/attachments", "/wiki/api/v2/pages/123/attachments"):
        assert points_of(path, 250) == 251
    assert points_of("/wiki/api/v2/spaces/7/permissions", 250) == 501
    assert points_of("/wiki/api/v2/labels", 250) == 1
    assert points_of("/wiki/rest/api/content/pages/label", 9) == 1


# ---------------------------------------------------------------- counted, when nobody tells


def test_the_hour_is_counted_here_when_no_answer_says_anything() -> None:
    quota = after({}, {"Content-Type": "application/json"}, points=602)
    assert quota == Quota(1_204, 63_796, HOURLY_POINTS, THREE, "counted", enforced=False, near_limit=False)
    assert repr(quota) == (
        "1,204 of 65,000 points used this hour, 63,796 left until 15:00 UTC (counted here; other users of the app "
        "are not)"
    )


def test_a_new_hour_begins_at_nought() -> None:
    clock = At(3_599)
    budget = Budget(clock)
    note(budget, {}, 60_000)
    assert budget.quota().near_limit
    clock.seconds = 3_600
    quota = budget.quota()
    assert (quota.used, quota.left, quota.near_limit) == (0, HOURLY_POINTS, False)
    assert quota.resets_at == datetime(2027, 1, 15, 16, tzinfo=UTC)
    note(budget, {}, 5)
    assert budget.quota().used == 5


def test_more_than_there_is() -> None:
    quota = after({}, points=70_000)
    assert (quota.left, quota.near_limit) == (0, True)
    assert quota.used == quota.limit


# ------------------------------------------------------------------------ what headers say

PLAIN = {
    "X-RateLimit-Limit": "65000",
    "X-RateLimit-Remaining": "11000",
    "X-RateLimit-Reset": "2027-01-15T15:00Z",
    "X-RateLimit-NearLimit": "true",
}
STRUCTURED = {
    "RateLimit-Policy": '"global-app-quota";q=65000;w=3600',
    "RateLimit": '"global-app-quota";r=11000;t=3000',
}
FORMS: dict[str, Mapping[str, str]] = {
    "plain": PLAIN,
    "lower case": {name.lower(): value for name, value in PLAIN.items()},
    "with seconds": PLAIN | {"X-RateLimit-Reset": "2027-01-15T15:00:00.000Z"},
    "with an offset": PLAIN | {"X-RateLimit-Reset": "2027-01-15T16:00:00+01:00"},
    "no reset": {name: value for name, value in PLAIN.items() if not name.endswith("Reset")},
    "structured": STRUCTURED,
    "no policy": {"RateLimit": STRUCTURED["RateLimit"]},
    "both": {**PLAIN, **STRUCTURED},
    "spaces and order": {
        "RateLimit-Policy": ' "global-app-quota" ; w=3600 ; q=65000 ',
        "RateLimit": '"global-app-quota"; t=3000;r=11000',
    },
    "a burst's first": {
        "RateLimit-Policy": '"burst";q=100;w=1, "global-app-quota";q=65000;w=3600',
        "RateLimit": '"burst";r=3;t=1, "global-app-quota";r=11000;t=3000',
    },
    "a burst's last": {
        "RateLimit-Policy": '"global-app-quota";q=65000;w=3600,"burst";q=100;w=1',
        "RateLimit": '"global-app-quota";r=11000;t=3000,"burst";r=3;t=1',
    },
    "a burst's in the plain ones": {
        **STRUCTURED,
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "3",
        "X-RateLimit-Reset": "2027-01-15T14:10:01Z",
    },
    "two quotas": {
        "RateLimit-Policy": '"tenant-quota";q=100000;w=3600, "global-app-quota";q=65000;w=3600',
        "RateLimit": '"global-app-quota";r=11000;t=3000, "tenant-quota";r=90000;t=3000',
    },
}


@pytest.mark.parametrize("prefix", ["", "Beta-"])
@pytest.mark.parametrize("form", FORMS)
def test_headers_are_believed_in_every_form(form: str, prefix: str) -> None:
    quota = after({f"{prefix}{name}": value for name, value in FORMS[form].items()}, points=251)
    assert (quota.used, quota.left, quota.limit) == (54_000, 11_000, 65_000)
    assert (quota.resets_at, quota.source) == (THREE, "headers")
    assert (quota.enforced, quota.near_limit) == (prefix == "", True)
    assert repr(quota) == "54,000 of 65,000 points used this hour, 11,000 left until 15:00 UTC" + (
        " (not enforced yet)" if prefix else ""
    )


def test_what_is_enforced_goes_before_what_only_informs() -> None:
    beta = {"Beta-X-RateLimit-Limit": "500", "Beta-X-RateLimit-Remaining": "1"}
    assert after({**beta, **PLAIN}) == after(PLAIN)


def test_a_policy_alone_is_a_limit_to_count_on() -> None:
    quota = after({"RateLimit-Policy": '"global-app-quota";q=150000;w=3600'}, points=1_000)
    assert (quota.used, quota.left, quota.limit) == (1_000, 149_000, 150_000)
    assert (quota.source, quota.enforced) == ("counted", True)


def test_of_answers_that_come_out_of_turn_the_lowest_holds() -> None:
    later = PLAIN | {"X-RateLimit-Remaining": "10000"}
    assert after(PLAIN, later) == after(later, PLAIN) == after(later)
    assert after(later, PLAIN, points=1_000).left == 10_000


def test_an_answer_that_says_nothing_was_paid_for_all_the_same() -> None:
    budget = Budget(At())
    note(budget, PLAIN, 251)
    note(budget, {}, 251)
    assert budget.quota().left == 10_749


def test_what_was_told_ends_with_its_hour() -> None:
    clock = At(3_500)
    budget = Budget(clock)
    note(budget, PLAIN, 251)
    clock.seconds = 3_601
    quota = budget.quota()
    assert (quota.used, quota.left, quota.source, quota.near_limit) == (0, 65_000, "counted", False)
    note(budget, PLAIN | {"X-RateLimit-Remaining": "64000", "X-RateLimit-Reset": "2027-01-15T16:00Z"}, 251)
    assert budget.quota().left == 64_000
    note(budget, PLAIN | {"X-RateLimit-Remaining": "9"}, 251)
    assert budget.quota().left < 64_000
    assert budget.quota().left > 60_000, "the answer before the hour's end came late"


def test_a_server_whose_clock_is_ahead_begins_its_hour_first() -> None:
    quota = after(PLAIN, PLAIN | {"X-RateLimit-Remaining": "64000", "X-RateLimit-Reset": "2027-01-15T16:00Z"})
    assert (quota.left, quota.resets_at.hour) == (64_000, 16)


def test_another_limit_is_taken_over() -> None:
    quota = after(PLAIN, {"X-RateLimit-Limit": "150000", "X-RateLimit-Remaining": "140000"})
    assert (quota.limit, quota.left, quota.used) == (150_000, 140_000, 10_000)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-3", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "9" * 5_000}, {"X-RateLimit-Remaining": "²"}, {"RateLimit": ""},
        {"RateLimit": ";;;,,,"}, {"RateLimit": '"global-app-quota"'}, {"RateLimit": '"quota";r=;t='},
        {"RateLimit-Policy": '"quota";q=0;w=3600'}, {"X-RateLimit-Reset": "2027-01-15T14:30Z"},
        {"RateLimit-Policy": "global;q=x;w=y"}, {"X-RateLimit-NearLimit": "true"},
        {"Retry-After": "600"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_as_if_unsaid(headers: Mapping[str, str]) -> None:
    assert after(headers, points=602) == after({}, points=602)


def test_a_refusal_over_the_quota_leaves_nothing() -> None:
    quota = after({"RateLimit-Reason": "confluence-quota-tenant-based"}, points=10)
    assert (quota.left, quota.enforced, quota.near_limit, quota.resets_at) == (0, True, True, THREE)


# ------------------------------------------------------------------------------ over HTTP


def test_quota_asks_nobody(sandbox: Sandbox, wiki: Wiki) -> None:
    before = sandbox.counts()["requests"]
    quota = wiki.quota()
    assert sandbox.counts()["requests"] == before
    assert (quota.source, quota.used) == ("counted", 0)
    assert "\n" not in repr(quota)


def test_it_is_what_the_server_says(sandbox: Sandbox, wiki: Wiki) -> None:
    other = open_wiki(sandbox)
    other.sign_in(sandbox.approve(other.consent_url)).use("acme")
    other.pages()
    wiki.pages()
    quota = wiki.quota()
    assert quota.used == sandbox.counts()["points"] > 70, "what others spent is in it"
    assert (quota.source, quota.enforced, quota.limit) == ("headers", True, 65_000)
    assert quota.left == 65_000 - quota.used
    assert (quota.resets_at.minute, quota.resets_at.second) == (0, 0)
    assert not quota.near_limit


def test_headers_that_only_inform_stop_nothing(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(rate_headers="beta", hourly_points=20)
    assert len(wiki.pages()) == len(wiki.pages()) > 20
    quota = wiki.quota()
    assert (quota.left, quota.enforced, quota.near_limit) == (0, False, True)


def test_at_the_limit_a_pull_says_when_and_keeps_its_rows(sandbox: Sandbox, wiki: Wiki) -> None:
    # Half past, so that no hour ends in between: for a pause of seconds it would wait.
    sandbox.advance_clock((1_800 - datetime.now(UTC).timestamp()) % 3_600)
    pages = pd.DataFrame({"id": wiki.pages()["id"], "type": "page"})
    assert len(pages) > 40
    # About half of what the likes cost, and more than the eight requests of one moment do.
    sandbox.set(hourly_points=wiki.quota().used + 600)
    with pytest.raises(RateLimited, match=r"until \d\d:\d\d UTC.*everybody who uses the same app") as caught:
        wiki.likes(pages)
    quota = wiki.quota()
    assert (quota.left, quota.enforced, quota.near_limit) == (0, True, True)
    reset = caught.value.reset_at
    assert reset is not None
    assert 1_700 < (reset - datetime.now(UTC)).total_seconds() < 1_900
    assert caught.value.frame is not None
    assert caught.value.frame["page_id"].nunique() > 1
    sandbox.set(hourly_points=65_000)
    assert wiki.resume()["page_id"].nunique() > caught.value.frame["page_id"].nunique()
    assert wiki.quota().left > 60_000


def test_near_the_limit(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(hourly_points=100)
    while wiki.quota().left > 20 or wiki.quota().source == "counted":
        assert not wiki.quota().near_limit
        wiki.get("/pages", limit=3)
    wiki.get("/pages", limit=3)
    assert wiki.quota().near_limit
    assert re.match(r"\d+ of 100 points", repr(wiki.quota()))


def test_a_refusal_costs_what_it_costs() -> None:
    status = [404, 400, 401, 429, 503]

    def script(asked: Asked) -> Says:
        return Says({}, status[0], {"Retry-After": "1800"})

    with strange_cloud(script) as cloud:
        wiki = cloud.open_wiki()
        used = []
        while status:
            with pytest.raises(Exception, match=r"."):
                wiki.get("/pages/7")
            used.append(wiki.quota().used)
            del status[0]
            wiki._client.budget = Budget()
            if not wiki.signed_in:
                wiki = cloud.open_wiki()
    assert used == [1, 1, 0, 0, 0]
