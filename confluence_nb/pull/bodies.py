"""Asks for things by their ids, some at a time, and for none in vain: what does not come is asked for once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from confluence_nb.api.paging import ListReader
from confluence_nb.api.plan import CHUNK, UNMEASURED, chunk_of
from confluence_nb.pull.pull import Part
from confluence_nb.pull.shapes import Rows, of_ids


class Bodies:
    """The bodies of one list, whose ids come by the window.

    Parameters
    ----------
    reader_of:
        Makes the list of the things with some ids.
    came:
        Called after each answer.
    """

    def __init__(self, reader_of: Callable[[Sequence[str]], ListReader], came: Callable[[], object]) -> None:
        self._reader_of = reader_of
        self._came = came
        self._asked_again: set[str] = set()
        self.seconds_each = UNMEASURED
        self.smallest_chunk = CHUNK[1]
        self.gone: list[str] = []
        """Ids of what was deleted, or moved out of sight, since they were listed."""

    def parts(self, ids: Sequence[str]) -> list[Part]:
        """Lists of so many at once that a request takes about a second."""
        size = chunk_of(self.seconds_each)
        self.smallest_chunk = min(self.smallest_chunk, size)
        return [self._chunk(ids[start : start + size]) for start in range(0, len(ids), size)]

    def _chunk(self, ids: Sequence[str]) -> Part:
        reader = self._reader_of(ids)
        missing = set(ids)

        def follow(rows: Rows) -> Iterable[Part]:
            missing.difference_update(str(row.get("id")) for row in rows)
            if rows:
                self.seconds_each += (reader.seconds / len(rows) - self.seconds_each) / 4
            again = sorted(missing - self._asked_again) if reader.done else []
            if reader.done and not again:
                self.gone += sorted(missing)
            self._asked_again.update(again)
            self._came()
            return [self._chunk(again)] if again else ()

        return Part(reader, shape=of_ids(frozenset(ids)), follow=follow)
