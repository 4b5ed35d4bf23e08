"""What an unsuccessful answer of the API means, as the error for the person at the notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from confluence_nb._patience import Reply
from confluence_nb.api.catalog import scopes_for
from confluence_nb.errors import (
    ApiError,
    BadRequest,
    ConfluenceNBError,
    Gone,
    MissingScope,
    NotFound,
    NotPermitted,
    RateLimited,
    SignInRequired,
    Unreachable,
)
from confluence_nb.oauth.app import CONSOLE_URL
from confluence_nb.oauth.bearer import is_scope_miss
from confluence_nb.oauth.sites import Site

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
    status, said = reply.status, _said(reply)
    if is_scope_miss(status, reply.headers, reply.body):
        return _missing_scope(method, path, granted)
    if status == 401:
        return SignInRequired(
            "Atlassian does not accept this sign-in any more, also after renewing it. Sign in again; if that does not "
            f"help, the app may have lost its access to {site.host}."
        )
    if status == 403:
        return _forbidden(said, path, site)
    if status == 404:
        return _not_found(said, path, site)
    if status == 410:
        return Gone(
            f"Atlassian removed {path} for OAuth apps. Use the v2 API instead: wiki.pages(), wiki.spaces() and "
            "wiki.table(path) read from it.",
            status=status,
            path=path,
        )
    if status == 429:
        return RateLimited(
            f"The site asks for a pause. Wait a few minutes and try again. {said}".strip(), path=path
        )
    if 300 <= status < 400:
        return Unreachable(
            f"{path} sent the request elsewhere, which is not followed: the token goes to Atlassian's API alone. "
            "A proxy or a login page in between is the usual cause.",
            status=status,
            path=path,
        )
    if status >= 500:
        return Unreachable(
            f"{site.host} could not answer {path} (HTTP {status}). {said} Try again in a few minutes; "
            "https://status.atlassian.com tells of outages.".replace("  ", " "),
            status=status,
            path=path,
        )
    if status in (413, 414):
        return BadRequest(
            "The query, or the cursor that the server made of it, is too long. Ask for less at once, for example one "
            "space or one year at a time.",
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


def _missing_scope(method: str, path: str, granted: Sequence[str]) -> MissingScope:
    alternatives = scopes_for(method, path)
    needed = alternatives[0] if alternatives else ()
    wanted = " or ".join(" with ".join(group) for group in alternatives) or "a scope"
    has = " ".join(granted) or "none that is known"
    return MissingScope(
        f"{method} {path} needs {wanted}, which this sign-in does not have (it has: {has}). Add it to your app at "
        f"{CONSOLE_URL} under Permissions > Confluence API and to OAuthApp(scopes=…), then sign in again: renewing "
        "the present sign-in does not help.",
        needed=needed,
        granted=granted,
        status=401,
        path=path,
    )


def _forbidden(said: str, path: str, site: Site) -> NotPermitted:
    if "use confluence" in said.lower() or "access confluence" in said.lower():
        return NotPermitted(
            f"Signed in, but this account cannot use Confluence on {site.host}. Check the site, or ask its "
            "administrator for Confluence access.",
            status=403,
            path=path,
        )
    return NotPermitted(
        f"This account may not read {path} on {site.host}. {said} Ask its owner for access, or leave it out.".replace(
            "  ", " "
        ),
        status=403,
        path=path,
    )


def _not_found(said: str, path: str, site: Site) -> NotFound:
    if said and said.strip(" .").lower() != "not found":
        return NotFound(
            f"{said} On {site.host}: check the id; what you may not see is answered the same way.",
            status=404,
            path=path,
        )
    return NotFound(
        f"{site.host} knows nothing at {path}. Either the path or the site is wrong, or this account may not see it; "
        "wiki.status() says which site and account are in use.",
        status=404,
        path=path,
    )


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
