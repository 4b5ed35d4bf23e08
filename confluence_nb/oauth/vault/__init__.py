"""Where a sign-in is kept between notebooks: keyring, file or memory, each with a lock between processes."""

from __future__ import annotations

import os

from confluence_nb.oauth.vault.base import Vault, VaultFailed
from confluence_nb.oauth.vault.file import FileVault
from confluence_nb.oauth.vault.keyring import KeyringVault
from confluence_nb.oauth.vault.memory import MemoryVault

__all__ = ["FileVault", "KeyringVault", "MemoryVault", "Vault", "VaultFailed", "open_vault"]


def open_vault(store: str | os.PathLike[str] = "auto") -> Vault:
    """The vault that a `store` argument names. Blocks while the keyring is tried: call it in a worker thread.

    Parameters
    ----------
    store
        "auto": the keyring when one works, else memory; "keyring"; "memory"; anything else is a file.

    Raises
    ------
    VaultFailed
        The keyring was asked for and none works, or the file cannot be used.
    """
    if store == "memory":
        return MemoryVault()
    if store == "keyring":
        return KeyringVault()
    if store == "auto":
        try:
            return KeyringVault()
        except VaultFailed as error:
            return MemoryVault(error.reason)
    if not os.fspath(store):
        raise VaultFailed('store="" names no file. Pass "auto", "keyring", "memory" or the path of a file.')
    return FileVault(store)
