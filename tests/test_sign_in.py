"""Signing in by copy and paste, against the sandbox over HTTP: what is taken, what is refused, what is kept."""

from __future__ import annotations

import html
import json
import os
import stat
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from conftest import app_of, open_wiki

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki
from confluence_nb.errors import (
    AppRejected,
    ConfluenceNBError,
    ConsentDenied,
    SignInRequired,
    SiteNotFound,
    Unreachable,
    WrongPaste,
)
from confluence_nb.sandbox import Sandbox


@pytest.fixture
def fresh(sandbox: Sandbox) -> Wiki:
    """Nobody signed in yet."""
    return open_wiki(sandbox)


def token_calls(sandbox: Sandbox) -> int:
    return sum(sandbox.counts()["routes"].get("POST /oauth/token", {}).values())


def elsewhere(address: str) -> str:
    return "https://notebooks.example.org/oauth/done?" + urlsplit(address).query


def broken_over_lines(address: str) -> str:
    return "\r\n  ".join(address[start : start + 40] for start in range(0, len(address), 40))


def quoted_in_a_reply(address: str) -> str:
    return "".join(f"> {address[start : start + 70]}\r\n" for start in range(0, len(address), 70))


FORMS = {
    "whole address": lambda address: address,
    "another host": elsewhere,
    "quoted": lambda address: f' "{address}" \n',
    "typographic quotes": lambda address: f"“{address}”",
    "angle brackets": lambda address: f"<{address}>",
    "line breaks": broken_over_lines,
    "escaped as HTML": html.escape,
    "without scheme": lambda address: address.removeprefix("http://"),
    "query alone": lambda address: urlsplit(address).query,
    "query with its mark": lambda address: "?" + urlsplit(address).query,
    "in the fragment": lambda address: "https://h.example/#" + urlsplit(address).query,
    "zero-width marks": lambda address: "\u200b" + address + "\ufeff",
    "a link of Markdown": lambda address: f"[{address}]({address})",
    "a link of Markdown with words": lambda address: f"[the page after Accept]({address})",
    "a link of HTML": lambda address: f'<a href="{html.escape(address)}">{html.escape(address)}</a>',
    "a link of a chat": lambda address: f"<{address}|{address}>",
    "a link as a mail program writes it": lambda address: f"{address}<{address}>",
    "quoted in a reply": quoted_in_a_reply,
    "with a fragment": lambda address: address + "#_=_",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_what_a_person_may_paste(sandbox: Sandbox, fresh: Wiki, form) -> None:
    assert fresh.sign_in(form(sandbox.approve(fresh.consent_url))) is fresh
    assert fresh.signed_in
    status = fresh.status()
    assert status.account
    assert status.renews_itself
    assert status.note is None, "a state that was checked needs no note"


def test_a_bare_code_signs_in_and_says_what_could_not_be_checked(sandbox: Sandbox, fresh: Wiki) -> None:
    code = parse_qs(urlsplit(sandbox.approve(fresh.consent_url)).query)["code"][0]
    fresh.sign_in(f"  {code}\n")
    assert fresh.signed_in
    assert "no state" in (fresh.status().note or "")


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8765/callback?code={}", "localhost:8765/callback?code={}", "?code={}", "code={}"],
)
def test_an_address_without_a_state_is_refused_before_anything_is_sent(
    sandbox: Sandbox, fresh: Wiki, address: str
) -> None:
    """Somebody else's code, in an address that was sent to be pasted, would sign in to their account."""
    code = parse_qs(urlsplit(sandbox.approve(open_wiki(sandbox).consent_url)).query)["code"][0]
    with pytest.raises(WrongPaste, match=r"no state in it.*Open the consent link again"):
        fresh.sign_in(address.format(code))
    assert token_calls(sandbox) == 0
    assert not fresh.signed_in


def test_the_answer_of_another_sign_in_is_refused_before_anything_is_sent(sandbox: Sandbox) -> None:
    one, other = open_wiki(sandbox), open_wiki(sandbox)
    with pytest.raises(WrongPaste, match="another sign-in"):
        one.sign_in(sandbox.approve(other.consent_url))
    assert token_calls(sandbox) == 0
    assert not one.signed_in


@pytest.mark.parametrize(
    "changed", ["", "x", "ü", "é\u0301"], ids=["empty", "longer", "not ASCII", "combining"]
)
def test_a_state_that_is_not_ours_is_refused(sandbox: Sandbox, fresh: Wiki, changed: str) -> None:
    address = sandbox.approve(fresh.consent_url)
    query = dict(parse_qsl(urlsplit(address).query))
    state = query["state"] + changed if changed else ""
    with pytest.raises(WrongPaste, match="another sign-in"):
        fresh.sign_in(f"http://h.example/?code={query['code']}&state={state}")
    assert token_calls(sandbox) == 0


def test_a_denied_consent(sandbox: Sandbox, fresh: Wiki) -> None:
    link = fresh.consent_url
    with pytest.raises(ConsentDenied, match="choose Accept"):
        fresh.sign_in(sandbox.approve(link, deny=True))
    assert not fresh.signed_in
    fresh.sign_in(sandbox.approve(link))
    assert fresh.signed_in, "the same link may be answered differently the second time"


def test_a_used_code(sandbox: Sandbox, fresh: Wiki) -> None:
    code = parse_qs(urlsplit(sandbox.approve(fresh.consent_url)).query)["code"][0]
    fresh.sign_in(code)
    with pytest.raises(WrongPaste, match="already used"):
        fresh.sign_in(code)
    assert fresh.signed_in, "a paste that fails takes nothing away"
    assert fresh.sites()["id"].size == 3


def test_an_address_pasted_twice(sandbox: Sandbox, fresh: Wiki) -> None:
    address = sandbox.approve(fresh.consent_url)
    fresh.sign_in(address)
    with pytest.raises(WrongPaste):
        fresh.sign_in(address)
    assert fresh.signed_in


def test_a_code_that_is_too_old(sandbox: Sandbox, fresh: Wiki) -> None:
    address = sandbox.approve(fresh.consent_url)
    sandbox.advance_clock(301)
    with pytest.raises(WrongPaste, match="expired"):
        fresh.sign_in(address)


def test_a_wrong_client_secret(sandbox: Sandbox) -> None:
    wiki = open_wiki(sandbox, app=app_of(sandbox, client_secret="not-the-secret"))
    with pytest.raises(AppRejected, match="client id or secret") as caught:
        wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert "not-the-secret" not in str(caught.value)
    assert not wiki.signed_in


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Nothing was pasted"),
        (" \n\t ", "Nothing was pasted"),
        ('""', "Nothing was pasted"),
        ("\u200b", "Nothing was pasted"),
        ("http://127.0.0.1:8765/callback", "no code"),
        ("http://127.0.0.1:8765/callback?code=", "no code"),
        ("http://127.0.0.1:8765/callback?code=ab%C3%A9", "damaged"),
        ("http://h.example/?code=abcdefgh&code=ijklmnop", "more than one code"),
        ("http://[broken?code=abcdefgh", "not an address"),
        ("please sign me in", "neither an address nor a code"),
        ("import pandas as pd\ndf = pd.DataFrame()", "neither an address nor a code"),
        ("x" * 40_000, "far longer"),
    ],
)
def test_garbage_is_named(sandbox: Sandbox, fresh: Wiki, pasted: str, said: str) -> None:
    link = fresh.consent_url
    with pytest.raises(WrongPaste, match=said):
        fresh.sign_in(pasted)
    assert token_calls(sandbox) == 0
    assert fresh.consent_url == link, "the link is still good"


def test_the_consent_pages_own_address(sandbox: Sandbox, fresh: Wiki) -> None:
    with pytest.raises(WrongPaste, match="consent page itself"):
        fresh.sign_in(fresh.consent_url)


@pytest.mark.parametrize("pasted", [None, 7, b"code"])
def test_what_is_no_string_is_a_type_error(fresh: Wiki, pasted: object) -> None:
    with pytest.raises(TypeError, match="string"):
        fresh.sign_in(pasted)  # type: ignore[arg-type]


def test_an_error_of_the_registration_is_the_apps(fresh: Wiki) -> None:
    state = dict(parse_qsl(urlsplit(fresh.consent_url).query))["state"]
    with pytest.raises(AppRejected, match="invalid_scope"):
        fresh.sign_in(f"http://h.example/?error=invalid_scope&error_description=No+such+scope&state={state}")


def test_the_link_stays_the_same_until_the_sign_in_is_finished(sandbox: Sandbox, fresh: Wiki) -> None:
    link = fresh.consent_url
    assert fresh.consent_url == link
    fresh.sign_in(sandbox.approve(link))
    assert fresh.consent_url != link


def test_the_link_has_every_required_parameter(sandbox: Sandbox, fresh: Wiki) -> None:
    parts = urlsplit(fresh.consent_url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{sandbox.url}/authorize"
    query = dict(parse_qsl(parts.query))
    assert set(query) == {
        "audience", "client_id", "scope", "redirect_uri", "state", "response_type", "prompt",
    }  # fmt: skip
    assert query["audience"] == "api.atlassian.com"
    assert query["client_id"] == sandbox.client_id
    assert query["redirect_uri"] == sandbox.redirect_uri
    assert (query["response_type"], query["prompt"]) == ("code", "consent")
    assert len(query["state"]) >= 32
    assert "+" not in parts.query, "blanks between scopes are %20"
    assert sandbox.client_secret not in fresh.consent_url


@pytest.mark.parametrize(
    "scopes", ["read:page:confluence", ["read:me", "read:page:confluence"], "offline_access"]
)
def test_offline_access_is_always_asked_for_once(sandbox: Sandbox, scopes: object) -> None:
    wiki = open_wiki(sandbox, app=app_of(sandbox, scopes=scopes))
    asked = dict(parse_qsl(urlsplit(wiki.consent_url).query))["scope"].split()
    assert asked.count("offline_access") == 1


def test_states_are_never_used_again(sandbox: Sandbox) -> None:
    states = {dict(parse_qsl(urlsplit(open_wiki(sandbox).consent_url).query))["state"] for _ in range(20)}
    assert len(states) == 20


def test_a_lost_answer_of_the_token_endpoint_is_unreachable_and_says_so(
    sandbox: Sandbox, fresh: Wiki
) -> None:
    address = sandbox.approve(fresh.consent_url)
    sandbox.set(faults_on="token", error_every=1, error_status=503)
    with pytest.raises(Unreachable, match="503"):
        fresh.sign_in(address)
    sandbox.set(error_every=0)
    fresh.sign_in(address)
    assert fresh.signed_in, "a code that was not looked at is still good"


def test_nobody_signed_in(fresh: Wiki) -> None:
    assert not fresh.signed_in
    assert repr(fresh) == "Wiki (not signed in)"
    assert fresh.status().signed_in is False
    for ask in (fresh.sites, fresh.pages, fresh.spaces, lambda: fresh.get("/pages")):
        with pytest.raises(SignInRequired, match="sign-in panel"):
            ask()


def test_no_app_at_all(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFLUENCE_CLIENT_ID", raising=False)
    monkeypatch.delenv("CONFLUENCE_CLIENT_SECRET", raising=False)
    wiki = open_wiki(sandbox, app=None)
    with pytest.raises(SignInRequired, match="No OAuth app"):
        _ = wiki.consent_url
    with pytest.raises(SignInRequired, match="No OAuth app"):
        wiki.pages()


def test_the_app_of_the_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFLUENCE_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("CONFLUENCE_CLIENT_SECRET", f" {sandbox.client_secret}\n")
    monkeypatch.setenv("CONFLUENCE_REDIRECT_URI", sandbox.redirect_uri)
    monkeypatch.setenv("CONFLUENCE_AUTH_URL", sandbox.url)
    monkeypatch.setenv("CONFLUENCE_API_URL", sandbox.url + "/")
    wiki = confluence_nb.connect(store="memory")
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.signed_in


# ------------------------------------------------------------------ what is remembered


def signed_in_at(sandbox: Sandbox, path: Path, **changes: object) -> Wiki:
    wiki = open_wiki(sandbox, store=path, **changes)
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    return wiki.use("acme")


def test_the_next_day_takes_no_click(sandbox: Sandbox, tmp_path: Path) -> None:
    first = signed_in_at(sandbox, tmp_path / "sign-in.json")
    again = open_wiki(sandbox, store=tmp_path / "sign-in.json")
    assert again.signed_in
    assert again.site == first.site
    assert again.status().account == first.status().account
    assert len(again.spaces()) == 3
    assert sandbox.counts()["codes_issued"] == 1


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_file_is_for_its_owner_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "sign-in.json"
    signed_in_at(sandbox, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for beside in tmp_path.iterdir():
        assert stat.S_IMODE(beside.stat().st_mode) & 0o077 == 0, beside.name


def test_the_app_given_by_the_caller_is_not_stored(sandbox: Sandbox, tmp_path: Path) -> None:
    signed_in_at(sandbox, tmp_path / "sign-in.json")
    assert sandbox.client_secret not in (tmp_path / "sign-in.json").read_text()


def test_the_grant_of_one_app_is_not_used_by_another(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "sign-in.json"
    signed_in_at(sandbox, path)
    other = open_wiki(sandbox, store=path, app=app_of(sandbox, client_id="AnotherAppOfTheSameUser000001"))
    assert not other.signed_in
    with pytest.raises(SignInRequired):
        other.pages()
    assert open_wiki(sandbox, store=path).signed_in, "and it is not lost either"


def test_profiles_do_not_see_each_other(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "sign-in.json"
    signed_in_at(sandbox, path, profile="work")
    assert not open_wiki(sandbox, store=path, profile="private").signed_in
    assert open_wiki(sandbox, store=path, profile="work").signed_in


def test_a_wrong_site_takes_the_name_of_who_signed_in_not_along(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "sign-in.json"
    wiki = open_wiki(sandbox, "nowhere.example", store=path)
    with pytest.raises(SiteNotFound):
        wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.status().account is not None
    assert open_wiki(sandbox, store=path).status().account == wiki.status().account
    with pytest.raises(SiteNotFound):
        open_wiki(sandbox, "nowhere.example", store=path)
    assert open_wiki(sandbox, store=path).status().account == wiki.status().account


def test_sign_out_forgets(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "sign-in.json"
    wiki = signed_in_at(sandbox, path)
    tokens = [text for kept in json.loads(path.read_text()).values() for text in _tokens(kept)]
    assert len(tokens) == 2
    wiki.sign_out()
    assert not wiki.signed_in
    assert wiki.site is None
    assert wiki.status().account is None
    left = path.read_text()
    assert not any(token in left for token in tokens)
    assert not open_wiki(sandbox, store=path).signed_in
    with pytest.raises(SignInRequired):
        wiki.pages()
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    assert wiki.signed_in


def _tokens(kept: str) -> list[str]:
    (sign_in,) = json.loads(kept)["sign_ins"].values()
    grant = sign_in["grant"]
    return [grant["access_token"], grant["refresh_token"]]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"default@x": 1}', "\x00\xff"])
def test_a_damaged_store_is_no_sign_in_and_is_mended_by_the_next(
    sandbox: Sandbox, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "sign-in.json"
    path.write_bytes(damage.encode("latin-1"))
    assert not open_wiki(sandbox, store=path).signed_in
    signed_in_at(sandbox, path)
    assert open_wiki(sandbox, store=path).signed_in


def test_a_store_that_fails_costs_the_memory_but_not_the_sign_in(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    wiki = open_wiki(sandbox, store=folder / "sign-in.json")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("no folder any more")
    wiki.sign_in(sandbox.approve(wiki.consent_url))
    wiki.use("acme")
    assert len(wiki.spaces()) == 3
    assert "could not be stored" in (wiki.status().note or "")


# ------------------------------------------------------------ values that cannot be right


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""}, {"client_id": "two words"}, {"client_id": None},
        {"client_secret": ""}, {"client_secret": "two words"}, {"client_secret": 7},
        {"redirect_uri": "callback"}, {"redirect_uri": "ftp://h/"}, {"redirect_uri": "http://h/#x"},
        {"scopes": []}, {"scopes": ["read page"]}, {"scopes": 3}, {"scopes": [f"s{n}" for n in range(60)]},
    ],
)  # fmt: skip
def test_an_app_that_cannot_be_right(changes: dict[str, object]) -> None:
    with pytest.raises(AppRejected):
        OAuthApp(**{"client_id": "id", "client_secret": "secret"} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["http://example.com", "api.atlassian.com", "https://u:p@h", "https://h?x=1", "ftp://h"]
)
def test_a_cloud_that_cannot_be_right(url: str) -> None:
    with pytest.raises(ConfluenceNBError):
        Cloud(api_url=url)


@pytest.mark.parametrize("given", [{"profile": " "}, {"site": ""}, {"store": ""}])
def test_connect_refuses_what_is_empty(sandbox: Sandbox, given: dict[str, str]) -> None:
    with pytest.raises(ConfluenceNBError):
        open_wiki(sandbox, **given)
    assert sandbox.counts()["requests"] == 0
