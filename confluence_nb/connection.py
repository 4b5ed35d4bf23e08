"""A signed-in site, whatever is asked of it: the sign-in, the choice of site, raw calls, the panel."""

from __future__ import annotations

import warnings
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import pandas as pd

from confluence_nb._callers import callers_level
from confluence_nb._given import truth
from confluence_nb._http import ClientPerLoop
from confluence_nb.api.client import ApiClient, site_path, wire_query
from confluence_nb.api.deprecations import say_deprecations
from confluence_nb.api.portal import portal
from confluence_nb.errors import ConfluenceNBError, SignInRequired
from confluence_nb.notices import ConfluenceNBWarning
from confluence_nb.oauth.elsewhere import Elsewhere
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site
from confluence_nb.oauth.status import Status
from confluence_nb.panel.place import running_cell, show
from confluence_nb.secret import Secret

if TYPE_CHECKING:
    from confluence_nb.panel.sign_in import SignInPanel
    from confluence_nb.sandbox import Sandbox

T = TypeVar("T")


class Connection:
    """One profile's sign-in and site. `Wiki` adds the frames."""

    def __init__(self, session: Session, http: ClientPerLoop, *, sandbox: Sandbox | None = None) -> None:
        self._session = session
        self._http = http
        self._client = ApiClient(session, http)
        self._panel: SignInPanel | None = None
        self._shown_in: int | None = None
        self._tells_site = False
        self.sandbox = sandbox

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A wiki is not pickled: its sign-in stays in this process. In the other process call connect() with the "
            "same profile; frames can be handed over."
        )

    # ------------------------------------------------------------------ signing in

    @property
    def consent_url(self) -> str:
        """The link of the sign-in under way, the same until that one is finished."""
        return portal.run(self._session.consent_url())

    def sign_in(self, pasted: str) -> Self:
        """Finish the sign-in that `consent_url` began.

        Parameters
        ----------
        pasted:
            The whole address of the page after Accept; its `state` says that it answers this very sign-in. Or the bare
            code in it, where that page shows a code alone: of that nothing can be checked, and `status()` says so.

        Raises
        ------
        WrongPaste
            What was pasted is no such address, has no state, or is that of another sign-in; or the code was used, or is
            too old.
        ConsentDenied
            The consent was refused.
        AppRejected
            Atlassian does not know the app, its secret or its callback URL.
        Unreachable
            Atlassian did not answer; the same address may be given again.
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
        """Whether there is a sign-in here, as far as is known without asking."""
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
        """Choose the site that is read; the profile remembers it.

        Parameters
        ----------
        site:
            Its host, the URL of any page on it, its name or its cloudId; or a `Site`.

        Raises
        ------
        SiteNotFound
            The sign-in has no such site; the nearest is named.
        AmbiguousSite
            Several have that name; they are listed.
        """
        self._run(self._session.use(_site_wanted("use", site)))
        self._changed()
        return self

    def at(self, site: str | Site, *, site_column: bool = False) -> Self:
        """Another wiki of the same sign-in, to read several sites side by side; this one stays where it is.

        Both renew the sign-in together and share the hour's points. The profile remembers only the site of the wiki
        that `connect` gave.

        Parameters
        ----------
        site:
            As of `use`.
        site_column:
            True puts a first column `site` (the host, string) into every frame of that wiki. Ids are unique on one
            site only: with it, frames of several sites go into one by `pd.concat`, and join on `["site", "id"]`.

        Raises
        ------
        SiteNotFound, AmbiguousSite
            As of `use`.
        """
        wanted = _site_wanted("at", site)
        tells_site = truth("site_column", site_column)
        found = self._run(self._session.find(wanted))
        other = type(self)(Elsewhere(self._session, found), self._http, sandbox=self.sandbox)
        other._client.lanes, other._client.budget = self._client.lanes, self._client.budget
        other._tells_site = tells_site
        other._say_what_is_missing()
        return other

    @property
    def site(self) -> Site | None:
        """The site in use, None while none is chosen."""
        return self._session.chosen_site

    # --------------------------------------------------------------------- raw JSON

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of one GET, signed, and repeated where that helps.

        Parameters
        ----------
        path:
            As in the specification, ids filled in: `"/pages/123"`, `"/wiki/rest/api/user/current"`.
        **params:
            Go into the query; an underscore becomes a hyphen.
        """
        return self.request("GET", path, **params)

    def request(self, method: str, path: str, *, json: Any = None, **params: Any) -> Any:
        """The JSON of one call of any method; None when the answer has no body. Only reads are repeated.

        Parameters
        ----------
        method:
            `"GET"`, `"POST"`, `"PUT"` or `"DELETE"`.
        path, **params:
            As for `get`.
        json:
            What is sent along.
        """
        if not isinstance(method, str) or not isinstance(path, str):
            raise TypeError('request takes method and path as strings, such as "GET" and "/pages/123".')
        verb = method.strip().upper()
        if not (verb.isascii() and verb.isalpha()):
            raise ConfluenceNBError(f"{method[:40]!r} is no HTTP method. Use GET, POST, PUT or DELETE.")
        given = wire_query(params.items())

        async def ask() -> Any:
            site = await self._session.site()
            bare, carried = site_path(path, site)
            answer = await self._client.ask(site, verb, bare, query=carried + given, json=json)
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

    def show_panel(self) -> None:
        """Put the panel under the running cell, once; a script or a plain terminal has no place for it."""
        cell = running_cell()
        if cell is not None and cell != self._shown_in:
            self._shown_in = cell
            show(self.panel)

    def _ipython_display_(self) -> None:
        if running_cell() is None or (self.signed_in and self.site is not None):
            show(repr(self))
        else:
            self.show_panel()

    # ---------------------------------------------------------------------- inside

    def _changed(self) -> None:
        """Account or site changed."""
        if self._panel is not None:
            self._panel.show_state()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        # An error begins here anew: its words are what a person needs, and a notebook shows a dozen lines of code for
        # each frame that led to them.
        try:
            found = portal.run(coroutine)
        except ConfluenceNBError as error:
            if isinstance(error, SignInRequired) and self._panel is not None:
                self._panel.show_state()
            raise error.with_traceback(None) from error.__cause__
        # On the caller's thread, where a warning belongs to a line.
        self._say_what_is_missing()
        say_deprecations()
        return found

    def _say_what_is_missing(self) -> None:
        lacking, site = self._session.unsaid_scopes(), self.site
        if lacking and site is not None:
            warnings.warn(
                f"{site.host} lacks {len(lacking)} of the scopes asked for: {', '.join(lacking)}. Calls that need "
                "them will fail; add them to the app in the developer console and sign in again.",
                ConfluenceNBWarning,
                stacklevel=callers_level(),
            )


def _site_wanted(method: str, site: object) -> str:
    """What names a site.

    Raises
    ------
    ConfluenceNBError, TypeError
    """
    if not isinstance(site, (str, Site)):
        raise TypeError(f"{method} takes a site's host, URL, name or cloudId as a string, or a Site.")
    named = site.id if isinstance(site, Site) else site
    if not named.strip():
        raise ConfluenceNBError("site is empty. Give a site's host, URL, name or cloudId.")
    return named
