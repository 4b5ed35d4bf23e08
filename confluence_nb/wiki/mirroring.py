"""Keeps a copy of the wiki on disk that each further sync brings up to date."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb.api.budget import points_of
from confluence_nb.api.catalog import collection
from confluence_nb.api.client import ApiClient
from confluence_nb.api.paging import ListReader
from confluence_nb.errors import Gone, MissingScope, NotFound, NotPermitted
from confluence_nb.oauth.sites import Site
from confluence_nb.pull.spent import Spent
from confluence_nb.wiki.reading import Reading

if TYPE_CHECKING:
    from confluence_nb.mirror.mirror import Mirror
    from confluence_nb.mirror.source import Strand, Stretch

_ASKED = {"comments": {"body": "storage"}}
"""What a helper is asked for beside its rows."""

_WHO = "/wiki/rest/api/user/current"


class Mirroring(Reading):
    """`sync`."""

    def sync(
        self,
        path: str | os.PathLike[str],
        *,
        spaces: object = None,
        collections: object = None,
        without: object = None,
        client: Any = None,
    ) -> Mirror:
        """Copy the wiki to a folder, or bring the copy up to date.

        The first sync reads everything; it may be killed at any moment and goes on where it was. Each further one
        reads what is new or different and takes out what is gone. Readers see the last finished sync.

        Parameters
        ----------
        path:
            A folder, or a URL that deltalake takes: `s3://…`, `az://…`, `gs://…`. One folder for one site and account.
        spaces:
            Keys or ids of spaces, or a frame of them; None copies every space, or those that the mirror began with.
            What hangs on pages is listed for the whole site all the same, 20,000 rows of it in each further sync: the
            API lists it in no other way.
        collections:
            What to copy: None means what the mirror has, at first spaces, pages, blogposts, comments, attachments,
            labels, users and links. There are also tasks, permissions, groups, templates and audit. What is named later
            is added.
        without:
            What the mirror has and is to hold no longer, for instance because this account may not read it any more.
            Once such a sync has finished it is left out of the further ones too; older versions keep it.
        client:
            A `dask.distributed` client whose workers share the reading.

        Returns
        -------
        The mirror to read from. Delta tables, one folder each, which other programs read as well.

        Raises
        ------
        SyncUnderWay
            When another sync of this mirror is under way, here or on another machine.
        ConfluenceNBError
            When the mirror is of another site or account; of another kind when a list breaks off: what was read stays,
            and the next call goes on.

        Source: the lists of `GET /wiki/api/v2/pages`, `blogposts`, `footer-comments`, `inline-comments`,
        `attachments`, and those of the helpers of the same names.
        """
        from confluence_nb.mirror.mirror import Mirror
        from confluence_nb.mirror.sync import sync

        wiki = self.at(self._chosen_site()) if self._tells_site else self  # a mirror is of one site
        sync(WikiSource(wiki, client), path, spaces=spaces, collections=collections, without=without)
        return Mirror(path)


class WikiSource:
    """A wiki as a sync reads it; see `mirror.source.Source`."""

    def __init__(self, wiki: Mirroring, workers: Any = None) -> None:
        self._wiki = wiki
        self._client = wiki._client if workers is None else _through(workers, wiki)
        self.spent = Spent()

    @cached_property
    def _site(self) -> Site:
        return self._wiki._chosen_site()

    @property
    def site(self) -> str:
        return self._site.host

    @property
    def account(self) -> str:
        return self._wiki._session.account or ""

    @cached_property
    def account_id(self) -> str:
        try:
            said = self._wiki.get(_WHO)
        except (MissingScope, NotPermitted, NotFound, Gone):
            return ""
        self.spent.add(Spent(1, points_of(_WHO, 1)))
        found = said.get("accountId") if isinstance(said, Mapping) else None
        return found if isinstance(found, str) else ""

    @property
    def points_left(self) -> int:
        return self._client.budget.quota().left

    @contextmanager
    def windows(self, strands: Sequence[Strand], positions: Mapping[str, str]) -> Iterator[Iterator[Stretch]]:
        from confluence_nb.mirror.streaming import Stream

        stream = Stream(strands, positions, self._reader, self.spent)

        def come() -> Iterator[Stretch]:
            while (stretch := self._wiki._run(stream.next())) is not None:
                yield stretch

        try:
            yield come()
        finally:
            self._wiki._run(stream.close())

    def whole(self, name: str, ids: Sequence[str] | None = None) -> pd.DataFrame:
        given = () if ids is None else (list(ids),)
        try:
            frame: pd.DataFrame = getattr(self._wiki, name)(*given, progress=False, **_ASKED.get(name, {}))
        except BaseException:
            self._wiki._question = None  # going on with one table would not go on with the sync
            raise
        self.spent.add(Spent(frame.attrs["requests"], frame.attrs["points"]))
        return frame

    def space_ids(self, spaces: object) -> list[str]:
        return self._wiki._space_ids(self._wiki._space_names(spaces), self.spent)

    def _reader(self, strand: Strand, cursor: str | None) -> ListReader:
        return ListReader(self._client, self._site, collection(strand.path), strand.params, cursor=cursor)


def _through(workers: Any, wiki: Mirroring) -> ApiClient:
    """The wiki's client, sending from workers; what is under way, and the hour's points, are counted together."""
    from confluence_nb.mirror.cluster import ClientOfWorkers

    client = ApiClient(wiki._session, ClientOfWorkers(workers, like=wiki._http))
    client.lanes, client.budget = wiki._client.lanes, wiki._client.budget
    return client
