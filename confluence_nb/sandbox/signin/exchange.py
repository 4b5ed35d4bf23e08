"""The token endpoint: codes and refresh tokens against new pairs, with Atlassian's own refusals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import unquote_plus

from starlette.responses import JSONResponse, Response

from confluence_nb.sandbox.asgi import Request
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.signin.grants import Grants, Pair, Refused

_PRIVATE = {"cache-control": "no-store"}


def exchange(request: Request, options: Options, grants: Grants) -> Response:
    """`POST /oauth/token` with a JSON or a form body."""
    fields = _fields(request)
    if fields is None:
        return _refusal(400, "invalid_request", "The body is neither a JSON object nor a form.")
    if not _is_the_app(*_credentials(request, fields), options):
        # Also what an exchange with PKCE alone gets: a verifier does not stand in for the secret.
        return _refusal(401, "access_denied", "Unauthorized")
    try:
        match fields.get("grant_type"):
            case "authorization_code":
                return _pair(_exchange_code(fields, options, grants))
            case "refresh_token":
                return _pair(grants.rotate(options, fields.get("refresh_token", "")))
            case other:
                return _refusal(400, "unsupported_grant_type", f"Unsupported grant type: {other}")
    except Refused as refused:
        return _refusal(403, refused.error, refused.description)


def _exchange_code(fields: dict[str, str], options: Options, grants: Grants) -> Pair:
    code = grants.take_code(fields.get("code", ""))
    if fields.get("redirect_uri") != code.redirect_uri:
        raise Refused("invalid_grant", "The redirect_uri is not the one that the code was issued for.")
    verifier = fields.get("code_verifier")
    if code.challenge and verifier is not None and not _proves(verifier, *code.challenge):
        raise Refused("invalid_grant", "Failed to verify code verifier")
    return grants.open_family(options, code.grant)


def _proves(verifier: str, challenge: str, method: str) -> bool:
    if method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(verifier.encode(), challenge.encode())


def _credentials(request: Request, fields: dict[str, str]) -> tuple[str, str]:
    """Client id and secret: of the body, or of a Basic header, which is what many OAuth clients send unasked.

    Source: RFC 6749 §2.3.1; atlassian-python-api's and Auth.js's ways of signing in to Atlassian.
    """
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if "client_secret" in fields or scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)


def _is_the_app(client_id: str, secret: str, options: Options) -> bool:
    return client_id == options.client_id and hmac.compare_digest(
        secret.encode(), options.client_secret.encode()
    )


def _fields(request: Request) -> dict[str, str] | None:
    if "json" not in request.headers.get("content-type", "").lower():
        return dict(request.form)
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    # Half a surrogate pair is in JSON what nothing can be compared with or answer.
    return {
        name: value.encode(errors="replace").decode()
        for name, value in content.items()
        if isinstance(value, str)
    }


def _pair(pair: Pair) -> Response:
    content = {
        "access_token": pair.access,
        "expires_in": pair.expires_in,
        "token_type": "Bearer",
        "scope": " ".join(pair.scopes),
    }
    if pair.refresh is not None:
        content["refresh_token"] = pair.refresh
    return JSONResponse(content, headers=_PRIVATE)


def _refusal(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status, headers=_PRIVATE)
