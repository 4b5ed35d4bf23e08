"""One more site of a sign-in that is there already: two wikis read side by side with one grant between them."""

from __future__ import annotations

from typing import Any

from confluence_nb.oauth.session import Session
from confluence_nb.oauth.sites import Site
from confluence_nb.secret import Secret


class Elsewhere(Session):
    """A session whose app, consent, grant and account are those of another one, and whose site is its own.

    There is one grant keeper, so one renewal serves both. The site is not remembered with the profile: that is the
    other session's.
    """

    def __init__(self, first: Session, site: Site) -> None:
        # Not the base class's: what is not set here is read from the first session, as it is at that moment.
        self._first = first
        self._wanted_site = site.id
        self._site = None
        self._chosen_in = -1
        self._choose(site)

    def __getattr__(self, name: str) -> Any:
        if name == "_first":  # a copy that is not made yet
            raise AttributeError(name)
        return getattr(self._first, name)

    async def site(self) -> Site:
        if self._chosen_in != self._first.sign_ins:
            self.bearer()
            await self.use(str(self._wanted_site))  # somebody signed in anew, perhaps to other sites
        return await super().site()

    def _choose(self, site: Site) -> None:
        self._chosen_in = self._first.sign_ins
        super()._choose(site)

    async def _settle(self, site: Site) -> None:
        self._wanted_site = site.id
        self._choose(site)

    async def find(self, wanted: str) -> Site:
        return await self._first.find(wanted)

    async def sites(self) -> tuple[Site, ...]:
        return await self._first.sites()

    async def consent_url(self) -> str:
        return await self._first.consent_url()

    async def use_app(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        await self._first.use_app(client_id, client_secret, redirect_uri)

    async def sign_in(self, pasted: Secret) -> None:
        await self._first.sign_in(pasted)
        await self.site()

    async def sign_out(self) -> None:
        await self._first.sign_out()
