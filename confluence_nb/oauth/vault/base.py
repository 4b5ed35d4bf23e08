"""What every place that keeps a sign-in can do, and the one error when it cannot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.secret import Secret


class VaultFailed(ConfluenceNBError):
    """A sign-in could not be kept, read or forgotten; `reason` is the cause alone, in a few words."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class Vault(ABC):
    """Keeps texts by name. Reading, writing and deleting block: call them in a worker thread.

    Attributes
    ----------
    where
        A sentence for the panel: where a sign-in is remembered, and who can read it there.
    shared
        Whether other processes see what is kept here.
    """

    where: str
    shared: bool

    @abstractmethod
    def read(self, name: str) -> Secret | None:
        """What is kept under this name; None when that is nothing, or nothing that is whole."""

    @abstractmethod
    def write(self, name: str, text: Secret) -> None:
        """Keep a text; readers see the old one or the new one. Writers of one name take turns under `lock`.

        Raises
        ------
        VaultFailed
            The text was not kept, or does not read back as it was written.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Forget what is kept under this name, if anything."""

    @abstractmethod
    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        """One holder per name among all tasks, threads and processes that use this vault.

        Raises
        ------
        VaultFailed
            Somebody else held it for a minute.
        """

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.where}>"
