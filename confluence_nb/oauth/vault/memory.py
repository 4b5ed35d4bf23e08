"""Keeps sign-ins in this process alone, where no keyring works or nothing is to be stored."""

from __future__ import annotations

import threading
from contextlib import AbstractAsyncContextManager

from confluence_nb.oauth.vault.base import Vault
from confluence_nb.oauth.vault.locks import thread_locked
from confluence_nb.secret import Secret


class MemoryVault(Vault):
    """A dictionary that ends with the process.

    Parameters
    ----------
    reason
        Why nothing better is used, in a few words; empty when memory was asked for.
    """

    shared = False

    def __init__(self, reason: str = "") -> None:
        why = f"no keyring works here ({reason})" if reason else "nothing is stored"
        self.where = f"Kept in memory: {why}. You sign in again when the kernel stops."
        self._kept: dict[str, Secret] = {}
        self._locks: dict[str, threading.Lock] = {}

    def read(self, name: str) -> Secret | None:
        return self._kept.get(name)

    def write(self, name: str, text: Secret) -> None:
        self._kept[name] = text

    def delete(self, name: str) -> None:
        self._kept.pop(name, None)

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        return thread_locked(self._locks.setdefault(name, threading.Lock()), name)
