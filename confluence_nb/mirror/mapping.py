"""Runs a function over a column of a mirror, part by part in a Dask cluster; the results become a table beside it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.dask_frames import Partitions, need_dask, partitions
from confluence_nb.mirror.edition import MADE_OF, Edition, key_columns
from confluence_nb.mirror.holdings import HOLDINGS
from confluence_nb.mirror.staging import Part, Stage, as_table, common_schema
from confluence_nb.notices import LeftOut
from confluence_nb.panel.progress import progress_bar

if TYPE_CHECKING:
    import distributed
    import pyarrow as pa

Function = Callable[["pd.Series[Any]"], "pd.Series[Any] | pd.DataFrame"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Step:
    """What a worker does with one group of files.

    Parameters
    ----------
    source, key, column:
        The rows, what tells them apart, and what the function is given.
    function:
        See `Mirror.map`.
    stage:
        Where its results are put.
    """

    source: Partitions
    key: str
    column: str
    function: Function
    stage: Stage

    def __call__(self, files: Sequence[str]) -> Part:
        given = self.source.read(files, [self.key, self.column]).set_index(self.key)[self.column]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LeftOut)  # what cannot be read is told once, for all parts
            found = self.function(given)
        return self.stage.put(as_table(self._labelled(found, given)), found.attrs.get("unreadable", ()))

    def _labelled(self, found: Any, given: pd.Series[Any]) -> pd.DataFrame:
        """The results behind the ids that they belong to."""
        labels = pd.Series(given.index.astype("string"), name=self.key)
        if isinstance(found, pd.Series) and found.index.equals(given.index):
            result = self.stage.name.removeprefix(f"{self.source.name}_")
            return pd.DataFrame({self.key: labels, result: found.reset_index(drop=True)})
        if isinstance(found, pd.DataFrame):
            of_row = f"{self.source.name.removesuffix('s')}_id"
            if "row" in found:
                return found.rename(columns={"row": of_row})
            if found.index.isin(given.index).all():
                labelled: pd.DataFrame = found.rename_axis(of_row).reset_index()
                return labelled.astype({of_row: "string"})
        raise ConfluenceNBError(
            f"{_called(self.function)} gave a {type(found).__name__} that does not belong to the rows it was given. It "
            "takes a Series; it must give a Series on the same index, or a frame with these labels in its index or "
            "in a column 'row'."
        )


def mapped(
    edition: Edition,
    function: Function,
    column: str,
    *,
    table: str,
    name: str | None,
    client: distributed.Client | None,
) -> str:
    """The name of the new table; see `Mirror.map`."""
    need_dask()
    source = partitions(edition, table)
    key = _key(table, source.schema.names, column)
    stage = Stage(edition.store, _new_name(edition, function, table, name))
    step = Step(source, key, column, function, stage)
    if not callable(function):
        raise TypeError(f"function is a {type(function).__name__}. Give a function, such as content.to_text.")
    with _cluster(client) as workers:
        parts = _run(workers, step, source.files or ((),), f"{stage.name}, {_called(function)}", stage)
        schema = common_schema(part.schema for part in parts)
        if any(part.path is not None and part.schema != schema for part in parts):
            parts = _run(workers, _Widen(stage, schema), parts, f"{stage.name}, one schema", stage)
    stage.commit(parts, schema, {MADE_OF: str(edition.record.number)})
    _warn_of([each for part in parts for each in part.unreadable], table)
    return stage.name


@dataclass(frozen=True)
class _Widen:
    stage: Stage
    schema: pa.Schema

    def __call__(self, part: Part) -> Part:
        return self.stage.widened(part, self.schema)


def _run(
    workers: distributed.Client, step: Callable[[Any], Part], groups: Sequence[Any], what: str, stage: Stage
) -> list[Part]:
    """Every group's part, in the order of the groups."""
    from distributed import as_completed

    futures: list[Any] = workers.map(step, groups, key=f"mirror-{stage.name}", pure=False)
    done: dict[Any, Part] = {}
    try:
        with progress_bar(what, None, unit="parts") as bar:
            for future in as_completed(futures, loop=workers.loop):  # type: ignore[no-untyped-call]
                done[future] = future.result()
                bar(len(done), len(futures))
    except BaseException as error:
        workers.cancel(futures)  # type: ignore[no-untyped-call]
        stage.drop(done.values())
        if isinstance(error, ConfluenceNBError) or not isinstance(error, Exception):
            raise
        raise ConfluenceNBError(
            f"{what} failed, and nothing was kept: {type(error).__name__}: {str(error)[:500]}"
        ) from error
    return [done[future] for future in futures]


@contextmanager
def _cluster(client: distributed.Client | None) -> Iterator[distributed.Client]:
    """The client given, else the active one, else one of a cluster that ends with the work."""
    from distributed import Client

    if client is not None:
        if not isinstance(client, Client):
            raise TypeError(
                f"client is a {type(client).__name__}. Give a distributed.Client, or leave it out."
            )
        yield client
        return
    active = None
    with suppress(ValueError):
        active = Client.current()  # type: ignore[no-untyped-call]
    if active is not None:
        yield active
        return
    with _own_cluster() as own, Client(own, set_as_default=False) as opened:  # type: ignore[no-untyped-call]
        yield opened


def _own_cluster() -> distributed.LocalCluster:
    """Processes on this machine: a parse holds Python's lock, so threads would take turns."""
    from distributed import LocalCluster

    try:
        return LocalCluster(  # type: ignore[no-untyped-call]
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            security=True,  # a scheduler runs what anybody sends who reaches its port, as every user of a machine does
        )
    except ImportError as error:
        raise ConfluenceNBError(
            f"A cluster of its own cannot be kept from others: {error}. Install what it takes with: pip install "
            '"confluence_nb[cluster]"'
        ) from None
    except RuntimeError as error:
        raise ConfluenceNBError(
            "No cluster could be started on this machine. In a script the call has to stand under "
            "`if __name__ == '__main__':`, since each worker reads the script anew; or give a client=. "
            f"({error})"
        ) from error


def _key(table: str, columns: Sequence[str], column: str) -> str:
    if column not in columns:
        raise ConfluenceNBError(f"{table} has no column {column!r}. It has {', '.join(columns)}.")
    keys = key_columns(table, columns)
    if len(keys) != 1:
        raise ConfluenceNBError(
            f"The rows of {table} have no id of their own, so results could not be told apart."
        )
    return keys[0]


def _new_name(edition: Edition, function: Function, table: str, name: str | None) -> str:
    """What the results are called: the one given, or the table's and the function's."""
    own = getattr(function, "__name__", "").removeprefix("to_")
    chosen = f"{table}_{own}" if name is None else name
    if not isinstance(chosen, str) or not _NAME.fullmatch(chosen):
        wrong = (
            f"{_called(function)} has no name to call a table by"
            if name is None
            else f"name={name!r} is no name"
        )
        raise ConfluenceNBError(
            f"{wrong}. Give name=, of small letters, digits and underscores, such as name='pages_words'."
        )
    if chosen in HOLDINGS or chosen == "deletions":
        raise ConfluenceNBError(f"{chosen!r} is a table that wiki.sync() keeps. Give another name=.")
    return chosen


def _called(function: Function) -> str:
    return str(getattr(function, "__name__", None) or repr(function))


def _warn_of(unreadable: Sequence[dict[str, Any]], table: str) -> None:
    if unreadable:
        first = unreadable[0]
        warnings.warn(
            f"{len(unreadable):,} of the {table} cannot be read and are left out. The first: {first.get('row')}: "
            f"{first.get('reason')}",
            LeftOut,
            stacklevel=4,
        )
