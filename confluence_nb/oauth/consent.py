"""The consent page's address, and reading what a person pasted back from it."""

from __future__ import annotations

import hmac
import html
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from confluence_nb.cloud import Cloud
from confluence_nb.errors import AppRejected, ConsentDenied, SignInError, Unreachable, WrongPaste
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.secret import Secret

MAX_PASTE = 32_768
"""Characters; Atlassian's callback address is about 1,000 long, so more is something else on the clipboard."""

_BARE_CODE = re.compile(r"[A-Za-z0-9._~+/=%-]{6,8192}")
"""A code beside which nothing says that it is one; in an address it is any printable ASCII (RFC 6749 A.11)."""

_A_QUERY = re.compile(r"(^|[?&#;])(code|error|state)=")
_ADDRESS = re.compile(r"https?://(?:(?!\]\(|\|https?:)[^<>\"])+", re.IGNORECASE)
"""Up to the mark that ends an address in Markdown, HTML or a chat; a browser shows none of them in one."""

_ESCAPED = re.compile(r"&(?:#[0-9]+|#x[0-9a-f]+|[a-z]+);", re.IGNORECASE)
"""To its semicolon: a parameter that begins like an entity of old, such as `&region=`, is a parameter."""

_WRAPPING = "\"'`<>()[]{}“”‘’«»,;"
_PASTED = re.compile("://|code=", re.IGNORECASE)
"""What an address has in it; no word of a refusal does."""
_OPEN_AGAIN = "Open the consent link again and paste the new address."


@dataclass(frozen=True)
class Consent:
    """One sign-in under way: the link to open, and the state that its answer must bring back."""

    url: str
    state: Secret


@dataclass(frozen=True)
class PastedCode:
    """An authorization code, and whether it came with the state of this sign-in; only a bare one may lack it."""

    code: Secret
    state_checked: bool


class UsedCodes:
    """Codes that were traded here, or are being traded at this moment.

    By RFC 6749 §4.1.2 a server revokes what was made of a code that comes again, and with it the sign-in.
    """

    def __init__(self) -> None:
        self._codes: set[Secret] = set()

    @contextmanager
    def once(self, code: Secret) -> Iterator[None]:
        """Trade it inside; one whose trade failed may be given again.

        Raises
        ------
        WrongPaste
        """
        if code in self._codes:
            raise WrongPaste(f"This code was already used here, and a code is good once. {_OPEN_AGAIN}")
        self._codes.add(code)
        try:
            yield
        except BaseException:
            self._codes.discard(code)
            raise


def new_consent(cloud: Cloud, app: OAuthApp) -> Consent:
    """Start a sign-in: a fresh state and the consent page's address with every required parameter.

    Source: Atlassian's *OAuth 2.0 (3LO) apps*, authorize step.
    """
    state = secrets.token_urlsafe(32)
    query = urlencode(
        {
            "audience": cloud.audience,
            "client_id": app.client_id,
            "scope": " ".join(app.scope_names),
            "redirect_uri": app.redirect_uri,
            "state": state,
            "response_type": "code",
            "prompt": "consent",
        },
        quote_via=quote,  # a space as %20: the plus sign of form encoding is not understood everywhere
        safe="",
    )
    return Consent(url=f"{cloud.auth_url}/authorize?{query}", state=Secret(state))


def read_paste(pasted: Secret, state: Secret) -> PastedCode:
    """Find the code in what was pasted: an address of any host, its query, or the bare code.

    An address has to bring the state of this sign-in back. A bare code has none, and is taken without.

    Raises
    ------
    WrongPaste
        For anything that is not the answer to this sign-in; the message says what it looks like instead.
    ConsentDenied
        When the address says that the consent was refused.
    AppRejected
        When the address says that the app's registration does not fit the request.
    Unreachable
        When the address says that the sign-in server is in trouble.
    """
    try:
        return _read(pasted, state)
    except (SignInError, Unreachable) as error:
        refusal = error
    # What was pasted is plain text in the frames below, and a traceback may show their variables.
    refusal.__context__ = None
    raise refusal.with_traceback(None)


def _read(pasted: Secret, state: Secret) -> PastedCode:
    text = _unwrapped(pasted)
    answer = _query_of(text)
    if answer is None:
        return _bare_code(text)
    _reject_consent_page(answer)
    has_state = _check_state(answer, state)
    if "error" in answer:
        raise _refusal(answer)
    codes = [code for code in answer.get("code", []) if code]
    if not codes:
        raise WrongPaste(
            "The address has no code in it. After Accept, copy the whole address from the browser's address bar, "
            "also when that page says it cannot be reached."
        )
    if len(set(codes)) > 1:
        raise WrongPaste(
            f"The address has more than one code in it, perhaps two addresses in one. {_OPEN_AGAIN}"
        )
    if not (codes[0].isascii() and codes[0].isprintable()):
        raise WrongPaste(f"The code in the address is damaged. {_OPEN_AGAIN}")
    if not has_state:
        # RFC 6749 §10.12: whoever has such an address opened here signs this notebook in to an account of theirs.
        raise WrongPaste(
            "The address has no state in it, so nothing says that it answers this very sign-in: it was cut short, or "
            "is somebody else's. Open the consent link again, and copy the whole address of the page after Accept."
        )
    return PastedCode(Secret(codes[0]), state_checked=True)


def _unwrapped(pasted: Secret) -> str:
    """The text without what copying adds around and inside it: quotes, brackets, blanks, line breaks."""
    text = pasted.reveal()
    if len(text) > MAX_PASTE:
        raise WrongPaste(
            "That is far longer than an address. Copy only the browser's address bar and paste it."
        )
    text = (
        "".join(mark for mark in text if mark.isprintable() or mark.isspace())
        .strip()
        .strip(_WRAPPING)
        .strip()
    )
    if not text:
        raise WrongPaste(
            "Nothing was pasted. Copy the address of the page that follows Accept, then paste it here."
        )
    if "://" in text or _A_QUERY.search(text):
        # Mail programs and terminals break a long address over lines; an address has no blanks of its own.
        # A reply quotes each of them.
        text = re.sub(r"\s+(?:>\s*)*", "", text)
    return text


def _query_of(text: str) -> dict[str, list[str]] | None:
    """The parameters of an address or of a query alone; None for what can only be a bare code."""
    is_address = "://" in text or re.match(r"(localhost|127\.0\.0\.1|\[::1\])[:/?]", text) is not None
    if not is_address and not _A_QUERY.search(text):
        return None
    text = _ESCAPED.sub(lambda found: html.unescape(found[0]), text)
    addresses = set(_ADDRESS.findall(text))
    if len(addresses) == 1:  # a link is often its own words, too
        (text,) = addresses
    try:
        parts = urlsplit(text if "?" in text or "://" in text else f"?{text}")
    except ValueError:
        raise WrongPaste(f"That is not an address a browser would show. {_OPEN_AGAIN}") from None
    found: dict[str, list[str]] = {}
    for part in (parts.query, parts.fragment):
        for pair in part.lstrip("?").split("&"):
            key, _, value = pair.partition("=")
            if key:
                found.setdefault(unquote_plus(key), []).append(unquote_plus(value))
    return found


def _bare_code(text: str) -> PastedCode:
    if not _BARE_CODE.fullmatch(text):
        raise WrongPaste(
            "That is neither an address nor a code. After Accept, copy the whole address from the browser's "
            "address bar, also when that page says it cannot be reached."
        )
    return PastedCode(Secret(text), state_checked=False)


def _reject_consent_page(answer: dict[str, list[str]]) -> None:
    if "response_type" in answer and "code" not in answer:
        raise WrongPaste(
            "That is the address of the consent page itself. Choose Accept there first; then copy the address of "
            "the page that follows."
        )


def _check_state(answer: dict[str, list[str]], state: Secret) -> bool:
    """Whether there is one, which is ours then."""
    states = answer.get("state", [])
    if not states:
        return False
    same = [hmac.compare_digest(given.encode(), state.reveal().encode()) for given in states]
    if not all(same):
        raise WrongPaste(f"That address belongs to another sign-in, perhaps an earlier one. {_OPEN_AGAIN}")
    return True


def _refusal(answer: dict[str, list[str]]) -> ConsentDenied | AppRejected | Unreachable:
    error = answer["error"][0]
    named = error[:60] if not _PASTED.search(error) else "no word for it"
    described = " ".join(answer.get("error_description", [""])[0].split())[:300]
    # With two addresses in one the code of the other would stand in it.
    reason = f" Atlassian says: {described}." if described and not _PASTED.search(described) else ""
    if error in ("access_denied", "consent_required", "login_required", "interaction_required"):
        return ConsentDenied(
            f"The consent was not given.{reason} To go on, open the consent link again and choose Accept; "
            "if your administrator has to allow the app first, ask them."
        )
    if error in ("server_error", "temporarily_unavailable"):
        # No status can be in a redirect, so these two stand for 500 and 503 (RFC 6749 §4.1.2.1).
        return Unreachable(
            f"The sign-in server had trouble with the consent ({named}).{reason} Nothing is wrong with the app: wait "
            "a minute, then open the consent link again."
        )
    return AppRejected(
        f"Atlassian refused the request ({named}).{reason} Compare callback URL and scopes with the app's "
        "pages in the developer console, then open the consent link again."
    )
