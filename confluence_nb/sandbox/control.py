"""The levers of a running sandbox: read its counts, move its clock, cause faults, edit pages, end grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import JSONResponse, Response

from confluence_nb.sandbox.asgi import Request
from confluence_nb.sandbox.media.file_bytes import read_bytes
from confluence_nb.sandbox.options import live_knobs
from confluence_nb.sandbox.state import State
from confluence_nb.sandbox.wiki import SiteContent

PREFIX = "/_sandbox/"


class Control:
    """The levers as methods; `answer_control` offers the same over HTTP."""

    def __init__(self, state: State) -> None:
        self._state = state

    def counts(self) -> dict[str, Any]:
        """What was asked and answered since the start or `reset_counts`.

        Returns
        -------
        dict
            `requests` in all; `routes`: "METHOD /path/{id}" to status (or word of a dropped connection) to
            number; `most_at_once`; `faults` caused by kind; `points` charged; and, since the start,
            `codes_issued`, `tokens_issued` (pairs) and `refreshes`; `leaked_tokens`: how often a file was
            asked for with an Authorization header, which only the gateway should see.
        """
        state = self._state
        return {
            "requests": state.journal.requests,
            "routes": {route: dict(outcomes) for route, outcomes in sorted(state.journal.routes.items())},
            "most_at_once": state.journal.most_at_once,
            "faults": dict(state.faults.injected),
            "points": state.budget.total,
            "codes_issued": state.grants.codes_issued,
            "tokens_issued": state.grants.pairs_issued,
            "refreshes": state.grants.refreshes,
            "leaked_tokens": state.media.leaks,
        }

    def reset_counts(self) -> None:
        """Begin counting anew, what is counted since the start included."""
        state = self._state
        state.journal.begin()
        state.faults.injected.clear()
        state.budget.total = 0
        state.media.leaks = 0
        state.grants.codes_issued = state.grants.pairs_issued = state.grants.refreshes = 0

    def contents(self) -> dict[str, dict[str, int]]:
        """The true number of each kind of thing on each Confluence site, by host."""
        hosts = {site.id: site.host for site in self._state.sites}
        return {hosts[site_id]: content.counts() for site_id, content in self._state.gateway.contents.items()}

    def log(self, last: int) -> list[dict[str, Any]]:
        """The last requests, oldest first; codes, states and tokens are never among what is shown."""
        return list(self._state.journal.entries)[-last:] if last > 0 else []

    def knobs(self) -> dict[str, Any]:
        """The live knobs with their present values."""
        return live_knobs(self._state.options)

    def set(self, knobs: dict[str, Any]) -> dict[str, Any]:
        """Turn live knobs; faults count their turns from one again."""
        self._state.options = self._state.options.changed(knobs)
        self._state.faults.begin()
        return self.knobs()

    def now(self) -> float:
        """The sandbox's time, seconds since 1970."""
        return self._state.clock.now()

    def advance_clock(self, seconds: float) -> float:
        """Move the sandbox's time forward by seconds; returns it."""
        return self._state.clock.advance(seconds)

    def expire_tokens(self) -> int:
        """Let every living access token expire now; returns how many there were."""
        return self._state.grants.expire_all()

    def revoke(self, account: str | None) -> int:
        """End the grants of one account (id), or of all; returns how many ended."""
        return self._state.grants.revoke(account)

    def add_page(self, site: str | None, space_id: str, title: str, body: str, parent_id: str | None) -> str:
        """Add a page; returns its id."""
        return self._content(site).add_page(space_id, title, body, parent_id)

    def edit_page(self, site: str | None, page_id: str, changes: dict[str, str | None]) -> int:
        """Change title, body, parent_id or space_id of a page; returns its new version number."""
        return self._content(site).edit_page(page_id, **changes)

    def delete_page(self, site: str | None, page_id: str) -> None:
        """Move a page to the trash."""
        self._content(site).delete_page(page_id)

    def edit_attachment(self, site: str | None, attachment_id: str, changes: dict[str, Any]) -> None:
        """Change title or size of a file, whatever title is given."""
        self._content(site).edit_attachment(attachment_id, **changes)

    def file_bytes(self, site: str | None, attachment_id: str, version: int | None) -> bytes:
        """What a download of a file gives."""
        file = self._content(site).existing_attachment(attachment_id)
        return b"".join(read_bytes(file.id, version or file.version.number, 0, file.size))

    def _content(self, called: str | None) -> SiteContent:
        contents = self._state.gateway.contents
        for site in self._state.sites:
            if site.id in contents and (called is None or site.is_called(called)):
                return contents[site.id]
        raise ValueError(f"The sandbox has no Confluence site {called!r}. See the hosts in contents.")


def answer_control(request: Request, control: Control) -> Response:
    """Answer `/_sandbox/…`: GET with a query, POST with a JSON object; 400 with a sentence for a bad one."""
    levers: dict[tuple[str, str], Callable[[dict[str, Any]], object]] = {
        ("GET", "counts"): lambda _: control.counts(),
        ("POST", "counts/reset"): lambda _: control.reset_counts(),
        ("GET", "contents"): lambda _: control.contents(),
        ("GET", "log"): lambda given: control.log(int(given.get("last", 100))),
        ("GET", "options"): lambda _: control.knobs(),
        ("POST", "options"): control.set,
        ("GET", "clock"): lambda _: control.now(),
        ("POST", "clock/advance"): lambda given: control.advance_clock(float(given["seconds"])),
        ("POST", "tokens/expire"): lambda _: control.expire_tokens(),
        ("POST", "grants/revoke"): lambda given: control.revoke(given.get("account")),
        ("POST", "pages/add"): lambda given: control.add_page(
            given.get("site"), given["space_id"], given["title"], given["body"], given.get("parent_id")
        ),
        ("POST", "pages/edit"): lambda given: control.edit_page(
            given.pop("site", None), given.pop("page_id"), given
        ),
        ("POST", "pages/delete"): lambda given: control.delete_page(given.get("site"), given["page_id"]),
        ("POST", "attachments/edit"): lambda given: control.edit_attachment(
            given.pop("site", None), given.pop("attachment_id"), given
        ),
    }
    lever = levers.get((request.method, request.path.removeprefix(PREFIX)))
    if lever is None:
        offered = ", ".join(f"{method} {PREFIX}{name}" for method, name in levers)
        return JSONResponse({"error": f"There is no such lever. There are: {offered}."}, 404)
    try:
        given = dict(request.query) if request.method == "GET" else orjson.loads(request.body or b"{}")
        return JSONResponse(lever(given))
    except KeyError as missing:
        return JSONResponse({"error": f"The body lacks {missing}. Add it."}, 400)
    except (ValueError, TypeError, AttributeError) as wrong:
        return JSONResponse({"error": str(wrong)}, 400)
