"""The sandbox's gateway: who may call what, removed endpoints, points and rate headers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sandbox_caller import Caller

from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.accounts import ACCOUNTS

PAGES = "/wiki/api/v2/pages"
CURRENT = "/wiki/rest/api/user/current"
UNAUTHORIZED = {"code": 401, "message": "Unauthorized"}
NOT_HERE_V2 = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}]}


@pytest.fixture
def caller() -> Iterator[Caller]:
    with Sandbox(pages=40, spaces=2) as sandbox:
        # Ten minutes past an hour: none of the budgets counted here ends in the middle of a test.
        sandbox.advance_clock(4_200 - time.time() % 3_600)
        caller = Caller(sandbox).sign_in()
        yield caller
        caller.http.close()


class TestWhoMayCall:
    def test_a_living_token_is_served(self, caller: Caller) -> None:
        answer = caller.wiki(PAGES, params={"limit": 3})
        assert answer.status_code == 200
        assert len(answer.json()["results"]) == 3

    def test_the_call_is_made_in_the_name_of_the_account(self, caller: Caller) -> None:
        assert caller.wiki(CURRENT).json()["accountId"] == ACCOUNTS[0].account_id

    def test_no_token_and_a_strange_token(self, caller: Caller) -> None:
        url = f"/ex/confluence/{caller.site_id('acme')}{PAGES}"
        assert caller.http.get(url).json() == UNAUTHORIZED
        strange = caller.get(url, token="not.a.token")
        assert (strange.status_code, strange.json()) == (401, UNAUTHORIZED)
        basic = caller.http.get(url, auth=("ada", "token"))
        assert basic.status_code == 401

    def test_an_expired_token(self, caller: Caller) -> None:
        caller.site_id("acme")
        caller.sandbox.advance_clock(3_601)
        answer = caller.wiki(PAGES)
        assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)

    def test_an_expired_token_can_be_hidden_behind_404_and_403(self, caller: Caller) -> None:
        caller.site_id("acme")
        caller.sandbox.set(expired_status="hidden")
        assert caller.sandbox.expire_tokens() == 1
        v2 = caller.wiki(PAGES)
        assert (v2.status_code, v2.json()) == (404, NOT_HERE_V2)
        v1 = caller.wiki(CURRENT)
        assert v1.status_code == 403
        assert "caller cannot access Confluence" in v1.json()["message"]

    @pytest.mark.parametrize("cloud_id", ["00000000-0000-0000-0000-000000000000", "acme"])
    def test_an_unknown_site(self, caller: Caller, cloud_id: str) -> None:
        v2 = caller.get(f"/ex/confluence/{cloud_id}{PAGES}")
        assert (v2.status_code, v2.json()) == (404, NOT_HERE_V2)
        assert caller.get(f"/ex/confluence/{cloud_id}{CURRENT}").status_code == 403

    def test_a_site_outside_the_grant(self, caller: Caller) -> None:
        other = Caller(caller.sandbox).sign_in(account="Grace Hopper", sites=["acme"])
        answer = other.get(f"/ex/confluence/{caller.site_id('globex')}{PAGES}")
        assert (answer.status_code, answer.json()) == (404, NOT_HERE_V2)

    def test_a_site_without_confluence(self, caller: Caller) -> None:
        assert caller.wiki(PAGES, site="hooli-tracker").status_code == 404

    def test_an_account_without_a_licence(self, caller: Caller) -> None:
        other = Caller(caller.sandbox).sign_in(account="Nobody Licensed")
        for path in (PAGES, CURRENT):
            answer = other.wiki(path)
            assert answer.status_code == 403
            assert "Current user not permitted to use Confluence" in answer.text

    def test_the_sites_domain_does_not_take_the_token(self, caller: Caller) -> None:
        answer = caller.get(PAGES)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/html")
        assert "Tomcat" in answer.text

    def test_sites_have_content_of_their_own(self, caller: Caller) -> None:
        titles = [
            {row["title"] for row in caller.wiki(PAGES, site=site, params={"limit": 50}).json()["results"]}
            for site in ("acme", "globex")
        ]
        assert titles[0] != titles[1]
        counts = caller.sandbox.contents()
        assert set(counts) == {"acme.atlassian.net", "initech.atlassian.net", "globex.atlassian.net"}
        assert counts["acme.atlassian.net"]["pages"] == 40


class TestScopes:
    def test_a_missing_scope(self, caller: Caller) -> None:
        caller.sign_in("read:space:confluence")
        answer = caller.wiki(PAGES)
        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
        assert answer.headers["x-failure-category"] == "FAILURE_CLIENT_SCOPE_CHECK"

    def test_a_scope_that_the_site_does_not_admit(self, caller: Caller) -> None:
        assert caller.wiki("/wiki/api/v2/footer-comments", site="globex").status_code == 200
        narrow = caller.wiki("/wiki/api/v2/footer-comments", site="initech")
        assert narrow.json()["message"] == "Unauthorized; scope does not match"
        assert caller.wiki(PAGES, site="initech").status_code == 200

    def test_granular_scopes_do_not_imply_classic_ones(self, caller: Caller) -> None:
        caller.sign_in("read:page:confluence")
        assert caller.wiki("/wiki/rest/api/search", params={"cql": "type=page"}).status_code == 401


WRITING = "offline_access read:me read:page:confluence write:page:confluence write:confluence-content"


class TestWhatIsNotServed:
    @pytest.fixture
    def writer(self) -> Iterator[Caller]:
        with Sandbox(pages=20, spaces=2, app_scopes=tuple(WRITING.split())) as sandbox:
            caller = Caller(sandbox).sign_in(WRITING)
            yield caller
            caller.http.close()

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/wiki/api/v2/pages"),
            ("DELETE", "/wiki/api/v2/pages/1"),
            ("POST", "/wiki/rest/api/content/1/label"),
            ("GET", "/wiki/rest/api/settings/systemInfo"),
            ("GET", "/wiki/api/v2/admin-key"),
        ],
    )
    def test_a_missing_scope_is_what_is_said_first(self, caller: Caller, method: str, path: str) -> None:
        answer = ask(caller, method, path)
        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
        assert answer.headers["x-failure-category"] == "FAILURE_CLIENT_SCOPE_CHECK"

    def test_with_the_scope_it_says_that_only_the_sandbox_lacks_it(self, writer: Caller) -> None:
        v2 = ask(writer, "POST", "/wiki/api/v2/pages")
        assert v2.status_code == 501
        [error] = v2.json()["errors"]
        assert (error["status"], error["code"]) == (501, "NOT_IMPLEMENTED")
        assert error["title"] == "The sandbox does not serve POST /pages, which Confluence has"
        v1 = ask(writer, "POST", "/wiki/rest/api/content/1/label")
        assert (v1.status_code, v1.json()["statusCode"]) == (501, 501)
        assert "does not serve POST /content/1/label" in v1.json()["message"]

    def test_a_path_that_neither_api_has_is_not_found_in_its_shape(self, caller: Caller) -> None:
        v2 = caller.wiki("/wiki/api/v2/nothing")
        assert (v2.status_code, v2.json()) == (404, NOT_HERE_V2)
        v1 = caller.wiki("/wiki/rest/api/nothing")
        assert (v1.status_code, v1.json()["statusCode"]) == (404, 404)
        assert "/rest/api/nothing" in v1.json()["message"]

    def test_a_head_is_a_get_without_its_body(self, caller: Caller) -> None:
        got, head = (ask(caller, method, f"{PAGES}?limit=3") for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length", "link"):
            assert head.headers[name] == got.headers[name]
        assert ask(caller, "HEAD", "/wiki/rest/api/content/1").status_code == 410
        assert ask(caller, "HEAD", f"{PAGES}/1").status_code == 404


def ask(caller: Caller, method: str, path: str) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {caller.pair['access_token']}", "accept-encoding": "identity"}
    return caller.http.request(method, f"/ex/confluence/{caller.site_id('acme')}{path}", headers=bearer)


class TestRemovedEndpoints:
    @pytest.mark.parametrize(
        "path",
        [
            "content",
            "content/98401",
            "content/98401/child",
            "content/98401/child/comment",
            "content/98401/child/attachment",
            "content/98401/history",
            "content/98401/label",
            "content/98401/property/editor",
            "content/98401/version",
            "space",
            "space/ENG",
            "space/ENG/content",
            "space/ENG/content/page",
            "group/administrators/member",
            "inlinetasks/search",
        ],
    )
    def test_are_gone(self, caller: Caller, path: str) -> None:
        answer = caller.wiki(f"/wiki/rest/api/{path}")
        assert answer.status_code == 410
        body = answer.json()
        assert body["statusCode"] == 410
        assert body["data"] == {"authorized": True, "valid": True, "errors": [], "successful": True}
        assert "GoneException" in body["message"]

    @pytest.mark.parametrize(
        "path", ["content/search?cql=type%3Dpage", "search?cql=type%3Dpage", "user/current"]
    )
    def test_those_that_stayed_are_not(self, caller: Caller, path: str) -> None:
        assert caller.wiki(f"/wiki/rest/api/{path}").status_code != 410


class TestPoints:
    def test_one_for_the_call_and_one_for_each_page(self, caller: Caller) -> None:
        before = caller.sandbox.counts()["points"]
        rows = caller.wiki(PAGES, params={"limit": 7}).json()["results"]
        assert caller.sandbox.counts()["points"] - before == 1 + len(rows) == 8

    def test_the_headers_say_what_is_left(self, caller: Caller) -> None:
        headers = caller.wiki(PAGES, params={"limit": 1}).headers
        assert headers["ratelimit-policy"] == '"global-app-quota";q=65000;w=3600'
        assert headers["x-ratelimit-limit"] == "65000"
        assert headers["x-ratelimit-remaining"] == "64998"
        assert headers["x-ratelimit-nearlimit"] == "false"
        assert datetime.fromisoformat(headers["x-ratelimit-reset"]).minute == 0
        assert "ratelimit" not in headers

    def test_near_the_limit_they_say_more(self, caller: Caller) -> None:
        caller.sandbox.set(hourly_points=12)
        headers = caller.wiki(PAGES, params={"limit": 10}).headers
        assert headers["x-ratelimit-nearlimit"] == "true"
        assert re.fullmatch(r'"global-app-quota";r=1;t=\d+', headers["ratelimit"])

    def test_over_the_limit_it_is_429_until_the_hour_ends(self, caller: Caller) -> None:
        caller.sandbox.set(hourly_points=10, token_lifetime=50_000.0)
        caller.sign_in()
        assert caller.wiki(PAGES, params={"limit": 20}).status_code == 200
        stopped = caller.wiki(PAGES, params={"limit": 1})
        assert stopped.status_code == 429
        assert stopped.headers["ratelimit-reason"] == "confluence-quota-global-based"
        assert stopped.headers["x-ratelimit-remaining"] == "0"
        pause = int(stopped.headers["retry-after"])
        assert 0 < pause <= 3_600
        caller.sandbox.advance_clock(pause)
        assert caller.wiki(PAGES, params={"limit": 1}).status_code == 200

    def test_the_budget_is_the_apps_whatever_the_site(self, caller: Caller) -> None:
        caller.sandbox.set(hourly_points=10)
        caller.wiki(PAGES, params={"limit": 20})
        assert caller.wiki(PAGES, site="globex", params={"limit": 1}).status_code == 429

    def test_beta_headers_stop_nobody(self, caller: Caller) -> None:
        caller.sandbox.set(hourly_points=10, rate_headers="beta")
        caller.wiki(PAGES, params={"limit": 20})
        answer = caller.wiki(PAGES, params={"limit": 1})
        assert answer.status_code == 200
        assert "beta-ratelimit-policy" in answer.headers
        assert int(answer.headers["beta-retry-after"]) > 0
        assert not [name for name in answer.headers if name.startswith(("ratelimit", "x-ratelimit", "retry"))]

    def test_no_headers_at_all(self, caller: Caller) -> None:
        caller.sandbox.set(rate_headers="none")
        assert not [name for name in caller.wiki(PAGES).headers if "ratelimit" in name]


class TestCompression:
    def test_large_answers_are_compressed_when_asked(self, caller: Caller) -> None:
        query = {"limit": 20, "body-format": "storage"}
        packed = caller.wiki(PAGES, params=query)
        plain = caller.wiki(PAGES, params=query, headers={"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.json() == plain.json()
        assert int(packed.headers["content-length"]) < len(plain.content)

    def test_small_ones_are_not(self, caller: Caller) -> None:
        assert "content-encoding" not in caller.wiki(CURRENT).headers


def test_an_address_too_long_is_refused_by_what_stands_before(caller: Caller) -> None:
    query = {"cql": "type = page or " + " or ".join(f'title = "{number:04}"' for number in range(330))}
    refused = caller.wiki("/wiki/rest/api/search", params=query)
    assert refused.status_code == 413
    assert refused.headers["content-type"].startswith("text/html")
    caller.sandbox.set(cursor_grows=3_000)
    query, statuses = {"cql": "type = page", "limit": "5"}, []
    while not statuses or statuses[-1] == 200:
        found = caller.wiki("/wiki/rest/api/search", params=query)
        statuses.append(found.status_code)
        if statuses[-1] == 200:
            following = parse_qs(urlsplit(found.json()["_links"]["next"]).query)
            query |= {"next": "true", "cursor": following["cursor"][0]}
    assert statuses == [200, 200, 200, 413]
