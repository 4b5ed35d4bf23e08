"""A wiki to read from: what a cell calls, one DataFrame for each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import TYPE_CHECKING, Any

import pandas as pd

from confluence_nb._http import ClientPerLoop
from confluence_nb.api.catalog import Collection, collection
from confluence_nb.api.paging import ListReader
from confluence_nb.connection import Connection
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.session import Session
from confluence_nb.panel.progress import progress_bar
from confluence_nb.pull import Pull
from confluence_nb.spaces import SpaceIndex, space_names

if TYPE_CHECKING:
    from confluence_nb.sandbox import Sandbox

SPACES_AT_ONCE = 100
"""`space-id` values that one call of GET /pages and GET /blogposts takes."""

USERS_AT_ONCE = 250
"""Account ids that one POST /users-bulk takes."""


class Wiki(Connection):
    """One profile's wiki. `connect()` and `demo()` make it; every helper returns one DataFrame.

    A frame is complete or it is not a frame: when a list breaks off, the call raises, the rows so far are in
    the error's `.frame` and in `wiki.partial`, and `wiki.resume()` goes on from there.

    `frame.attrs` says where a frame came from: `site`, `endpoint`, `parameters`, `rows`, `complete`,
    `requests`, `points` (what it cost of the hour's budget, as documented), `seconds`.
    """

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        super().__init__(session, http, sandbox=sandbox)
        self._pull: Pull | None = None
        self._spaces: dict[tuple[str, int], SpaceIndex] = {}

    def spaces(
        self,
        *,
        type: str | None = None,  # noqa: A002 (the API's own word, as a keyword only)
        status: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every space that the account may see.

        Parameters
        ----------
        type, status, sort:
            As `GET /spaces` takes them: `"global"`, `"personal"` …; `"current"`, `"archived"`; `"name"` …
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `key`, `name`, `author_id`, `homepage_id`, `url` … string; `type`, `status` category;
        `created_at` datetime (UTC).

        Source: `GET /wiki/api/v2/spaces`.
        """
        return self._read("/spaces", {"type": type, "status": status, "sort": sort}, limit, progress)

    def pages(
        self,
        space: object = None,
        *,
        body: str | None = None,
        status: str | Iterable[str] | None = None,
        title: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every page of the site, or of some spaces.

        Parameters
        ----------
        space:
            A key, an id, several of them, or a frame of `spaces()`. None reads every space.
        body:
            `"storage"` or `"atlas_doc_format"` adds the column `body`.
        status:
            `"current"`, `"archived"`, `"trashed"`, `"deleted"` or several; the API's default is current and
            archived.
        title:
            The exact title, letter case aside.
        sort:
            `"id"`, `"title"`, `"created-date"`, `"modified-date"`, with `-` before it for descending.
        limit:
            Rows wanted, None for all.
        progress:
            True or False forces the progress line on or off.

        Returns
        -------
        `id`, `title`, `space_id`, `parent_id`, `author_id`, `owner_id`, `url` … string; `status`,
        `parent_type` category; `position`, `version_number` Int64; `created_at`, `version_created_at` datetime
        (UTC); `body` string when asked for.

        Raises
        ------
        NotFound
            For a space that is not there.
        ConfluenceNBError
            Of another kind when the list breaks off; its `.frame` has the rows so far.

        Source: `GET /wiki/api/v2/pages`.
        """
        params = {"body_format": body, "status": status, "title": title, "sort": sort}
        return self._read("/pages", params, limit, progress, space=space)

    def blogposts(
        self,
        space: object = None,
        *,
        body: str | None = None,
        status: str | Iterable[str] | None = None,
        title: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Every blog post of the site, or of some spaces. Parameters and errors as for `pages`.

        Returns
        -------
        `id`, `title`, `space_id`, `author_id`, `url` … string; `status` category; `version_number` Int64;
        `created_at`, `version_created_at` datetime (UTC); `body` string when asked for.

        Source: `GET /wiki/api/v2/blogposts`.
        """
        params = {"body_format": body, "status": status, "title": title, "sort": sort}
        return self._read("/blogposts", params, limit, progress, space=space)

    def search(self, cql: str, *, limit: int | None = None, progress: bool | None = None) -> pd.DataFrame:
        """What a CQL query finds.

        Parameters
        ----------
        cql:
            Such as `type = page and lastmodified > now("-30d")`.
        limit:
            Rows wanted, None for all.

        Returns
        -------
        One row for each page, post, comment, attachment, space or user found: `id`, `title`, `space_key`,
        `excerpt` (plain text), `url` … string; `type`, `entity_type` category; `last_modified` datetime (UTC).
        `attrs["estimated_total"]` is the server's estimate, which is not exact. Archived pages are not found,
        and changes of the last minutes may be missing: that is how the search works.

        Raises
        ------
        BadRequest
            For a query that the server does not understand, in its own words.

        Source: `GET /wiki/rest/api/search`.
        """
        return self._read("/wiki/rest/api/search", {"cql": cql}, limit, progress)

    def users(
        self, ids: object = None, *, limit: int | None = None, progress: bool | None = None
    ) -> pd.DataFrame:
        """People by account id, or everybody whom a search for people finds.

        Parameters
        ----------
        ids:
            Account ids: one, several, a Series, or a frame with a column `author_id`. None searches for all,
            which takes the scope `read:content-details:confluence` beside the default ones.

        Returns
        -------
        `account_id`, `display_name`, `public_name`, `email` … string; `account_type`, `account_status` category.

        Source: `POST /wiki/api/v2/users-bulk`; without ids `GET /wiki/rest/api/search/user`.
        """
        if ids is None:
            return self._read("/wiki/rest/api/search/user", {"cql": "type = user"}, limit, progress)
        accounts = _account_ids(ids)
        entry = collection("/users-bulk")
        calls: list[dict[str, object]] = [
            {"accountIds": accounts[start : start + USERS_AT_ONCE]}
            for start in range(0, len(accounts), USERS_AT_ONCE)
        ]
        return self._collect(entry, calls, {"account_ids": len(accounts)}, limit, progress)

    def table(
        self, path: str, *, limit: int | None = None, progress: bool | None = None, **params: Any
    ) -> pd.DataFrame:
        """Any list of either API as a frame, by its path in the specification.

        Parameters
        ----------
        path:
            `"/pages/{id}/versions"` with `id=…`, `"/wiki/rest/api/group"`.
        limit:
            Rows wanted, None for all.
        **params:
            As in the specification, an underscore for a hyphen: `space_id=`, `body_format=`.

        Returns
        -------
        The columns of the specification, whatever the number of rows; fields that it lacks follow them.

        Raises
        ------
        ConfluenceNBError
            For an unknown path, parameter or value, with the nearest right one, before any request.
        """
        return self._read(path, params, limit, progress)

    def resume(self) -> pd.DataFrame:
        """Go on with the pull that broke off, and return its whole frame."""
        if self._pull is None:
            raise ConfluenceNBError("There is nothing to resume: no pull of this wiki broke off.")
        if self._pull.account != self._session.account:
            raise ConfluenceNBError(
                f"The pull was begun as {self._pull.account} and {self._session.account} is signed in now: what two "
                "accounts see is not mixed. Call the helper again; the rows so far are in wiki.partial."
            )
        return self._finish(self._pull, None)

    @property
    def partial(self) -> pd.DataFrame | None:
        """The rows of the pull that broke off, None when none did."""
        return None if self._pull is None else self._pull.frame()

    def _read(
        self,
        path: str,
        params: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
        *,
        space: object = None,
    ) -> pd.DataFrame:
        entry = collection(path)
        given = {name: value for name, value in params.items() if value is not None}
        names = space_names(space) if space is not None else None
        if names is None:
            calls = [given]
            said = given
        else:
            entry.request(given)  # before the ids of the spaces are asked for
            _rows_wanted(limit)
            ids = self._run(self._space_ids(names))
            calls = [
                {**given, "space_id": ids[start : start + SPACES_AT_ONCE]}
                for start in range(0, len(ids), SPACES_AT_ONCE)
            ]
            said = {**given, "space": names}
        return self._collect(entry, calls, said, limit, progress)

    async def _space_ids(self, names: list[str]) -> list[str]:
        site = await self._session.site()
        # Another account may see other spaces, so what one sign-in found is not told to the next.
        key = (site.id, self._session.sign_ins)
        index = self._spaces.setdefault(key, SpaceIndex(self._client, site))
        return await index.ids_of(names)

    def _collect(
        self,
        entry: Collection,
        calls: list[dict[str, object]],
        said: Mapping[str, object],
        limit: int | None,
        progress: bool | None,
    ) -> pd.DataFrame:
        wanted = _rows_wanted(limit)
        for call in calls:
            entry.request(call)  # what is wrong with a parameter is said before anything is asked
        site = self._run(self._session.site())
        pull = Pull(
            readers=[ListReader(self._client, site, entry, call, wanted) for call in calls],
            columns=entry.columns_for(calls[0] if calls else {}),
            facts={
                "site": site.host,
                "endpoint": f"{entry.method} {entry.url}",
                "parameters": {name: _plain(value) for name, value in said.items()},
            },
            account=self._session.account,
            wanted=wanted,
        )
        return self._finish(pull, progress)

    def _finish(self, pull: Pull, progress: bool | None) -> pd.DataFrame:
        self._pull = pull
        try:
            with progress_bar(str(pull.facts["endpoint"]), progress) as bar:
                self._run(pull.run(bar))
        except ConfluenceNBError as error:
            error.frame = pull.frame()
            raise
        self._pull = None
        return pull.frame()


def _rows_wanted(limit: object) -> int | None:
    if limit is None:
        return None
    try:
        rows = -1 if isinstance(limit, bool) else index(limit)  # type: ignore[arg-type]  # numpy's integers too
    except TypeError:
        rows = -1
    if rows < 0:
        raise ConfluenceNBError(
            f"limit={str(limit)[:40]} is no number of rows. Give a whole number, or None for all."
        )
    return rows


def _account_ids(ids: object) -> list[str]:
    if isinstance(ids, pd.DataFrame):
        named = [name for name in ("author_id", "account_id") if name in ids.columns]
        if not named:
            raise ConfluenceNBError(
                "The frame given as ids has neither 'author_id' nor 'account_id'. Give the column itself."
            )
        ids = ids[named[0]].dropna()
    elif isinstance(ids, pd.Series):
        ids = ids.dropna()
    items = [ids] if isinstance(ids, (str, Mapping)) or not isinstance(ids, Iterable) else list(ids)
    accounts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if len(accounts) != len(items):
        raise ConfluenceNBError("ids takes account ids: strings such as '712020:…', one or several.")
    return list(dict.fromkeys(accounts))


def _plain(value: object) -> Any:
    """A parameter as JSON knows it, for `attrs`: Parquet files and `attrs` comparisons need no more."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return str(value)
