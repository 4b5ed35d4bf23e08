"""What one profile keeps in the vault: its app, and of each app's sign-in the grant, whose it is and the site."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
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
class SignIn:
    """What is remembered of one app's sign-in.

    `signed_out` says which consent was signed out of here, so that whoever still holds a grant of it forgets it
    too. A store that lost its memory does not say so.
    """

    grant: Grant | None = None
    account: str | None = None
    site: Site | None = None
    signed_out: str | None = None


@dataclass(frozen=True)
class Record:
    """One profile's memory: the app that was typed into the panel, and the sign-in of each app by its client id."""

    app: OAuthApp | None = None
    sign_ins: Mapping[str, SignIn] = field(default_factory=dict)

    def of(self, app: OAuthApp) -> SignIn:
        """The sign-in of that app; an empty one where there is none."""
        return self.sign_ins.get(app.client_id, SignIn())

    def changed(self, app: OAuthApp, **changes: Any) -> Record:
        """With other values in the sign-in of that app; those of other apps stay as they are."""
        return replace(self, sign_ins={**self.sign_ins, app.client_id: replace(self.of(app), **changes)})

    def without_grant(self, app: OAuthApp) -> Record:
        return self.changed(app, grant=None, account=None, site=None)

    def signed_out_of(self, app: OAuthApp, consent: str | None) -> Record:
        """Without the app's grant, and with the mark; of the consent that is kept where the caller knows none."""
        kept = self.of(app)
        mark = consent or (kept.grant.consent if kept.grant else kept.signed_out)
        return self.without_grant(app).changed(app, signed_out=mark)


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
    app = record.app
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
                "sign_ins": {client_id: _said(kept) for client_id, kept in record.sign_ins.items()},
            },
            separators=(",", ":"),
        )
    )


def _said(kept: SignIn) -> dict[str, Any]:
    """A sign-in in the clear, for the vault alone."""
    site = kept.site
    return {
        "grant": kept.grant and kept.grant.as_json(),
        "account": kept.account,
        "site": site
        and {
            "id": site.id,
            "name": site.name,
            "url": site.url,
            "scopes": site.scopes,
            "avatar_url": site.avatar_url,
        },
        "signed_out": kept.signed_out,
    }


def _parsed(kept: Secret) -> Record:
    try:
        said = json.loads(kept.reveal())
    except (ValueError, RecursionError):
        return Record()
    if not isinstance(said, dict):
        return Record()
    sign_ins = said.get("sign_ins")
    return Record(
        app=_app(said.get("app")),
        sign_ins={
            client_id: _sign_in(each)
            for client_id, each in (sign_ins.items() if isinstance(sign_ins, dict) else ())
            if isinstance(each, dict)
        },
    )


def _sign_in(said: dict[str, Any]) -> SignIn:
    return SignIn(
        grant=Grant.from_json(said["grant"]) if said.get("grant") else None,
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
