"""A bare OAuth client of a sandbox, written from the protocol: it shares no code with the package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx

from confluence_nb.sandbox import Sandbox

SCOPES = (
    "offline_access read:me read:space:confluence read:page:confluence read:comment:confluence "
    "search:confluence read:confluence-user"
)


@dataclass
class Caller:
    """Consents, exchanges and calls, one plain HTTP request each."""

    sandbox: Sandbox
    pair: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.sandbox.url, trust_env=False, timeout=10.0)

    def link(self, scope: str = SCOPES, **changes: str | None) -> str:
        """A consent link; a parameter given as None is left out."""
        app = {"client_id": self.sandbox.client_id, "redirect_uri": self.sandbox.redirect_uri}
        return consent_link(self.sandbox.url, **{"scope": scope} | app | changes)

    def code(self, scope: str = SCOPES, **visit: Any) -> str:
        """The code of one Accept."""
        return answer_of(self.sandbox.approve(self.link(scope), **visit))["code"]

    def token(self, **fields: str) -> httpx.Response:
        """One call of the token endpoint, with the app's own credentials unless told otherwise."""
        app = {"client_id": self.sandbox.client_id, "client_secret": self.sandbox.client_secret}
        return self.http.post("/oauth/token", json=app | fields)

    def exchange(self, code: str, **fields: str) -> httpx.Response:
        """A code against a pair."""
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.sandbox.redirect_uri}
        return self.token(**given | fields)

    def refresh(self, refresh_token: str | None = None) -> httpx.Response:
        """A refresh token, the caller's own unless told otherwise, against the next pair."""
        return self.token(
            grant_type="refresh_token", refresh_token=refresh_token or self.pair["refresh_token"]
        )

    def sign_in(self, scope: str = SCOPES, **visit: Any) -> Caller:
        """Consent and exchange; keeps the pair."""
        answer = self.exchange(self.code(scope, **visit))
        assert answer.status_code == 200, answer.text
        self.pair = answer.json()
        return self

    def get(self, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
        """A signed GET."""
        bearer = {"Authorization": f"Bearer {token or self.pair['access_token']}"}
        return self.http.get(path, headers=bearer | options.pop("headers", {}), **options)

    def entries(self) -> list[dict[str, Any]]:
        """accessible-resources."""
        answer = self.get("/oauth/token/accessible-resources")
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()
        return entries

    def wiki(self, path: str, *, site: str = "acme", **options: Any) -> httpx.Response:
        """A signed GET of the wiki of a site, through the gateway."""
        return self.get(f"/ex/confluence/{self.site_id(site)}{path}", **options)

    def site_id(self, name: str) -> str:
        """The cloudId of a site of the grant, remembered so that an expired token does not matter."""
        if not hasattr(self, "_ids"):
            self._ids = {entry["name"]: entry["id"] for entry in self.entries()}
        return str(self._ids[name])


def consent_link(origin: str, **given: str | None) -> str:
    """A consent link with every required parameter but those of the app; one given as None is left out."""
    asked = {
        "audience": "api.atlassian.com",
        "scope": SCOPES,
        "state": "state-of-this-sign-in",
        "response_type": "code",
        "prompt": "consent",
    } | given
    query = {name: value for name, value in asked.items() if value is not None}
    return f"{origin}/authorize?{urlencode(query, quote_via=quote)}"


def answer_of(callback: str) -> dict[str, str]:
    """What a callback address carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
