"""What most tests of the client start from: a small embedded Confluence, and a wiki signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

import confluence_nb
from confluence_nb import Cloud, OAuthApp, Wiki
from confluence_nb.sandbox import Sandbox

# Machines that run the tests are busy with other tests: how long one example takes says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def app_of(sandbox: Sandbox, **changes: Any) -> OAuthApp:
    """The sandbox's registered app, with changes."""
    given = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "redirect_uri": sandbox.redirect_uri,
    }
    return OAuthApp(**given | changes)


def open_wiki(sandbox: Sandbox, site: str | None = None, **changes: Any) -> Wiki:
    """A wiki on the sandbox that nobody signed in to yet, unless its store remembers a sign-in."""
    given = {
        "app": app_of(sandbox),
        "store": "memory",
        # What is kept in memory lasts as long as the process, and ports come again: one profile for each wiki.
        "profile": "default" if "store" in changes else uuid4().hex,
        "cloud": Cloud(auth_url=sandbox.url, api_url=sandbox.url),
    }
    return confluence_nb.connect(site, **given | changes)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(pages=60, spaces=3) as running:
        yield running


@pytest.fixture
def wiki(sandbox: Sandbox) -> Wiki:
    """Signed in, with the site acme chosen."""
    opened = open_wiki(sandbox)
    opened.sign_in(sandbox.approve(opened.consent_url))
    return opened.use("acme")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that nobody asked for take no time; those that a server asks for are kept."""
    monkeypatch.setattr("confluence_nb._patience.backoff", lambda tried, base: 0.0)
    monkeypatch.setattr("confluence_nb.oauth.keeper.backoff", lambda tried, base: 0.0)
