"""The grant: a token pair, and the two calls to the token endpoint that make and renew one."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeGuard

from confluence_nb._http import answered_json, httpx, read_body
from confluence_nb._patience import TOO_LONG, in_words
from confluence_nb.cloud import Cloud
from confluence_nb.errors import AppRejected, SignInError, SignInRequired, Unreachable, WrongPaste
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.secret import Secret

TOKEN_PATH = "/oauth/token"  # noqa: S105 (a path, no password)
DEFAULT_LIFETIME = 3600.0
"""Seconds; what Atlassian's access tokens live when the answer does not say."""

LONGEST_ANSWER = 120.0
"""Seconds from asking for tokens to the end of the answer. A renewal that is asked for again and again, while its
answers trickle for ever, has to end within the ten minutes in which Atlassian takes a spent refresh token."""

ENDED = (
    "Your sign-in has ended. It does after 90 days without use, when it was renewed on another machine, or when "
    "the password changed or somebody revoked the app. Sign in again: the panel, or wiki.consent_url, has a new link."
)


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

    def expired(self, now: float | None = None) -> bool:
        """Whether the access token's time has passed by this machine's clock."""
        return (time.time() if now is None else now) >= self.expires_at

    def wants_renewal(self, now: float | None = None) -> bool:
        """Whether to renew before the next request: a tenth of its life before the end, two minutes at most."""
        margin = min(120.0, self.lifetime / 10)
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
            refresh = kept["refresh_token"]
            grant = cls(
                access_token=Secret(kept["access_token"]),
                refresh_token=Secret(refresh) if refresh else None,
                scopes=tuple(map(str, kept["scopes"])),
                obtained_at=float(kept["obtained_at"]),
                lifetime=float(kept["lifetime"]),
                consent=str(kept["consent"]),
            )
            return (
                grant if isinstance(kept["access_token"], str) and isinstance(refresh, str | None) else None
            )
        except (KeyError, TypeError, ValueError):
            return None


async def exchange_code(http: httpx.AsyncClient, cloud: Cloud, app: OAuthApp, code: Secret) -> Grant:
    """Trade an authorization code for a grant.

    Raises
    ------
    WrongPaste
        The code was used, has expired or belongs to another app.
    AppRejected
        Client id, secret or callback URL do not fit.
    Unreachable
        No usable answer came.
    """
    status, answer = await _ask(
        http, cloud, app, {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    )
    if status == 200:
        grant = _granted(answer, asked=app.scope_names)
        del answer  # a traceback may show local variables
        return replace(grant or _no_grant(), consent=secrets.token_hex(8))
    raise _refused(status, answer) or WrongPaste(
        "Atlassian did not take the code: it was already used, has expired (it lives for minutes) or was made for "
        "another app. Open the consent link again and paste the new address."
    )


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
    status, answer = await _ask(
        http, cloud, app, {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
    )
    if status == 200:
        renewed = _granted(answer, asked=grant.scopes)
        del answer
        renewed = renewed or _no_grant()
        return replace(
            renewed, refresh_token=renewed.refresh_token or grant.refresh_token, consent=grant.consent
        )
    raise _refused(status, answer) or SignInRequired(ENDED)


async def _ask(
    http: httpx.AsyncClient, cloud: Cloud, app: OAuthApp, fields: Mapping[str, str | Secret]
) -> tuple[int, Any]:
    """One call to the token endpoint. Nothing it raises has the request, or its secrets, in its traceback."""
    failure: str | None = None
    answer: Any = None
    status = 0
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
            status = response.status_code
            answer = answered_json(status, response.headers, await read_body(response), path=TOKEN_PATH)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        failure = in_words(error)
    except TimeoutError:
        failure = TOO_LONG
    except Unreachable as error:
        failure = str(error)
    # Only the sign-in server's own word ends a sign-in: a proxy's page or a login's redirect is nobody's refusal.
    if failure is None and status != 200 and status < 500 and _error_of(answer) == "":
        failure = f"HTTP {status} without a reason"
    if failure is not None and status != 429 and status < 500:
        raise Unreachable(
            f"The sign-in server at {cloud.auth_url} gave no usable answer ({failure}). Check the network or proxy, "
            "then try again; the sign-in itself is not lost.",
            status=status or None,
            path=TOKEN_PATH,
        )
    if status == 429 or status >= 500:
        raise Unreachable(
            f"The sign-in server at {cloud.auth_url} is not able to answer now (HTTP {status}). Wait a minute and "
            "try again; the sign-in itself is not lost.",
            status=status,
            path=TOKEN_PATH,
        )
    return status, answer


def _error_of(answer: Any) -> str:
    """The error code of a refusal, RFC 6749 §5.2; empty when the answer is none."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) else ""


def _refused(status: int, answer: Any) -> SignInError | None:
    """The error for a refusal of the app; None when it is the code or the refresh token that was refused."""
    error = _error_of(answer)
    told = answer.get("error_description") if error else ""
    described = " ".join(told.split())[:200] if isinstance(told, str) else ""
    if status == 401 or error in ("invalid_client", "access_denied"):
        return AppRejected(
            "Atlassian refused the app's client id or secret. Copy both again from the app's Settings page in the "
            "developer console: a secret that was reset there no longer works."
        )
    if "redirect" in described.lower():
        return AppRejected(
            f"Atlassian refused the callback URL ({described}). It must be, to the letter, the one registered in the "
            "developer console under Authorization."
        )
    if error in ("invalid_grant", "unauthorized_client") or status == 403:
        return None
    if error in ("invalid_request", "unsupported_grant_type", "invalid_scope"):
        return AppRejected(
            f"Atlassian refused the request ({error}{': ' + described if described else ''}). Compare the app's pages "
            "in the developer console with its client id, callback URL and scopes."
        )
    return None


def _granted(answer: Any, *, asked: tuple[str, ...]) -> Grant | None:
    """Read a token answer; None for anything short of a usable bearer token. Raises nothing: it sees tokens."""
    said = answer if isinstance(answer, dict) else {}
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
        scopes=tuple(scopes or asked),
        obtained_at=time.time(),
        lifetime=lifetime if 0 < lifetime < 10**9 else DEFAULT_LIFETIME,
    )


def _no_grant() -> NoReturn:
    raise Unreachable(
        "The sign-in server's answer has no usable token in it. Try again; if it stays so, something between "
        "here and Atlassian changes its answers.",
        path=TOKEN_PATH,
    )


def _is_token(text: Any) -> TypeGuard[str]:
    """Whether a header, a form and a file can hold it: a token, or a scope."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and bool(text) and " " not in text
