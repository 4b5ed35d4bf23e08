"""The locks between all who use one name: threads, tasks and processes, also those that die."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from keyrings import (
    Works,
)
from vault_processes import mode_of, started

from confluence_nb.oauth.vault import FileVault, KeyringVault, VaultFailed, locks
from confluence_nb.oauth.vault.locks import file_locked, lock_folder
from confluence_nb.secret import Secret


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lock files of the tests lie in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


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
        assert (mode_of(file), mode_of(file.parent)) == (0o600, 0o700)

    def test_keyring_locks_move_when_the_state_folder_cannot_be_made(
        self, state_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        state_folder.touch()
        spare = tmp_path / "spare"
        spare.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(spare))
        KeyringVault(Works())
        (folder,) = spare.iterdir()
        assert mode_of(folder) == 0o700
        folder.chmod(0o777)
        with pytest.raises(VaultFailed, match="No lock file can be made"):
            KeyringVault(Works())

    def test_keyring_locks_do_not_depend_on_where_a_notebook_was_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A user without a home has a state folder called `~`, below the folder of each notebook."""
        monkeypatch.setattr(locks, "user_state_path", lambda *_, **__: Path("~/.local/state/confluence_nb"))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        here = tmp_path / "notebooks"
        here.mkdir()
        monkeypatch.chdir(here)
        assert lock_folder().parent == tmp_path
        assert not list(here.iterdir())
