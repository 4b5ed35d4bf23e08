"""The authorize step: which consent links are sound, and what Accept and Deny send back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, Response

from confluence_nb.sandbox.accounts import SIGN_IN_ACCOUNTS
from confluence_nb.sandbox.asgi import Request
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.signin.grants import Grants
from confluence_nb.sandbox.signin.pages import callback_page, consent_page, error_page
from confluence_nb.sandbox.signin.scopes import known_only
from confluence_nb.sandbox.signin.sites import Site

_REQUIRED = ("audience", "client_id", "scope", "redirect_uri", "state", "response_type")
# The prompt is required by Atlassian's documentation alone: Auth.js and atlassian-python-api sign in without.
_TAKEN = (*_REQUIRED, "prompt", "code_challenge", "code_challenge_method")
_FIXED = {"audience": "api.atlassian.com", "response_type": "code", "prompt": "consent"}
_CHALLENGES = ("S256", "plain")
# The address of a consent page holds the state: neither caches nor the next site shall learn it.
_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class UnsoundLinkError(ValueError):
    """A consent link that a person can do nothing with; its text is what the error page says."""


@dataclass(frozen=True)
class Question:
    """What a sound consent link asks; `asked` are its parameters as they came, others left out."""

    asked: dict[str, str] = field(repr=False)
    scopes: tuple[str, ...]

    @property
    def challenge(self) -> tuple[str, str] | None:
        """The PKCE challenge and its method, when one was given."""
        text = self.asked.get("code_challenge")
        return (text, self.asked.get("code_challenge_method", "plain")) if text else None


def read_question(pairs: Sequence[tuple[str, str]], options: Options) -> Question:
    """Check a consent link as Atlassian does.

    Raises
    ------
    UnsoundLinkError
        For a parameter that is missing, repeated or wrong, an address that is not the registered one, or a
        scope that the app has not enabled.
    """
    asked = {name: value for name, value in pairs if name in _TAKEN}
    for name in _TAKEN:
        given = [value for key, value in pairs if key == name]
        if name in _REQUIRED and not (given and given[0]):
            raise UnsoundLinkError(f"The link lacks the parameter “{name}”.")
        if len(given) > 1:
            raise UnsoundLinkError(f"The link has the parameter “{name}” more than once.")
    if asked["client_id"] != options.client_id:
        raise UnsoundLinkError("No app has this client id. Compare it with the one in the developer console.")
    if asked["redirect_uri"] != options.redirect_uri:
        raise UnsoundLinkError(
            "The callback URL is invalid for this app: it has to equal, to the letter, the one registered "
            "in the developer console. The app's developer can correct it there."
        )
    for name, value in _FIXED.items():
        if asked.get(name, value) != value:
            raise UnsoundLinkError(f"The parameter “{name}” has to be “{value}”.")
    if asked.get("code_challenge_method", "plain") not in _CHALLENGES:
        raise UnsoundLinkError("The parameter “code_challenge_method” has to be “S256” or “plain”.")
    scopes = known_only(asked["scope"].split())
    if off := [scope for scope in scopes if scope not in options.app_scopes]:
        raise UnsoundLinkError(
            f"The app has not enabled these scopes: {', '.join(off)}. Add them under Permissions."
        )
    if not scopes:
        raise UnsoundLinkError("The link asks for no scope that exists.")
    return Question(asked, scopes)


def show_consent(request: Request, options: Options, sites: Sequence[Site]) -> Response:
    """`GET /authorize`: the consent page, or an error page, never a redirect."""
    try:
        question = read_question(request.query, options)
    except UnsoundLinkError as unsound:
        return HTMLResponse(error_page(str(unsound)), 400, _PRIVATE)
    return HTMLResponse(
        consent_page(options.app_name, question.asked, question.scopes, sites), headers=_PRIVATE
    )


def answer_consent(
    request: Request, options: Options, sites: Sequence[Site], grants: Grants, own_url: str
) -> Response:
    """`POST /consent`: Accept or Deny, with the parameters of the link once more."""
    chosen = [value for name, value in request.form if name == "site"]
    decision = dict(request.form).get("decision")
    account_id = dict(request.form).get("account")
    account = next((account for account in SIGN_IN_ACCOUNTS if account.account_id == account_id), None)
    try:
        question = read_question(request.form, options)
        if decision not in ("accept", "deny"):
            raise UnsoundLinkError("Neither Accept nor Deny was chosen. Go back and choose one.")
        if account is None:
            raise UnsoundLinkError("No such account is signed in here. Go back and choose one.")
        if decision == "accept" and sites and not set(chosen) & {site.id for site in sites}:
            raise UnsoundLinkError("No site was chosen. Go back and tick at least one.")
    except UnsoundLinkError as unsound:
        return HTMLResponse(error_page(str(unsound)), 400, _PRIVATE)
    if decision == "deny":
        outcome = {"error": "access_denied", "error_description": "User did not authorize the request"}
    else:
        ids = {site.id for site in sites if site.id in chosen}
        redirect_uri = question.asked["redirect_uri"]
        code = grants.consent(options, account, ids, question.scopes, redirect_uri, question.challenge)
        outcome = {"code": code}
    outcome["state"] = question.asked["state"]
    return Response(status_code=302, headers={**_PRIVATE, "location": _callback(options, own_url, outcome)})


def show_callback(request: Request, options: Options) -> Response:
    """`GET /callback`: the address to copy; the browser's own, or without script the registered one."""
    address = f"{options.redirect_uri}?{urlencode(request.query)}"
    return HTMLResponse(callback_page(address, dict(request.query)), headers=_PRIVATE)


def _callback(options: Options, own_url: str, outcome: dict[str, str]) -> str:
    target = urlsplit(options.redirect_uri)
    own = urlsplit(own_url)
    base = options.redirect_uri
    if (
        target.port == own.port
        and target.hostname in ("127.0.0.1", "localhost")
        and target.path == "/callback"
    ):
        # Relative, so that a browser which sees the sandbox under a proxy's path stays under that path.
        base = "callback"
    return f"{base}{'&' if '?' in base else '?'}{urlencode(outcome)}"
