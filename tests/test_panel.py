"""The sign-in panel over a session in memory: what it shows in every state, and what it does when it is used."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator

import ipywidgets as widgets
import pytest
from panel_hands import (
    ACME,
    ADDRESS,
    GLOBEX,
    SECRET,
    STATE,
    KnownStatus,
    SessionInMemory,
    buttons,
    eventually,
    paste,
    settle,
    shown,
    signed_in,
    text_of,
)

from confluence_nb.errors import AppRejected, ConsentDenied, SignInRequired, WrongPaste
from confluence_nb.oauth.app import DEFAULT_REDIRECT_URI, DEFAULT_SCOPES
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.sign_in import SignInPanel
from confluence_nb.secret import Secret


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
    assert "The sign-in has ended." in panel.message.value


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


@pytest.fixture
def held_back() -> Iterator[Callable[[SessionInMemory], threading.Event]]:
    """Makes a session's sign-in wait until the event that comes back is set."""
    events: list[threading.Event] = []

    def hold(session: SessionInMemory) -> threading.Event:
        release, finish = threading.Event(), session.sign_in
        events.append(release)

        async def slow(pasted: Secret) -> None:
            await asyncio.to_thread(release.wait, 60)
            await finish(pasted)

        session.sign_in = slow  # type: ignore[method-assign]
        return release

    yield hold
    for release in events:
        release.set()


def test_buttons_rest_and_a_spinner_turns_while_a_sign_in_is_under_way(
    held_back: Callable[[SessionInMemory], threading.Event],
) -> None:
    session = SessionInMemory(ACME)
    release = held_back(session)
    panel = SignInPanel(session)
    panel.paste.value = ADDRESS
    eventually(lambda: panel.finish.disabled)
    eventually(lambda: "Signing in…" in panel.message.value)
    assert "cnb-spinner" in panel.message.value
    release.set()
    settle(panel)
    assert not panel.switch.disabled
    assert "Signing in…" not in panel.message.value


def test_a_spinner_waits_for_300_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sys.modules["confluence_nb.panel.sign_in"].SPINNER_SECONDS == 0.3
    monkeypatch.setattr("confluence_nb.panel.sign_in.SPINNER_SECONDS", 120)
    panel = SignInPanel(SessionInMemory(ACME, GLOBEX))
    said: list[str] = []
    panel.message.observe(lambda change: said.append(change["new"]), names="value")
    paste(panel)
    assert said
    assert not any("Signing in" in text for text in said)


def test_who_has_signed_in_is_told_how_to_go_on_and_who_was_is_not() -> None:
    panel = SignInPanel(SessionInMemory(ACME))
    paste(panel)
    assert "Go on in the next cell" in panel.message.value
    assert "Go on" not in text_of(SignInPanel(signed_in(ACME, site=ACME)))


def test_every_step_takes_the_same_room_but_a_panel_that_begins_signed_in_takes_little() -> None:
    panel = SignInPanel(signed_in(ACME, GLOBEX, site=ACME))
    assert "cnb-roomy" not in panel._body._dom_classes
    panel.switch.click()
    settle(panel)
    assert "cnb-roomy" in panel._body._dom_classes
    panel.site.value = "id-globex"
    panel.choose.click()
    settle(panel)
    assert "cnb-roomy" in panel._body._dom_classes
