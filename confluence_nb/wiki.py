"""A signed-in wiki: what a cell calls, one DataFrame for each question."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

import pandas as pd

from confluence_nb._http import ClientPerLoop
from confluence_nb.api.catalog import Collection, collection
from confluence_nb.api.client import ApiClient, site_path, wire_query
from confluence_nb.api.paging import ListReader
from confluence_nb.api.portal import portal
from confluence_nb.errors import ConfluenceNBError, SignInRequired
from confluence_nb.oauth.session import Session, Status
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.progress import progress_bar
from confluence_nb.pull import Pull
from confluence_nb.secret import Secret
from confluence_nb.spaces import SpaceIndex, space_names

if TYPE_CHECKING:
    from confluence_nb.panel.sign_in import SignInPanel
    from confluence_nb.sandbox import Sandbox

T = TypeVar("T")

SPACES_AT_ONCE = 100
"""`space-id` values that one call of GET /pages and GET /blogposts takes."""

USERS_AT_ONCE = 250
"""Account ids that one POST /users-bulk takes."""


class Wiki:
    """One profile's wiki. `connect()` and `demo()` make it; every helper returns one DataFrame.

    A frame is complete or it is not a frame: when a list breaks off, the call raises, the rows so far are in
    the error's `.frame` and in `wiki.partial`, and `wiki.resume()` goes on from there.

    `frame.attrs` says where a frame came from: `site`, `endpoint`, `parameters`, `rows`, `complete`,
    `requests`, `points` (what it cost of the hour's budget, as documented), `seconds`.
    """

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        self._session = session
        self._http = http
        self._client = ApiClient(session, http)
        self._spaces: dict[str, SpaceIndex] = {}
        self._pull: Pull | None = None
        self._panel: SignInPanel | None = None
        self.sandbox = sandbox

    # ------------------------------------------------------------------ signing in

    @property
    def consent_url(self) -> str:
        """The link of the sign-in under way, the same until that one is finished."""
        return portal.run(self._session.consent_url())

    def sign_in(self, pasted: str) -> Self:
        """Finish the sign-in with the address of the page after Accept, or with the bare code.

        Raises
        ------
        WrongPaste, ConsentDenied, AppRejected, Unreachable
        """
        secret = Secret(pasted) if isinstance(pasted, str) else None
        del pasted
        if secret is None:
            raise TypeError("sign_in takes the pasted address as a string.")
        portal.run(self._session.sign_in(secret))
        self._changed()
        return self

    def sign_out(self) -> None:
        """Forget the sign-in on this machine.

        Atlassian has no call that revokes a grant; its owner does so under *Connected apps* at
        https://id.atlassian.com/manage-profile/apps.
        """
        portal.run(self._session.sign_out())
        self._changed()

    @property
    def signed_in(self) -> bool:
        return self._session.signed_in

    def status(self) -> Status:
        """Account, site, scopes, expiry and where the sign-in is remembered; asks nobody."""
        return portal.run(self._session.status())

    # -------------------------------------------------------------------- the site

    def sites(self) -> pd.DataFrame:
        """The Confluence sites of this sign-in.

        Returns
        -------
        `id` (the cloudId), `name`, `url`, `avatar_url`: string; `scopes`: list of what the sign-in may do there.

        Source: `GET /oauth/token/accessible-resources`.
        """
        sites = self._run(self._session.sites())
        return pd.DataFrame(
            {
                "id": pd.Series([site.id for site in sites], dtype="string"),
                "name": pd.Series([site.name for site in sites], dtype="string"),
                "url": pd.Series([site.url for site in sites], dtype="string"),
                "scopes": pd.Series([list(site.scopes) for site in sites], dtype=object),
                "avatar_url": pd.Series([site.avatar_url for site in sites], dtype="string"),
            }
        )

    def use(self, site: str | Site) -> Self:
        """Choose a site by host, URL of any page on it, name or cloudId; the profile remembers it.

        Raises
        ------
        SiteNotFound, AmbiguousSite
        """
        if not isinstance(site, (str, Site)):
            raise TypeError("use takes a site's host, URL, name or cloudId as a string, or a Site.")
        self._run(self._session.use(site.id if isinstance(site, Site) else site))
        self._changed()
        return self

    @property
    def site(self) -> Site | None:
        """The site in use, None while none is chosen."""
        return self._session.chosen_site

    # ------------------------------------------------------------------- the frames

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
            Account ids: one, several, a Series, or a frame with a column `author_id`. None searches for all.

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
        return self._finish(self._pull, None)

    @property
    def partial(self) -> pd.DataFrame | None:
        """The rows of the pull that broke off, None when none did."""
        return None if self._pull is None else self._pull.frame()

    # --------------------------------------------------------------------- raw JSON

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of one GET, signed and repeated where that helps.

        `path` is as in the specification with ids filled in, `"/pages/123"` or `"/wiki/rest/api/user/current"`;
        a parameter's underscores become hyphens.
        """
        return self.request("GET", path, **params)

    def request(self, method: str, path: str, *, json: Any = None, **params: Any) -> Any:
        """The JSON of one call of any method; None when the answer has no body. Only reads are repeated."""
        verb = method.strip().upper()
        if not verb.isalpha():
            raise ConfluenceNBError(f"{method!r} is no HTTP method. Use GET, POST, PUT or DELETE.")

        async def ask() -> Any:
            site = await self._session.site()
            bare, carried = site_path(path, site)
            answer = await self._client.ask(
                site, verb, bare, query=carried + wire_query(params.items()), json=json
            )
            return answer.said

        return self._run(ask())

    # ---------------------------------------------------------------------- display

    @property
    def panel(self) -> SignInPanel:
        """The sign-in panel of this wiki, one for all the cells that show it."""
        if self._panel is None:
            from confluence_nb.panel.sign_in import SignInPanel

            self._panel = SignInPanel(self._session)
        return self._panel

    def __repr__(self) -> str:
        if not self.signed_in:
            return "Wiki (not signed in)"
        status = self.status()
        site = status.site.host if status.site else "no site chosen"
        return f"{status.account or 'signed in'} · {site}"

    def _repr_mimebundle_(self, **formats: Any) -> dict[str, Any] | None:
        if self.signed_in and self.site is not None:
            return {"text/plain": repr(self)}
        bundle: dict[str, Any] | None = self.panel._repr_mimebundle_(**formats)
        return bundle

    # ---------------------------------------------------------------------- inside

    def _changed(self) -> None:
        self._spaces.clear()
        if self._panel is not None:
            self._panel.show_state()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return portal.run(coroutine)
        except SignInRequired:
            if self._panel is not None:
                self._panel.show_state()
            raise

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
            ids = self._run(self._space_ids(names))
            calls = [
                {**given, "space_id": ids[start : start + SPACES_AT_ONCE]}
                for start in range(0, len(ids), SPACES_AT_ONCE)
            ]
            said = {**given, "space": names}
        return self._collect(entry, calls, said, limit, progress)

    async def _space_ids(self, names: list[str]) -> list[str]:
        site = await self._session.site()
        index = self._spaces.setdefault(site.id, SpaceIndex(self._client, site))
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
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise ConfluenceNBError(
            f"limit={limit!r} is no number of rows. Give a whole number, or None for all."
        )
    return limit


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
    items = [ids] if isinstance(ids, str) or not isinstance(ids, Iterable) else list(ids)
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
