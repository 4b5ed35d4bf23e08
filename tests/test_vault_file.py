"""Sign-ins in a file: its modes and links, what is damaged, a full disk, and writers killed on the way."""

from __future__ import annotations

import json
import os
import threading
import time
import traceback
from pathlib import Path

import pytest
from keyrings import (
    CANARY,
)
from vault_processes import mode_of, started

from confluence_nb.oauth.vault import FileVault, VaultFailed, open_vault
from confluence_nb.secret import Secret


class TestFile:
    def test_is_for_its_owner_alone_whatever_the_umask(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "kept.json"
        before = os.umask(0)
        try:
            FileVault(path).write("a", Secret("text"))
        finally:
            os.umask(before)
        assert mode_of(path.parent) == 0o700
        assert {mode_of(file) for file in path.parent.iterdir()} == {0o600}
        assert json.loads(path.read_text()) == {"a": "text"}

    def test_of_wider_mode_is_narrowed_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "kept.json"
        path.write_text('{"a": "text"}')
        path.chmod(0o644)
        vault = FileVault(path)
        assert mode_of(path) == 0o600
        assert vault.read("a") == Secret("text")

    def test_behind_a_link_is_the_one_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        link = tmp_path / "link.json"
        link.symlink_to(tmp_path / "real" / "kept.json")
        FileVault(link).write("a", Secret("text"))
        assert link.is_symlink()
        assert FileVault(tmp_path / "real" / "kept.json").read("a") == Secret("text")

    @pytest.mark.parametrize("content", [b"{", b"[1]", b'{"a": 1}', b"\xff\xfe", b"null", b"[" * 100_000])
    def test_damaged_is_nothing_kept_and_never_destroyed(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "kept.json"
        for number in ("damaged", "damaged-2"):
            path.write_bytes(content)
            vault = FileVault(path)
            assert vault.read("a") is None
            vault.delete("a")
            assert path.read_bytes() == content
            vault.write("a", Secret("new"))
            assert vault.read("a") == Secret("new")
            assert (tmp_path / f"kept.json.{number}").read_bytes() == content

    def test_empty_holds_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "kept.json").touch()
        vault = FileVault(tmp_path / "kept.json")
        vault.write("a", Secret("new"))
        assert not list(tmp_path.glob("*.damaged*"))

    def test_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(VaultFailed, match="is a folder"):
            open_vault(tmp_path)
        with pytest.raises(VaultFailed, match="does not exist"):
            open_vault(tmp_path / "no" / "such" / "kept.json")
        (tmp_path / "plain").touch()
        with pytest.raises(VaultFailed, match="pass another file"):
            open_vault(tmp_path / "plain" / "kept.json")
        with pytest.raises(VaultFailed, match="names no file"):
            open_vault("")
        with pytest.raises(VaultFailed, match="whole path"):
            open_vault("~nobody-of-that-name/kept.json")

    def test_user_without_a_home_may_have_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "os.path.expanduser", lambda path: path
        )  # as in a container with a user of no name
        vault = open_vault(tmp_path / "kept.json")
        vault.write("a", Secret("text"))
        assert str(tmp_path) in vault.where

    def test_home_is_expanded_and_shown_short(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        vault = open_vault("~/kept.json")
        vault.write("a", Secret("text"))
        assert (tmp_path / "kept.json").exists()
        assert vault.where == "Remembered in ~/kept.json, readable by you alone."

    def test_writers_of_different_names_lose_nothing_of_each_other(self, tmp_path: Path) -> None:
        def write(name: str) -> None:
            vault = FileVault(tmp_path / "kept.json")
            for turn in range(8):
                vault.write(name, Secret(f"{name}{turn}"))

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert json.loads((tmp_path / "kept.json").read_text()) == {name: f"{name}7" for name in "abcd"}

    def test_full_disk_keeps_the_old_text_and_leaks_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vault = FileVault(tmp_path / "kept.json")
        vault.write("a", Secret("old"))

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(VaultFailed, match="No space left") as caught:
                vault.write("a", Secret(CANARY))
        assert vault.read("a") == Secret("old")
        assert not list(tmp_path.glob(".*"))
        shown = traceback.TracebackException(
            type(caught.value), caught.value, caught.tb.tb_next, capture_locals=True
        )
        assert "canary" not in "".join(shown.format())

    def test_writer_killed_at_any_time_leaves_a_whole_file(self, tmp_path: Path) -> None:
        path = tmp_path / "kept.json"
        for _ in range(3):
            with started(
                """
                from confluence_nb.secret import Secret
                vault = FileVault(sys.argv[1])
                print("ready", flush=True)
                for turn in range(10**9):
                    vault.write("a", Secret("xy"[turn % 2] * 200_000))
                """,
                path,
            ) as writer:
                vault, texts = FileVault(path), set()
                deadline = time.monotonic() + 10
                while len(texts) < 2 and time.monotonic() < deadline:
                    kept = vault.read("a")
                    texts |= {kept.reveal()} if kept else set()
                writer.kill()
            kept = vault.read("a")
            assert kept is not None
            assert texts | {kept.reveal()} == {"x" * 200_000, "y" * 200_000}
        vault.write("a", Secret("after"))
        assert {file.name for file in tmp_path.iterdir()} == {"kept.json", "kept.json.lock"}
