"""The sandbox read as other people's clients read Confluence: their ways succeed, and fail, as on the real one."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from sandbox_caller import SCOPES, Caller, answer_of

from confluence_nb.sandbox import Sandbox


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    return Caller(sandbox).sign_in()


def form(sandbox: Sandbox, **fields: str) -> dict[str, str]:
    return {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret} | fields


def ids_by_joining(caller: Caller, path: str, **query: str) -> list[str]:
    """Every row, the next link being appended to the address that the client was set up with."""
    ids: list[str] = []
    following: str | None = f"{path}?{httpx.QueryParams(query)}"
    while following:
        said = caller.wiki(following).json()
        ids += [row["content"]["id"] if "content" in row else row["id"] for row in said["results"]]
        following = said["_links"].get("next")
        if following and not following.startswith("/wiki"):
            following = said["_links"]["context"] + following
    return ids


@pytest.mark.parametrize("limit", ["7", "250"])
def test_a_client_that_appends_the_next_link_reads_every_page(
    sandbox: Sandbox, caller: Caller, limit: str
) -> None:
    ids = ids_by_joining(caller, "/wiki/api/v2/pages", limit=limit)
    assert len(ids) == len(set(ids)) == 60


def test_a_client_that_follows_a_search_by_its_context_reads_every_hit(caller: Caller) -> None:
    ids = ids_by_joining(caller, "/wiki/rest/api/search", cql="type = page", limit="9")
    listed = ids_by_joining(caller, "/wiki/api/v2/pages", status="current", limit="250")
    assert len(ids) == len(set(ids))
    assert set(ids) == set(listed), "a search does not see archived pages"


def test_a_client_that_takes_only_the_cursor_reads_every_page(caller: Caller) -> None:
    ids: list[str] = []
    query = {"limit": "13"}
    while True:
        said = caller.wiki("/wiki/api/v2/pages", params=query).json()
        ids += [row["id"] for row in said["results"]]
        following = said["_links"].get("next")
        if following is None:
            break
        query["cursor"] = dict(parse_qsl(urlsplit(following).query))["cursor"]
    assert len(ids) == len(set(ids)) == 60


def test_a_client_that_follows_the_link_header_reads_every_page(caller: Caller) -> None:
    ids: list[str] = []
    path = "/wiki/api/v2/pages?limit=13"
    while path:
        answer = caller.wiki(path)
        ids += [row["id"] for row in answer.json()["results"]]
        path = answer.links.get("next", {}).get("url", "")
    assert len(ids) == len(set(ids)) == 60


def test_joining_in_the_wrong_ways_fails_as_it_does_on_the_real_service(
    sandbox: Sandbox, caller: Caller
) -> None:
    following = caller.wiki("/wiki/api/v2/pages?limit=5").json()["_links"]["next"]
    gateway = f"{sandbox.url}/ex/confluence/{caller.site_id('acme')}"
    assert caller.get(urljoin(f"{gateway}/wiki/api/v2/pages", following)).status_code == 401, "gateway lost"
    assert caller.wiki("/wiki" + following).status_code == 404, "/wiki twice"
    whole = caller.wiki("/wiki/api/v2/pages", params={"limit": "5", "cursor": following})
    assert whole.status_code == 400, "an address is no cursor"


def test_forms_are_taken_where_json_is(sandbox: Sandbox) -> None:
    """As httpx or requests send `data=`, the credentials in the body."""
    caller = Caller(sandbox)
    code = caller.code()
    exchange = form(
        sandbox, grant_type="authorization_code", code=code, redirect_uri=sandbox.redirect_uri, scope=SCOPES
    )
    first = caller.http.post("/oauth/token", data=exchange)
    assert first.status_code == 200, first.text
    pair: dict[str, Any] = first.json()
    for _ in range(3):
        renewed = caller.http.post(
            "/oauth/token",
            data=form(
                sandbox, grant_type="refresh_token", refresh_token=pair["refresh_token"], scope=pair["scope"]
            ),
        )
        assert renewed.status_code == 200, renewed.text
        assert renewed.json()["refresh_token"] != pair["refresh_token"]
        pair = renewed.json()
    assert pair["token_type"] == "Bearer"
    assert isinstance(pair["expires_in"], int)
    assert caller.get("/me", token=pair["access_token"]).status_code == 200


def test_credentials_are_taken_in_a_basic_header(sandbox: Sandbox) -> None:
    """As requests-oauthlib, Authlib and Auth.js send them where nobody tells them otherwise."""
    caller = Caller(sandbox)
    app = httpx.BasicAuth(sandbox.client_id, sandbox.client_secret)
    exchange = {
        "grant_type": "authorization_code",
        "code": caller.code(),
        "redirect_uri": sandbox.redirect_uri,
    }
    first = caller.http.post("/oauth/token", data=exchange, auth=app)
    assert first.status_code == 200, first.text
    renewal = {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}
    renewed = caller.http.post("/oauth/token", json=renewal, auth=app)
    assert renewed.status_code == 200, renewed.text
    assert caller.get("/me", token=renewed.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic /w==", "Basic {wrong}", "Basic {id alone}", "Bearer {right}"]
)
def test_other_headers_are_no_credentials(sandbox: Sandbox, header: str) -> None:
    caller = Caller(sandbox)
    words = {
        "{wrong}": f"{sandbox.client_id}:wrong",
        "{id alone}": sandbox.client_id,
        "{right}": f"{sandbox.client_id}:{sandbox.client_secret}",
    }
    for name, plain in words.items():
        header = header.replace(name, b64encode(plain.encode()).decode())
    exchange = {
        "grant_type": "authorization_code",
        "code": caller.code(),
        "redirect_uri": sandbox.redirect_uri,
    }
    answer = caller.http.post("/oauth/token", data=exchange, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "access_denied")


def test_a_link_without_a_prompt_is_answered(sandbox: Sandbox) -> None:
    """As Auth.js and atlassian-python-api's example write it."""
    caller = Caller(sandbox)
    answer = answer_of(sandbox.approve(caller.link(prompt=None)))
    assert caller.exchange(answer["code"]).status_code == 200


def test_a_link_encoded_with_plus_signs_brings_all_scopes(sandbox: Sandbox) -> None:
    """oauthlib writes the blanks of `scope` as plus signs."""
    caller = Caller(sandbox)
    link = caller.link().replace("%20", "+")
    assert "+" in link
    pair = caller.exchange(answer_of(sandbox.approve(link))["code"]).json()
    assert set(pair["scope"].split()) == set(SCOPES.split())
