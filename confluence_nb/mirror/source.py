"""What a sync asks of a signed-in wiki: lists window by window from any place on, and small collections whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from confluence_nb.pull.spent import Spent

Rows = list[Any]


@dataclass(frozen=True)
class Strand:
    """One of the lists that a collection is made of, such as the pages of one space.

    Parameters
    ----------
    key:
        What it is called in a checkpoint; the same in every sync.
    path, params:
        As `ListReader` takes them.
    adds:
        What is added to each row, in the API's words.
    is_enough:
        Told a window, whether the rest of the list is of no use; None reads to the end.
    """

    key: str
    path: str
    params: Mapping[str, object]
    adds: Mapping[str, str] = field(default_factory=dict)
    is_enough: Callable[[Stretch], bool] | None = None


@dataclass(frozen=True)
class Stretch:
    """The rows of one window of a strand, and where the next one begins (`cursor`), unless that was the last."""

    strand: Strand
    rows: Rows
    base: str
    cursor: str | None
    done: bool


class Source(Protocol):
    """A wiki as a sync sees it."""

    @property
    def site(self) -> str:
        """The host of the site."""

    @property
    def account(self) -> str:
        """The name of the account, empty when nobody tells it."""

    @property
    def account_id(self) -> str:
        """The id of the account, which stays when its name changes; empty when the site does not tell it."""

    @property
    def spent(self) -> Spent:
        """What was asked so far."""

    @property
    def points_left(self) -> int:
        """What is left of the hour's points, as far as that is known."""

    def windows(
        self, strands: Sequence[Strand], positions: Mapping[str, str]
    ) -> AbstractContextManager[Iterator[Stretch]]:
        """The windows of lists that are read side by side, as they come; memory holds a few of them.

        A strand begins at its position, the cursor that a checkpoint has; when the site does not take that any more,
        at its top.
        """

    def whole(self, name: str, ids: Sequence[str] | None = None) -> pd.DataFrame:
        """The frame of `wiki.<name>()`, about some ids where it is given ids."""

    def space_ids(self, spaces: object) -> list[str]:
        """The ids of the spaces that keys, ids or a frame name."""
