"""What the panel asks of a sign-in: the seam between the widgets and everything that talks to Atlassian."""

from __future__ import annotations

from typing import Protocol

from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.sites import Site
from confluence_nb.secret import Secret


class Status(Protocol):
    """How things stand, as far as this process knows without asking the network."""

    @property
    def signed_in(self) -> bool: ...

    @property
    def account(self) -> str | None:
        """Name of the account, when Atlassian told it."""

    @property
    def site(self) -> Site | None:
        """The chosen site."""

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """Scopes that were asked for and that the chosen site lacks."""

    @property
    def remembered(self) -> str:
        """A sentence: where the sign-in is kept."""

    @property
    def note(self) -> str | None:
        """A sentence about something the person should know of this sign-in."""


class Session(Protocol):
    """One profile's sign-in. Every failure is a `ConfluenceNBError` whose message is meant for the person.

    `app`, `consent_url` and `status` need no network; the others may take their time.
    """

    @property
    def app(self) -> OAuthApp | None:
        """The registered app; None when there is none yet."""

    async def consent_url(self) -> str:
        """The link of the sign-in under way, the same until that one is finished."""

    async def use_app(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        """Take an app that the person registered, and remember it."""

    async def sign_in(self, pasted: Secret) -> None:
        """Finish the sign-in with the address that followed the consent page."""

    async def sites(self) -> tuple[Site, ...]:
        """The Confluence sites of the grant."""

    async def use(self, wanted: str) -> Site:
        """Choose a site by its cloudId, and remember the choice."""

    def unsaid_scopes(self) -> tuple[str, ...]:
        """The scopes that the site lacks, given once for each choice of a site."""

    async def sign_out(self) -> None:
        """Forget the grant."""

    async def status(self) -> Status:
        """How things stand."""
