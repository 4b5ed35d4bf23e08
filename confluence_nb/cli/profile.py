"""Whose sign-in a command uses: a profile in a store, the same one that a notebook may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import click

from confluence_nb import __version__
from confluence_nb._http import ClientPerLoop
from confluence_nb.cli.answers import WrongUse
from confluence_nb.cloud import Cloud
from confluence_nb.connect import connect
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.oauth.record import Keep
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.vault import VaultFailed, open_vault
from confluence_nb.secret import Secret
from confluence_nb.wiki import Wiki


@dataclass(frozen=True)
class Profile:
    """A name under which a sign-in is kept, and where.

    Parameters
    ----------
    name, store:
        As of `connect`. A store in memory is refused: it would end with the command.
    """

    name: str
    store: str

    def wiki(self, site: str | None = None) -> Wiki:
        """The profile's wiki, as `connect` opens it."""
        self._keep()
        return connect(site, profile=self.name, store=self.store)

    def app(self) -> OAuthApp | None:
        """The app of the environment, else the one that the profile remembers."""
        return OAuthApp.from_environment() or self._keep().read().app

    async def register(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        """Remember an app with the profile.

        Raises
        ------
        AppRejected, VaultFailed
        """
        app = OAuthApp(client_id, client_secret, redirect_uri)
        await self._keep().change(lambda record: replace(record, app=app))

    async def renew(self) -> None:
        """Renew the sign-in now, whatever time its access token has left.

        Raises
        ------
        SignInRequired, Unreachable, VaultFailed
        """
        cloud, keep = Cloud.from_environment(), self._keep()
        http = ClientPerLoop(local=cloud.is_local, user_agent=f"confluence_nb/{__version__}")
        session = Session(http, cloud, keep, app=OAuthApp.from_environment(), wanted_site=None)
        session.bearer()  # says which is lacking, an app or a sign-in
        grant = keep.read().of(session.app).grant if session.app else None
        if session.app is None or grant is None:
            return  # signed out this very moment: the next command says so
        keeper = GrantKeeper(http, cloud, session.app, keep, grant)
        # Another process may renew at the same moment: then its token is taken over, and one renewal is enough.
        await keeper.after_rejection(grant)
        if keeper.unsaved:
            raise VaultFailed(f"The renewed sign-in could not be stored: {keeper.unsaved}")

    def _keep(self) -> Keep:
        vault = open_vault(self.store)
        if not vault.shared:
            why = "A" if self.store == "memory" else "No keyring works on this machine, and a"
            raise WrongUse(
                f"{why} sign-in in memory would end with the command. Give the path of a file, which only you will "
                "be able to read: --store ~/confluence.json."
            )
        return Keep(vault, self.name, Cloud.from_environment())


def of_a_profile(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with `--profile` and `--store`, called with a `Profile`."""

    @click.option("--profile", "name", default="default", show_default=True, help="Name of the sign-in.")
    @click.option(
        "--store",
        default="auto",
        metavar="PLACE",
        help="Where the sign-in is kept: a file, 'keyring', or 'auto', which is the keyring where one works.",
        show_default=True,
    )
    @wraps(command)
    def run(*args: Any, name: str, store: str, **kwargs: Any) -> Any:
        if not name.strip():
            raise WrongUse("--profile is empty. Leave it out, or give a short name such as work.")
        return command(*args, profile=Profile(name.strip(), store), **kwargs)

    return run


site_option = click.option(
    "--site",
    metavar="SITE",
    help="Host, name or id of the site; it is remembered. Without it the one remembered, or the only one.",
)
