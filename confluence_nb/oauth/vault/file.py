"""Keeps sign-ins in one JSON file that only its owner can read, for those who choose a file."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from confluence_nb.oauth.vault.base import Vault, VaultFailed
from confluence_nb.oauth.vault.locks import file_locked, file_name
from confluence_nb.secret import Secret

_WRITER_PATIENCE = 10.0


class FileVault(Vault):
    """One file of texts by name, replaced as a whole, mode 0600; its lock files lie beside it.

    Parameters
    ----------
    path
        The file. It may be missing, as may its folder (made for you alone), but not the folder above that.
        A link is followed: the file it points at is the one replaced.

    Raises
    ------
    VaultFailed
        The path is a folder, its folder cannot be made or written to, or others can read the file and
        it cannot be changed.
    """

    shared = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        given = _at_home(Path(path))
        self._path = _resolved(given)
        self.where = f"Remembered in {_shown(given)}, readable by you alone."
        self._prepare()

    def read(self, name: str) -> Secret | None:
        return (self._load() or {}).get(name)

    def write(self, name: str, text: Secret) -> None:
        with self._writing():
            kept = self._load()
            if kept is None:
                self._set_aside()
            self._replace({**(kept or {}), name: text})
            if self.read(name) != text:
                raise _failed(self._path, "it does not read back as it was written")

    def delete(self, name: str) -> None:
        with self._writing():
            kept = self._load() or {}
            if name in kept:
                self._replace({other: text for other, text in kept.items() if other != name})

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        return file_locked(self._beside(file_name(name)))

    def _prepare(self) -> None:
        try:
            if self._path.is_dir():
                raise VaultFailed(
                    f"{self._path} is a folder. Name a file in it: store='{self._path}/sign-in.json'."
                )
            if not self._path.parent.exists():
                self._path.parent.mkdir(mode=0o700)
            if os.name == "posix" and self._path.exists() and self._path.stat().st_mode & 0o077:
                self._path.chmod(0o600)
        except FileNotFoundError:
            raise VaultFailed(
                f"The folder {self._path.parent.parent} does not exist. "
                "Make it, or name a file in a folder that does."
            ) from None
        except OSError as error:
            raise _failed(self._path, _reason(error)) from None
        if not os.access(self._path.parent, os.W_OK | os.X_OK):
            raise _failed(self._path, f"you may not write in {self._path.parent}")

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{suffix}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer of the file at a time: two profiles share it, and each writer replaces it whole."""
        path = self._beside("lock")
        lock = FileLock(path, mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=_WRITER_PATIENCE, poll_interval=0.01)
        except Timeout:
            raise VaultFailed(
                f"Another program has been writing to {self._path} for {_WRITER_PATIENCE:g} seconds "
                f"(lock file {path}). Stop the one that hangs, then try again."
            ) from None
        except OSError as error:
            raise _failed(path, _reason(error)) from None
        try:
            yield
        finally:
            lock.release()

    def _load(self) -> dict[str, Secret] | None:
        """Every text by name; None when the file holds something else, which is not ours to destroy."""
        try:
            content = Secret(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError:
            return None
        except OSError as error:
            raise _failed(self._path, _reason(error)) from None
        return _parsed(content)

    def _set_aside(self) -> None:
        names = (self._beside("damaged" if n == 1 else f"damaged-{n}") for n in itertools.count(1))
        free = next(name for name in names if not name.exists())
        try:
            self._path.replace(free)
        except OSError as error:
            raise _failed(self._path, _reason(error)) from None

    def _replace(self, texts: dict[str, Secret]) -> None:
        # Always one name, under the writer's lock: what a killed writer left is removed by the next.
        temporary = self._path.with_name(f".{self._path.name}.new")
        try:
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", encoding="ascii") as file:
                # Plain text is never a local variable here: a traceback may show those.
                file.write(json.dumps({name: text.reveal() for name, text in texts.items()}, indent=1))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise _failed(self._path, _reason(error)) from None
        _sync_folder(self._path.parent)


def _parsed(content: Secret) -> dict[str, Secret] | None:
    if not content.reveal().strip():
        return {}
    try:
        return {name: Secret(_text(text)) for name, text in json.loads(content.reveal()).items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise VaultFailed(
            f"{path!s} begins with the home folder of somebody who has none here. Name the file by its whole path."
        ) from None


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise VaultFailed(f"{path!s} cannot be followed to a file. Name another file.") from None


def _shown(path: Path) -> str:
    path, home = (
        path.absolute(),
        Path(os.path.expanduser("~")),
    )  # which stays as it is for a user without a home
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _sync_folder(folder: Path) -> None:
    """Make the rename outlast a power cut, where the system allows to sync a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _failed(path: Path, reason: str) -> VaultFailed:
    return VaultFailed(
        f"The sign-in cannot be kept in {path}: {reason}. Make room or give yourself access there, "
        'or pass another file, or store="memory".',
        reason=reason,
    )
