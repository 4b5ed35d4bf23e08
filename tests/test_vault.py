"""Where sign-ins are kept: every kind of keyring, the file and its modes, and the locks between users of one name."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from confluence_nb.oauth.vault import FileVault, KeyringVault, MemoryVault, Vault, VaultFailed, open_vault
from confluence_nb.oauth.vault.locks import file_locked
from confluence_nb.secret import Secret

CANARY = "canary-8d1f-" * 400
"""Longer than any keyring item may be on Windows, and easy to find where it should not be."""


class Works:
    """A keyring as it should be: several users of one instance are several processes on one machine."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.items:
            raise PasswordDeleteError("not found")
        del self.items[service, username]


class WindowsError(Exception):
    """As pywintypes.error: no KeyringError."""


class Windows(Works):
    """2,560 bytes of UTF-16 in an item; the last writer of a service owns it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2_560:
            raise WindowsError(1783, "CredWrite", f"The stub received bad data: {password}")
        assert all(user == username for kept, user in self.items if kept == service), (
            "two names in one service"
        )
        super().set_password(service, username, password)


class Truncates(Works):
    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:1_280])


class Fails(Works):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"no room for {password}")


class Locked(Works):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class Garbage(Works):
    def get_password(self, service: str, username: str) -> str | None:
        return "\x00garbage" if super().get_password(service, username) else None


class KeepsForEver(Works):
    def delete_password(self, service: str, username: str) -> None:
        pass


class Hangs(Works):
    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.answers.wait(30)
        return super().get_password(service, username)


class DiesAt(Windows):
    """Raises at the nth change, as a process killed there would leave the keyring."""

    def __init__(self, items: dict[tuple[str, str], str], changes: int) -> None:
        super().__init__()
        self.items = items
        self.changes_left = changes

    def _count(self) -> None:
        if self.changes_left == 0:
            raise KeyboardInterrupt
        self.changes_left -= 1

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) <= 1_280:
            self._count()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._count()
        super().delete_password(service, username)


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lock files of the tests lie in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


VAULTS: dict[str, Callable[[Path], Vault]] = {
    "memory": lambda _: MemoryVault(),
    "file": lambda folder: FileVault(folder / "kept.json"),
    "keyring": lambda _: KeyringVault(Works()),
    "windows": lambda _: KeyringVault(Windows()),
    "truncating": lambda _: KeyringVault(Truncates()),
}


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return VAULTS[request.param](tmp_path)


class TestEveryVault:
    @pytest.mark.parametrize(
        "text", ["", "x", "line\nbreak\x00", "日本語 🗝" * 500, "🗝" * 1_300, "whole:0:", CANARY], ids=len
    )
    def test_gives_back_what_was_written(self, vault: Vault, text: str) -> None:
        vault.write("a", Secret(text))
        kept = vault.read("a")
        assert kept is not None
        assert kept.reveal() == text

    def test_keeps_names_apart_and_forgets_them_one_by_one(self, vault: Vault) -> None:
        assert vault.read("a@one") is None
        for text in ("short", CANARY, CANARY[:3_000], CANARY[::-1], "short again"):
            vault.write("a@one", Secret(text))
            vault.write("b@two", Secret(text + "!"))
            assert vault.read("a@one") == Secret(text)
        vault.delete("a@one")
        vault.delete("a@one")
        assert vault.read("a@one") is None
        assert vault.read("b@two") == Secret("short again!")

    def test_shows_nothing_of_it(self, vault: Vault) -> None:
        vault.write("a", Secret(CANARY))
        assert "canary" not in repr(vault) + str(vault) + vault.where
        assert vault.where.endswith(".")

    def test_counts_right_under_its_lock_between_threads_and_tasks(self, vault: Vault) -> None:
        vault.write("n", Secret("0"))

        async def add_one() -> None:
            async with vault.lock("n"):
                seen = vault.read("n")
                assert seen is not None
                await asyncio.sleep(0)
                vault.write("n", Secret(str(int(seen.reveal()) + 1)))

        async def add_four() -> None:
            await asyncio.gather(*(add_one() for _ in range(4)))

        threads = [threading.Thread(target=lambda: asyncio.run(add_four())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert vault.read("n") == Secret("32")

    def test_lock_of_one_name_does_not_keep_another_waiting(self, vault: Vault) -> None:
        async def both() -> bool:
            async with asyncio.timeout(5), vault.lock("a"), vault.lock("b"):
                return True

        assert asyncio.run(both())

    def test_cancelled_waiter_leaves_the_lock_free(self, vault: Vault) -> None:
        async def holds() -> None:
            async with vault.lock("a"):
                await asyncio.sleep(60)

        async def story() -> bool:
            holder = asyncio.create_task(holds())
            await asyncio.sleep(0)
            waiter = asyncio.create_task(holds())
            await asyncio.sleep(0.02)
            waiter.cancel()
            holder.cancel()
            await asyncio.gather(waiter, holder, return_exceptions=True)
            async with asyncio.timeout(5), vault.lock("a"):
                return True

        assert asyncio.run(story())


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


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFile:
    def test_is_for_its_owner_alone_whatever_the_umask(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "kept.json"
        before = os.umask(0)
        try:
            FileVault(path).write("a", Secret("text"))
        finally:
            os.umask(before)
        assert mode(path.parent) == 0o700
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}
        assert json.loads(path.read_text()) == {"a": "text"}

    def test_of_wider_mode_is_narrowed_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "kept.json"
        path.write_text('{"a": "text"}')
        path.chmod(0o644)
        vault = FileVault(path)
        assert mode(path) == 0o600
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


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Another Python process running the program, once it has said that it is ready."""
    lines = [line.strip() and line[16:] for line in program.splitlines()]
    source = "import asyncio, sys\nfrom confluence_nb.oauth.vault import FileVault\n" + "\n".join(lines)
    process = subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


class TestLocksBetweenProcesses:
    def test_two_processes_count_right(self, tmp_path: Path) -> None:
        path = tmp_path / "kept.json"
        FileVault(path).write("n", Secret("0"))
        program = """
                from confluence_nb.secret import Secret
                vault = FileVault(sys.argv[1])
                print("ready", flush=True)
                async def count():
                    for _ in range(25):
                        async with vault.lock("n"):
                            seen = int(vault.read("n").reveal())
                            await asyncio.sleep(0)
                            vault.write("n", Secret(str(seen + 1)))
                asyncio.run(count())
                """
        with started(program, path) as one, started(program, path) as two:
            assert (one.wait(60), two.wait(60)) == (0, 0)
        assert FileVault(path).read("n") == Secret("50")

    def test_killed_holder_frees_it_and_a_waiter_does_not_block_its_loop(self, tmp_path: Path) -> None:
        path = tmp_path / "kept.json"
        vault = FileVault(path)

        async def story() -> tuple[bool, int]:
            ticks = 0
            with started(
                """
                async def hold():
                    async with FileVault(sys.argv[1]).lock("n"):
                        print("ready", flush=True)
                        await asyncio.sleep(600)
                asyncio.run(hold())
                """,
                path,
            ) as holder:

                async def wait() -> bool:
                    async with vault.lock("n"):
                        return holder.poll() is not None

                waiter = asyncio.create_task(wait())
                for _ in range(50):
                    await asyncio.sleep(0.002)
                    ticks += not waiter.done()
                holder.kill()
                holder.wait()
                return await asyncio.wait_for(waiter, 10), ticks

        assert asyncio.run(story()) == (True, 50)

    def test_waiting_ends_and_names_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "n.lock"

        async def twice() -> None:
            async with file_locked(path), file_locked(path, patience=0.1):
                raise AssertionError("held twice")

        with pytest.raises(VaultFailed, match=r"n\.lock for 0\.1 seconds"):
            asyncio.run(twice())

    def test_keyring_locks_lie_in_the_state_folder_for_their_owner_alone(self, state_folder: Path) -> None:
        async def hold() -> list[Path]:
            async with KeyringVault(Works()).lock("../profile@host:1"):
                return list(state_folder.rglob("*.lock"))

        (file,) = asyncio.run(hold())
        assert (mode(file), mode(file.parent)) == (0o600, 0o700)

    def test_keyring_locks_move_when_the_state_folder_cannot_be_made(
        self, state_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        state_folder.touch()
        spare = tmp_path / "spare"
        spare.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(spare))
        KeyringVault(Works())
        (folder,) = spare.iterdir()
        assert mode(folder) == 0o700
        folder.chmod(0o777)
        with pytest.raises(VaultFailed, match="No lock file can be made"):
            KeyringVault(Works())
