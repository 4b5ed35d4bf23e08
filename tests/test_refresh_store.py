"""A renewed sign-in and its store: stored before it is used, and what a store that fails costs."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from conftest import open_wiki
from renewals import age, grants_in, keeper_of, old_in_hand, refreshes, signed_in, stored_grants, token_calls

from confluence_nb import Wiki
from confluence_nb.api.portal import portal
from confluence_nb.errors import NotFound
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.oauth.vault import FileVault, VaultFailed
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret

pytestmark = pytest.mark.usefixtures("hurried")


def test_the_new_pair_is_stored_before_it_is_used(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    wiki = signed_in(sandbox, store=path)
    sandbox.expire_tokens()
    before = keeper_of(wiki).grant.access_token.reveal()
    seen: list[tuple[str, int]] = []
    write = FileVault.write

    def watched(vault: FileVault, name: str, text: Secret) -> None:
        seen.append((grants_in(text)[0]["access_token"], _served(sandbox)))
        write(vault, name, text)

    monkeypatch.setattr(FileVault, "write", watched)
    served = _served(sandbox)
    wiki.spaces()
    (proof, _), (kept, served_then) = seen
    assert proof == before, "the store was tried with the old pair"
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


class FillsUp:
    """A store that takes what it holds already, and nothing new."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write = FileVault.write

        def written(vault: FileVault, name: str, text: Secret) -> None:
            if vault.read(name) != text:
                raise _full()
            write(vault, name, text)

        monkeypatch.setattr(FileVault, "write", written)


def _full() -> VaultFailed:
    return VaultFailed("The sign-in cannot be kept: No space left on device.")


def _refuses(*_: object) -> None:
    raise _full()


def test_no_token_is_spent_whose_successor_cannot_be_stored(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer full than the leeway: whoever had renewed in memory would have ended the sign-in of the others."""
    store = tmp_path / "kept.json"
    one, other = signed_in(sandbox, store=store), open_wiki(sandbox, store=store)
    sandbox.expire_tokens()
    with monkeypatch.context() as patch:
        patch.setattr(FileVault, "write", _refuses)
        for wiki in (one, other):
            with pytest.raises(VaultFailed, match=r"could not be stored .* left as it is.*No space left"):
                wiki.spaces()
            assert wiki.signed_in
        assert token_calls(sandbox) == 1, "the code's exchange, and nothing since"
        sandbox.advance_clock(700)
    assert [len(wiki.spaces()) for wiki in (other, one)] == [3, 3]
    assert refreshes(sandbox) == 1


def test_a_full_store_is_not_felt_while_the_token_lives(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = signed_in(sandbox, store=tmp_path / "kept.json")
    monkeypatch.setattr(FileVault, "write", _refuses)
    old_in_hand(wiki)
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 0


def test_a_store_that_forgets_silently_is_found_out_before_a_token_is_spent(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = signed_in(sandbox, store=tmp_path / "kept.json")
    sandbox.expire_tokens()
    monkeypatch.setattr(FileVault, "_replace", lambda vault, texts: None)
    (tmp_path / "kept.json").unlink()
    with pytest.raises(VaultFailed, match="does not read back"):
        wiki.spaces()
    assert refreshes(sandbox) == 0


def test_a_store_that_fails_after_a_renewal_costs_a_warning_not_the_sign_in(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = signed_in(sandbox, store=tmp_path / "kept.json")
    sandbox.expire_tokens()
    FillsUp(monkeypatch)
    with pytest.warns(RuntimeWarning, match="No space left"):
        wiki.spaces()
    assert "No space left" in wiki.status().remembered
    sandbox.advance_clock(700)
    sandbox.expire_tokens()
    assert len(wiki.spaces()) == 3, "the pair in memory is the newest, not the one in the store"
    assert refreshes(sandbox) == 2


def test_an_interrupt_during_a_renewal_loses_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    wiki = signed_in(sandbox, store=path)
    sandbox.expire_tokens()
    sandbox.set(faults_on="token", stall_every=1, stall_seconds=2.0)
    before = keeper_of(wiki).grant.access_token
    site = wiki.site
    assert site is not None
    waiting = portal.submit(wiki._client.ask(site, "GET", "/wiki/api/v2/spaces"))
    deadline = time.monotonic() + 30
    while "stall" not in sandbox.counts()["faults"] and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    waiting.cancel()  # the server has been asked to rotate, and takes its time
    while keeper_of(wiki).grant.access_token == before and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert waiting.cancelled()
    assert keeper_of(wiki).grant.access_token != before
    assert [grant["access_token"] for grant in stored_grants(path)] == [keeper_of(wiki).grant.access_token]
    sandbox.set(stall_every=0)
    sandbox.advance_clock(700)
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1


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
    old_in_hand(wiki)
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
    age(wiki, 3_590)
    with monkeypatch.context() as patch:
        FillsUp(patch)
        keeper = keeper_of(wiki)
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
    old_in_hand(again)
    assert len(again.use("acme").spaces()) == 3


def _settled(keeper: GrantKeeper) -> None:
    """Wait for the attempt to store it that is under way."""

    async def settled() -> None:
        if keeper._storing is not None:
            await asyncio.wait([keeper._storing])

    portal.run(settled())


def test_a_store_that_cannot_be_read_hides_no_answer_while_the_token_lives(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: FileVault, name: str) -> None:
        raise VaultFailed("The keyring cannot keep the sign-in: it is locked.")

    wiki = signed_in(sandbox, store=tmp_path / "sign-in.json")
    monkeypatch.setattr(FileVault, "read", locked)
    with pytest.raises(NotFound):
        wiki.get("/pages/999999999")
    old_in_hand(wiki)
    assert len(wiki.spaces()) == 3
    old_in_hand(wiki, 60)
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
