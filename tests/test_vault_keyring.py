"""Sign-ins in a keyring: what works is used, what fails, hangs, forgets or breaks off costs nothing that was kept."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import KeyringLocked
from keyrings import (
    CANARY,
    DiesAt,
    Fails,
    Garbage,
    Hangs,
    KeepsForEver,
    Locked,
    Windows,
    Works,
)

from confluence_nb.oauth.vault import KeyringVault, MemoryVault, VaultFailed, open_vault
from confluence_nb.secret import Secret


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lock files of the tests lie in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


class TestKeyring:
    @pytest.mark.parametrize(
        ("backend", "reason"),
        [
            (fail.Keyring, "none is installed or running"),
            (null.Keyring, "does not give it back"),
            (Fails, "failed with RuntimeError"),
            (Locked, "locked"),
            (Garbage, "does not give it back"),
            (KeepsForEver, "told to delete"),
        ],
    )
    def test_that_does_not_work_is_refused_with_the_reason(
        self, backend: type[Works], reason: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(VaultFailed, match=reason):
            KeyringVault(backend())
        monkeypatch.setattr(keyring, "get_keyring", backend)
        with pytest.raises(VaultFailed, match=reason):
            open_vault("keyring")
        instead = open_vault("auto")
        assert isinstance(instead, MemoryVault)
        assert reason in instead.where
        assert not instead.shared

    def test_that_works_is_chosen_and_left_clean(self, monkeypatch: pytest.MonkeyPatch) -> None:
        backend = Works()
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        chosen = open_vault()
        assert isinstance(chosen, KeyringVault)
        assert chosen.shared
        assert not backend.items

    def test_that_is_a_plain_file_is_called_so(self) -> None:
        plain = type("PlaintextKeyring", (Works,), {})
        chain = Works()
        chain.backends = [plain()]  # type: ignore[attr-defined]
        assert "not encrypted" in KeyringVault(plain()).where
        assert "not encrypted" in KeyringVault(chain).where

    def test_that_hangs_is_given_up_in_time_and_used_again_when_it_answers(self) -> None:
        backend = Hangs()
        vault = KeyringVault(backend, patience=0.2)
        vault.write("a", Secret("kept"))
        backend.answers.clear()
        with pytest.raises(VaultFailed, match=r"did not answer within 0\.2 seconds"):
            vault.read("a")
        vault._patience = 60.0  # given up once, it is not waited for again: this would be seen
        calls, began = backend.calls, time.monotonic()
        with pytest.raises(VaultFailed, match="earlier call"):
            vault.write("a", Secret("later"))
        assert time.monotonic() - began < 30
        vault._patience = 0.2
        assert backend.calls == calls
        backend.answers.set()
        assert vault._pending is not None
        vault._pending.join()
        assert vault.read("a") == Secret("kept")

    def test_that_gets_locked_is_asked_once_per_write(self) -> None:
        backend = Works()
        vault = KeyringVault(backend)
        asked: list[str] = []

        def prompt(service: str, username: str, password: str) -> None:
            asked.append(service)
            raise KeyringLocked("prompt dismissed")

        backend.set_password = prompt  # type: ignore[method-assign]
        with pytest.raises(VaultFailed, match="locked"):
            vault.write("a", Secret(CANARY))
        assert asked == ["confluence_nb/a"]

    def test_failure_quotes_nothing_of_the_text(self) -> None:
        backend = Works()
        vault = KeyringVault(backend)
        backend.set_password = Fails().set_password  # type: ignore[method-assign]
        with pytest.raises(VaultFailed) as caught:
            vault.write("a", Secret(CANARY))
        shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        shown_all = "".join(shown.format()) + repr(caught.value.__context__)
        ours = shown_all.split("confluence_nb/oauth/vault", 1)[1]
        assert "RuntimeError" in ours
        assert "canary" not in ours

    def test_text_shrinks_and_goes_without_litter(self) -> None:
        backend = Windows()
        vault = KeyringVault(backend)
        vault.write("a", Secret(CANARY))
        assert len(backend.items) == 1 + -(-len(CANARY) // 600)
        vault.write("a", Secret(CANARY[:1_500]))
        assert len(backend.items) == 1 + 3
        vault.write("a", Secret("short"))
        assert len(backend.items) == 1
        vault.write("a", Secret(CANARY))
        vault.delete("a")
        assert not backend.items

    @pytest.mark.parametrize("old", ["short", CANARY])
    def test_writer_killed_anywhere_leaves_the_old_text_or_the_new(self, old: str) -> None:
        new = CANARY[::-1]
        first = Windows()
        KeyringVault(first).write("a", Secret(old))
        seen = []
        for changes in range(30):
            items = dict(first.items)
            writer = KeyringVault(DiesAt(items, 10**9))
            writer._backend = DiesAt(items, changes)
            try:
                writer.write("a", Secret(new))
                finished = True
            except VaultFailed:
                finished = False
            after = Windows()
            after.items = items
            reader = KeyringVault(after)
            kept = reader.read("a")
            assert kept is not None
            seen.append(kept == Secret(new))
            assert seen[-1] or kept == Secret(old)
            assert seen == sorted(seen)
            reader.write("a", Secret(CANARY[:1_500]))
            assert len(items) == 1 + 3, "a killed writer's pieces are cleared by the next"
            if finished:
                break
        assert finished
        assert seen[0] is False
        assert seen[-1] is True

    @pytest.mark.parametrize("piece", ["a0", "a3", "a7"])
    def test_reader_reads_again_when_a_writer_was_in_between(self, piece: str) -> None:
        old, new = Secret(CANARY), Secret(CANARY[::-1])

        class Interrupted(Windows):
            def get_password(self, service: str, username: str) -> str | None:
                if service.endswith(piece) and not writers:
                    writers.append(KeyringVault(others))
                    writers[0].write("a", new)
                return super().get_password(service, username)

        writers: list[KeyringVault] = []
        others = Windows()
        KeyringVault(others).write("a", old)
        assert any(service.endswith(piece) for service, _ in others.items)
        backend = Interrupted()
        reader = KeyringVault(backend)
        backend.items = others.items
        assert reader.read("a") == new
        assert writers

    @pytest.mark.parametrize("item", ["head", "a0", "a3", "b0", "b3"])
    @pytest.mark.parametrize("damage", ["", "garbage", None])
    def test_damage_is_nothing_kept_and_is_written_over(self, item: str, damage: str | None) -> None:
        backend = Windows()
        vault = KeyringVault(backend)
        vault.write("a", Secret(CANARY))
        service = next(
            (kept for kept in backend.items if kept[0].endswith(f"a/{item}")), ("confluence_nb/a", "a")
        )
        if damage is None:
            del backend.items[service]
        else:
            backend.items[service] = damage
        assert vault.read("a") is None
        vault.write("a", Secret(CANARY))
        assert vault.read("a") == Secret(CANARY)
