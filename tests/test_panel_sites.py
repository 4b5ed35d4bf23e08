"""The panel's list of sites: what is offered, what a filter leaves of it, and what becomes of the choice."""

from __future__ import annotations

import ipywidgets as widgets
import pytest
from panel_hands import (
    ACME,
    GLOBEX,
    HOSTILE,
    SessionInMemory,
    buttons,
    paste,
    settle,
    shown,
    signed_in,
    text_of,
)

from confluence_nb.api.portal import portal
from confluence_nb.errors import ConfluenceNBError, SiteNotFound
from confluence_nb.oauth.sites import Site
from confluence_nb.panel.sign_in import SignInPanel


@pytest.fixture(autouse=True)
def only_this_panel() -> None:
    """Widgets live until they are closed, so what earlier tests made would be in the state too."""
    widgets.Widget.close_all()


def test_several_sites_are_asked_for_and_none_is_preselected() -> None:
    session = SessionInMemory(ACME, GLOBEX)
    panel = SignInPanel(session)
    paste(panel)
    assert ("Acme Inc · acme.atlassian.net", "id-acme") in panel.site.options
    assert ("globex.atlassian.net", "id-globex") in panel.site.options, (
        "a name that only repeats the host is left out"
    )
    assert panel.site.value is None
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
    assert len(panel.site.options) == 2
    assert "does not answer" not in panel.message.value


def test_a_grant_without_any_site_says_what_to_do() -> None:
    session = signed_in()
    panel = SignInPanel(session)
    settle(panel)
    assert "covers no Confluence site" in panel.message.value
    assert SiteNotFound("").help in panel.message.value
    assert "<b>No site</b>" in text_of(panel)
    assert buttons(panel) == ["Sign out"]


def forty() -> tuple[Site, ...]:
    return tuple(Site(f"id-{n}", f"Team {n}", f"https://team-{n}.atlassian.net", ()) for n in range(40))


def narrow(panel: SignInPanel, text: str) -> list[str]:
    panel.choice.filter.value = text

    async def after_it() -> None:
        """What was submitted before has run by now."""

    portal.run(after_it())
    return [label for label, _ in panel.site.options]


def test_few_sites_have_no_filter_and_many_have_one() -> None:
    few, many = SessionInMemory(ACME, GLOBEX), SessionInMemory(*forty())
    for session, filtered in ((few, False), (many, True)):
        panel = SignInPanel(session)
        paste(panel)
        assert (panel.choice.filter in shown(panel)) is filtered


def test_a_filter_narrows_the_list_and_picks_the_last_one_left() -> None:
    session = SessionInMemory(*forty())
    panel = SignInPanel(session)
    paste(panel)
    assert narrow(panel, "team-3") == [f"Team {n} · team-{n}.atlassian.net" for n in (3, *range(30, 40))]
    assert "11 of 40 sites" in text_of(panel)
    assert panel.site.value is None
    assert narrow(panel, "37 TEAM") == ["Team 37 · team-37.atlassian.net"]
    panel.choose.click()
    settle(panel)
    assert session.calls[-1] == ("use", "id-37")


def test_a_filter_that_nothing_passes_says_so_and_a_shorter_one_brings_the_list_back() -> None:
    panel = SignInPanel(SessionInMemory(*forty()))
    paste(panel)
    rows = panel.site.rows
    assert narrow(panel, HOSTILE) == []
    assert "None of the 40 sites" in text_of(panel)
    assert "<img" not in text_of(panel)
    assert len(narrow(panel, "")) == 40
    assert panel.site.rows == rows


def test_what_was_picked_stays_picked_while_it_passes_the_filter() -> None:
    panel = SignInPanel(SessionInMemory(*forty()))
    paste(panel)
    panel.site.value = "id-31"
    narrow(panel, "team-3")
    assert panel.site.value == "id-31"
    narrow(panel, "team-2")
    assert panel.site.value is None
