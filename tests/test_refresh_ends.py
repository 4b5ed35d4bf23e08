"""What ends a sign-in, what does not, and what people and other notebooks are told of it."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest
from conftest import app_of, open_wiki
from renewals import age, keeper_of, old_in_hand, refreshes, signed_in, token_calls

from confluence_nb import Wiki
from confluence_nb.api.portal import portal
from confluence_nb.errors import (
    AppRejected,
    ConfluenceNBError,
    SignInRequired,
    Unreachable,
)
from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.accounts import SIGN_IN_ACCOUNTS

pytestmark = pytest.mark.usefixtures("hurried")


def test_a_dead_grant_asks_for_a_sign_in_and_is_forgotten(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    wiki = signed_in(sandbox, store=path)
    sandbox.revoke()
    with pytest.raises(SignInRequired, match="has ended"):
        wiki.spaces()
    assert not wiki.signed_in
    assert "has ended" in (wiki.status().note or "")
    calls = token_calls(sandbox)
    with pytest.raises(SignInRequired):
        wiki.spaces()
    assert token_calls(sandbox) == calls, "it is not tried again and again"
    assert not open_wiki(sandbox, store=path).signed_in
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    assert len(wiki.spaces()) == 3


def test_ninety_days_unused_end_it(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.advance_clock(91 * 86_400)
    with pytest.raises(SignInRequired):
        wiki.spaces()


def test_a_year_ends_it_however_much_it_was_used(sandbox: Sandbox, wiki: Wiki) -> None:
    for _ in range(6):
        sandbox.advance_clock(60 * 86_400)
        assert len(wiki.spaces()) == 3
    sandbox.advance_clock(6 * 86_400)
    with pytest.raises(SignInRequired):
        wiki.spaces()


def test_a_reset_client_secret_is_named_and_the_grant_is_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    signed_in(sandbox, store=path)
    sandbox.expire_tokens()
    wrong = open_wiki(sandbox, store=path, app=app_of(sandbox, client_secret="reset"))
    with pytest.raises(AppRejected, match="secret"):
        wrong.use("acme")
    assert len(open_wiki(sandbox, store=path).spaces()) == 3


def test_a_sign_in_server_that_is_away_stops_nothing_while_the_token_lives(
    sandbox: Sandbox, wiki: Wiki
) -> None:
    age(wiki, 3_500)
    sandbox.set(faults_on="token", error_every=1, error_status=503)
    assert len(wiki.spaces()) == 3
    age(wiki, 200)
    with pytest.raises(Unreachable, match="not lost"):
        wiki.spaces()
    assert wiki.signed_in
    sandbox.set(error_every=0)
    assert len(wiki.spaces()) == 3


def test_a_sign_out_elsewhere_is_not_undone_by_a_renewal(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "sign-in.json"
    one, other = signed_in(sandbox, store=store), open_wiki(sandbox, store=store)
    one.sign_out()
    old_in_hand(other)
    with pytest.raises(SignInRequired, match="signed out in another notebook"):
        other.spaces()
    assert refreshes(sandbox) == 0
    assert not open_wiki(sandbox, store=store).signed_in


def test_a_second_machine_on_the_same_grant_is_told_what_happened(sandbox: Sandbox, tmp_path: Path) -> None:
    one = signed_in(sandbox, store=tmp_path / "here.json")
    copyfile(tmp_path / "here.json", tmp_path / "there.json")
    there = open_wiki(sandbox, store=tmp_path / "there.json")
    sandbox.expire_tokens()
    assert len(one.spaces()) == 3
    sandbox.advance_clock(700)  # past the leeway: what the other machine holds was spent here
    sandbox.expire_tokens()
    for wiki in (there, one):
        with pytest.raises(SignInRequired, match="renewed on another machine"):
            wiki.spaces()
    assert len(there.sign_in(sandbox.approve(there.consent_url)).use("acme").spaces()) == 3


def test_two_apps_under_one_profile_keep_a_sign_in_each(sandbox: Sandbox, tmp_path: Path) -> None:
    store, another = tmp_path / "kept.json", app_of(sandbox, client_id="AnotherAppOfTheSameUser000001")
    first = signed_in(sandbox, store=store)
    keeper = keeper_of(first)
    # The sandbox knows one app: what a sign-in with another would store is written by hand.
    portal.run(keeper._keep.change(lambda record: record.changed(another, grant=keeper.grant, account="B")))
    sandbox.expire_tokens()
    assert len(first.spaces()) == 3, "its own grant is renewed and stored"
    second = open_wiki(sandbox, store=store, app=another)
    assert second.status().account == "B"
    second.sign_out()
    assert not open_wiki(sandbox, store=store, app=another).signed_in
    assert len(open_wiki(sandbox, store=store).spaces()) == 3, "the other app's sign-in is as it was"


def test_another_sign_in_under_the_profile_is_never_taken_over_silently(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "sign-in.json"
    one, other = signed_in(sandbox, store=store), open_wiki(sandbox, store=store)
    one.sign_in(sandbox.approve(one.consent_url, account=SIGN_IN_ACCOUNTS[1].account_id))
    old_in_hand(other)
    with pytest.raises(SignInRequired, match="signed in anew"):
        other.spaces()
    assert not other.signed_in
    assert refreshes(sandbox) == 0
    again = open_wiki(sandbox, store=store)
    assert again.status().account == one.status().account == SIGN_IN_ACCOUNTS[1].name


def test_a_pull_is_resumed_by_the_account_that_began_it(sandbox: Sandbox) -> None:
    wiki = signed_in(sandbox)
    sandbox.set(error_rate=1.0, retry_after_form="none")
    with pytest.raises(Unreachable):
        wiki.pages()
    sandbox.set(error_rate=0.0)
    wiki.sign_in(sandbox.approve(wiki.consent_url, account=SIGN_IN_ACCOUNTS[1].account_id)).use("acme")
    with pytest.raises(ConfluenceNBError, match="what two accounts see is not mixed"):
        wiki.resume()
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    assert len(wiki.resume()) == sandbox.contents()["acme.atlassian.net"]["pages"]
