"""The way of one wiki call: bearer, budget, site, removed endpoints, scope, and then the wiki itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from confluence_nb.sandbox.accounts import ACCOUNTS, UNLICENSED
from confluence_nb.sandbox.asgi import Request
from confluence_nb.sandbox.gateway import refusals
from confluence_nb.sandbox.gateway.budget import Budget
from confluence_nb.sandbox.gateway.removed import is_removed
from confluence_nb.sandbox.media.tickets import Tickets
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.rest import ApiRequest, Surroundings, answer, scopes_needed
from confluence_nb.sandbox.rest.announcements import announce
from confluence_nb.sandbox.signin.grants import Grants
from confluence_nb.sandbox.signin.sites import Site
from confluence_nb.sandbox.wiki import SiteContent

PREFIX = "/ex/confluence/"
_LONGEST_ADDRESS = 8_000


@dataclass(frozen=True)
class Passed:
    """An answer and the number of page bodies in it, which is what `body_cost` is charged for."""

    response: Response
    bodies: int = 0


class Gateway:
    """Answers `/ex/confluence/{cloudId}/wiki/…` for the sites of the sandbox."""

    def __init__(
        self, options: Options, sites: Sequence[Site], grants: Grants, budget: Budget, tickets: Tickets
    ) -> None:
        self._sites = {site.id: site for site in sites}
        self._tickets = tickets
        self._grants = grants
        self._budget = budget
        self.contents = {
            site.id: _content_of(site, options, number)
            for number, site in enumerate(site for site in sites if site.confluence)
        }

    def answer(self, request: Request, options: Options) -> Passed:
        """Let one call through, or say why not; every answer tells the budget."""
        passed = self._pass(request, options)
        passed.response.headers.update(self._budget.headers(options))
        return passed

    def _pass(self, request: Request, options: Options) -> Passed:
        if request.address_length > _LONGEST_ADDRESS:
            return Passed(refusals.too_long())
        cloud_id, slash, rest = request.path.removeprefix(PREFIX).partition("/")
        path = slash + rest
        token = self._grants.find(request.bearer)
        if token is None:
            return Passed(refusals.unauthorized())
        if not self._grants.is_alive(token):
            hidden = options.expired_status == "hidden"
            return Passed(refusals.not_here(path) if hidden else refusals.unauthorized())
        if self._budget.is_spent(options):
            return Passed(refusals.over_budget(self._budget.stop_headers()))
        grant = token.family.grant
        site = self._sites.get(cloud_id)
        content = self.contents.get(cloud_id)
        if site is None or content is None or cloud_id not in grant.site_ids:
            return Passed(refusals.not_here(path))
        # What is said of a HEAD is what is said of the GET; the server sends it without its body.
        method = "GET" if request.method == "HEAD" else request.method
        needed = scopes_needed(method, path)
        if needed is None and is_removed(method, path):
            return Passed(refusals.gone())
        granted = frozenset(site.scopes(token.scopes))
        if needed is not None and not any(alternative <= granted for alternative in needed):
            return Passed(refusals.scope_mismatch())
        if grant.account == UNLICENSED:
            return Passed(refusals.unlicensed(path))
        around = Surroundings(
            rows_per_list=None if options.rows_per_list < 0 else options.rows_per_list,
            cursor_grows=options.cursor_grows,
            file_address=partial(self._tickets.address, cloud_id),
        )
        call = ApiRequest(method, path, request.query, request.body, grant.account.account_id, around)
        answered = answer(content, call)
        self._budget.spend(answered.points)
        headers = dict(answered.headers)
        if options.deprecates and path.startswith(options.deprecates):
            announce("CHANGE-2026", headers)
        return Passed(Response(answered.body, answered.status, headers), answered.bodies)


def _content_of(site: Site, options: Options, number: int) -> SiteContent:
    """The first site has the size that was asked for, the others a tenth of it; all differ by their seed."""
    share = 1 if number == 0 else 10
    return SiteContent(
        site_url=site.url,
        seed=options.seed + number,
        spaces=max(1, options.spaces // share),
        pages=max(1, options.pages // share),
        body_bytes=options.body_bytes,
        loses_null_positions=options.loses_null_positions,
        accounts=ACCOUNTS,
    )
