"""An embedded Confluence in a process of its own, signed in to, with its levers at hand."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx

import confluence_nb
from confluence_nb import DEFAULT_SCOPES, Cloud, OAuthApp
from confluence_nb.sandbox.signin.visitor import visit_consent_page

SITE = "acme"
BODY_BYTES = 14_000
CALM = {"latency": 0.0, "body_cost": 0.0, "throttle_rate": 0.0, "error_rate": 0.0}
_KNOBS = {
    "sites": 1,
    "body_bytes": BODY_BYTES,
    # Budget and token outlast the benchmark: both are tested elsewhere, and most readers would die of them.
    "hourly_points": 10**9,
    "token_lifetime": 10**6,
}


class ServedWiki:
    """A sandbox of `pages` pages in `spaces` spaces; a reader finds the way in `order` and `environment`.

    Parameters
    ----------
    folder:
        Where the sign-in of this library is kept, and whatever the other clients leave behind.
    """

    def __init__(self, pages: int, spaces: int, folder: Path) -> None:
        self._folder = folder
        knobs = {"pages": pages, "spaces": spaces, **_KNOBS}
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in knobs.items()]
        command = [sys.executable, "-m", "confluence_nb.sandbox", *flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            self._told = self._read_directions()
            self._http = httpx.Client(
                base_url=self._told["CONFLUENCE_API_URL"], trust_env=False, timeout=60.0
            )
            self.order, self.environment = self._sign_in()
        except BaseException:
            self._process.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()

    def begin(self, knobs: dict[str, float]) -> None:
        """Turn the knobs, let what is still under way end, and count anew; the chances of faults are the same again."""
        self._lever("POST", "options", CALM)
        self._wait_until_idle()
        self._lever("POST", "options", CALM | knobs)

    def counts(self) -> dict[str, Any]:
        """What was asked of it since `begin`, apart from the levers; by the names that `Measured` has for it."""
        said = self._lever("GET", "counts")
        asked = Counter({route.split()[1]: sum(each.values()) for route, each in said["routes"].items()})
        return {
            "requests": sum(number for path, number in asked.items() if not path.startswith("/_sandbox/")),
            "wiki_requests": sum(number for path, number in asked.items() if path.startswith("/wiki/")),
            "points": said["points"],
            "at_once": said["most_at_once"],
        }

    def _wait_until_idle(self) -> None:
        # A reader that was stopped leaves requests behind, which would be counted with those of the next one.
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self._lever("POST", "counts/reset")
            if self._lever("GET", "counts")["most_at_once"] <= 1:
                return
            time.sleep(0.1)
        raise RuntimeError("The sandbox still answers what an earlier reader has asked.")

    def _lever(self, method: str, name: str, given: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, f"/_sandbox/{name}", json=given)
        answer.raise_for_status()
        return answer.json()

    def _read_directions(self) -> dict[str, str]:
        assert self._process.stdout is not None
        told: dict[str, str] = {}
        for line in self._process.stdout:
            if found := re.match(r"export (\w+)=(\S+)", line):
                told[found[1]] = found[2]
            if found and found[1] == "CONFLUENCE_REDIRECT_URI":
                return told
        raise RuntimeError("The sandbox ended before it served.")

    def _sign_in(self) -> tuple[dict[str, str], dict[str, str]]:
        """Once for this library, which keeps its sign-in in a file, and once for the others, who want a token."""
        store = str(self._folder / f"sign-in-{self._process.pid}.json")
        url, app = self._told["CONFLUENCE_API_URL"], self._app()
        wiki = confluence_nb.connect(store=store, app=app, cloud=Cloud(auth_url=url, api_url=url))
        wiki.sign_in(_accept(wiki.consent_url))
        wiki.use(SITE)
        token = self._token(app)
        signed = {"Authorization": f"Bearer {token}"}
        site = self._http.get("/oauth/token/accessible-resources", headers=signed).json()[0]
        order = {
            "site": SITE,
            "store": store,
            "gateway": f"{url}/ex/confluence/{site['id']}",
            "client_id": self._told["CONFLUENCE_CLIENT_ID"],
            "token": token,
        }
        data = {"NO_PROXY": "127.0.0.1", "DLT_DATA_DIR": str(self._folder), "HOME": str(self._folder)}
        return order, os.environ | self._told | data

    def _app(self) -> OAuthApp:
        names = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI")
        return OAuthApp(*(self._told[f"CONFLUENCE_{name}"] for name in names))

    def _token(self, app: OAuthApp) -> str:
        asked = {
            "audience": "api.atlassian.com",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": " ".join(DEFAULT_SCOPES),
            "state": secrets.token_urlsafe(16),
            "response_type": "code",
            "prompt": "consent",
        }
        link = f"{self._told['CONFLUENCE_AUTH_URL']}/authorize?{urlencode(asked, quote_via=quote)}"
        pasted = parse_qs(urlsplit(_accept(link)).query)
        answer = self._http.post(
            "/oauth/token",
            json={
                "grant_type": "authorization_code",
                "client_id": app.client_id,
                "client_secret": self._told["CONFLUENCE_CLIENT_SECRET"],
                "redirect_uri": app.redirect_uri,
                "code": pasted["code"][0],
            },
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def _accept(consent_url: str) -> str:
    return visit_consent_page(consent_url, account=None, sites=None, deny=False)
