"""What the panel says of each kind of keyring: where a sign-in is remembered, or why it is not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import keyring
import pytest
from conftest import open_wiki
from keyring.backends import fail, null
from keyrings import Fails, Garbage, Locked, Windows, Works

from confluence_nb import Wiki
from confluence_nb.panel.sign_in import SignInPanel
from confluence_nb.sandbox import Sandbox

ENDS = "You sign in again when the kernel stops."


class PlaintextKeyring(Works):
    """By its name, as keyrings.alt has one."""


class SecretService(Works):
    """By its module, as the keyring package has it."""

    __module__ = "keyring.backends.SecretService"


class WinVaultKeyring(Windows):
    __module__ = "keyring.backends.Windows"


@pytest.fixture(autouse=True)
def no_memory_of_other_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys.modules["confluence_nb.connect"], "_kernel_memory", {})


def panel_words(wiki: Wiki) -> str:
    """All that the panel shows, as a person reads it."""

    def walk(widget: widgets.Widget) -> list[str]:
        if widget.layout.display == "none":
            return []
        own = [widget.value] if isinstance(widget, widgets.HTML) else []
        return own + [text for child in getattr(widget, "children", ()) for text in walk(child)]

    return unescape(" ".join(walk(SignInPanel(wiki._session))))


@pytest.mark.parametrize(
    ("backend", "sentence"),
    [
        (fail.Keyring, f"Kept in memory: no keyring works here (none is installed or running). {ENDS}"),
        (Locked, f"Kept in memory: no keyring works here (it is locked). {ENDS}"),
        (
            null.Keyring,
            f"Kept in memory: no keyring works here (it took the text but does not give it back). {ENDS}",
        ),
        (
            Garbage,
            f"Kept in memory: no keyring works here (it took the text but does not give it back). {ENDS}",
        ),
        (Fails, f"Kept in memory: no keyring works here (it failed with RuntimeError). {ENDS}"),
        (
            PlaintextKeyring,
            "Remembered in a plain file of the keyring package: readable by you alone, but not encrypted.",
        ),
        (SecretService, "Remembered in the Secret Service keyring on this machine."),
        (WinVaultKeyring, "Remembered in the Windows Credential Manager on this machine."),
    ],
)
def test_the_panel_says_where_the_sign_in_is_remembered(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, backend: Callable[[], Any], sentence: str
) -> None:
    one = backend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: one)
    wiki = open_wiki(sandbox, store="auto")
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    assert sentence in panel_words(wiki)
    assert len(wiki.spaces()) == 3
    assert open_wiki(sandbox, store="auto").signed_in, "in the same kernel, whatever the keyring"


def test_a_keyring_that_stops_working_is_told_in_the_panel(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = WinVaultKeyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    wiki = open_wiki(sandbox, store="auto")
    backend.set_password = Fails().set_password  # type: ignore[method-assign]
    wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
    said = panel_words(wiki)
    assert "Not stored: The keyring cannot keep the sign-in: it failed with RuntimeError." in said
    assert len(wiki.spaces()) == 3
