"""What tests of renewal share: a grant made older, what a store holds, and what the server counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from conftest import open_wiki

from confluence_nb import Wiki
from confluence_nb.api.portal import portal
from confluence_nb.oauth.keeper import GrantKeeper
from confluence_nb.sandbox import Sandbox
from confluence_nb.secret import Secret


def keeper_of(wiki: Wiki) -> GrantKeeper:
    keeper = wiki._session._keeper
    assert keeper is not None
    return keeper


def age(wiki: Wiki, seconds: float) -> None:
    """Make the grant in hand that much older, as if the time had passed; the server knows nothing of it."""
    keeper = keeper_of(wiki)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - seconds)
    portal.run(keeper._keep.change(lambda record: record.changed(keeper._app, grant=keeper.grant)))


def old_in_hand(wiki: Wiki, seconds: float = 3_590) -> None:
    """The same for this notebook alone; what the store holds stays as it is."""
    keeper = keeper_of(wiki)
    keeper.grant = replace(keeper.grant, obtained_at=keeper.grant.obtained_at - seconds)


def grants_in(text: Secret) -> list[dict[str, Any]]:
    """Every grant in a record's text, as the vault was given it."""
    return [kept["grant"] for kept in json.loads(text.reveal())["sign_ins"].values() if kept["grant"]]


def stored_grants(path: Path) -> list[dict[str, Any]]:
    """Every grant in a store that is a file."""
    kept = json.loads(path.read_text()).values()
    return [grant for text in kept for grant in grants_in(Secret(text))]


def refreshes(sandbox: Sandbox) -> int:
    return int(sandbox.counts()["refreshes"])


def token_calls(sandbox: Sandbox) -> int:
    return sum(sandbox.counts()["routes"].get("POST /oauth/token", {}).values())


def signed_in(sandbox: Sandbox, site: str = "acme", **changes: Any) -> Wiki:
    wiki = open_wiki(sandbox, **changes)
    return wiki.sign_in(sandbox.approve(wiki.consent_url)).use(site)
