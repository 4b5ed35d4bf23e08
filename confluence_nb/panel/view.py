"""What the panel has to show, read from the session: which of its steps, and what that step needs."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.link import browser_link
from confluence_nb.panel.session import Session, Status


class Step(enum.Enum):
    """Where the person is."""

    REGISTER = "there is no app, or another one is wanted"
    CONSENT = "the consent page is to be opened, and its answer pasted"
    SITE = "a site is to be chosen"
    READY = "signed in, site chosen"


@dataclass(frozen=True)
class View:
    """One state of the panel; `sites` is None until they were asked for.

    `comes_by_itself` says that the consent page's answer is waited for on this machine, and need not be pasted.
    """

    step: Step
    app: OAuthApp | None = None
    status: Status | None = None
    sites: tuple[Site, ...] | None = None
    link: str = field(default="", repr=False)  # it holds the state of the sign-in under way
    comes_by_itself: bool = False

    @property
    def sites_wanted(self) -> bool:
        """Whether the list of sites is still to be asked for."""
        return self.step is Step.SITE and self.sites is None


async def read_view(session: Session, *, registering: bool = False, switching: bool = False) -> View:
    """How things stand, without the network: a list of sites is left to be asked for.

    Parameters
    ----------
    registering, switching:
        That the person wants to replace the app, or the site, that is there.
    """
    app = session.app
    if app is None or registering:
        return View(Step.REGISTER, app)
    status = await session.status()
    if not status.signed_in:
        return View(Step.CONSENT, app, status)
    if status.site is None or switching:
        return View(Step.SITE, app, status)
    return View(Step.READY, app, status)


async def read_link(session: Session) -> str:
    """The consent link, as the browser reaches it."""
    return browser_link(await session.consent_url())
