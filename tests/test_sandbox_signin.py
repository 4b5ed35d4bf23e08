"""The sandbox's sign-in: consent page, codes, rotating tokens and sites behave as Atlassian's do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sandbox_caller import SCOPES, Caller, answer_of, consent_link

from confluence_nb.sandbox import Options, Sandbox
from confluence_nb.sandbox.accounts import ACCOUNTS
from confluence_nb.sandbox.application import Application
from confluence_nb.sandbox.asgi import Receive, Scope, Send
from confluence_nb.sandbox.control import Control
from confluence_nb.sandbox.signin.scopes import KNOWN
from confluence_nb.sandbox.state import State

DAY = 86_400


@pytest.fixture
def caller() -> Iterator[Caller]:
    with Sandbox(pages=20, spaces=2) as sandbox:
        caller = Caller(sandbox)
        yield caller
        caller.http.close()


class TestConsentPage:
    def test_shows_app_accounts_scopes_and_sites(self, caller: Caller) -> None:
        page = httpx.get(caller.link()).text
        for words in ("Notebook sandbox", "Ada Lovelace", "grace.hopper@example.com", "Stay signed in"):
            assert words in page
        for host in ("acme", "initech", "globex", "hooli-tracker"):
            assert f"{host}.atlassian.net" in page
        assert ">Accept</button>" in page
        assert ">Deny</button>" in page

    @pytest.mark.parametrize(
        "name", ["audience", "client_id", "scope", "redirect_uri", "state", "response_type"]
    )
    def test_every_parameter_is_required(self, caller: Caller, name: str) -> None:
        answer = httpx.get(caller.link(**{name: None}))
        assert answer.status_code == 400
        assert f"“{name}”" in answer.text

    @pytest.mark.parametrize("name", ["redirect_uri", "prompt", "code_challenge"])
    def test_no_parameter_comes_twice(self, caller: Caller, name: str) -> None:
        answer = httpx.get(f"{caller.link(code_challenge='v' * 43)}&{name}=another")
        assert answer.status_code == 400
        assert "more than once" in answer.text

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("audience", "example.com"),
            ("response_type", "token"),
            ("prompt", "none"),
            ("client_id", "nobody"),
        ],
    )
    def test_a_wrong_parameter_is_an_error_page(self, caller: Caller, name: str, value: str) -> None:
        assert httpx.get(caller.link(**{name: value})).status_code == 400

    @pytest.mark.parametrize("change", ["/", "?x=1", "#"])
    def test_the_callback_url_must_match_to_the_letter(self, caller: Caller, change: str) -> None:
        answer = httpx.get(caller.link(redirect_uri=caller.sandbox.redirect_uri + change))
        assert answer.status_code == 400
        assert "callback URL is invalid" in answer.text
        assert "location" not in answer.headers

    def test_localhost_is_not_the_same_string_as_its_address(self, caller: Caller) -> None:
        other = caller.sandbox.redirect_uri.replace("127.0.0.1", "localhost")
        assert "callback URL is invalid" in httpx.get(caller.link(redirect_uri=other)).text

    def test_a_scope_that_the_app_has_not_enabled_fails(self, caller: Caller) -> None:
        answer = httpx.get(caller.link("read:page:confluence write:page:confluence"))
        assert answer.status_code == 400
        assert "write:page:confluence" in answer.text

    def test_what_was_asked_is_escaped(self, caller: Caller) -> None:
        page = httpx.get(caller.link(state='"><script>alert(1)</script>')).text
        assert "<script>alert" not in page

    def test_a_link_cannot_answer_for_the_person(self, caller: Caller) -> None:
        link = caller.link(decision="accept", account=ACCOUNTS[1].account_id)
        answer = answer_of(caller.sandbox.approve(link, deny=True))
        assert answer["error"] == "access_denied"
        page = httpx.get(link).text
        assert 'type="hidden" name="decision"' not in page
        assert 'type="hidden" name="account"' not in page

    def test_only_relative_addresses_so_that_a_path_prefix_does_no_harm(self, caller: Caller) -> None:
        page = httpx.get(caller.link()).text
        assert 'action="consent"' in page
        assert 'href="/' not in page
        assert 'src="' not in page

    def test_the_whole_way_stays_under_the_path_of_a_proxy(self) -> None:
        state = State(
            Options(pages=5, client_secret="s", redirect_uri="http://127.0.0.1:9/callback"),
            "http://127.0.0.1:9",
        )
        application = Application(state, Control(state))
        prefix = "/user/ada/proxy/9"

        async def proxied(scope: Scope, receive: Receive, send: Send) -> None:
            assert scope["path"].startswith(prefix + "/"), "the browser left the proxy's path"
            await application({**scope, "path": scope["path"].removeprefix(prefix)}, receive, send)

        async def visit() -> httpx.Response:
            transport = httpx.ASGITransport(app=proxied)
            async with httpx.AsyncClient(
                transport=transport, base_url=f"https://hub.example{prefix}/"
            ) as browser:
                app = {"client_id": state.options.client_id, "redirect_uri": state.options.redirect_uri}
                asked = dict(httpx.URL(consent_link("", **app)).params)
                page = await browser.get("authorize", params=asked)
                action = re.search('action="([^"]*)"', page.text)
                site = re.search('name="site" value="([^"]*)"', page.text)
                assert action
                assert site
                form = asked | {"account": ACCOUNTS[0].account_id, "site": site[1], "decision": "accept"}
                return await browser.post(page.url.join(action[1]), data=form, follow_redirects=True)

        landed = asyncio.run(visit())
        assert landed.url.path == f"{prefix}/callback"
        assert landed.status_code == 200
        assert "code=" in landed.text

    def test_accept_needs_a_site(self, caller: Caller) -> None:
        with pytest.raises(ValueError, match="No site was chosen"):
            caller.sandbox.approve(caller.link(), sites=[])

    def test_accept_brings_code_and_state_back(self, caller: Caller) -> None:
        callback = caller.sandbox.approve(caller.link(state="a b+c/ü"))
        assert callback.startswith(caller.sandbox.redirect_uri + "?")
        answer = answer_of(callback)
        assert answer["state"] == "a b+c/ü"
        assert len(answer["code"]) > 100

    def test_deny_brings_the_error_back(self, caller: Caller) -> None:
        answer = answer_of(caller.sandbox.approve(caller.link(), deny=True))
        assert answer["error"] == "access_denied"
        assert answer["error_description"]
        assert answer["state"] == "state-of-this-sign-in"
        assert "code" not in answer

    def test_a_foreign_callback_is_redirected_to_as_registered(self) -> None:
        with Sandbox(pages=5, redirect_uri="http://localhost:8765/callback") as sandbox:
            callback = sandbox.approve(Caller(sandbox).link())
        assert callback.startswith("http://localhost:8765/callback?code=")

    def test_the_callback_page_shows_the_address_without_script(self, caller: Caller) -> None:
        callback = caller.sandbox.approve(caller.link())
        answer = httpx.get(callback)
        assert callback.replace("&", "&amp;") in answer.text
        assert ">Copy</button>" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"

    def test_a_visitor_who_wants_what_is_not_offered_is_told(self, caller: Caller) -> None:
        with pytest.raises(ValueError, match="offers no site 'umbrella'"):
            caller.sandbox.approve(caller.link(), sites=["umbrella"])
        with pytest.raises(ValueError, match="offers no account 'nobody'"):
            caller.sandbox.approve(caller.link(), account="nobody")


class TestCodes:
    def test_a_pair_as_atlassian_gives_it(self, caller: Caller) -> None:
        pair = caller.sign_in("offline_access read:me read:page:confluence").pair
        assert pair["token_type"] == "Bearer"
        assert pair["expires_in"] == 3_600
        assert set(pair["scope"].split()) == {"offline_access", "read:me", "read:page:confluence"}
        assert 1_800 < len(pair["access_token"]) < 2_200
        assert 1_800 < len(pair["refresh_token"]) < 2_200

    def test_form_bodies_work_too(self, caller: Caller) -> None:
        fields = {
            "grant_type": "authorization_code",
            "client_id": caller.sandbox.client_id,
            "client_secret": caller.sandbox.client_secret,
            "code": caller.code(),
            "redirect_uri": caller.sandbox.redirect_uri,
        }
        assert caller.http.post("/oauth/token", data=fields).status_code == 200

    def test_no_refresh_token_without_offline_access(self, caller: Caller) -> None:
        assert "refresh_token" not in caller.sign_in("read:page:confluence").pair

    def test_unknown_scopes_are_dropped_without_a_word(self, caller: Caller) -> None:
        pair = caller.sign_in("read:page:confluence read:everything:confluence").pair
        assert pair["scope"] == "read:page:confluence"

    def test_a_code_works_once(self, caller: Caller) -> None:
        code = caller.code()
        assert caller.exchange(code).status_code == 200
        again = caller.exchange(code)
        assert again.status_code == 403
        assert again.json()["error"] == "invalid_grant"

    def test_a_code_is_short_lived(self, caller: Caller) -> None:
        code = caller.code()
        caller.sandbox.advance_clock(301)
        assert caller.exchange(code).json()["error"] == "invalid_grant"

    def test_a_code_is_bound_to_its_callback(self, caller: Caller) -> None:
        answer = caller.exchange(caller.code(), redirect_uri="http://localhost:1/callback")
        assert (answer.status_code, answer.json()["error"]) == (403, "invalid_grant")

    @pytest.mark.parametrize(
        "wrong", [{"client_secret": "wrong"}, {"client_secret": ""}, {"client_id": "other"}]
    )
    def test_wrong_credentials(self, caller: Caller, wrong: dict[str, str]) -> None:
        answer = caller.exchange(caller.code(), **wrong)
        assert answer.status_code == 401
        assert answer.json() == {"error": "access_denied", "error_description": "Unauthorized"}

    def test_wrong_credentials_do_not_spend_the_code(self, caller: Caller) -> None:
        code = caller.code()
        caller.exchange(code, client_secret="wrong")
        assert caller.exchange(code).status_code == 200

    def test_pkce_does_not_stand_in_for_the_secret(self, caller: Caller) -> None:
        answer = caller.exchange(caller.code(), client_secret="", code_verifier="v" * 43)
        assert (answer.status_code, answer.json()["error"]) == (401, "access_denied")

    @pytest.mark.parametrize(("verifier", "status"), [("v" * 43, 200), ("w" * 43, 403), (None, 200)])
    def test_pkce_is_verified_when_a_verifier_comes(
        self, caller: Caller, verifier: str | None, status: int
    ) -> None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
        link = caller.link(code_challenge=challenge, code_challenge_method="S256")
        code = answer_of(caller.sandbox.approve(link))["code"]
        given = {} if verifier is None else {"code_verifier": verifier}
        assert caller.exchange(code, **given).status_code == status

    @pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"[" * 100_000])
    def test_a_body_that_is_no_object(self, caller: Caller, body: bytes) -> None:
        answer = caller.http.post("/oauth/token", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_the_media_type_is_read_in_any_case(self, caller: Caller) -> None:
        body = '{"client_id": "none", "client_secret": "none"'
        answer = caller.http.post("/oauth/token", content=body, headers={"content-type": "Application/JSON"})
        assert answer.json()["error"] == "invalid_request", "no JSON, though a form would have been one"

    @pytest.mark.parametrize("name", ["client_id", "client_secret", "grant_type", "code", "code_verifier"])
    def test_half_a_character_is_as_good_as_a_wrong_one(self, caller: Caller, name: str) -> None:
        link = caller.link(code_challenge="v" * 43, code_challenge_method="plain")
        fields = {
            "grant_type": "authorization_code",
            "client_id": caller.sandbox.client_id,
            "client_secret": caller.sandbox.client_secret,
            "code": answer_of(caller.sandbox.approve(link))["code"],
            "redirect_uri": caller.sandbox.redirect_uri,
        }
        body = json.dumps(fields | {name: "\ud800"})
        answer = caller.http.post("/oauth/token", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 401, 403)

    def test_an_unknown_grant_type(self, caller: Caller) -> None:
        answer = caller.token(grant_type="password")
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


UNKNOWN = {"error": "unauthorized_client", "error_description": "refresh_token is invalid"}
ENDED = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}


class TestRotation:
    def test_each_refresh_gives_a_new_pair(self, caller: Caller) -> None:
        first = caller.sign_in().pair
        second = caller.refresh().json()
        assert second["refresh_token"] != first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert caller.get("/me", token=second["access_token"]).status_code == 200

    def test_the_old_refresh_token_works_within_the_leeway(self, caller: Caller) -> None:
        caller.sign_in()
        newer = caller.refresh().json()["refresh_token"]
        caller.sandbox.advance_clock(590)
        assert caller.refresh().status_code == 200
        assert caller.refresh(newer).status_code == 200

    def test_reuse_after_the_leeway_ends_the_whole_family(self, caller: Caller) -> None:
        caller.sign_in()
        newer = caller.refresh().json()
        caller.sandbox.advance_clock(601)
        reuse = caller.refresh()
        assert (reuse.status_code, reuse.json()) == (403, UNKNOWN)
        after = caller.refresh(newer["refresh_token"])
        assert (after.status_code, after.json()) == (403, ENDED)
        assert caller.get("/me", token=newer["access_token"]).status_code == 401

    def test_another_consent_is_another_family(self, caller: Caller) -> None:
        other = Caller(caller.sandbox).sign_in()
        caller.sign_in()
        caller.refresh()
        caller.sandbox.advance_clock(601)
        assert caller.refresh().status_code == 403
        assert other.refresh().status_code == 200

    def test_the_old_access_token_dies_when_the_leeway_ends(self, caller: Caller) -> None:
        caller.sign_in()
        newer = caller.refresh().json()["access_token"]
        caller.sandbox.advance_clock(599)
        assert caller.get("/me").status_code == 200
        caller.sandbox.advance_clock(2)
        assert caller.get("/me").status_code == 401
        assert caller.get("/me", token=newer).status_code == 200

    def test_a_second_refresh_does_not_prolong_the_first_pair(self, caller: Caller) -> None:
        caller.sign_in()
        caller.refresh()
        caller.sandbox.advance_clock(400)
        caller.refresh()
        caller.sandbox.advance_clock(201)
        assert caller.get("/me").status_code == 401

    def test_using_the_leeway_does_not_prolong_it(self, caller: Caller) -> None:
        caller.sign_in()
        caller.refresh()
        caller.sandbox.advance_clock(400)
        assert caller.refresh().status_code == 200
        caller.sandbox.advance_clock(300)
        assert caller.refresh().json() == UNKNOWN

    def test_the_leeway_is_a_knob(self, caller: Caller) -> None:
        caller.sandbox.set(refresh_leeway=0.0)
        caller.sign_in()
        caller.refresh()
        caller.sandbox.advance_clock(1)
        assert caller.refresh().json() == UNKNOWN

    def test_ninety_idle_days_end_it(self, caller: Caller) -> None:
        caller.sign_in()
        caller.sandbox.advance_clock(89 * DAY)
        caller.pair = caller.refresh().json()
        caller.sandbox.advance_clock(91 * DAY)
        answer = caller.refresh()
        assert (answer.status_code, answer.json()) == (403, ENDED)

    def test_a_year_ends_it_however_often_refreshed(self, caller: Caller) -> None:
        caller.sign_in()
        for _ in range(5):
            caller.sandbox.advance_clock(70 * DAY)
            caller.pair = caller.refresh().json()
        caller.sandbox.advance_clock(16 * DAY)
        assert caller.refresh().json() == ENDED

    def test_an_unknown_refresh_token(self, caller: Caller) -> None:
        answer = caller.refresh("never issued")
        assert (answer.status_code, answer.json()) == (403, UNKNOWN)

    def test_a_revoked_grant(self, caller: Caller) -> None:
        caller.sign_in()
        assert caller.sandbox.revoke() == 1
        assert caller.refresh().json() == ENDED
        assert caller.get("/me").status_code == 401
        assert caller.sign_in().refresh().status_code == 200

    def test_two_hundred_refreshes_in_turn(self, caller: Caller) -> None:
        caller.sign_in()
        for _ in range(200):
            caller.sandbox.advance_clock(3_600)
            caller.pair = caller.refresh().json()
        assert caller.get("/me").status_code == 200
        assert caller.sandbox.counts()["refreshes"] == 200


class TestGrants:
    def test_a_second_consent_adds_its_site(self, caller: Caller) -> None:
        caller.sign_in(sites=["acme"])
        assert {entry["name"] for entry in caller.entries()} == {"acme"}
        caller.sign_in(sites=["globex.atlassian.net"])
        assert {entry["name"] for entry in caller.entries()} == {"acme", "globex"}

    def test_resource_level_has_only_the_sites_of_its_consent(self) -> None:
        with Sandbox(pages=5, grant_type="resource") as sandbox:
            Caller(sandbox).sign_in(sites=["acme"])
            entries = Caller(sandbox).sign_in(sites=["globex"]).entries()
        assert {entry["name"] for entry in entries} == {"globex"}

    def test_the_scopes_of_a_new_consent_replace_the_old_ones(self, caller: Caller) -> None:
        caller.sign_in("offline_access read:me read:page:confluence")
        Caller(caller.sandbox).sign_in("offline_access read:space:confluence")
        assert caller.refresh().json()["scope"] == "offline_access read:space:confluence"

    def test_accounts_have_grants_of_their_own(self, caller: Caller) -> None:
        caller.sign_in(sites=["acme"])
        other = Caller(caller.sandbox).sign_in(account="Grace Hopper", sites=["globex"])
        assert {entry["name"] for entry in other.entries()} == {"globex"}
        assert other.get("/me").json()["email"] == "grace.hopper@example.com"


class TestSites:
    def test_a_site_with_jira_is_listed_twice_under_one_id(self, caller: Caller) -> None:
        acme = [entry for entry in caller.sign_in().entries() if entry["name"] == "acme"]
        assert len(acme) == 2
        assert len({entry["id"] for entry in acme}) == len({entry["url"] for entry in acme}) == 1
        assert [all("jira" in scope for scope in entry["scopes"]) for entry in acme] == [True, False]

    def test_one_is_narrower_and_one_has_no_confluence(self, caller: Caller) -> None:
        scopes = {entry["name"]: set(entry["scopes"]) for entry in caller.sign_in().entries()}
        assert scopes["initech"] < scopes["globex"]
        assert not any("confluence" in scope for scope in scopes["hooli-tracker"])

    def test_no_site_lists_scopes_that_belong_to_none(self, caller: Caller) -> None:
        for entry in caller.sign_in().entries():
            assert not {"offline_access", "read:me"} & set(entry["scopes"])

    def test_the_entries_have_atlassians_fields(self, caller: Caller) -> None:
        for entry in caller.sign_in().entries():
            assert set(entry) == {"id", "name", "url", "scopes", "avatarUrl"}
            assert urlsplit(entry["url"]).scheme == "https"

    @pytest.mark.parametrize(("sites", "ids"), [(0, 0), (1, 1), (40, 40)])
    def test_any_number_of_sites(self, sites: int, ids: int) -> None:
        with Sandbox(pages=5, sites=sites) as sandbox:
            assert len({entry["id"] for entry in Caller(sandbox).sign_in().entries()}) == ids

    def test_cors(self, caller: Caller) -> None:
        answer = caller.http.options(
            "/oauth/token/accessible-resources", headers={"origin": "https://x.example"}
        )
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"

    def test_without_a_token(self, caller: Caller) -> None:
        answer = caller.http.get("/oauth/token/accessible-resources")
        assert (answer.status_code, answer.json()) == (401, {"code": 401, "message": "Unauthorized"})


class TestMe:
    def test_says_who(self, caller: Caller) -> None:
        me = caller.sign_in().get("/me").json()
        assert me["account_id"] == ACCOUNTS[0].account_id
        assert me["name"] == "Ada Lovelace"

    def test_needs_its_scope(self, caller: Caller) -> None:
        answer = caller.sign_in("read:page:confluence").get("/me")
        assert answer.status_code == 401
        assert answer.headers["x-failure-category"] == "FAILURE_CLIENT_SCOPE_CHECK"


def test_no_secret_is_shown(caller: Caller) -> None:
    caller.sign_in(SCOPES)
    shown = repr(caller.sandbox) + str(caller.sandbox.counts()) + str(caller.sandbox.log())
    for secret in (caller.sandbox.client_secret, caller.pair["access_token"], caller.pair["refresh_token"]):
        assert secret not in shown
    assert not [entry for entry in caller.sandbox.log() if "code=ey" in entry["query"]]


def test_every_scope_of_the_official_specs_is_known() -> None:
    beside = Path(__file__).parents[2] / "shared" / "specs"
    folder = Path(os.environ.get("CONFLUENCE_SPECS") or beside)
    if not folder.is_dir():
        pytest.skip("the official specs are not here: name their folder in CONFLUENCE_SPECS")
    named: set[str] = set()
    for spec in folder.glob("confluence-v*.json"):
        for operations in json.loads(spec.read_text())["paths"].values():
            for operation in operations.values():
                if isinstance(operation, dict):
                    for family in operation.get("x-atlassian-oauth2-scopes", ()):
                        named.update(family["scopes"])
    assert len(named) > 50
    assert named <= KNOWN.keys()
