"""What an unsuccessful answer of the API means, as the error for the person at the notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson

from confluence_nb._http import is_markup
from confluence_nb._moments import end_of_pause
from confluence_nb._patience import LONG_PAUSE, Reply, asked_pause
from confluence_nb.api.catalog import Scopes, scopes_for
from confluence_nb.api.removed import gone
from confluence_nb.errors import (
    ApiError,
    BadRequest,
    ConfluenceNBError,
    MissingScope,
    NotFound,
    NotPermitted,
    SignInRequired,
    Unreachable,
)
from confluence_nb.oauth.app import CONSOLE_URL
from confluence_nb.oauth.bearer import is_scope_miss
from confluence_nb.oauth.sites import Site

UNNAMED = "and does not say what is missing"
"""Stands in the message of a 404 in the bare words that a wrong site has for everything."""

A_WEB_PAGE = "The answer is a web page, perhaps that of a proxy between here and Atlassian."

SCOPES_SHOWN = 20
"""Granted scopes that a message lists: more than the default ones, fewer than a screen."""

_JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+[A-Z]\w*:\s*")


def failure(reply: Reply, *, method: str, path: str, site: Site, granted: Sequence[str]) -> ConfluenceNBError:
    """The error for an answer that is no success.

    Parameters
    ----------
    path:
        From the root of the site, `/wiki/api/v2/pages`.
    granted:
        Scopes that the grant has on this site.
    """
    status = reply.status
    said = _said(reply) or (A_WEB_PAGE if status != 404 and is_markup(reply.body) else "")
    if is_scope_miss(status, reply.headers, reply.body):
        return _missing_scope(status, method, path, granted)
    if status == 401:
        return SignInRequired(
            "Atlassian does not accept this sign-in any more, also after renewing it. Sign in again; if that does not "
            f"help, the app may have lost its access to {site.host}."
        )
    if status == 403:
        return _forbidden(said, path, site)
    if status == 404:
        return _not_found(said, method, path, site)
    if status == 410:
        return gone(method, path)
    if 300 <= status < 400:
        return Unreachable(
            f"{path} sent the request elsewhere, which is not followed: the token goes to Atlassian's API alone. "
            "A proxy or a login page in between is the usual cause.",
            status=status,
            path=path,
        )
    if status >= 500:
        return _unanswered(reply, said, path, site)
    if status in (413, 414):
        return BadRequest(
            "The query, or the cursor that the server made of it, is too long. Ask for less at once, for example one "
            "space or one year at a time.",
            status=status,
            path=path,
        )
    if status == 400 and "cursor" in said.lower():
        return BadRequest(
            f"The server does not take the list's own cursor any more: {said} Begin the list again by calling the "
            "helper anew; wiki.resume() would send the same cursor. The rows so far are in wiki.partial.",
            status=status,
            path=path,
        )
    reason = said or "It gave no reason."
    kind = BadRequest if status == 400 else ApiError
    return kind(
        f"Confluence did not take the request for {path} (HTTP {status}): {reason} Correct it and try again.",
        status=status,
        path=path,
    )


def _unanswered(reply: Reply, said: str, path: str, site: Site) -> Unreachable:
    if reply.status == HTTPStatus.NOT_IMPLEMENTED:
        return Unreachable(
            f"{site.host} does not serve {path} like this (HTTP 501). {said} Ask for something else.".replace(
                "  ", " "
            ),
            status=reply.status,
            path=path,
        )
    pause = asked_pause(reply.status, reply.headers) or 0.0
    if pause < LONG_PAUSE:
        return Unreachable(
            f"{site.host} could not answer {path} (HTTP {reply.status}). {said} Try again in a few minutes; "
            "https://status.atlassian.com tells of outages.".replace("  ", " "),
            status=reply.status,
            path=path,
        )
    reset_at, moment = end_of_pause(pause)
    return Unreachable(
        f"{site.host} could not answer {path} (HTTP {reply.status}) and asks to be left alone until {moment}. {said} "
        "Go on after that: wiki.resume() continues where a list broke off.".replace("  ", " "),
        status=reply.status,
        path=path,
        reset_at=reset_at,
    )


def _missing_scope(status: int, method: str, path: str, granted: Sequence[str]) -> MissingScope:
    alternatives = scopes_for(method, path)
    lacking = [[scope for scope in group if scope not in granted] for group in alternatives]
    if not alternatives:
        need = f"{method} {path} needs a scope that this sign-in does not have."
        remedy = "Find it in the documentation of the call, add it"
    elif not all(lacking):
        # What the site's entry promises, the token may not have: the last consent counts.
        need = f"{method} {path} needs {_either(alternatives)}, and Atlassian refuses this sign-in's all the same."
        remedy = "Make sure of it"
    else:
        fewest = min(lacking, key=lambda scopes: len(scopes))
        need = f"{method} {path} needs {_either(alternatives)}, which this sign-in does not have."
        remedy = f"Add {' and '.join(fewest)}"
    return MissingScope(
        f"{need} It has {_several(granted)}. {remedy} to your app at {CONSOLE_URL} under Permissions > Confluence "
        "API, and to OAuthApp(scopes=[…]), then sign in again: renewing the present sign-in does not help.",
        needed=alternatives[0] if alternatives else (),
        granted=granted,
        status=status,
        path=path,
    )


def _either(alternatives: Scopes) -> str:
    """`the scope a`, `the scope a or b`, `the scope a with b`: the needs of an operation in words."""
    return "the scope " + " or ".join(" with ".join(group) for group in alternatives)


def _several(granted: Sequence[str]) -> str:
    """The scopes of a grant, few enough to be read; all of them are in the error's `granted`."""
    if not granted:
        return "none that is known"
    more = len(granted) - SCOPES_SHOWN
    return ", ".join(granted[:SCOPES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _forbidden(said: str, path: str, site: Site) -> NotPermitted:
    if "use confluence" in said.lower() or "access confluence" in said.lower():
        error = NotPermitted(
            f"Signed in, but this account cannot use Confluence on {site.host}. Check with wiki.status() that site "
            "and account are those you mean, or ask the site's administrator for Confluence access.",
            status=403,
            path=path,
        )
        error.of_site = True
        return error
    return NotPermitted(
        f"This account may not read {path} on {site.host}. {said} Ask its owner for access, or leave it out.".replace(
            "  ", " "
        ),
        status=403,
        path=path,
    )


def _not_found(said: str, method: str, path: str, site: Site) -> NotFound:
    """A 404 that names the thing is about the thing; a bare one is how a wrong site is answered, too."""
    if said and said.strip(" .").lower() != "not found":
        message = (
            f"{said} On {site.host}: check the id. What this account may not see, or an administrator's app access "
            "rule withholds, is answered the same way."
        )
    elif scopes_for(method, path):
        message = (
            f"{site.host} knows nothing at {path}, {UNNAMED}. Check the id, and with "
            "wiki.status() the site and the account: a wrong site, and a sign-in that does not reach it, are "
            "answered with these same bare words."
        )
    else:
        message = (
            f"{site.host} knows nothing at {path}: Confluence's APIs have no such {method}. Check the path's "
            "spelling; wiki.collections() lists what can be read."
        )
    return NotFound(message, status=404, path=path)


def _said(reply: Reply) -> str:
    """The server's own sentence, on one line and of bounded length."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return ""
    sentence = _JAVA_CLASS.sub("", " ".join(_sentence(body).split()))[:400]
    return sentence if not sentence or sentence[-1] in ".!?" else sentence + "."


def _sentence(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        first = errors[0]
        parts = [first.get("title"), first.get("detail") or first.get("message")]
        return ". ".join(str(part).rstrip(".") for part in parts if part and isinstance(part, str))
    for key in ("message", "error_description", "error"):
        if isinstance(body.get(key), str):
            return str(body[key])
    return ""
