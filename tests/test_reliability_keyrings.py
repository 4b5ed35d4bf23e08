"""A keyring that stops working in the middle of a sign-in's life: nothing is spent meanwhile, then all go on."""

from __future__ import annotations

import threading
from pathlib import Path

import keyring
import pytest
from conftest import open_wiki
from keyrings import Works
from renewals import keeper_of, refreshes, signed_in, token_calls

from confluence_nb.oauth.vault import KeyringVault, VaultFailed
from confluence_nb.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hurried")


class Troubled(Works):
    """Works until somebody gives it a trouble, and again when it is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: str | None = None
        self.awake = threading.Event()
        self.awake.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.awake.wait(60)
        kept = super().get_password(service, username)
        return "\x00garbage" if kept and self.trouble == "returns garbage" else kept

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.trouble == "fails":
            raise RuntimeError("no room")
        if self.trouble == "forgets":
            self.items.clear()
        else:
            super().set_password(service, username, password)

    def begin(self, trouble: str) -> None:
        self.trouble = trouble
        if trouble == "hangs":
            self.awake.clear()

    def end(self) -> None:
        self.trouble = None
        self.awake.set()


@pytest.fixture
def troubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Troubled:
    backend = Troubled()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    return backend


@pytest.mark.parametrize("trouble", ["fails", "hangs", "returns garbage", "forgets"])
def test_nothing_is_spent_while_it_has_its_trouble(
    sandbox: Sandbox,
    troubled: Troubled,
    trouble: str,
) -> None:
    notebooks = one, other = signed_in(sandbox, store="keyring"), open_wiki(sandbox, store="keyring")
    vaults = [keeper_of(wiki)._keep.vault for wiki in notebooks]
    for vault in vaults:
        assert isinstance(vault, KeyringVault)
        vault._patience = 0.3
    troubled.begin(trouble)
    assert [len(wiki.spaces()) for wiki in notebooks] == [3, 3], "not felt while the token lives"
    sandbox.expire_tokens()
    for wiki in notebooks:
        with pytest.raises(VaultFailed, match="Unlock or repair it"):
            wiki.spaces()
        assert wiki.signed_in
    assert token_calls(sandbox) == 1, "the code's exchange, and nothing since"

    sandbox.advance_clock(700)  # past the leeway: whoever had renewed would have ended it for the other
    troubled.end()
    for vault in vaults:
        assert isinstance(vault, KeyringVault)
        vault._patience = 30.0
        assert vault._pending is not None
        vault._pending.join(30)
    assert [len(wiki.spaces()) for wiki in (other, one)] == [3, 3]
    assert refreshes(sandbox) == 1
    assert open_wiki(sandbox, store="keyring").signed_in
