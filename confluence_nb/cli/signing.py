"""The commands about the sign-in itself: login, status, refresh, logout."""

from __future__ import annotations

from typing import Any

import click

from confluence_nb.api.portal import portal
from confluence_nb.cli.answers import Answer, Exit, answering
from confluence_nb.cli.dialogue import ask_unseen, needs_a_person, say
from confluence_nb.cli.profile import Profile, of_a_profile, site_option
from confluence_nb.oauth.app import CONSOLE_URL, DEFAULT_REDIRECT_URI
from confluence_nb.wiki import Wiki


@click.command()
@answering
@of_a_profile
@site_option
def login(profile: Profile, site: str | None) -> Answer:
    """Sign in, once, at a terminal.

    Shows the link of Atlassian's consent page. Open it, accept, and paste the address of the page that follows; that
    page does not load, which is expected. Nothing of what you paste is shown.
    """
    needs_a_person()
    if profile.app() is None:
        _register(profile)
    wiki = profile.wiki(site)
    say(f"Open this page, and accept:\n\n{wiki.consent_url}\n")
    wiki.sign_in(ask_unseen("Then paste the address of the page that follows (it stays unseen): ").reveal())
    if wiki.site is None:
        hosts = [url.removeprefix("https://") for url in wiki.sites()["url"]]
        wiki.use(click.prompt("Site", type=click.Choice(hosts), err=True))
    return _told(wiki)


@click.command()
@answering
@of_a_profile
def status(profile: Profile) -> Answer:
    """Say who is signed in, to which site, and where that is kept. Asks nobody; 3 when nobody is signed in."""
    return _told(profile.wiki())


@click.command()
@answering
@of_a_profile
def refresh(profile: Profile) -> Answer:
    """Renew the sign-in now.

    A sign-in that nobody uses for 90 days ends. Let a timer run this once a week, and it stays.
    """
    portal.run(profile.renew())
    return _told(profile.wiki())


@click.command()
@answering
@of_a_profile
def logout(profile: Profile) -> Answer:
    """Forget the sign-in here.

    Atlassian lists the consent until you remove it at https://id.atlassian.com/manage-profile/apps.
    """
    profile.wiki().sign_out()
    return Answer("Signed out here.", {"signed_in": False})


def _register(profile: Profile) -> None:
    say(
        f"No OAuth app is known yet. Its client id and secret are on its Settings page at {CONSOLE_URL}; "
        "they are kept with the sign-in."
    )
    client_id = click.prompt("Client id", err=True)
    client_secret = ask_unseen("Client secret (it stays unseen): ")
    redirect_uri = click.prompt("Callback URL", default=DEFAULT_REDIRECT_URI, err=True)
    portal.run(profile.register(client_id, client_secret, redirect_uri))


def _told(wiki: Wiki) -> Answer:
    now = wiki.status()
    facts: dict[str, Any] = {
        "signed_in": now.signed_in,
        "account": now.account,
        "site": now.site.host if now.site else None,
        "scopes": list(now.scopes),
        "missing_scopes": list(now.missing_scopes),
        "expires_at": now.expires_at.isoformat() if now.expires_at else None,
        "renews_itself": now.renews_itself,
        "remembered": now.remembered,
    }
    return Answer(repr(now), facts, Exit.DONE if now.signed_in else Exit.SIGN_IN)
