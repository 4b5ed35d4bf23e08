"""A mirror as its readers see it: frames of any version, what changed between two, SQL, Dask."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from operator import index
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.mirror.changes import changes
from confluence_nb.mirror.dask_frames import dask_frame
from confluence_nb.mirror.edition import Edition
from confluence_nb.mirror.mapping import mapped
from confluence_nb.mirror.sql import answer
from confluence_nb.mirror.store import OWN_TABLES, Store
from confluence_nb.mirror.syncs import Syncs
from confluence_nb.mirror.targets import links_with_targets
from confluence_nb.mirror.versions import versions

if TYPE_CHECKING:
    from dask.dataframe import DataFrame as DaskFrame
    from distributed import Client


def open_mirror(path: str | os.PathLike[str]) -> Mirror:
    """The mirror that `wiki.sync(path)` keeps, without asking the wiki or any sign-in.

    Parameters
    ----------
    path:
        A local folder, or a URL that deltalake takes: `s3://…`, `az://…`, `gs://…`. Credentials come from the
        environment, as deltalake reads them.

    Raises
    ------
    ConfluenceNBError
        When nothing lies there, or the packages that read it are missing.
    """
    store = Store(path)
    if store.is_empty or not any(store.has(name) for name in OWN_TABLES):
        raise ConfluenceNBError(
            f"There is no mirror in {store.path}. wiki.sync({os.fspath(path)!r}) makes one."
        )
    return Mirror(path)


class Mirror:
    """A site, or some of its spaces, kept on disk. `wiki.sync(path)` makes it and brings it up to date.

    Each finished sync is a version, from 1. A reader sees the newest one, whole, while the next is under way;
    `version=` names an older one. Frames have the columns and dtypes of the helper of that name, bodies in storage
    format; their `attrs` say `site`, `path`, `table`, `version` and `synced_at`.

    Parameters
    ----------
    path:
        As of `open_mirror`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._store = Store(path)
        self._syncs = Syncs(self._store)

    # ------------------------------------------------------------------------ frames

    def pages(self, version: int | None = None) -> pd.DataFrame:
        """The pages with their bodies, of a `version`, as of `wiki.pages(body="storage")`."""
        return self.table("pages", version)

    def spaces(self, version: int | None = None) -> pd.DataFrame:
        """The spaces, of a `version`, as of `wiki.spaces()`."""
        return self.table("spaces", version)

    def blogposts(self, version: int | None = None) -> pd.DataFrame:
        """The blog posts with their bodies, of a `version`, as of `wiki.blogposts(body="storage")`."""
        return self.table("blogposts", version)

    def comments(self, version: int | None = None) -> pd.DataFrame:
        """Footer and inline comments and the answers, of a `version`, as of `wiki.comments(body="storage")`."""
        return self.table("comments", version)

    def attachments(self, version: int | None = None) -> pd.DataFrame:
        """What is known of each file, of a `version`, as of `wiki.attachments()`; the files themselves are not kept."""
        return self.table("attachments", version)

    def labels(self, version: int | None = None) -> pd.DataFrame:
        """The labels, each once, of a `version`; `wiki.labels(mirror.pages())` asks which page has which."""
        return self.table("labels", version)

    def users(self, version: int | None = None) -> pd.DataFrame:
        """The people who wrote something, of a `version`, as of `wiki.users()`."""
        return self.table("users", version)

    def links(self, version: int | None = None) -> pd.DataFrame:
        """The links of all bodies, of a `version`, as of `content.links(pages)`; in SQL those by title have no id."""
        return links_with_targets(self._edition(version))

    def deletions(self, version: int | None = None) -> pd.DataFrame:
        """What syncs found gone, of a `version`, and which one did; what came back since is in its own table too."""
        return self.table("deletions", version)

    def table(self, name: str, version: int | None = None) -> pd.DataFrame:
        """The rows of one table, in the order of their ids.

        Parameters
        ----------
        name:
            A collection such as `"pages"`, or a table that `map` made.
        version:
            Of the mirror, as `versions()` lists them; None is the newest.

        Returns
        -------
        The columns and dtypes of the helper of that name; of a table of `map`, those that it made.

        Raises
        ------
        ConfluenceNBError
            When no sync is finished, or there is no such version or table; the message lists what there is.
        """
        return self._edition(version).frame(name)

    # ---------------------------------------------------------------------- versions

    def versions(self) -> pd.DataFrame:
        """The finished syncs, oldest first.

        Returns
        -------
        `version` Int64; `started_at`, `ended_at` datetimes; `site`, `account` string; `added`, `changed`, `deleted`
        (rows of what `changes` tells of), `requests`, `points` Int64; `ids_listed` boolean: whether every id was
        listed, as only such a sync finds all deletions and moves. That costs a point for each: above 100,000 ids of a
        collection it is done once a day, and where the hour's points do not suffice each sync asks about a share of the
        ids, or goes through a stretch of the list.
        """
        return versions(self._syncs.finished())

    def changes(self, since: int | None = None) -> pd.DataFrame:
        """What is different in the newest version from an older one.

        A page that was moved is changed, in `parent_id` or `space_id`. Links and deletions are left out: they follow
        from the rest.

        Parameters
        ----------
        since:
            The older version; None is the one before the newest.

        Returns
        -------
        `collection` category; `id`, `page_id` string; `change` category (added, changed, deleted); `title`,
        `space_id` string; `version_number_before`, `version_number_after` Int64; `columns`, a list of the names of the
        columns that differ.
        """
        newest = self._edition(None)
        before = max(1, newest.record.number - 1) if since is None else since
        return changes(self._edition(before), newest)

    # ---------------------------------------------------------------- larger than pandas

    def sql(self, query: str, version: int | None = None) -> pd.DataFrame:
        """The rows that a query in DuckDB's SQL gives; each table has its own name.

        DuckDB reads only the columns and files that the query needs. The query reaches the tables and nothing else, no
        file, no network, no variable.

        Parameters
        ----------
        query:
            Such as `"select space_id, count(*) as n from pages group by all"`.
        version:
            As of `table`.

        Returns
        -------
        The columns that the query names, in the types of DuckDB.

        Raises
        ------
        ConfluenceNBError
            For what DuckDB does not take, in its own words, and for anything but a query.
        """
        return answer(self._edition(version), query)

    def dask(self, name: str, version: int | None = None) -> DaskFrame:
        """A Dask DataFrame over the files of one table; nothing is read until it is computed.

        Columns and dtypes are those of `table`, but rows come in no order, and the values of a category are known only
        when it is computed. Workers read the files themselves: they need the same path, and the environment with the
        credentials of an object store.

        Parameters
        ----------
        name, version:
            As of `table`.
        """
        return dask_frame(self._edition(version), name)

    def map(
        self,
        function: Callable[[pd.Series[Any]], pd.Series[Any] | pd.DataFrame],
        column: str,
        *,
        table: str = "pages",
        name: str | None = None,
        client: Client | None = None,
    ) -> DaskFrame:
        """Run what costs time over all rows, in a Dask cluster; the results are kept as a table beside the others.

            texts = mirror.map(content.to_text, "body")        # the table pages_text: id, text
            links = mirror.map(content.links, "body")          # the table pages_links: page_id, kind, text, …
            mirror.sql("select title, length(text) as n from pages join pages_text using (id) order by n desc")

        The results may be larger than memory, as what they are made of: so they come as `mirror.dask(name)` gives them,
        and `mirror.table(name)` has them in pandas. Nothing is in the table before all of it is; run anew, it has what
        is new in its next version.

        Parameters
        ----------
        function:
            Takes a Series, its index the ids, and gives a Series on the same index (one row for each), or a frame
            with these labels in its index or in `row` (any number of rows for each), as the functions of `content`
            do. Frames in cells are kept as JSON.
        column:
            What it is given, such as `"body"`.
        table:
            Whose column.
        name:
            Of the new table; without it the table's and the function's, `pages_text`.
        client:
            A `distributed.Client`; else the active one; else a cluster on this machine for as long as this takes. A
            script then needs Python's usual `if __name__ == "__main__":`.

        Raises
        ------
        ConfluenceNBError
            When something is named wrongly, the function fails or gives something else, or Dask is missing.
        """
        made = mapped(self._edition(None), function, column, table=table, name=name, client=client)
        return self.dask(made)

    # ----------------------------------------------------------------------- display

    def __repr__(self) -> str:
        newest = self._newest()
        if newest is None:
            return f"Mirror in {self._store.path} · no sync has finished yet"
        rows = ", ".join(f"{count:,} {name}" for name, count in newest.rows().items())
        record = newest.record
        return (
            f"Mirror of {record.site} in {self._store.path} · version {record.number}, "
            f"{record.ended_at:%Y-%m-%d %H:%M} UTC · {rows}"
        )

    def _repr_html_(self) -> str:
        newest = self._newest()
        if newest is None:
            return f"<p>{escape(repr(self))}</p>"
        record = newest.record
        cells = "".join(
            f'<tr><td>{escape(name)}</td><td style="text-align: right">{count:,}</td></tr>'
            for name, count in newest.rows().items()
        )
        return (
            f"<p><b>Mirror of {escape(record.site)}</b> in {escape(self._store.path)}<br>version {record.number}, "
            f"{record.ended_at:%Y-%m-%d %H:%M} UTC</p>"
            f"<table><thead><tr><th>table</th><th>rows</th></tr></thead><tbody>{cells}</tbody></table>"
        )

    # ------------------------------------------------------------------------ inside

    def _newest(self) -> Edition | None:
        finished = self._syncs.finished()
        return Edition(self._store, finished[-1], is_newest=True) if finished else None

    def _edition(self, version: int | None) -> Edition:
        newest = self._newest()
        if newest is None:
            raise ConfluenceNBError(self._how_far())
        if version is None:
            return newest
        given: Any = None if isinstance(version, bool) else version
        try:
            number = index(given)  # numpy's integers too, as `versions()` gives them
        except TypeError:
            raise TypeError(f"A version is a whole number such as 1, not {type(version).__name__}.") from None
        return Edition(self._store, self._syncs.record(number), is_newest=False)

    def _how_far(self) -> str:
        rows = {name: self._store.table(name).count() for name in self._store.names()}
        so_far = ", ".join(f"{count:,} {name}" for name, count in rows.items() if count)
        return (
            f"The first sync of the mirror in {self._store.path} is not finished ({so_far or 'nothing'} so far). "
            "Call wiki.sync(path) again: it goes on where it stopped."
        )
