"""A session in memory for the sign-in panel, and what a person does with the panel and sees of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets as widgets

from confluence_nb.api.portal import portal
from confluence_nb.oauth.app import DEFAULT_REDIRECT_URI, OAuthApp
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.sign_in import SignInPanel
from confluence_nb.secret import Secret

STATE = "state-canary-9Yq"
SECRET = "client-secret-canary-4Zk"
ADDRESS = f"http://localhost:8765/callback?code=code-canary-7Wp&state={STATE}"
HOSTILE = "\"><img src=x onerror=alert(1)>'"

ACME = Site("id-acme", "Acme Inc", "https://acme.atlassian.net", ("read:page:confluence",))
GLOBEX = Site("id-globex", "Globex", "https://globex.atlassian.net", ("read:page:confluence",))


@dataclass(frozen=True)
class KnownStatus:
    signed_in: bool = False
    account: str | None = None
    site: Site | None = None
    missing_scopes: tuple[str, ...] = ()
    remembered: str = "Remembered in this process only."
    note: str | None = None


class SessionInMemory:
    """A sign-in that takes any address, unless told to fail."""

    def __init__(self, *covered: Site, app: bool = True, redirect_uri: str = DEFAULT_REDIRECT_URI) -> None:
        self.app = OAuthApp("client-1", SECRET, redirect_uri) if app else None
        self.covered = covered
        self.known = KnownStatus()
        self.failing: dict[str, Exception] = {}
        self.calls: list[tuple[str, object]] = []

    def _called(self, name: str, argument: object = None) -> None:
        self.calls.append((name, argument))
        if name in self.failing:
            raise self.failing[name]

    def unsaid_scopes(self) -> tuple[str, ...]:
        return ()

    async def consent_url(self) -> str:
        return f"https://auth.example.com/authorize?client_id=client-1&state={STATE}"

    async def use_app(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        self._called("use_app", (client_id, client_secret.reveal(), redirect_uri))
        self.app = OAuthApp(client_id, client_secret, redirect_uri)

    async def sign_in(self, pasted: Secret) -> None:
        self._called("sign_in", pasted.reveal())
        only = self.covered[0] if len(self.covered) == 1 else None
        self.known = replace(self.known, signed_in=True, account=self.known.account or "Ada", site=only)

    async def sites(self) -> tuple[Site, ...]:
        self._called("sites")
        return self.covered

    async def use(self, wanted: str) -> Site:
        self._called("use", wanted)
        site = next(site for site in self.covered if site.id == wanted)
        self.known = replace(self.known, site=site)
        return site

    async def sign_out(self) -> None:
        self._called("sign_out")
        self.known = KnownStatus()

    async def status(self) -> KnownStatus:
        return self.known

    def count(self, name: str) -> int:
        return sum(called == name for called, _ in self.calls)


def settle(panel: SignInPanel) -> None:
    """Wait for everything that was started before: actions take their turn in order."""

    async def last_in_line() -> None:
        async with panel._turn:
            pass

    portal.run(last_in_line())


def shown(panel: SignInPanel) -> list[widgets.Widget]:
    """The widgets that a person sees now."""

    def walk(widget: widgets.Widget) -> Iterator[widgets.Widget]:
        if widget.layout.display == "none":
            return
        yield widget
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    return list(walk(panel))


def text_of(panel: SignInPanel) -> str:
    html = "\n".join(widget.value for widget in shown(panel) if isinstance(widget, widgets.HTML))
    return html.replace("<wbr>", "")  # where a line may end is not seen


def buttons(panel: SignInPanel) -> list[str]:
    return [widget.description for widget in shown(panel) if isinstance(widget, widgets.Button)]


def paste(panel: SignInPanel, text: str = ADDRESS) -> None:
    panel.paste.value = text
    settle(panel)


def signed_in(*covered: Site, **known: Any) -> SessionInMemory:
    session = SessionInMemory(*covered)
    session.known = KnownStatus(signed_in=True, account="Ada", **known)
    return session


def everything_kept(panel: SignInPanel) -> str:
    """What a notebook keeps when widget state is saved with it, and what it keeps of the output."""
    output = panel._repr_mimebundle_()
    return json.dumps([output, widgets.Widget.get_manager_state()])


def eventually(reached: Callable[[], bool]) -> None:
    """Wait until it is so; a busy machine is given its time."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline, "it did not happen within 30 s"
        time.sleep(0.005)
