"""The grant: a token pair, and the two calls to the token endpoint that make and renew one."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from confluence_nb._http import answered_json, httpx, read_body
from confluence_nb._patience import TOO_LONG, asked_pause, in_words
from confluence_nb.cloud import Cloud
from confluence_nb.errors import SignInRequired, Unreachable
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.refusal import (
    TOKEN_PATH,
    Refusal,
    busy,
    no_exchange,
    no_renewal,
    refusal_in,
    unusable,
)
from confluence_nb.secret import Secret

DEFAULT_LIFETIME = 3600.0
"""Seconds; what Atlassian's access tokens live when the answer does not say."""

LONGEST_LIFE, LATEST = 1e9, 1e11
"""Seconds of a life, and since the epoch; beyond them is damage, and no date."""

LONGEST_ANSWER = 120.0
"""Seconds from asking for tokens to the end of the answer. A renewal that is asked for again and again, while its
answers trickle for ever, has to end within the ten minutes in which Atlassian takes a spent refresh token."""


@dataclass(frozen=True)
class Grant:
    """What one consent gave: tokens, scopes, and their times in seconds since the epoch."""

    access_token: Secret
    refresh_token: Secret | None
    scopes: tuple[str, ...]
    obtained_at: float
    lifetime: float
    consent: str = ""
    """Names the consent that it stems from, through every renewal; random, and known to this machine alone."""

    @property
    def expires_at(self) -> float:
        return self.obtained_at + self.lifetime

    def has_tokens_of(self, other: Grant) -> bool:
        """Whether both tokens are the same: a server may renew the one and leave the other as it was."""
        return (self.access_token, self.refresh_token) == (other.access_token, other.refresh_token)

    def expired(self, now: float | None = None) -> bool:
        """Whether the access token's time has passed by this machine's clock."""
        return (time.time() if now is None else now) >= self.expires_at

    def wants_renewal(self, now: float | None = None) -> bool:
        """Whether to renew before the next request: a tenth of its life before the end, two minutes at most."""
        # Nothing is won by giving up early what cannot be renewed.
        margin = min(120.0, self.lifetime / 10) if self.refresh_token else 0.0
        return self.expired((time.time() if now is None else now) + margin)

    def as_json(self) -> dict[str, Any]:
        """The grant in the clear, for the vault alone."""
        return {
            "access_token": self.access_token.reveal(),
            "refresh_token": self.refresh_token.reveal() if self.refresh_token else None,
            "scopes": list(self.scopes),
            "obtained_at": self.obtained_at,
            "lifetime": self.lifetime,
            "consent": self.consent,
        }

    @classmethod
    def from_json(cls, kept: Any) -> Grant | None:
        """The grant that `as_json` wrote; None when what was kept is damaged."""
        try:
            access, refresh = kept["access_token"], kept["refresh_token"]
            grant = cls(
                access_token=Secret(access),
                refresh_token=Secret(refresh) if refresh else None,
                scopes=tuple(map(str, kept["scopes"])),
                obtained_at=float(kept["obtained_at"]),
                lifetime=float(kept["lifetime"]),
                consent=str(kept["consent"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        can_be_sent = _is_token(access) and (refresh is None or _is_token(refresh))
        has_a_date = 0 <= grant.obtained_at < LATEST and 0 < grant.lifetime < LONGEST_LIFE
        return grant if can_be_sent and has_a_date else None


async def exchange_code(http: httpx.AsyncClient, cloud: Cloud, app: OAuthApp, code: Secret) -> Grant:
    """Trade an authorization code for a grant.

    Raises
    ------
    WrongPaste
        The code was used, has expired or belongs to another app.
    AppRejected
        Client id, secret or callback URL do not fit.
    Unreachable
        No usable answer came, or one that says nothing of the code: it may be given again.
    """
    said = await _ask(
        http, cloud, app, {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    )
    if isinstance(said, Refusal):
        raise no_exchange(said, cloud)
    return replace(said, scopes=said.scopes or app.scope_names, consent=secrets.token_hex(8))


async def renew_grant(http: httpx.AsyncClient, cloud: Cloud, app: OAuthApp, grant: Grant) -> Grant:
    """Trade the refresh token for a new pair; the old refresh token is spent by it.

    Raises
    ------
    SignInRequired
        The grant is dead, or never had a refresh token.
    AppRejected, Unreachable
    """
    if grant.refresh_token is None:
        raise SignInRequired(
            "Your sign-in has ended: Atlassian gave no refresh token, so it lasts one hour. Sign in again; to stay "
            "signed in, the app must be allowed to ask for offline_access."
        )
    said = await _ask(http, cloud, app, {"grant_type": "refresh_token", "refresh_token": grant.refresh_token})
    if isinstance(said, Refusal):
        raise no_renewal(said, cloud)
    return replace(
        said,
        refresh_token=said.refresh_token or grant.refresh_token,
        scopes=said.scopes or grant.scopes,
        consent=grant.consent,
    )


async def _ask(
    http: httpx.AsyncClient, cloud: Cloud, app: OAuthApp, fields: Mapping[str, str | Secret]
) -> Grant | Refusal:
    """One call to the token endpoint. No traceback of what it raises holds its request or its answer.

    Raises
    ------
    Unreachable
    """
    failure: str | None = None
    said: Grant | Refusal | None = None
    status, pause = 0, None
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            response = await http.send(
                http.build_request(
                    "POST",
                    cloud.auth_url + TOKEN_PATH,
                    json={
                        **{
                            name: value.reveal() if isinstance(value, Secret) else value
                            for name, value in fields.items()
                        },
                        "client_id": app.client_id,
                        "client_secret": app.secret.reveal(),
                    },
                ),
                stream=True,
                auth=None,
            )
            status, pause = response.status_code, _pause_in(response)
            said = _heard(
                status,
                answered_json(status, response.headers, await read_body(response), path=TOKEN_PATH),
                (*(value for value in fields.values() if isinstance(value, Secret)), app.secret),
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        failure = in_words(error)
    except TimeoutError:
        failure = TOO_LONG
    except Unreachable as error:
        failure = str(error)
    if status == 429 or status >= 500:
        raise busy(cloud, status, pause)
    if failure is None and said is None:
        is_success = 200 <= status < 300
        failure = f"HTTP {status} with no usable {'token' if is_success else 'reason'} in it"
    if failure is not None or said is None:
        raise unusable(cloud, status, failure or "nothing")
    return said


def _heard(status: int, answer: Any, sent: tuple[Secret, ...]) -> Grant | Refusal | None:
    """What an answer is; None where it is neither tokens nor the sign-in server's own word.

    Only that word ends a sign-in: a proxy's `{"error": "Forbidden"}` is nobody's refusal. This raises nothing, since
    it sees tokens.
    """
    told = answer if isinstance(answer, dict) else {}
    refusal = refusal_in(status, told, sent)
    if refusal is not None:
        return refusal
    return _granted(told) if 200 <= status < 300 else None


def _pause_in(response: httpx.Response) -> float | None:
    """Seconds by `Retry-After`; the limits of the API, which other headers tell, are not those of the sign-in."""
    alone = httpx.Headers({name: response.headers.get(name, "") for name in ("Retry-After", "Date")})
    return asked_pause(response.status_code, alone)


def _granted(said: Mapping[str, Any]) -> Grant | None:
    """Read a token answer; None for anything short of a usable bearer token."""
    access, refresh, scope = said.get("access_token"), said.get("refresh_token"), said.get("scope")
    kind = said.get("token_type") or "Bearer"
    if not _is_token(access) or (refresh and not _is_token(refresh)):
        return None
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return None
    if isinstance(scope, str):
        scope = scope.split()
    scopes = [one for one in scope if _is_token(one)] if isinstance(scope, list) else []
    try:
        lifetime = float(said.get("expires_in", DEFAULT_LIFETIME))
    except (TypeError, ValueError, OverflowError):
        lifetime = DEFAULT_LIFETIME
    return Grant(
        access_token=Secret(access),
        refresh_token=Secret(refresh) if _is_token(refresh) else None,
        scopes=tuple(scopes),
        obtained_at=time.time(),
        lifetime=lifetime if 0 < lifetime < LONGEST_LIFE else DEFAULT_LIFETIME,
    )


def _is_token(text: Any) -> TypeGuard[str]:
    """Whether a header, a form and a file can hold it: a token, or a scope."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and bool(text) and " " not in text
