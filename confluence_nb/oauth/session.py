"""One profile's sign-in, from no app at all to a chosen site; panel, terminal and tests drive the same one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from confluence_nb._http import ClientPerLoop
from confluence_nb.cloud import Cloud
from confluence_nb.errors import ConfluenceNBError, RateLimited, SignInRequired, SiteError, Unreachable
from confluence_nb.oauth.app import CONSOLE_URL, OAuthApp
from confluence_nb.oauth.bearer import Bearer
from confluence_nb.oauth.consent import Consent, UsedCodes, new_consent, read_paste
from confluence_nb.oauth.grant import exchange_code
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.oauth.outside import read_outside
from confluence_nb.oauth.record import Keep, Record
from confluence_nb.oauth.sites import (
    RESOURCES_PATH,
    Site,
    confluence_sites,
    find_site,
    missing_scopes,
    only_site,
)
from confluence_nb.oauth.status import Status, note_of
from confluence_nb.oauth.whoami import PROFILE_SCOPE, account_name
from confluence_nb.secret import Secret

NOT_SIGNED_IN = (
    "Nobody is signed in. Run a cell with the wiki alone to see the sign-in panel; in a script, open "
    "wiki.consent_url and hand the address of the page that follows to wiki.sign_in(...)."
)
NO_APP = (
    "No OAuth app is known yet. Register one in the panel, or set CONFLUENCE_CLIENT_ID and "
    f"CONFLUENCE_CLIENT_SECRET; apps are made at {CONSOLE_URL}."
)


class Session:
    """One profile on one cloud. Asynchronous where it may ask the network or a store."""

    def __init__(
        self, http: ClientPerLoop, cloud: Cloud, keep: Keep, *, app: OAuthApp | None, wanted_site: str | None
    ) -> None:
        self._http = http
        self._cloud = cloud
        self._keep = keep
        self._wanted_site = wanted_site
        self._consent: Consent | None = None
        self._codes = UsedCodes()
        self._keeper: GrantKeeper | None = None
        self._sites: tuple[Site, ...] | None = None
        self._site: Site | None = None
        self._unsaid: tuple[str, ...] = ()
        self._account: str | None = None
        self._note: str | None = None
        self.sign_ins = 0
        self._given_app = app
        self._app = app
        self._resume()

    def _resume(self) -> None:
        """Take up what the profile remembers; a grant of another app is not ours to use."""
        record = self._keep.read()
        self._app = self._given_app or record.app
        if self._app is None:
            return
        kept = record.of(self._app)
        if kept.grant is None:
            return
        self._keeper = GrantKeeper(self._http, self._cloud, self._app, self._keep, kept.grant)
        self._account = kept.account
        self._site = None if self._wanted_site else kept.site

    # ---------------------------------------------------------------- the app

    @property
    def app(self) -> OAuthApp | None:
        return self._app

    @property
    def cloud(self) -> Cloud:
        return self._cloud

    async def use_app(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        """Take the user's own app and remember it with the profile.

        Raises
        ------
        AppRejected
        """
        app = OAuthApp(client_id, client_secret, redirect_uri)
        self._app, self._consent = app, None
        await self._remember(lambda record: replace(record, app=app))

    # ------------------------------------------------------------ the consent

    async def consent_url(self) -> str:
        """The link of the sign-in under way, the same until that one is finished."""
        app = self._needed_app()
        if self._consent is None:
            self._consent = new_consent(self._cloud, app)
        return self._consent.url

    async def sign_in(self, pasted: Secret) -> None:
        """Finish the sign-in with the address, or the code, that was pasted.

        Raises
        ------
        WrongPaste, ConsentDenied, AppRejected, Unreachable
        """
        app = self._needed_app()
        await self.consent_url()
        if self._consent is None:
            raise SignInRequired(NOT_SIGNED_IN)
        answer = read_paste(pasted, self._consent.state)
        with self._codes.once(answer.code):
            grant = await exchange_code(self._http.client(), self._cloud, app, answer.code)
        keeper = GrantKeeper(self._http, self._cloud, app, self._keep, grant)
        # Until it is stored, what the store holds is older: an interrupt here must not bring that back.
        keeper.unsaved = "the sign-in was interrupted."
        self._consent, self._keeper, self._sites, self._site, self._account = None, keeper, None, None, None
        self.sign_ins += 1
        self._note = note_of(answer.state_checked, grant.refresh_token is not None)
        if await self._remember(
            lambda record: record.without_grant(app).changed(app, grant=grant, signed_out=None)
        ):
            keeper.unsaved = None
        account = self._account = await self._whoami()
        # Before the site is settled: one that is not there takes nothing else along.
        await self._remember(lambda record: record.changed(app, account=account))
        await self._settle_site()

    async def sign_out(self) -> None:
        """Forget grant, account and site here. Nothing revokes a token at Atlassian but the account's owner."""
        consent = self._keeper.grant.consent if self._keeper else None
        self._keeper, self._sites, self._site, self._account, self._consent = None, None, None, None, None
        self._note = None
        app = self._app
        if app is not None:
            await self._remember(lambda record: record.signed_out_of(app, consent))

    @property
    def signed_in(self) -> bool:
        return self._keeper is not None and self._keeper.ended is None

    def bearer(self) -> Bearer:
        """Signs requests for the present grant.

        Raises
        ------
        SignInRequired
        """
        if self._keeper is None:
            raise SignInRequired(NOT_SIGNED_IN if self._app is not None else NO_APP)
        if self._keeper.ended is not None:
            raise SignInRequired(str(self._keeper.ended))
        return Bearer(self._cloud, self._keeper)

    def granted_scopes(self) -> tuple[str, ...]:
        """Scopes of the chosen site where one is chosen, else of the grant."""
        if self._site is not None and self._site.scopes:
            return self._site.scopes
        return self._keeper.grant.scopes if self._keeper else ()

    # --------------------------------------------------------------- the site

    async def sites(self) -> tuple[Site, ...]:
        """The Confluence sites of the grant, asked once for each sign-in."""
        if self._sites is None:
            self._sites = confluence_sites(await self._get(RESOURCES_PATH))
        return self._sites

    async def use(self, wanted: str) -> Site:
        """Choose a site by host, URL, name or cloudId, and remember it.

        Raises
        ------
        SiteNotFound, AmbiguousSite
        """
        site = await self.find(wanted)
        await self._settle(site)
        return site

    async def find(self, wanted: str) -> Site:
        """A site of the grant by host, URL, name or cloudId.

        Raises
        ------
        SiteNotFound, AmbiguousSite
        """
        try:
            return find_site(await self.sites(), wanted)
        except SiteError:
            self._sites = None  # it may have been added on a consent page since
        # Out here, so that a second failure is told once, and not as one on top of the first.
        return find_site(await self.sites(), wanted)

    async def site(self) -> Site:
        """The chosen site; the one that `connect` named, or the only one there is, is chosen by this.

        Raises
        ------
        SignInRequired, SiteNotFound, AmbiguousSite
        """
        if self._site is None:
            self.bearer()
            if self._wanted_site is not None:
                return await self.use(self._wanted_site)
            self._choose(only_site(await self.sites()))
        if self._site is None:
            raise SignInRequired(NOT_SIGNED_IN)
        return self._site

    @property
    def account(self) -> str | None:
        """The name of who signed in, None while nobody is or nobody told it."""
        return self._account

    @property
    def chosen_site(self) -> Site | None:
        return self._site

    async def _settle(self, site: Site) -> None:
        self._choose(site)
        app = self._needed_app()
        await self._remember(lambda record: record.changed(app, site=site))

    def _choose(self, site: Site) -> None:
        self._site = site
        self._unsaid = self._missing()

    def unsaid_scopes(self) -> tuple[str, ...]:
        """The scopes that the site lacks, given once for each choice of a site: whoever calls warns of them."""
        lacking, self._unsaid = self._unsaid, ()
        return lacking

    def _missing(self) -> tuple[str, ...]:
        if self._site is None or self._app is None:
            return ()
        return missing_scopes(self._site, self._app.scope_names)

    async def _settle_site(self) -> None:
        """After a sign-in: take the site that is clear, leave the question open when several could be meant."""
        with suppress(Unreachable, RateLimited):  # the code is spent, and the next call asks for the list
            if self._wanted_site is not None:
                await self.use(self._wanted_site)
            elif len(await self.sites()) == 1:
                await self._settle((await self.sites())[0])

    # -------------------------------------------------------------- the state

    async def status(self) -> Status:
        """What is known, without asking anybody."""
        keeper = self._keeper if self.signed_in else None
        ended = self._keeper.ended if self._keeper else None
        grant = keeper.grant if keeper else None
        unsaved = f" Not stored: {keeper.unsaved}" if keeper and keeper.unsaved else ""
        return Status(
            signed_in=keeper is not None,
            account=self._account if keeper else None,
            site=self._site if keeper else None,
            scopes=grant.scopes if grant else (),
            missing_scopes=self._missing() if keeper else (),
            expires_at=datetime.fromtimestamp(grant.expires_at, UTC) if grant else None,
            renews_itself=grant is not None and grant.refresh_token is not None,
            remembered=self._keep.vault.where + unsaved,
            note=str(ended) if ended else self._note,
        )

    def _needed_app(self) -> OAuthApp:
        if self._app is None:
            raise SignInRequired(NO_APP)
        return self._app

    async def _remember(self, edit: Callable[[Record], Record]) -> bool:
        """Keep a change; a store that fails is said once, and what is in memory goes on."""
        try:
            await self._keep.change(edit)
            return True
        except ConfluenceNBError as error:
            if self._keeper is not None:
                self._keeper.unsaved = str(error)
            self._note = f"This could not be stored, so it ends with the kernel: {error}"
            return False

    async def _whoami(self) -> str | None:
        """The account's name; a sign-in is no less good when nobody tells it."""
        may_ask = self._keeper is not None and PROFILE_SCOPE in self._keeper.grant.scopes
        try:
            return await account_name(self._get, self.sites, may_ask)
        except ConfluenceNBError:
            return None

    async def _get(self, path: str) -> Any:
        return await read_outside(self._http.client(), self._cloud, self.bearer(), path)
