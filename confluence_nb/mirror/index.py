"""Which rows a table has, in a few bytes each: by the hash of its key, what it said and in which file it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = np.ndarray[Any, np.dtype[np.uint64]]
Places = np.ndarray[Any, np.dtype[np.int64]]

NOWHERE = -1
"""The place of a key that the index does not have."""

_BETWEEN, _NOTHING = "\x1f", "\x00"


def hashes(table: pa.Table, columns: Sequence[str]) -> Numbers:
    """A number for each row that is the same when the values of these columns are; columns that lack are empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (table.num_rows and columns):
        return np.zeros(table.num_rows, dtype=np.uint64)
    texts = [
        _texts(table.column(name)) if name in table.column_names else pa.nulls(table.num_rows, pa.string())
        for name in columns
    ]
    joined = pc.binary_join_element_wise(*texts, _BETWEEN, null_handling="replace", null_replacement=_NOTHING)
    objects = joined.to_numpy(zero_copy_only=False) if isinstance(joined, pa.Array) else joined.to_numpy()
    return pd.util.hash_array(objects.astype(object), categorize=False)


def _texts(values: pa.ChunkedArray) -> Any:
    import pyarrow as pa

    if pa.types.is_list(values.type):
        return pa.array([None if value is None else repr(value) for value in values.to_pylist()], pa.string())
    return values.cast(pa.string()).combine_chunks()


class Index:
    """Keys, facts and files of the rows of a table, about 25 bytes a row.

    A key that several rows share (the links of a page) has one entry: they always lie in one file.
    """

    def __init__(self) -> None:
        self._keys: Numbers = np.zeros(0, dtype=np.uint64)
        self._facts: Numbers = np.zeros(0, dtype=np.uint64)
        self._files: Places = np.zeros(0, dtype=np.int64)
        self._seen = np.zeros(0, dtype=bool)

    def __len__(self) -> int:
        return int((self._files != NOWHERE).sum())

    def fill(self, files: Sequence[tuple[Numbers, Numbers]]) -> None:
        """Begin with the keys and the facts of the rows of each file, all at once: much faster than one by one."""
        if not files:
            return
        keys = np.concatenate([keys for keys, _ in files])
        places = np.repeat(np.arange(len(files)), [len(keys) for keys, _ in files])
        self._keys, first = np.unique(keys, return_index=True)
        self._facts = np.concatenate([facts for _, facts in files])[first]
        self._files = places[first]
        self.begin_seeing()

    def put(self, keys: Numbers, facts: Numbers, file: int) -> None:
        """Note rows that lie in a file, in place of what these keys had before; of the same key the last counts."""
        keys, last = np.unique(keys[::-1], return_index=True)
        facts = facts[::-1][last]
        places, there = self._places(keys)
        self._facts[places[there]], self._files[places[there]] = facts[there], file
        # What is put while others are looked for was seen on the site, or it would not be put.
        self._seen[places[there]] = True
        new, at = ~there, np.searchsorted(self._keys, keys)[~there]
        self._keys = np.insert(self._keys, at, keys[new])
        self._facts = np.insert(self._facts, at, facts[new])
        self._files = np.insert(self._files, at, file)
        self._seen = np.insert(self._seen, at, True)

    def move(self, keys: Numbers, file: int) -> None:
        """Note that the rows of these keys lie in another file now, as they were."""
        places, there = self._places(keys)
        self._files[places[there]] = file

    def drop(self, keys: Numbers) -> None:
        """Forget these keys."""
        places, there = self._places(keys)
        self._files[places[there]] = NOWHERE

    def files_of(self, keys: Numbers) -> Places:
        """The file of each key, `NOWHERE` of one that is not there."""
        places, there = self._places(keys)
        return (
            np.where(there, self._files[places], NOWHERE) if len(self._keys) else np.full(len(keys), NOWHERE)
        )

    def has(self, keys: Numbers) -> Any:
        """For each key whether it is there."""
        return self.files_of(keys) != NOWHERE

    def differs(self, keys: Numbers, facts: Numbers) -> Any:
        """For each row whether it is not there, or said something else."""
        places, there = self._places(keys)
        if not len(self._keys):
            return ~there
        return ~there | (self._files[places] == NOWHERE) | (self._facts[places] != facts)

    def begin_seeing(self) -> None:
        """From now on note which keys are seen."""
        self._seen = np.zeros(len(self._keys), dtype=bool)

    def see(self, keys: Numbers) -> None:
        """These keys are on the site."""
        places, there = self._places(keys)
        self._seen[places[there]] = True

    def files_unseen(self) -> list[int]:
        """The files with rows whose keys were not seen since."""
        return sorted(set(self._files[~self._seen & (self._files != NOWHERE)].tolist()))

    def unseen(self, keys: Numbers) -> Any:
        """For each key whether it is there and was not seen."""
        places, there = self._places(keys)
        if not len(self._keys):
            return there
        return there & (self._files[places] != NOWHERE) & ~self._seen[places]

    def _places(self, keys: Numbers) -> tuple[Places, Any]:
        """Where each key stands, and whether it is one that was ever put."""
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
        places = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        return places, self._keys[places] == keys
