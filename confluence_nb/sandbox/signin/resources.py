"""What a token may see of its owner: the sites of its grant, and the account itself."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from confluence_nb.sandbox.gateway.refusals import scope_mismatch, unauthorized
from confluence_nb.sandbox.signin.grants import AccessToken, Grants
from confluence_nb.sandbox.signin.scopes import READ_ME
from confluence_nb.sandbox.signin.sites import Site


def accessible_resources(token: AccessToken | None, grants: Grants, sites: Sequence[Site]) -> Response:
    """`GET /oauth/token/accessible-resources`: one entry per site and product of the grant."""
    if token is None or not grants.is_alive(token):
        return unauthorized()
    granted = token.family.grant.site_ids
    return JSONResponse(
        [entry for site in sites if site.id in granted for entry in site.entries(token.scopes)]
    )


def me(token: AccessToken | None, grants: Grants) -> Response:
    """`GET /me`: the account, when `read:me` was granted."""
    if token is None or not grants.is_alive(token):
        return unauthorized()
    if READ_ME not in token.scopes:
        return scope_mismatch()
    account = token.family.grant.account
    return JSONResponse(
        {
            "account_type": "atlassian",
            "account_id": account.account_id,
            "email": account.email,
            "name": account.name,
            "picture": account.picture,
            "account_status": "active",
            "nickname": account.name.split()[0],
            "zoneinfo": "Europe/London",
            "locale": "en-GB",
            "extended_profile": {
                "job_title": "Analyst",
                "organization": "Acme",
                "department": "",
                "location": "",
            },
        }
    )
