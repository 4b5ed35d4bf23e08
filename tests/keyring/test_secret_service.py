"""Sign-ins in a real Secret Service: kept between processes, renewed by each, forgotten whole, locked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import secretstorage
from conftest import open_wiki
from renewals import keeper_of, refreshes, signed_in
from secretstorage.util import DBusAddressWrapper, format_secret, open_session

from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.vault import KeyringVault, VaultFailed, open_vault
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret

pytestmark = pytest.mark.skipif(
    "KEYRING_SESSION" not in os.environ, reason="runs by `make keyring` alone, in a session of its own"
)

WHERE = "Remembered in the Secret Service keyring on this machine."


@pytest.fixture
def collection() -> Iterator[secretstorage.Collection]:
    """The keyring's own list of items, empty before and after."""
    connection = secretstorage.dbus_init()
    opened = secretstorage.get_default_collection(connection)
    assert _labels(opened) == []
    yield opened
    if opened.is_locked():
        _unlock(opened)
    for item in opened.get_all_items():
        item.delete()
    connection.close()


def _labels(collection: secretstorage.Collection) -> list[str]:
    return [item.get_label() for item in collection.get_all_items()]


NEXT_DAY = """
import sys
from confluence_nb import Cloud, OAuthApp, connect

url, client_id, secret, redirect_uri = (sys.stdin.readline().strip() for _ in range(4))
wiki = connect(app=OAuthApp(client_id, secret, redirect_uri), cloud=Cloud(url, url))
print(wiki.signed_in, len(wiki.spaces()), wiki.status().remembered)
"""


def next_day(sandbox: Sandbox) -> str:
    """What another process has to say that finds the sign-in in the keyring."""
    app = (sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    run = subprocess.run(
        [sys.executable, "-c", NEXT_DAY],
        input="\n".join((*app, "")),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return run.stdout.strip()


@pytest.mark.usefixtures("collection")
def test_a_sign_in_is_there_the_next_day_and_each_process_renews_it(sandbox: Sandbox) -> None:
    wiki = signed_in(sandbox, store="auto")
    assert wiki.status().remembered == WHERE
    for turn in range(1, 4):
        sandbox.advance_clock(3_700)  # past the token's life and the leeway: a pair that was lost is lost
        assert next_day(sandbox) == f"True 3 {WHERE}"
        assert refreshes(sandbox) == 2 * turn - 1
        sandbox.advance_clock(3_700)
        assert len(wiki.spaces()) == 3
        assert refreshes(sandbox) == 2 * turn


def test_a_sign_out_leaves_no_token_in_it(sandbox: Sandbox, collection: secretstorage.Collection) -> None:
    wiki = signed_in(sandbox, store="keyring")
    grant = keeper_of(wiki).grant
    assert grant.access_token.reveal() in _secrets(collection)
    wiki.sign_out()
    assert grant.refresh_token is not None
    for token in (grant.access_token, grant.refresh_token):
        assert token.reveal() not in _secrets(collection)
    assert not open_wiki(sandbox, store="keyring").signed_in


def _secrets(collection: secretstorage.Collection) -> str:
    return "".join(item.get_secret().decode() for item in collection.get_all_items())


@pytest.mark.parametrize("text", ["", "short", "ünïcödé \N{LOCK}\n", "x" * 1_000_000], ids=len)
def test_it_gives_back_whatever_it_was_given(collection: secretstorage.Collection, text: str) -> None:
    vault = KeyringVault()
    vault.write("a profile", Secret(text))
    assert KeyringVault().read("a profile") == Secret(text)
    vault.delete("a profile")
    assert vault.read("a profile") is None
    assert _labels(collection) == []


def test_one_that_is_locked_says_so_and_is_used_again_when_it_opens(
    sandbox: Sandbox, collection: secretstorage.Collection
) -> None:
    wiki = signed_in(sandbox, store="auto")
    collection.lock()
    with pytest.raises(VaultFailed, match="it is locked"):
        open_vault("keyring")
    assert "no keyring works here (it is locked)" in open_vault("auto").where
    assert len(wiki.spaces()) == 3, "the token in hand still lives"
    sandbox.expire_tokens()
    with pytest.raises(ConfluenceNBError, match=r"it is locked\. Unlock"):
        wiki.spaces()
    assert refreshes(sandbox) == 0, "nothing was spent that could not be stored"
    _unlock(collection)
    assert len(wiki.spaces()) == 3
    assert refreshes(sandbox) == 1


def _unlock(collection: secretstorage.Collection) -> None:
    """With the password and no prompt: there is nobody to answer one."""
    session = open_session(collection.connection)
    service = DBusAddressWrapper(
        "/org/freedesktop/secrets",
        "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
        collection.connection,
    )
    password = format_secret(session, b"open sesame", "text/plain")
    service.call("UnlockWithMasterPassword", "o(oayays)", collection.collection_path, password)
