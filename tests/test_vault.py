"""What every place that keeps sign-ins can do: memory, a file, and keyrings of several kinds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from keyrings import (
    CANARY,
    Truncates,
    Windows,
    Works,
)

from confluence_nb.oauth.vault import FileVault, KeyringVault, MemoryVault, Vault
from confluence_nb.secret import Secret


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
