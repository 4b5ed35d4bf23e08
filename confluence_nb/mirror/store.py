"""Where a mirror lies, a local folder or an object store, and the Delta tables in it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from confluence_nb.api.parameters import encodable
from confluence_nb.errors import ConfluenceNBError

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

EVERLASTING = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
"""What keeps every version of a table readable: without it the log forgets after 30 days."""


OWN_TABLES = ("_syncs", "_lease")
"""What every mirror has, and no other folder: its list of syncs, and from its first moment on who holds it."""


_MISREAD = re.compile(r"[\[\]\\#?\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")
"""What deltalake takes in a local path for something else than it is, or breaks down at."""


class Store:
    """The tables of one mirror.

    Parameters
    ----------
    path:
        A local folder, or a URL that deltalake takes: `s3://…`, `az://…`, `gs://…`. Credentials and endpoints come
        from the environment, as deltalake reads them.

    Raises
    ------
    ConfluenceNBError
        For a path that can be no folder, and when the packages that read and write the tables are missing.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(
                f"path is a {type(path).__name__}. Give the folder of the mirror, or its URL, as a string."
            )
        text = os.fspath(path)
        if not isinstance(text, str) or not text.strip():
            raise ConfluenceNBError(
                "path is empty. Give the folder of the mirror, such as 'wiki/', or its URL."
            )
        text = _as_a_folder(encodable("path", text))
        _need_the_extra()
        self.is_local = "://" not in text
        self.options: dict[str, str] = {}
        if self.is_local:
            self.path = str(_folder(text))
        else:
            self.path = text.rstrip("/")

    def __repr__(self) -> str:
        return f"Store({self.path!r})"

    def address(self, name: str) -> str:
        """Where the table of that name lies, or would lie."""
        return f"{self.path}/{name}"

    def has(self, name: str) -> bool:
        """Whether there is a table of that name."""
        from deltalake import DeltaTable

        if self.is_local and not Path(self.address(name), "_delta_log").is_dir():
            return False
        with in_words(self):
            return DeltaTable.is_deltatable(self.address(name), self.options or None)

    def table(self, name: str, version: int | None = None) -> DeltaTable:
        """A table as it stands, or one of its Delta versions.

        Raises
        ------
        ConfluenceNBError
            When there is no such table, or not that version of it.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        with in_words(self):
            try:
                table = DeltaTable(self.address(name), storage_options=self.options or None)
            except TableNotFoundError:
                table = None
        if table is None:
            raise ConfluenceNBError(
                f"The mirror in {self.path} has no table {name!r}. {self._what_there_is()}"
            )
        if version is not None:
            try:
                table.load_as_version(version)
            except (DeltaError, ValueError) as error:
                raise ConfluenceNBError(
                    f"The table {name!r} in {self.path} has no version {version!r}; its newest is {table.version()}."
                ) from error
        return table

    def names(self) -> list[str]:
        """The tables that there are, those of the mirror's own accounts (`_syncs`, `_lease`) left out."""
        return [name for name in self._entries() if not name.startswith("_") and self.has(name)]

    def make(self, name: str, schema: pa.Schema, configuration: dict[str, str] | None = None) -> DeltaTable:
        """The table of that name, made when it is not there."""
        from deltalake import DeltaTable
        from deltalake.exceptions import CommitFailedError

        with in_words(self), suppress(CommitFailedError):  # another made it in the same moment
            return DeltaTable.create(
                self.address(name),
                schema,
                mode="ignore",
                configuration=EVERLASTING if configuration is None else configuration,
                storage_options=self.options or None,
            )
        return self.table(name)

    @property
    def looked_at(self) -> str:
        """What is to be looked at when it fails."""
        if self.is_local:
            return "there is room, and whether this account may write there"
        return "the environment has credentials for it, and whether they may read and write there"

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies there, or no more than a sync leaves that was killed as it began."""
        return not set(self._entries()) - {"_lease"}

    def files(self, name: str) -> Any:
        """The files of a table, as a pyarrow filesystem whose root is the table."""
        import pyarrow.fs
        from deltalake.fs import DeltaStorageHandler

        if self.is_local:
            return pyarrow.fs.SubTreeFileSystem(self.address(name), pyarrow.fs.LocalFileSystem())
        return pyarrow.fs.PyFileSystem(DeltaStorageHandler(self.address(name), self.options or None))

    def _entries(self) -> list[str]:
        """What lies directly in the place of the mirror."""
        if self.is_local:
            with in_words(self):
                folder = Path(self.path)
                return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
        import pyarrow.fs
        from deltalake.exceptions import DeltaError
        from deltalake.fs import DeltaStorageHandler

        try:
            place = pyarrow.fs.PyFileSystem(DeltaStorageHandler(self.path, self.options or None))
        except (DeltaError, OSError) as error:
            raise ConfluenceNBError(
                f"{self.path} is no place for a mirror: {_said(error)}. Give a folder, or a URL such as "
                "s3://bucket/wiki, az://… or gs://…."
            ) from error
        with in_words(self):
            found = place.get_file_info(pyarrow.fs.FileSelector("", allow_not_found=True))
        return sorted({entry.path.strip("/").split("/")[0] for entry in found})

    def _what_there_is(self) -> str:
        names = self.names()
        if not names:
            return "There is no mirror; wiki.sync(path) makes one."
        return f"It has {', '.join(names)}."


class in_words:  # noqa: N801 (reads as a word of the `with` statement)
    """Whatever the store says went wrong, as an error of this package."""

    _process: int | None = None
    """Whose threads deltalake has."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        if self._process not in (None, os.getpid()):
            # deltalake panics there, past all `except Exception`: a pool would wait for its dead worker for ever.
            raise ConfluenceNBError(
                f"The mirror in {self._store.path} cannot be read in a fork of a process that has read one: deltalake "
                'does not outlive a fork. Start processes with multiprocessing.get_context("spawn"), or read no '
                "mirror before."
            )
        in_words._process = os.getpid()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from deltalake.exceptions import CommitFailedError, DeltaError
        from pyarrow import ArrowException

        if isinstance(error, CommitFailedError):
            return  # whoever asked knows what that means
        if isinstance(error, FileNotFoundError):
            raise ConfluenceNBError(
                f"A file of the mirror in {self._store.path} is gone: {_said(error)}. Put it back, from a backup for "
                "instance, or sync to a new folder."
            ) from error
        if isinstance(error, (DeltaError, OSError, ArrowException)):
            raise ConfluenceNBError(
                f"The mirror in {self._store.path} cannot be read or written: {_said(error)}. Look whether "
                f"{self._store.looked_at}; then call it again."
            ) from error


def _folder(text: str) -> Path:
    """The local folder of that name, there or yet to be made."""
    try:
        folder = Path(text).expanduser().absolute()
        files = [place for place in (folder, *folder.parents) if place.exists() and not place.is_dir()]
    except (OSError, RuntimeError, ValueError) as error:  # too long a name; the home of nobody
        raise ConfluenceNBError(
            f"{text[:200]!r} can be no folder: {_said(error)}. Choose another path."
        ) from None
    if files:
        raise ConfluenceNBError(f"{files[0]} is a file, and a mirror is a folder. Choose another path.")
    strange = _MISREAD.search(folder.as_posix())
    if strange:
        raise ConfluenceNBError(
            f"{str(folder)!r:.300} has {strange[0]!r} in it, and Delta tables are addresses, in which that means "
            "something else. Choose a path without it."
        )
    return folder


def _as_a_folder(text: str) -> str:
    """The folder that a `file://` URL names; anything else as it is."""
    try:
        url = urlsplit(text)
    except ValueError:
        raise ConfluenceNBError(
            f"{text[:200]!r} is no address. Give a folder, or a URL such as s3://bucket/wiki."
        ) from None
    return unquote(url.path) if url.scheme == "file" and url.netloc in ("", "localhost") else text


def _said(error: BaseException) -> str:
    """What a store says, on one line and without what colours a terminal."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split())[:500].rstrip(".")


def _need_the_extra() -> None:
    try:
        import deltalake
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ConfluenceNBError(
            f'A mirror needs {error.name}. Install it with: pip install "confluence_nb[mirror]"'
        ) from None
    del deltalake
