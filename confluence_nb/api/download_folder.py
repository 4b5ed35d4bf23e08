"""A folder that files are downloaded into: half a file is never called whole, and nothing is written outside it.

A file grows under its name with `.part` at the end and takes its name when the last byte is on the disk. A note
in the folder tells which version a name holds, so that a later run knows what it need not fetch again.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.vault.base import VaultFailed
from confluence_nb.oauth.vault.locks import file_locked

NOTES = ".confluence_nb.jsonl"
LOCK = ".confluence_nb.lock"

LOCK_PATIENCE = 10.0
"""Seconds: an interrupted run lets go within a moment, a run under way does not."""

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_PLAIN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | _NO_FOLLOW


@dataclass(frozen=True)
class Note:
    """What is known of one file of the folder.

    Parameters
    ----------
    site:
        The cloudId: another site's file may have the same ids.
    version:
        Of the attachment, None where nobody said.
    size:
        Bytes of the whole file, None while it is not whole.
    etag:
        What the bytes so far were sent as; None where they cannot be gone on with.
    """

    site: str
    version: int | None
    size: int | None = None
    etag: str | None = None


class DownloadFolder:
    """The folder, its notes and its lock.

    Raises
    ------
    ConfluenceNBError
        When it is no folder, or not one that can be written to.
    """

    def __init__(self, folder: object) -> None:
        if not isinstance(folder, (str, os.PathLike)) or not str(folder).strip():
            raise ConfluenceNBError(
                f"folder={str(folder)[:60]!r} names no folder. Give a path, such as 'attachments'."
            )
        self.path = Path(os.path.abspath(os.path.expanduser(os.fsdecode(folder))))
        self._notes: dict[str, Note] = {}
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._notes_file().close()
            if (self.path / LOCK).is_symlink():
                raise OSError(f"{LOCK} in it is a link")
        except (FileExistsError, NotADirectoryError):
            raise ConfluenceNBError(
                f"{self.path} is a file, or below one. Give a folder, an existing one or a new one."
            ) from None
        except (OSError, ValueError) as error:
            raise ConfluenceNBError(
                f"{self.path} cannot be written to: {reason_of(error)}. Give a folder of your own."
            ) from None

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Hold the folder: two runs that write the same parts would mix their bytes."""
        async with AsyncExitStack() as held:
            try:
                await held.enter_async_context(file_locked(self.path / LOCK, patience=LOCK_PATIENCE))
            except VaultFailed as error:
                raise ConfluenceNBError(
                    f"{self.path} cannot be had for this download alone: {error.reason}. Wait until the other download "
                    "into it ends, or give another folder."
                ) from None
            self._notes = self._read_notes()
            yield

    def check(self, name: str) -> None:
        """Refuse a sub-folder that leads elsewhere.

        Raises
        ------
        ConfluenceNBError
        """
        folder = self.path / name
        if not os.path.lexists(folder):
            return
        # realpath sees through a link as well as through what Windows has in its place.
        leads_here = os.path.realpath(folder) == os.path.join(os.path.realpath(self.path), name)
        if folder.is_symlink() or not folder.is_dir() or not leads_here:
            raise ConfluenceNBError(
                f"{folder} is no plain folder, and what is written there would land elsewhere. Move it away, or give "
                "another folder."
            )

    def whole(self, place: PurePosixPath, site: str, version: int | None, size: int | None) -> int | None:
        """The bytes of the file when it is here whole, of that version and of that size where known; else None."""
        note = self._notes.get(str(place))
        if version is None or note is None or (note.site, note.version) != (site, version):
            return None
        is_whole = (
            note.size is not None and size in (None, note.size) and _size(self.path / place) == note.size
        )
        return note.size if is_whole else None

    def part(self, place: PurePosixPath, site: str, version: int | None) -> PartFile:
        """The file on its way, with the bytes that an earlier run left of the same version."""
        return PartFile(self, place, site, version)

    def note_of_part(self, place: PurePosixPath) -> Note | None:
        note = self._notes.get(str(place))
        return note if note is not None and note.size is None else None

    def write_note(self, place: PurePosixPath, note: Note) -> None:
        """Append it. A line cut short by a kill is passed over, and its file fetched again."""
        fields = {"file": str(place), "site": note.site, "version": note.version} | (
            {"etag": note.etag} if note.size is None else {"bytes": note.size}
        )
        with self._notes_file() as notes:
            notes.write(b"\n" + orjson.dumps(fields) + b"\n")
        self._notes[str(place)] = note

    def _notes_file(self) -> Any:
        descriptor = os.open(self.path / NOTES, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _PLAIN, 0o666)
        return os.fdopen(descriptor, "ab", buffering=0)

    def _read_notes(self) -> dict[str, Note]:
        notes: dict[str, Note] = {}
        for line in (self.path / NOTES).read_bytes().splitlines():
            with suppress(orjson.JSONDecodeError, TypeError, KeyError):
                said = orjson.loads(line)
                notes[str(said["file"])] = Note(
                    str(said["site"]), said["version"], said.get("bytes"), said.get("etag")
                )
        return notes


class PartFile:
    """The bytes of one file so far, beside its name; may be written from any thread, one at a time.

    Attributes
    ----------
    length:
        Bytes so far.
    kept:
        How many of them an earlier run left.
    """

    def __init__(self, folder: DownloadFolder, place: PurePosixPath, site: str, version: int | None) -> None:
        self._folder = folder
        self._place = place
        self._final = folder.path / place
        self._part = self._final.with_name(self._final.name + ".part")
        self._guard = threading.Lock()
        self._note = Note(site, version)
        folder.check(place.parent.name)
        self._final.parent.mkdir(exist_ok=True)
        if not stat.S_ISREG(_mode(self._part)):
            with suppress(FileNotFoundError):
                self._part.unlink()  # a link would be written through
        self._descriptor: int | None = os.open(self._part, os.O_WRONLY | os.O_CREAT | _PLAIN, 0o666)
        try:
            self.length = self.kept = os.lseek(self._descriptor, 0, os.SEEK_END)
            earlier = folder.note_of_part(place)
            if earlier is not None and earlier.etag and replace(earlier, etag=None) == self._note:
                self._note = earlier
            elif self.length:
                self.restart(None)
        except OSError:
            os.close(self._descriptor)
            raise

    @property
    def etag(self) -> str | None:
        """What the bytes so far were sent as; None when they must not be gone on with."""
        return self._note.etag if self.length else None

    def restart(self, etag: str | None) -> None:
        """Drop the bytes so far; those to come are of `etag`."""
        with self._guard:
            if self._descriptor is None:
                return
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            self.length = self.kept = 0
            self._note = replace(self._note, etag=etag)
            # After the cut: a kill in between leaves an empty part, never old bytes under a new name.
            if self._folder.note_of_part(self._place) != (self._note if etag else None):
                self._folder.write_note(self._place, self._note)

    def write(self, chunk: bytes) -> None:
        """Add to the end; after `close` nothing, so that a thread that comes late does no harm."""
        with self._guard:
            left = memoryview(chunk)
            while left and self._descriptor is not None:
                written = os.write(self._descriptor, left)
                self.length += written
                left = left[written:]

    def finish(self) -> None:
        """Give the file its name; all its bytes are on the disk before."""
        with self._guard:
            if self._descriptor is None:
                return
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            os.replace(self._part, self._final)
            self._folder.write_note(self._place, replace(self._note, size=self.length, etag=None))

    def close(self) -> None:
        """Let go; what is here stays for the next run, an empty part does not."""
        with self._guard:
            if self._descriptor is None:
                return
            os.close(self._descriptor)
            self._descriptor = None
            if not self.length:
                self._part.unlink(missing_ok=True)


def reason_of(error: OSError | ValueError) -> str:
    """In words, without the name of a file that the sentence names already."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _size(path: Path) -> int | None:
    """Bytes of a plain file; None for a link, a folder or nothing."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
