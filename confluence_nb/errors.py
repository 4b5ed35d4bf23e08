"""Every error this package raises; each message says what happened, then what to do.

    ConfluenceNBError
    ├── SignInError             the account, the app or the consent
    │   ├── SignInRequired      there is no sign-in, or it has ended
    │   ├── ConsentDenied       somebody said no on the consent page
    │   ├── WrongPaste          what was pasted is not the address of this sign-in
    │   └── AppRejected         Atlassian refused the client id, the secret or the callback URL
    ├── SiteError               which wiki is meant
    │   ├── AmbiguousSite       several could be meant
    │   └── SiteNotFound        none of that name is in the grant
    ├── ApiError                an answer that is no success
    │   ├── BadRequest          a parameter, a cursor or a query that the API does not take
    │   ├── MissingScope        the grant lacks a scope that this call needs
    │   ├── NotPermitted        the account may not do or see this
    │   ├── NotFound            nothing there, or nothing that this account may see
    │   ├── Gone                Atlassian removed this endpoint
    │   ├── RateLimited         the site asks for a longer pause than the caller allows
    │   └── Unreachable         no usable answer came: network, proxy or server
    ├── Interrupted             a list could not be read to its end
    ├── SyncUnderWay            another sync of the same mirror has not ended
    └── content.UnreadableBody  a page's body is in neither of the two formats

When a list breaks off, whichever of these is raised carries the rows read so far in `.frame`. Under each traceback
stands the address of the place in the documentation that explains this kind of error, also in `.help`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from confluence_nb.oauth.sites import Site


LONGEST_MESSAGE = 4_000
"""Characters: a sentence may quote what was given, and what was given may be a whole book."""

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What steers a terminal, turns the words around it, or cannot be printed: a sentence may quote what a wiki says."""

TROUBLESHOOTING = "https://github.com/confluence-nb/confluence_nb/blob/main/docs/troubleshooting.md"
"""Explains each class under a heading of its name."""


def harmless(text: str) -> str:
    """A text without what steers a terminal or turns the words around it."""
    return _STEERING.sub("\ufffd", text)


class ConfluenceNBError(Exception):
    """Base of everything this package raises on purpose.

    `frame` holds the rows read before a list broke off, else None. `help` is where this kind of error is explained.
    """

    frame: pd.DataFrame | None = None

    def __init__(self, message: str = "") -> None:
        if len(message) > LONGEST_MESSAGE:
            # What happened stands at its beginning, what to do at its end.
            half = (LONGEST_MESSAGE - len(" … ")) // 2
            message = f"{message[:half]} … {message[-half:]}"
        super().__init__(harmless(message))
        # A note, not the message: the sentence stays short where it is shown alone, as in the panel.
        self.add_note(f"More about it: {self.help}")

    @property
    def help(self) -> str:
        """The address of the section of the documentation about this kind of error."""
        return f"{TROUBLESHOOTING}#{type(self).__name__.lower()}"


class SignInError(ConfluenceNBError):
    """The account, the app or the consent."""


class SignInRequired(SignInError):
    """There is no sign-in, or it has ended: sign in (again)."""


class ConsentDenied(SignInError):
    """The consent page was answered with Deny, or an administrator's rule answered for it."""


class WrongPaste(SignInError):
    """What was pasted is not the address, or the code, of the sign-in under way."""


class AppRejected(SignInError):
    """Atlassian refused the app itself: client id, secret, callback URL or scopes."""


class SiteError(ConfluenceNBError):
    """Which wiki is meant; `sites` are those that the grant covers."""

    def __init__(self, message: str, sites: Sequence[Site] = ()) -> None:
        super().__init__(message)
        self.sites = tuple(sites)


class AmbiguousSite(SiteError):
    """Several sites could be meant: name one."""


class SiteNotFound(SiteError):
    """The grant covers no site of that name."""


class ApiError(ConfluenceNBError):
    """An answer of the API that is no success; `status` is its HTTP status, `path` what was asked.

    `of_site` is True when it concerns the whole site or account, not the one thing that was asked for.
    """

    of_site: bool = False

    def __init__(self, message: str, *, status: int | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.path = path


class BadRequest(ApiError):
    """A parameter, a cursor or a CQL query that the API does not take."""


class MissingScope(ApiError):
    """The grant lacks a scope; `needed` is what the call takes, `granted` what the sign-in has."""

    def __init__(
        self,
        message: str,
        *,
        needed: Sequence[str] = (),
        granted: Sequence[str] = (),
        status: int | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, status=status, path=path)
        self.needed = tuple(needed)
        self.granted = tuple(granted)


class NotPermitted(ApiError):
    """The account may not do or see this."""


class NotFound(ApiError):
    """Nothing there, or nothing that this account may see."""


class Gone(ApiError):
    """Atlassian removed this endpoint for OAuth apps."""


class RateLimited(ApiError):
    """The site asks for a longer pause than the caller allows; `reset_at` is when it ends (UTC)."""

    def __init__(
        self,
        message: str,
        *,
        reset_at: datetime | None = None,
        status: int | None = 429,
        path: str | None = None,
    ) -> None:
        super().__init__(message, status=status, path=path)
        self.reset_at = reset_at


class Unreachable(ApiError):
    """No usable answer came: the network, a proxy's page, or a server that keeps failing.

    `timed_out` is True when the server was reached and took too long; `reset_at` is when it wants to be asked again
    (UTC), where it says so; `pause` is for how many seconds the sign-in server asks to be left alone, where it does.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        path: str | None = None,
        timed_out: bool = False,
        reset_at: datetime | None = None,
        pause: float | None = None,
    ) -> None:
        super().__init__(message, status=status, path=path)
        self.timed_out = timed_out
        self.reset_at = reset_at
        self.pause = pause


class Interrupted(ConfluenceNBError):
    """A list could not be read to its end; the rows so far are in `.frame`."""


class SyncUnderWay(ConfluenceNBError):
    """Another sync of the same mirror has not ended: wait for it, or end it."""
