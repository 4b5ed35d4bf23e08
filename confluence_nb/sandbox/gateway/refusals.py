"""The answers by which the gateway says no, word for word as clients have to recognise them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, JSONResponse, Response

_TOMCAT = (
    '<!doctype html><html lang="en"><head><title>HTTP Status 401 – Unauthorized</title></head><body>'
    '<h1>HTTP Status 401 – Unauthorized</h1><hr class="line" /><h3>Apache Tomcat</h3></body></html>'
)


def unauthorized() -> Response:
    """No token, one that was never issued, or one that has expired."""
    return JSONResponse({"code": 401, "message": "Unauthorized"}, 401)


def scope_mismatch() -> Response:
    """A living token whose scopes do not cover the operation on this site."""
    return JSONResponse(
        {"code": 401, "message": "Unauthorized; scope does not match"},
        401,
        {"X-Failure-Category": "FAILURE_CLIENT_SCOPE_CHECK"},
    )


def not_here(path: str) -> Response:
    """A site that is none or not in the grant: the two APIs say it differently, and neither says which."""
    if path.startswith("/wiki/api/v2/"):
        error = {"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}
        return JSONResponse({"errors": [error]}, 404)
    return _v1_forbidden("caller cannot access Confluence")


def unlicensed(path: str) -> Response:
    """The account may not use Confluence on this site."""
    words = "Current user not permitted to use Confluence"
    if path.startswith("/wiki/api/v2/"):
        return JSONResponse(
            {"errors": [{"status": 403, "code": "FORBIDDEN", "title": words, "detail": None}]}, 403
        )
    return _v1_forbidden(words)


def over_budget(headers: Mapping[str, str]) -> Response:
    """The app has spent its points of this hour."""
    return JSONResponse({"message": "Rate limit exceeded."}, 429, headers)


def gone() -> Response:
    """A v1 endpoint that Atlassian removed for OAuth apps."""
    return JSONResponse(
        {
            "statusCode": 410,
            "data": {"authorized": True, "valid": True, "errors": [], "successful": True},
            "message": "com.atlassian.confluence.api.service.exceptions.pagesmodes.GoneException: "
            "This deprecated endpoint has been removed.",
        },
        410,
    )


def too_long() -> Response:
    """An address longer than what stands before Confluence takes: its answer, not Confluence's."""
    words = "413 Request Entity Too Large"
    text = f"<html><head><title>{words}</title></head><body><center><h1>{words}</h1></center></body></html>"
    return HTMLResponse(text, 413)


def site_domain() -> Response:
    """A bearer token sent to the site's own domain, where OAuth tokens mean nothing."""
    return HTMLResponse(_TOMCAT, 401, {"WWW-Authenticate": 'OAuth realm="Confluence"'})


def _v1_forbidden(words: str) -> Response:
    return JSONResponse(
        {
            "statusCode": 403,
            "data": {"authorized": False, "valid": True, "errors": [], "successful": False},
            "message": f"com.atlassian.confluence.api.service.exceptions.PermissionException: {words}",
        },
        403,
    )
