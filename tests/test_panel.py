"""The sign-in panel over a session in memory: what it shows in every state, and what it never shows."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets as widgets
import pytest

from confluence_nb.api.portal import portal
from confluence_nb.errors import AppRejected, ConfluenceNBError, ConsentDenied, SignInRequired, WrongPaste
from confluence_nb.oauth.app import DEFAULT_REDIRECT_URI, DEFAULT_SCOPES, OAuthApp
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.link import browser_link
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

    def __init__(self, *covered: Site, app: bool = True) -> None:
        self.app = OAuthApp("client-1", SECRET) if app else None
        self.covered = covered
        self.known = KnownStatus()
        self.failing: dict[str, Exception] = {}
        self.calls: list[tuple[str, object]] = []

    def _called(self, name: str, argument: object = None) -> None:
        self.calls.append((name, argument))
        if name in self.failing:
            raise self.failing[name]

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
    return "\n".join(widget.value for widget in shown(panel) if isinstance(widget, widgets.HTML))


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


@pytest.fixture(autouse=True)
def only_this_panel() -> None:
    """Widgets live until they are closed, so what earlier tests made would be in the state too."""
    widgets.Widget.close_all()


def test_without_an_app_it_shows_how_to_register_one() -> None:
    panel = SignInPanel(SessionInMemory(ACME, app=False))
    text = text_of(panel)
    assert f'value="{DEFAULT_REDIRECT_URI}"' in text
    for scope in set(DEFAULT_SCOPES) - {"offline_access"}:
        assert scope in text
    assert "offline_access" not in text
    assert buttons(panel) == ["Save app"]
    assert "/authorize" not in text


def test_a_saved_app_leads_to_the_consent_link_and_leaves_no_secret_in_the_form() -> None:
    session = SessionInMemory(ACME, app=False)
    panel = SignInPanel(session)
    panel.register.client_id.value = " client-2 "
    panel.register.client_secret.value = SECRET
    panel.register.save.click()
    settle(panel)
    assert session.calls == [("use_app", ("client-2", SECRET, DEFAULT_REDIRECT_URI))]
    assert panel.register.client_secret.value == ""
    assert "/authorize?" in text_of(panel)


def test_a_refused_app_is_explained_and_can_be_corrected() -> None:
    session = SessionInMemory(ACME, app=False)
    session.failing["use_app"] = AppRejected("The client id is empty.")
    panel = SignInPanel(session)
    panel.register.client_id.value = "client-2"
    panel.register.client_secret.value = SECRET
    panel.register.save.click()
    settle(panel)
    assert "The client id is empty." in panel.message.value
    assert panel.register.client_id.value == "client-2"
    assert "Save app" in buttons(panel)


def test_half_an_app_is_not_sent() -> None:
    session = SessionInMemory(ACME, app=False)
    panel = SignInPanel(session)
    panel.register.client_secret.value = SECRET
    panel.register.save.click()
    settle(panel)
    assert session.calls == []
    assert "both client id and secret" in panel.message.value


def test_the_app_can_be_replaced_or_kept() -> None:
    panel = SignInPanel(SessionInMemory(ACME))
    panel.other_app.click()
    settle(panel)
    assert buttons(panel) == ["Save app", "Keep the present app"]
    panel.register.back.click()
    settle(panel)
    assert "/authorize?" in text_of(panel)


def test_the_consent_link_opens_a_tab_and_only_one_password_box_is_shown() -> None:
    panel = SignInPanel(SessionInMemory(ACME))
    text = text_of(panel)
    assert 'target="_blank"' in text
    assert "noopener" in text
    assert f"client_id=client-1&amp;state={STATE}" in text
    assert [type(widget) for widget in shown(panel) if isinstance(widget, widgets.Text)] == [widgets.Password]
    assert panel.site.options == ()


def test_pasting_signs_in_once_and_takes_the_only_site() -> None:
    session = SessionInMemory(ACME)
    panel = SignInPanel(session)
    panel.paste.value = ADDRESS
    assert panel.paste.value == ""
    panel.finish.click()
    settle(panel)
    assert session.calls == [("sign_in", ADDRESS)]
    text = text_of(panel)
    assert "Ada" in text
    assert "acme.atlassian.net" in text
    assert "Remembered in this process only." in text
    assert buttons(panel) == ["Switch site", "Sign out"]


def test_several_sites_are_asked_for_and_none_is_preselected() -> None:
    session = SessionInMemory(ACME, GLOBEX)
    panel = SignInPanel(session)
    paste(panel)
    assert ("Acme Inc · acme.atlassian.net", "id-acme") in panel.site.options
    assert ("globex.atlassian.net", "id-globex") in panel.site.options, (
        "a name that only repeats the host is left out"
    )
    assert panel.site.label == "Choose a site…"
    assert buttons(panel) == ["Use this site", "Sign out"]

    panel.choose.click()
    settle(panel)
    assert "Pick a site" in panel.message.value
    assert session.count("use") == 0

    panel.site.value = "id-globex"
    panel.choose.click()
    settle(panel)
    assert "globex.atlassian.net" in text_of(panel)
    assert session.calls[-1] == ("use", "id-globex")


def test_switching_offers_the_sites_with_the_present_one_picked() -> None:
    session = signed_in(ACME, GLOBEX, site=ACME)
    panel = SignInPanel(session)
    panel.switch.click()
    settle(panel)
    assert panel.site.value == "id-acme"
    panel.site.value = "id-globex"
    panel.choose.click()
    settle(panel)
    assert "globex.atlassian.net" in text_of(panel)


def test_a_list_of_sites_that_does_not_come_leaves_the_present_site_in_use() -> None:
    session = signed_in(ACME, GLOBEX, site=ACME)
    session.failing["sites"] = ConfluenceNBError("Atlassian does not answer.")
    panel = SignInPanel(session)
    panel.switch.click()
    settle(panel)
    assert "Atlassian does not answer." in panel.message.value
    assert buttons(panel) == ["Switch site", "Sign out"]


def test_sites_that_did_not_come_can_be_asked_for_again() -> None:
    session = signed_in(ACME, GLOBEX)
    session.failing["sites"] = ConfluenceNBError("Atlassian does not answer.")
    panel = SignInPanel(session)
    settle(panel)
    assert "Atlassian does not answer." in panel.message.value
    assert buttons(panel) == ["Look again", "Sign out"]
    session.failing.clear()
    panel.reload.click()
    settle(panel)
    assert len(panel.site.options) == 3
    assert "does not answer" not in panel.message.value


def test_a_grant_without_any_site_says_what_to_do() -> None:
    session = signed_in()
    panel = SignInPanel(session)
    settle(panel)
    assert "covers no Confluence site" in panel.message.value
    assert buttons(panel) == ["Sign out"]


def test_a_panel_made_when_signed_in_shows_it_at_once() -> None:
    session = signed_in(ACME, site=ACME)
    panel = SignInPanel(session)
    assert "acme.atlassian.net" in text_of(panel)
    assert session.calls == []


def test_signing_out_returns_to_the_first_step_and_names_connected_apps() -> None:
    session = signed_in(ACME, site=ACME)
    panel = SignInPanel(session)
    panel.sign_out_button.click()
    settle(panel)
    assert session.count("sign_out") == 1
    assert "https://id.atlassian.com/manage-profile/apps" in panel.message.value
    assert "/authorize?" in text_of(panel)


def test_a_sign_in_that_ended_elsewhere_shows_the_first_step_again() -> None:
    session = signed_in(ACME, site=ACME)
    panel = SignInPanel(session)
    session.known = KnownStatus(note="The sign-in has ended.")
    panel.show_state()
    assert "/authorize?" in text_of(panel)
    assert "The sign-in has ended." in text_of(panel)


def test_a_sign_in_that_ended_during_an_action_shows_the_first_step_again() -> None:
    session = signed_in(ACME, GLOBEX, site=ACME)
    panel = SignInPanel(session)

    async def ended() -> tuple[Site, ...]:
        session.known = KnownStatus()
        raise SignInRequired("The sign-in has ended: sign in again.")

    session.sites = ended  # type: ignore[method-assign]
    panel.switch.click()
    settle(panel)
    assert "The sign-in has ended" in panel.message.value
    assert "/authorize?" in text_of(panel)


def test_missing_scopes_are_named_at_once() -> None:
    panel = SignInPanel(signed_in(ACME, site=ACME, missing_scopes=("search:confluence",)))
    assert "<code>search:confluence</code>" in text_of(panel)


@pytest.mark.parametrize(
    "error",
    [WrongPaste("That is another sign-in's address."), ConsentDenied("The consent was not given.")],
    ids=["wrong paste", "denied"],
)
def test_a_failure_is_its_own_sentence_and_an_empty_click_after_it_leaves_it(error: Exception) -> None:
    session = SessionInMemory(ACME)
    session.failing["sign_in"] = error
    panel = SignInPanel(session)
    paste(panel)
    panel.finish.click()
    settle(panel)
    assert str(error).replace("'", "&#x27;") in panel.message.value
    assert 'role="status"' in panel.message.value
    assert not panel.finish.disabled

    session.failing.clear()
    paste(panel)
    assert "acme.atlassian.net" in text_of(panel)
    assert "not work" not in panel.message.value


def test_finishing_with_an_empty_box_says_so() -> None:
    session = SessionInMemory(ACME)
    panel = SignInPanel(session)
    panel.finish.click()
    settle(panel)
    assert "The box is empty" in panel.message.value
    assert session.calls == []


@pytest.mark.parametrize("method", ["sign_in", "sites", "use", "sign_out"])
def test_an_unexpected_exception_is_named_but_its_text_is_not_shown(method: str) -> None:
    session = SessionInMemory(ACME, GLOBEX)
    session.failing[method] = RuntimeError(SECRET)
    panel = SignInPanel(session)
    paste(panel)
    if method in ("use", "sign_out"):
        panel.site.value = "id-acme"
        (panel.choose if method == "use" else panel.sign_out_button).click()
        settle(panel)
    assert session.count(method) == 1
    assert "RuntimeError" in panel.message.value
    assert SECRET not in everything_kept(panel)


def test_buttons_rest_while_a_sign_in_is_under_way(eventually: Callable[[Callable[[], bool]], None]) -> None:
    release = threading.Event()
    session = SessionInMemory(ACME)
    finish = session.sign_in

    async def slow(pasted: Secret) -> None:
        await asyncio.to_thread(release.wait, 30)
        await finish(pasted)

    session.sign_in = slow  # type: ignore[method-assign]
    panel = SignInPanel(session)
    panel.paste.value = ADDRESS
    try:
        eventually(lambda: panel.finish.disabled)
        assert "Signing in…" in panel.message.value
    finally:
        release.set()
    settle(panel)
    assert not panel.switch.disabled
    assert "Signing in…" not in panel.message.value


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    def wait(reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not reached():
            assert time.monotonic() < deadline, "it did not happen within 10 s"
            time.sleep(0.005)

    return wait


def test_what_servers_say_is_text_and_never_markup() -> None:
    hostile = Site("id-h", HOSTILE, f"https://h.example.com/{HOSTILE}", ())
    session = signed_in(
        hostile, GLOBEX, site=hostile, missing_scopes=(HOSTILE,), remembered=HOSTILE, note=HOSTILE
    )
    session.known = replace(session.known, account=HOSTILE)
    session.failing["sites"] = ConfluenceNBError(HOSTILE)
    panel = SignInPanel(session)
    panel.switch.click()
    settle(panel)
    assert "onerror" in panel.message.value
    assert "<img" not in text_of(panel)

    session.failing.clear()
    panel.switch.click()
    settle(panel)
    assert panel.site.value == "id-h"
    assert "onerror" in text_of(panel)
    assert "<img" not in text_of(panel)


def test_a_site_whose_address_is_no_https_is_not_a_link() -> None:
    odd = Site("id-o", "Odd", "javascript:alert(1)", ())
    assert "href" not in text_of(SignInPanel(signed_in(odd, site=odd)))


def test_nothing_secret_is_left_in_what_a_notebook_keeps() -> None:
    session = SessionInMemory(ACME, GLOBEX, app=False)
    panel = SignInPanel(session)
    assert (
        panel._repr_mimebundle_()["text/plain"] == "Confluence sign-in panel (run this cell again to use it)"
    )
    panel.register.client_id.value = "client-2"
    panel.register.client_secret.value = SECRET
    settle(panel)
    assert STATE in everything_kept(panel)  # the link is shown now, so this looks in the right place
    paste(panel)
    kept = everything_kept(panel)
    for secret in (SECRET, STATE, "code-canary-7Wp"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("url", "prefix", "expected"),
    [
        (
            "https://auth.atlassian.com/authorize?a=b",
            "/user/ada/",
            "https://auth.atlassian.com/authorize?a=b",
        ),
        ("http://127.0.0.1:4321/authorize?a=b%20c", None, "http://127.0.0.1:4321/authorize?a=b%20c"),
        ("http://127.0.0.1:4321/authorize?a=b%20c", "/user/ada/", "/user/ada/proxy/4321/authorize?a=b%20c"),
        ("http://[::1]:4321/authorize", "/user/ada", "/user/ada/proxy/4321/authorize"),
        ("http://localhost/authorize", "/", "/proxy/80/authorize"),
    ],
)
def test_the_link_leads_through_the_hubs_proxy_only_for_a_stand_in(
    url: str, prefix: str | None, expected: str
) -> None:
    assert browser_link(url, {} if prefix is None else {"JUPYTERHUB_SERVICE_PREFIX": prefix}) == expected


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://auth.example.com/authorize", "https://", "http://[bad/authorize", ""],
)
def test_an_address_that_is_not_safe_to_click_is_no_link(url: str) -> None:
    with pytest.raises(ConfluenceNBError, match="not an https address"):
        browser_link(url, {})
