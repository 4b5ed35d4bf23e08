"""Whole answers and pastes, for `fuzz_answers.py` to tear: those of lists come from the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import orjson

import confluence_nb
from confluence_nb import DEFAULT_SCOPES, Cloud, OAuthApp, Wiki
from confluence_nb.sandbox import Sandbox

MORE_SCOPES = ("read:group:confluence", "read:audit-log:confluence")

STATE = "aB3-_state-of-this-very-sign-in-0123456789x"

PASTES = [
    f"http://localhost:8765/callback?state={STATE}&code=eyJhbGciOiJIUzI1NiJ9.abc-DEF_012~x/y+z%3D".encode(),
    f"https://h.example/a/b?code=ORCode0123456789&state={STATE}#_=_".encode(),
    f"<http://[::1]:9/x?state={STATE}&amp;code=ORCode0123456789>".encode(),
    f"http://localhost/?error=access_denied&error_description=User%20denied&state={STATE}".encode(),
    b"https://auth.atlassian.com/authorize?audience=api.atlassian.com&response_type=code&state=x&client_id=y",
    b"ORCode0123456789",
]

TOKENS = [
    b'{"access_token":"a.b.c","refresh_token":"r-0","expires_in":3600,"token_type":"Bearer","scope":"read:me read:x"}',
    b'{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}',
    b'{"error":"access_denied","error_description":"Unauthorized"}',
    b'{"error":"invalid_request","error_description":"redirect_uri is not registered"}',
]

SITES = [
    b'[{"id":"cloud-9","name":"acme","url":"https://acme.atlassian.net","scopes":["read:jira-work"],"avatarUrl":"x"}]',
    b'[{"id":"cloud-9","name":"acme","url":"https://acme.atlassian.net","scopes":["read:page:confluence"]},{"id":"7"}]',
    b'[{"id":"7","name":"b","url":"https://b.atlassian.net","scopes":["search:confluence"],"avatarUrl":null}]',
    b"[]",
]

WHOAMI = [
    b'{"account_id":"1","name":"Ada Lovelace","nickname":"ada","email":"ada@h.example","picture":null}',
    b'{"type":"known","accountId":"1","displayName":"Ada Lovelace","publicName":"ada"}',
]

REFUSALS = [
    b'{"errors":[{"status":404,"code":"NOT_FOUND","title":"Cannot find a page with id [7]","detail":null}]}',
    b'{"statusCode":403,"message":"x.y.PermissionException: caller cannot access Confluence","data":{"a":[]}}',
    b'{"code":401,"message":"Unauthorized; scope does not match"}',
    b'{"errors":[{"status":400,"code":"INVALID","title":"\'cursor\' is not the correct type.","detail":"x"}]}',
    b'{"error":"x","error_description":"y"}',
]

LIMITS = [
    *(
        b"7",
        b"1.5",
        b"Tue, 24 Nov 2026 04:00:00 GMT",
        b"2026-11-24T04:00Z",
        b"2026-11-24T04:00:00.123+02:00",
        b"true",
    ),
    *(
        b'"quota";q=65000;w=3600, "burst";q=100;w=60',
        b'"quota";r=1200;t=1800',
        b"65000",
        b"confluence-quota-based",
    ),
]

LINKS = [
    b'</wiki/api/v2/pages?limit=2&cursor=eyJpZCI6IjEifQ%3D%3D>; rel="next", <https://acme.example>; rel="base"',
    b'<https://developer.atlassian.com/changelog/#CHANGE-1411>; rel="deprecation"; type="text/html"',
    b"/wiki/rest/api/search?next=true&cursor=_f_MTAw_sa_WyJcdFwi+x/y==&start=25&limit=25",
    b'299 - "Deprecated: \\"x\\" goes on 1 May, see CHANGE-2000", 199 h "other"',
    *(b"@1688169599", b"Sun, 30 Jun 2027 23:59:59 GMT", b"/wiki/rest/api/group?start=50&limit=25"),
]

FILES = [
    *(b"bytes 3-5/6", b"bytes 0-5/*", b"bytes */3", b"3", b'"abc"', b'W/"abc"', b"gzip", b"identity", b"60"),
    *(
        b"https://media.example/file/0?token=t&client=c",
        b"/file/1",
        b"//media.example:443/x#y",
        b"http://[::1]:8/x",
    ),
]


@dataclass(frozen=True)
class Told:
    """Whole answers of a Confluence: those of lists by their path, and of single attachments."""

    lists: dict[str, list[bytes]]
    attachments: list[bytes]


def told(sandbox: Sandbox) -> Told:
    """Ask for them."""
    wiki = signed_in(sandbox)
    search = "/wiki/rest/api/search"
    queries = {
        "/pages": [{"limit": 2, "body_format": "storage"}, {"limit": 3, "sort": "-id"}],
        "/footer-comments": [{"limit": 2, "body_format": "storage"}],
        search: [
            {"limit": 3, "cql": 'text ~ "plan"'},
            {"limit": 2, "cql": "type = space"},
            {"limit": 2, "cql": "type = user"},
        ],
        "/wiki/rest/api/group": [{"limit": 2}],
        "/wiki/rest/api/audit": [{"limit": 2}],
    }
    lists = {
        path: [orjson.dumps(wiki.get(path, **params)) for params in asked] for path, asked in queries.items()
    }
    files = wiki.get("/attachments", limit=3)["results"]
    return Told(lists, [orjson.dumps(wiki.get(f"/attachments/{file['id']}")) for file in files])


def signed_in(sandbox: Sandbox) -> Wiki:
    """A wiki on a sandbox, the site acme chosen."""
    wiki = confluence_nb.connect(
        app=OAuthApp(
            sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri, [*DEFAULT_SCOPES, *MORE_SCOPES]
        ),
        store="memory",
        profile=uuid4().hex,
        cloud=Cloud(auth_url=sandbox.url, api_url=sandbox.url),
    )
    return wiki.sign_in(sandbox.approve(wiki.consent_url)).use("acme")
