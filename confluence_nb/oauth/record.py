"""What one profile keeps in the vault: its app, its grant, whose it is and the site chosen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from confluence_nb.cloud import Cloud
from confluence_nb.errors import AppRejected
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.grant import Grant
from confluence_nb.oauth.sites import Site
from confluence_nb.oauth.vault import Vault
from confluence_nb.secret import Secret


@dataclass(frozen=True)
class Record:
    """One profile's memory.

    `client_id` says which app the grant was made for; `signed_out` which consent was signed out of here, so that
    whoever still holds a grant of it forgets it too. A store that lost its memory says neither.
    """

    app: OAuthApp | None = None
    grant: Grant | None = None
    client_id: str | None = None
    account: str | None = None
    site: Site | None = None
    signed_out: str | None = None

    def without_grant(self) -> Record:
        return replace(self, grant=None, client_id=None, account=None, site=None)

    def signed_out_of(self, consent: str | None) -> Record:
        """Without the grant, and with the mark; of the consent that is kept where the caller knows none."""
        kept = self.grant.consent if self.grant else self.signed_out
        return replace(self.without_grant(), signed_out=consent or kept)


class Keep:
    """Reads and changes a profile's record; blocking stores are asked in a worker thread."""

    def __init__(self, vault: Vault, profile: str, cloud: Cloud) -> None:
        self.vault = vault
        # A profile of the sandbox and one of Atlassian's are different things even under one name.
        self._name = f"{profile}@{urlsplit(cloud.auth_url).netloc}"

    def read(self) -> Record:
        """The record as kept; an empty one when there is none or it is damaged."""
        kept = self.vault.read(self._name)
        return _parsed(kept) if kept is not None else Record()

    async def load(self) -> Record:
        return await asyncio.to_thread(self.read)

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Between every process that renews or changes this profile."""
        return self.vault.lock(self._name)

    async def change(self, edit: Callable[[Record], Record]) -> Record:
        """Read, edit and write under the lock, so that nobody's newer grant is overwritten."""
        async with self.lock():
            return await self.change_locked(edit)

    async def change_locked(self, edit: Callable[[Record], Record]) -> Record:
        """The same for a caller that holds the lock."""
        record = edit(await self.load())
        if record == Record():
            await asyncio.to_thread(self.vault.delete, self._name)
        else:
            await asyncio.to_thread(self.vault.write, self._name, _text(record))
        return record


def _text(record: Record) -> Secret:
    app, site = record.app, record.site
    return Secret(
        json.dumps(
            {
                "version": 1,
                "app": app
                and {
                    "client_id": app.client_id,
                    "client_secret": app.secret.reveal(),
                    "redirect_uri": app.redirect_uri,
                    "scopes": app.scope_names,
                },
                "grant": record.grant and record.grant.as_json(),
                "client_id": record.client_id,
                "account": record.account,
                "site": site
                and {
                    "id": site.id,
                    "name": site.name,
                    "url": site.url,
                    "scopes": site.scopes,
                    "avatar_url": site.avatar_url,
                },
                "signed_out": record.signed_out,
            },
            separators=(",", ":"),
        )
    )


def _parsed(kept: Secret) -> Record:
    try:
        said = json.loads(kept.reveal())
    except ValueError:
        return Record()
    if not isinstance(said, dict):
        return Record()
    return Record(
        app=_app(said.get("app")),
        grant=Grant.from_json(said["grant"]) if said.get("grant") else None,
        client_id=_string(said.get("client_id")),
        account=_string(said.get("account")),
        site=_site(said.get("site")),
        signed_out=_string(said.get("signed_out")),
    )


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _app(said: Any) -> OAuthApp | None:
    try:
        return OAuthApp(said["client_id"], said["client_secret"], said["redirect_uri"], said["scopes"])
    except (AppRejected, KeyError, TypeError):
        return None


def _site(said: Any) -> Site | None:
    try:
        return Site(
            id=str(said["id"]),
            name=str(said["name"]),
            url=str(said["url"]),
            scopes=tuple(map(str, said["scopes"])),
            avatar_url=_string(said.get("avatar_url")),
        )
    except (KeyError, TypeError):
        return None
