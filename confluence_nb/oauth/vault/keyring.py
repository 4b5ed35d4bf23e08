"""Keeps sign-ins in the system's keyring, whatever that keyring's limits, silences and delays."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from confluence_nb.oauth.vault.base import Vault, VaultFailed
from confluence_nb.oauth.vault.locks import file_locked, file_name, lock_folder
from confluence_nb.oauth.vault.pieces import PIECE, Head, digest, pieces
from confluence_nb.secret import Secret

PATIENCE = 30.0
"""Seconds for one read or write: time to answer a keyring's own password prompt, yet not for ever."""

_NONE, _LOCKED = "none is installed or running", "it is locked"

_Result = TypeVar("_Result")


class Backend(Protocol):
    """What this vault needs of a backend of the keyring package."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class KeyringVault(Vault):
    """One item per name, or several small ones where the keyring refuses a long one.

    Every item has a service of its own: Windows moves the first of two usernames under one service, and
    a move under two writers would lose the newer text.

    Parameters
    ----------
    backend
        A backend of the keyring package; None takes the one this machine is set up with.
    patience
        Seconds after which a call that does not return is given up.

    Raises
    ------
    VaultFailed
        No keyring works here: what is written does not come back, or not in time.
    """

    shared = True

    def __init__(self, backend: Backend | None = None, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._pending: threading.Thread | None = None
        self._given_up = False
        self._entry = threading.Lock()
        self._backend = backend if backend is not None else self._in_time(_configured)
        self.where = _where(self._backend)
        self._locks = lock_folder()
        self._probe()

    def read(self, name: str) -> Secret | None:
        return self._in_time(lambda: self._read(name))

    def write(self, name: str, text: Secret) -> None:
        if not self._in_time(lambda: self._write(name, text)):
            raise _failed("it took the text but does not give it back")

    def delete(self, name: str) -> None:
        if not self._in_time(lambda: self._delete(name)):
            raise _failed("it keeps what it was told to delete")

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        return file_locked(self._locks / file_name(name))

    def _probe(self) -> None:
        # Two notebooks that start at once must not read each other's probe.
        name = f"probe-{secrets.token_hex(8)}"
        self.write(name, Secret(secrets.token_hex(8)))
        self.delete(name)

    def _read(self, name: str) -> Secret | None:
        seen: Secret | None = None
        while True:
            said = self._get(name, "head")
            # The same head twice over pieces that do not match it: no writer is in between, this is damage.
            if said is None or said == seen:
                return None
            text = self._assembled(name, said)
            if text is not None:
                return text
            seen = said

    def _assembled(self, name: str, said: Secret) -> Secret | None:
        head = Head.parsed(said)
        if head is None:
            return None
        text = head.text
        if text is None:
            found = [self._get(name, f"{head.generation}{number}") for number in range(head.count)]
            text = Secret("".join(piece.reveal() for piece in found if piece is not None))
        return text if digest(text) == head.digest else None

    def _write(self, name: str, text: Secret) -> bool:
        if self._whole_kept(name, text):
            self._clear(name, "a")
            self._clear(name, "b")
            return True
        said = self._get(name, "head")
        before = Head.parsed(said) if said is not None else None
        old, new = ("a", "b") if before is not None and before.generation == "a" else ("b", "a")
        cut = pieces(text)
        for number, piece in enumerate(cut):
            self._set(name, f"{new}{number}", piece)
        # Until this item is replaced, readers find the pieces of the old text, all still there.
        self._set(name, "head", Head.of_pieces(text, new, len(cut)).item())
        self._clear(name, old)
        self._clear(name, new, beyond=len(cut))
        return self._read(name) == text

    def _whole_kept(self, name: str, text: Secret) -> bool:
        """Whether one item took it all: preferred, since a keychain may ask its user once per item."""
        whole = Head.of_whole(text).item()
        try:
            self._set(name, "head", whole)
        except Exception as error:
            # Windows' error for a text too long is no KeyringError. A short text failed for another reason,
            # and a locked keyring would only ask its user again for every piece.
            if len(whole.reveal()) <= PIECE or _reason(error) in (_LOCKED, _NONE):
                raise
            return False
        return self._get(name, "head") == whole

    def _delete(self, name: str) -> bool:
        if self._get(name, "head") is not None:
            self._backend.delete_password(_service(name, "head"), name)
        self._clear(name, "a")
        self._clear(name, "b")
        return self._get(name, "head") is None

    def _clear(self, name: str, generation: str, *, beyond: int = 0) -> None:
        """Delete pieces from the last one down, so that an interrupted clearing leaves no gap to stop at."""
        end = beyond
        while self._get(name, f"{generation}{end}") is not None:
            end += 1
        for number in reversed(range(beyond, end)):
            self._backend.delete_password(_service(name, f"{generation}{number}"), name)

    def _get(self, name: str, item: str) -> Secret | None:
        said = self._backend.get_password(_service(name, item), name)
        return Secret(said) if isinstance(said, str) else None

    def _set(self, name: str, item: str, text: Secret) -> None:
        self._backend.set_password(_service(name, item), name, text.reveal())

    def _in_time(self, call: Callable[[], _Result]) -> _Result:
        """The call's result, from a thread that can be left behind; whatever it raises becomes a sentence."""
        results: list[_Result] = []
        reasons: list[str] = []

        def work() -> None:
            try:
                results.append(call())
            except BaseException as error:
                # Only words leave this thread: a backend's traceback holds the text it was given.
                reasons.append(_reason(error))

        with self._entry:
            if self._pending is not None:
                # A call whose waiter was interrupted is waited for, one that was given up is not.
                self._pending.join(0 if self._given_up else self._patience)
                if self._pending.is_alive():
                    raise _failed("it still does not answer an earlier call")
            self._given_up = False
            thread = self._pending = threading.Thread(target=work, name="confluence_nb keyring", daemon=True)
            thread.start()
            thread.join(self._patience)
            if thread.is_alive():
                self._given_up = True
                raise _failed(f"it did not answer within {self._patience:g} seconds")
        if reasons:
            raise _failed(reasons[0])
        return results[0]


def _configured() -> Backend:
    import keyring  # here because it takes a third of a second, and not every vault is a keyring

    backend: Backend = keyring.get_keyring()
    return backend


def _service(name: str, item: str) -> str:
    return f"confluence_nb/{name}" if item == "head" else f"confluence_nb/{name}/{item}"


def _where(backend: Backend) -> str:
    # A chain of keyrings writes to the first of them.
    first = next(iter(getattr(backend, "backends", ())), backend)
    if "plaintext" in type(first).__name__.lower():
        return "Remembered in a plain file of the keyring package: readable by you alone, but not encrypted."
    module = type(first).__module__.rpartition(".")[2]
    known = {
        "SecretService": "the Secret Service keyring",
        "libsecret": "the Secret Service keyring",
        "kwallet": "KWallet",
        "macOS": "the macOS Keychain",
        "Windows": "the Windows Credential Manager",
    }
    return f"Remembered in {known.get(module, f'the keyring {type(first).__name__}')} on this machine."


def _reason(error: BaseException) -> str:
    # By name: the text of an error may quote the text that was to be kept, and a test of the
    # class would import the package that failed to import.
    names = {kind.__name__ for kind in type(error).__mro__}
    if "NoKeyringError" in names:
        return _NONE
    if names & {"KeyringLocked", "InitError"}:
        return _LOCKED
    return f"it failed with {type(error).__name__}"


def _failed(reason: str) -> VaultFailed:
    return VaultFailed(
        f"The keyring cannot keep the sign-in: {reason}. Unlock or repair it, "
        'or pass a file as store, or store="memory".',
        reason=reason,
    )
