"""Reads what belongs to no site: the list of sites, and who signed in."""

from __future__ import annotations

from typing import Any

from confluence_nb._http import answered_json, httpx
from confluence_nb._patience import send_patiently
from confluence_nb.cloud import Cloud
from confluence_nb.errors import NotPermitted, SignInRequired, Unreachable
from confluence_nb.oauth.bearer import Bearer


async def read_outside(http: httpx.AsyncClient, cloud: Cloud, bearer: Bearer, path: str) -> Any:
    """One signed read of a path below the API's origin.

    Raises
    ------
    SignInRequired, NotPermitted, Unreachable
    """
    reply = await send_patiently(http, lambda: http.build_request("GET", cloud.api_url + path), auth=bearer)
    if reply.status == 401:
        raise SignInRequired("Atlassian did not accept this sign-in. Sign in again.")
    if reply.status == 403:
        raise NotPermitted("This account may not read that. Sign in with another one.", status=403, path=path)
    if reply.status != 200:
        raise Unreachable(
            f"{cloud.api_url} answered HTTP {reply.status}. Try again in a minute.",
            status=reply.status,
            path=path,
        )
    return answered_json(reply.status, reply.headers, reply.body, path=path)
