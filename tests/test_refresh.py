"""A sign-in that renews itself: early, once for all, stored before it is used, and never where it cannot help."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import app_of, open_wiki

from confluence_nb import Wiki
from confluence_nb.api.portal import portal
from confluence_nb.errors import (
    AppRejected,
    ConfluenceNBError,
    MissingScope,
    NotFound,
    NotPermitted,
    SignInRequired,
    Unreachable,
)
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.oauth.vault import FileVault, VaultFailed
from confluence_nb.sandbox import Sandbox
from confluence_nb.sandbox.accounts import SIGN_IN_ACCOUNTS
from confluence_nb.secret import Secret

pytestmark = pytest.mark.usefixtures("hurried")


def keeper_of(wiki: Wiki) -> GrantKeeper:
    keeper = wiki._session._keeper
    assert keeper is not None
    return keeper


def age(wiki: Wiki, seconds: float) -> None:
    """Make the grant in hand that much older, as if the time had passed; the server knows nothing of it."""
    keeper = keeper_of(wiki)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - seconds)
    portal.run(keeper._keep.change(lambda record: replace(record, grant=keeper.grant)))


def refreshes(sandbox: Sandbox) -> int:
    return int(sandbox.counts()["refreshes"])


def token_calls(sandbox: Sandbox) -> int:
    return sum(sandbox.counts()["routes"].get("POST /oauth/token", {}).values())


def signed_in(sandbox: Sandbox, site: str = "acme", **changes: Any) -> Wiki:
    wiki = open_wiki(sandbox, **changes)
    return wiki.sign_in(sandbox.approve(wiki.consent_url)).use(site)


# --------------------------------------------------------------------------- when


def test_a_token_with_time_left_is_not_renewed(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_400)
    wiki.spaces()
    assert refreshes(sandbox) == 0


def test_renewed_before_its_end_by_a_margin(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)
    wiki.spaces()
    assert refreshes(sandbox) == 1
    routes = sandbox.counts()["routes"]
    assert not any("401" in map(str, outcomes) for outcomes in routes.values()), (
        "no request was refused first"
    )


def test_the_margin_of_a_short_life_is_a_tenth_of_it(sandbox: Sandbox) -> None:
    sandbox.set(token_lifetime=10.0)
    wiki = signed_in(sandbox)
    wiki.spaces()
    assert refreshes(sandbox) == 0
    age(wiki, 9.5)
    wiki.spaces()
    assert refreshes(sandbox) == 1


def test_renewed_after_a_401(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1
    assert wiki.status().signed_in


def test_a_new_token_that_is_refused_too_is_not_renewed_again(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(token_lifetime=0.0)
    sandbox.expire_tokens()
    with pytest.raises(SignInRequired):
        wiki.get("/spaces")
    assert refreshes(sandbox) == 1


@pytest.mark.parametrize("path", ["/spaces", "/wiki/rest/api/user/current"])
def test_an_expiry_that_hides_as_404_or_403_is_seen_past_the_tokens_time(
    sandbox: Sandbox, wiki: Wiki, path: str
) -> None:
    sandbox.set(expired_status="hidden", latency=0.6)
    sandbox.expire_tokens()
    keeper = keeper_of(wiki)
    # Good when the request leaves, past its time when the refusal comes back.
    keeper.grant = replace(keeper.grant, obtained_at=time.time(), lifetime=0.5)
    assert wiki.get(path)
    assert refreshes(sandbox) == 1


def test_a_404_or_403_before_the_tokens_time_is_what_it_says(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.set(expired_status="hidden")
    sandbox.expire_tokens()
    with pytest.raises(NotFound):
        wiki.get("/spaces")
    with pytest.raises(NotPermitted):
        wiki.get("/wiki/rest/api/user/current")
    assert refreshes(sandbox) == 0


def test_a_page_that_is_not_there_renews_nothing(sandbox: Sandbox, wiki: Wiki) -> None:
    with pytest.raises(NotFound):
        wiki.get("/pages/999999999")
    assert refreshes(sandbox) == 0


def test_a_scope_that_is_missing_renews_nothing(sandbox: Sandbox) -> None:
    app = app_of(sandbox, scopes="read:page:confluence read:space:confluence")
    wiki = signed_in(sandbox, app=app)
    calls = token_calls(sandbox)
    with pytest.raises(MissingScope):
        wiki.search("type = page")
    age(wiki, 3_490)  # near its end the renewal comes before the request, and still only that one
    with pytest.raises(MissingScope):
        wiki.search("type = page")
    assert token_calls(sandbox) == calls + 1


# --------------------------------------------------------------------------- once


def test_a_thousand_requests_over_an_expiring_token_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)

    async def all_at_once() -> int:
        answers = await asyncio.gather(
            *(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces") for _ in range(1_000))
        )
        return sum(bool(answer.said["results"]) for answer in answers)

    site = wiki.site
    assert site is not None
    assert portal.run(all_at_once()) == 1_000
    assert refreshes(sandbox) == 1


def test_many_requests_refused_together_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.expire_tokens()

    async def all_at_once() -> None:
        await asyncio.gather(*(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces") for _ in range(200)))

    site = wiki.site
    assert site is not None
    portal.run(all_at_once())
    assert refreshes(sandbox) == 1


def test_many_threads_renew_once(sandbox: Sandbox, wiki: Wiki) -> None:
    age(wiki, 3_500)
    with ThreadPoolExecutor(8) as threads:
        frames = list(threads.map(lambda _: wiki.spaces(), range(24)))
    assert {len(frame) for frame in frames} == {3}
    assert refreshes(sandbox) == 1


def test_two_wikis_of_one_store_renew_once(sandbox: Sandbox, tmp_path: Path) -> None:
    one = signed_in(sandbox, store=tmp_path / "kept.json")
    other = open_wiki(sandbox, store=tmp_path / "kept.json")
    sandbox.expire_tokens()
    with ThreadPoolExecutor(2) as threads:
        assert [len(frame) for frame in threads.map(lambda wiki: wiki.spaces(), [one, other])] == [3, 3]
    assert refreshes(sandbox) == 1


def test_what_another_process_renewed_is_taken_over_not_renewed_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    one = signed_in(sandbox, store=tmp_path / "kept.json")
    other = open_wiki(sandbox, store=tmp_path / "kept.json")
    age(one, 3_500)
    one.spaces()
    sandbox.advance_clock(700)  # past the leeway: the pair that `other` holds is dead on the server
    assert len(other.spaces()) == 3
    assert refreshes(sandbox) == 1


# ---------------------------------------------------------------- stored before used


def test_the_new_pair_is_stored_before_it_is_used(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    wiki = signed_in(sandbox, store=path)
    sandbox.expire_tokens()
    seen: list[tuple[str, int]] = []
    write = FileVault.write

    def watched(vault: FileVault, name: str, text: Secret) -> None:
        seen.append((json.loads(text.reveal())["grant"]["access_token"], _served(sandbox)))
        write(vault, name, text)

    monkeypatch.setattr(FileVault, "write", watched)
    served = _served(sandbox)
    wiki.spaces()
    (kept, served_then), *rest = seen
    assert not rest
    assert kept == keeper_of(wiki).grant.access_token.reveal()
    assert served_then == served, "nothing was asked with the new token before it was stored"
    assert _served(sandbox) == served + 1


def _served(sandbox: Sandbox) -> int:
    """Successful answers of the wiki."""
    return sum(
        times
        for route, outcomes in sandbox.counts()["routes"].items()
        if "/wiki/" in route
        for outcome, times in outcomes.items()
        if str(outcome) == "200"
    )


def test_a_renewal_whose_answer_was_lost_is_asked_again(sandbox: Sandbox, wiki: Wiki) -> None:
    sandbox.expire_tokens()
    sandbox.set(faults_on="token", drop_every=1, fault_limit=2)
    assert len(wiki.spaces()) == 3
    assert sandbox.counts()["faults"] == {"drop": 2}
    assert refreshes(sandbox) == 3, "the server rotated thrice, the client got the last pair"
    sandbox.advance_clock(700)
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3, "the family was not taken for stolen"


def test_a_store_that_fails_after_a_renewal_costs_a_warning_not_the_sign_in(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    wiki = signed_in(sandbox, store=folder / "kept.json")
    held = keeper_of(wiki)._keep.vault
    sandbox.expire_tokens()

    def full(name: str, text: Secret) -> None:
        raise ConfluenceNBError("The disk is full. Make room.")

    held.write = full  # type: ignore[method-assign]
    with pytest.warns(RuntimeWarning, match="disk is full"):
        wiki.spaces()
    assert "disk is full" in wiki.status().remembered
    sandbox.advance_clock(700)
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3, "the pair in memory is the newest, not the one in the store"
    assert refreshes(sandbox) == 2


# ------------------------------------------------------------------- what ends, what lasts


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


def test_an_interrupt_during_a_renewal_loses_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    wiki = signed_in(sandbox, store=path)
    sandbox.expire_tokens()
    sandbox.set(faults_on="token", stall_every=1, stall_seconds=0.6)
    before = keeper_of(wiki).grant.access_token
    site = wiki.site
    assert site is not None
    waiting = portal.submit(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces"))
    deadline = time.monotonic() + 10
    while refreshes(sandbox) == 0 and not keeper_of(wiki)._renewals and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    waiting.cancel()
    while keeper_of(wiki).grant.access_token == before and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert waiting.cancelled()
    kept = json.loads(next(iter(json.loads(path.read_text()).values())))
    assert keeper_of(wiki).grant.access_token == kept["grant"]["access_token"]
    sandbox.set(stall_every=0)
    sandbox.advance_clock(700)
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1


def test_a_sign_out_elsewhere_is_not_undone_by_a_renewal(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "sign-in.json"
    one, other = signed_in(sandbox, store=store), open_wiki(sandbox, store=store)
    one.sign_out()
    keeper = keeper_of(other)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 3590)
    with pytest.raises(SignInRequired, match="signed out in another notebook"):
        other.spaces()
    assert refreshes(sandbox) == 0
    assert not open_wiki(sandbox, store=store).signed_in


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"other": "{}"}', None], ids=str)
def test_a_store_that_lost_its_memory_ends_no_sign_in(
    sandbox: Sandbox, tmp_path: Path, damage: bytes | None
) -> None:
    """It gets the renewed sign-in back, for others and for the next kernel."""
    store = tmp_path / "sign-in.json"
    wiki = signed_in(sandbox, store=store)
    store.unlink()
    if damage is not None:
        store.write_bytes(damage)
    keeper = keeper_of(wiki)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 3590)
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1
    again = open_wiki(sandbox, store=store)
    assert again.signed_in
    assert len(again.use("acme").spaces()) == 3
    assert refreshes(sandbox) == 1


def test_what_could_not_be_stored_is_stored_as_soon_as_it_can(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "sign-in.json"
    wiki = signed_in(sandbox, store=store)
    with monkeypatch.context() as patch:
        patch.setattr(FileVault, "write", _full)
        keeper = keeper_of(wiki)
        keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 3590)
        with pytest.warns(RuntimeWarning, match="could not be stored"):
            wiki.spaces()
        assert "Not stored" in wiki.status().remembered
        wiki.spaces()  # the store is still full, and nobody is told a second time
        _settled(keeper)
    keeper._store_again_at = 0.0
    wiki.spaces()
    _settled(keeper)
    assert "Not stored" not in wiki.status().remembered
    assert refreshes(sandbox) == 1
    sandbox.advance_clock(700)  # past the leeway of the pair before
    again = open_wiki(sandbox, store=store)
    keeper_of(again).grant = replace(keeper_of(again).grant, obtained_at=0.0)
    assert len(again.use("acme").spaces()) == 3


def _full(*_: object) -> None:
    raise VaultFailed("The sign-in cannot be kept: No space left on device.")


def _settled(keeper: GrantKeeper) -> None:
    """Wait for the attempt to store it that is under way."""

    async def settled() -> None:
        if keeper._storing is not None:
            await asyncio.wait([keeper._storing])

    portal.run(settled())


def test_another_sign_in_under_the_profile_is_never_taken_over_silently(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "sign-in.json"
    one, other = signed_in(sandbox, store=store), open_wiki(sandbox, store=store)
    one.sign_in(sandbox.approve(one.consent_url, account=SIGN_IN_ACCOUNTS[1].account_id))
    keeper = keeper_of(other)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 3590)
    with pytest.raises(SignInRequired, match="signed in anew"):
        other.spaces()
    assert not other.signed_in
    assert refreshes(sandbox) == 0
    again = open_wiki(sandbox, store=store)
    assert again.status().account == one.status().account == SIGN_IN_ACCOUNTS[1].name


def test_a_store_that_cannot_be_read_hides_no_answer_while_the_token_lives(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: FileVault, name: str) -> None:
        raise VaultFailed("The keyring cannot keep the sign-in: it is locked.")

    wiki = signed_in(sandbox, store=tmp_path / "sign-in.json")
    monkeypatch.setattr(FileVault, "read", locked)
    with pytest.raises(NotFound):
        wiki.get("/pages/999999999")
    keeper = keeper_of(wiki)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 3590)
    assert len(wiki.spaces()) == 3
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - 60)
    with pytest.raises(VaultFailed):
        wiki.spaces()


def test_a_sign_in_that_was_not_stored_is_not_replaced_by_the_older_one(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = signed_in(sandbox, store=tmp_path / "sign-in.json")
    older = keeper_of(wiki).grant

    pasted = sandbox.approve(wiki.consent_url)
    with monkeypatch.context() as patch:
        patch.setattr("confluence_nb.oauth.record.Keep.change", _cancelled)
        with pytest.raises(CancelledError):
            wiki.sign_in(pasted)
    newer = keeper_of(wiki).grant
    assert newer.access_token != older.access_token
    portal.run(keeper_of(wiki).after_rejection(newer))
    assert refreshes(sandbox) == 1
    assert keeper_of(wiki).grant.access_token not in (older.access_token, newer.access_token)


async def _cancelled(*_: object) -> None:
    raise asyncio.CancelledError


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
