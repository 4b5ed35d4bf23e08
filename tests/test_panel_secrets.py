"""What the panel never shows and never leaves behind: markup from a server, an unsafe link, a secret."""

from __future__ import annotations

import logging
from dataclasses import replace

import ipywidgets as widgets
import pytest
from panel_hands import (
    ACME,
    ADDRESS,
    GLOBEX,
    HOSTILE,
    SECRET,
    STATE,
    SessionInMemory,
    everything_kept,
    paste,
    settle,
    signed_in,
    text_of,
)

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.link import browser_link
from confluence_nb.panel.sign_in import SignInPanel


@pytest.fixture(autouse=True)
def only_this_panel() -> None:
    """Widgets live until they are closed, so what earlier tests made would be in the state too."""
    widgets.Widget.close_all()


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


def test_what_a_browser_sends_is_in_no_log_of_the_kernel(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG the comm package and ipykernel log each message, and a notebook keeps what is logged on the screen."""
    panel = SignInPanel(SessionInMemory(ACME, GLOBEX, app=False))
    with caplog.at_level(logging.DEBUG):
        typed(panel.register.client_id, "client-2")
        typed(panel.register.client_secret, SECRET)
        settle(panel)
        typed(panel.paste, ADDRESS)
        settle(panel)
    assert "client-2" in caplog.text, "the loggers were listening"
    for secret in (SECRET, STATE, "code-canary-7Wp"):
        assert secret not in caplog.text


def typed(box: widgets.Widget, text: str) -> None:
    """As it comes from the browser."""
    state = {"method": "update", "state": {"value": text}, "buffer_paths": []}
    said = {"comm_id": box.comm.comm_id, "data": state}
    logging.getLogger("IPKernelApp").debug("   Content: %s\n   --->\n   ", said)
    box.comm.handle_msg({"header": {}, "content": said, "buffers": []})


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
