"""What a refusal of the token endpoint is about: the code, the refresh token, the app, or a server in trouble."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, quote_plus

from confluence_nb._moments import span
from confluence_nb.cloud import Cloud
from confluence_nb.errors import AppRejected, ConfluenceNBError, SignInRequired, Unreachable, WrongPaste
from confluence_nb.secret import Secret

TOKEN_PATH = "/oauth/token"  # noqa: S105 (a path, no password)

ENDED = (
    "Your sign-in has ended. It does after 90 days without use, when it was renewed on another machine, or when "
    "the password changed or somebody revoked the app. Sign in again: the panel, or wiki.consent_url, has a new link."
)

DEAD = ("invalid_grant", "unauthorized_client")
"""Errors that say so of a code or a refresh token; any other may be a passing one, or that of a gateway in between."""

_ERROR = re.compile(r"[a-z]+(?:_[a-z]+)+")
"""How a sign-in server calls its errors (RFC 6749 §5.2); "Forbidden" and "Not Found" are anybody's."""

_THE_CODE = re.compile(r"\bauthori[sz]ation[ _-]?code\b", re.IGNORECASE)
"""Atlassian was seen to call a code that it does not take an `invalid_request`: "authorization_code is invalid"."""

_OF_THE_CODE = re.compile("expired|revoked|already|another client")
"""Words of the RFC's sentence for `invalid_grant`, which lists all that can be wrong, the callback URL among it."""


@dataclass(frozen=True)
class Refusal:
    """The sign-in server's own word against a code, a refresh token or the app; nothing that was sent stands in it."""

    status: int
    error: str
    described: str


def refusal_in(status: int, told: Mapping[str, Any], sent: tuple[Secret, ...]) -> Refusal | None:
    """The refusal that an answer is, None where it has none: a proxy's `{"error": "Forbidden"}` is nobody's.

    Parameters
    ----------
    sent:
        What was sent and is secret: a server may quote what it refuses.
    """
    error, described = told.get("error"), told.get("error_description")
    if isinstance(error, str) and (_ERROR.fullmatch(error) or (error and status == 401)):
        words = " ".join(described.split()) if isinstance(described, str) else ""
        for secret in filter(None, sent):
            value = secret.reveal()
            for form in (value, quote(value, safe=""), quote_plus(value), quote(value)):
                words = words.replace(form, "••••")
        return Refusal(status, error, words[:200])
    return None


def no_exchange(refusal: Refusal, cloud: Cloud) -> ConfluenceNBError:
    """The error for a code that was not traded; `Unreachable` where it may be given again."""
    if refusal.error == "invalid_request" and _THE_CODE.search(refusal.described):
        refusal = replace(refusal, error="invalid_grant")
    fault = _of_the_client(refusal) or _of_the_callback(refusal) or _of_the_request(refusal)
    if fault is not None:
        return fault
    if refusal.error not in DEAD:
        said = (
            f"HTTP {refusal.status}: {refusal.error}{', ' + refusal.described if refusal.described else ''}"
        )
        return Unreachable(
            f"The sign-in server at {cloud.auth_url} did not trade the code ({said}). It may still be good: give the "
            "same address again in a minute; if it stays so, open the consent link again.",
            status=refusal.status,
            path=TOKEN_PATH,
        )
    return WrongPaste(
        "Atlassian did not take the code: it was already used, has expired (it lives for minutes) or was made for "
        "another app. Open the consent link again and paste the new address."
    )


def no_renewal(refusal: Refusal, cloud: Cloud) -> ConfluenceNBError:
    """The error for a refresh token that was not traded; `SignInRequired` when the grant is dead."""
    if refusal.error in DEAD:
        return SignInRequired(ENDED)
    why = f"HTTP {refusal.status}: {refusal.error}; if it stays so for long, sign in again"
    return _of_the_client(refusal) or _of_the_request(refusal) or unusable(cloud, refusal.status, why)


def unusable(cloud: Cloud, status: int, why: str) -> Unreachable:
    """The error for an answer that is neither tokens nor the sign-in server's own word; status 0 where none came."""
    # Without a status nobody answered at all.
    look = "Something between here and there may have answered instead: check" if status else "Check"
    return Unreachable(
        f"The sign-in server at {cloud.auth_url} gave no usable answer ({why}). {look} the network or proxy, then try "
        "again; the sign-in itself is not lost.",
        status=status or None,
        path=TOKEN_PATH,
    )


def busy(cloud: Cloud, status: int, pause: float | None) -> Unreachable:
    """The error for a server that is in trouble, or asks to be left alone for so many seconds."""
    wait = "a minute" if pause is None else span(pause)
    return Unreachable(
        f"The sign-in server at {cloud.auth_url} is not able to answer now (HTTP {status}). Wait {wait} and try again; "
        "the sign-in itself is not lost.",
        status=status,
        path=TOKEN_PATH,
        pause=pause,
    )


def _of_the_client(refusal: Refusal) -> AppRejected | None:
    if (refusal.status != 401 or refusal.error in DEAD) and refusal.error not in (
        "invalid_client",
        "access_denied",
    ):
        return None
    return AppRejected(
        "Atlassian refused the app's client id or secret. Copy both again from the app's Settings page in the "
        "developer console: a secret that was reset there no longer works."
    )


def _of_the_callback(refusal: Refusal) -> AppRejected | None:
    """Asked of an exchange alone: a renewal sends no callback URL."""
    words = refusal.described.lower()
    if "redirect" not in words or _OF_THE_CODE.search(words):
        return None
    return AppRejected(
        f"Atlassian refused the callback URL ({refusal.described}). It must be, to the letter, the one registered in "
        "the developer console under Authorization."
    )


def _of_the_request(refusal: Refusal) -> AppRejected | None:
    error, described = refusal.error, refusal.described
    if error not in ("invalid_request", "unsupported_grant_type", "invalid_scope"):
        return None
    return AppRejected(
        f"Atlassian refused the request ({error}{': ' + described if described else ''}). Compare the app's pages "
        "in the developer console with its client id, callback URL and scopes."
    )
