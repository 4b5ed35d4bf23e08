"""The OAuth app that the user registered with Atlassian: its id, secret, callback URL and scopes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from confluence_nb._given import is_several
from confluence_nb.errors import AppRejected
from confluence_nb.secret import Secret

DEFAULT_REDIRECT_URI = "http://localhost:8765/callback"

DEFAULT_SCOPES: tuple[str, ...] = (
    "offline_access",
    "read:me",
    "read:space:confluence",
    "read:page:confluence",
    "read:attachment:confluence",
    "read:comment:confluence",
    "read:label:confluence",
    "read:user:confluence",
    "read:hierarchical-content:confluence",
    "read:content.metadata:confluence",
    "read:task:confluence",
    "search:confluence",
    "read:confluence-user",
    "readonly:content.attachment:confluence",
)
"""What reading a wiki takes; `offline_access` is what lets a sign-in outlive its first hour."""

MAX_SCOPES = 50
"""With more, the consent address grows past what Atlassian's sign-in front door takes (HTTP 414)."""

CONSOLE_URL = "https://developer.atlassian.com/console/myapps/"


@dataclass(frozen=True, init=False)
class OAuthApp:
    """An OAuth 2.0 (3LO) app of the user's own, as registered in Atlassian's developer console.

    Parameters
    ----------
    client_id, client_secret:
        From the console's *Settings* page. The secret is masked wherever the object is shown.
    redirect_uri:
        The callback URL exactly as registered: `localhost` and `127.0.0.1` are different strings there.
    scopes:
        Scopes to ask for, as an iterable or one space-separated string. `offline_access` is added.

    Raises
    ------
    AppRejected
        When a value cannot be right, before anything is sent.
    """

    client_id: str
    client_secret: str | Secret
    redirect_uri: str
    scopes: Iterable[str] | str

    def __init__(
        self,
        client_id: str,
        client_secret: str | Secret,
        redirect_uri: str = DEFAULT_REDIRECT_URI,
        scopes: Iterable[str] | str = DEFAULT_SCOPES,
    ) -> None:
        # Not the dataclass's own: a traceback may show arguments, and that would keep the secret as one.
        secret = Secret(client_secret) if isinstance(client_secret, (str, Secret)) else None
        del client_secret
        if secret is None:
            raise AppRejected(
                "The client secret is not a string. Copy it from the app's Settings page in the console."
            )
        secret = Secret(secret.reveal().strip())
        object.__setattr__(self, "client_secret", secret)
        object.__setattr__(self, "client_id", _one_word("client id", client_id))
        if not _is_plain(secret):
            raise AppRejected(
                "The client secret is empty, or has a space or a letter in it that none has. Copy it whole from the "
                f"app's Settings page at {CONSOLE_URL}."
            )
        object.__setattr__(self, "redirect_uri", _checked_redirect(redirect_uri))
        object.__setattr__(self, "scopes", _checked_scopes(scopes))

    @property
    def secret(self) -> Secret:
        """The client secret, wrapped."""
        return Secret(self.client_secret)

    @property
    def scope_names(self) -> tuple[str, ...]:
        """The scopes to ask for, `offline_access` among them."""
        return tuple(self.scopes)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> OAuthApp | None:
        """The app that `environ` names: `CONFLUENCE_CLIENT_ID`, `CONFLUENCE_CLIENT_SECRET`, `CONFLUENCE_REDIRECT_URI`.

        None when neither id nor secret is set; an error when only one of the two is.
        """
        client_id = environ.get("CONFLUENCE_CLIENT_ID", "").strip()
        client_secret = Secret(environ.get("CONFLUENCE_CLIENT_SECRET", "").strip())
        redirect_uri = environ.get("CONFLUENCE_REDIRECT_URI", "").strip() or DEFAULT_REDIRECT_URI
        del environ  # a traceback may show local variables
        if not client_id and not client_secret:
            return None
        if not client_id or not client_secret:
            missing = "CONFLUENCE_CLIENT_SECRET" if client_id else "CONFLUENCE_CLIENT_ID"
            raise AppRejected(
                f"{missing} is not set, but its partner is. Set both, or neither and use the panel."
            )
        return cls(client_id, client_secret, redirect_uri)

    def __repr__(self) -> str:
        # A traceback may show an app that could not be made.
        client_id, redirect_uri = (vars(self).get(name, "") for name in ("client_id", "redirect_uri"))
        shown = client_id[:4] + "…" if len(client_id) > 8 else client_id
        return f"OAuthApp(client_id={shown!r}, client_secret='••••', redirect_uri={redirect_uri!r})"


def _is_plain(word: Secret) -> bool:
    """Whether it is one word of visible ASCII: anything else came along when it was copied."""
    text = word.reveal()
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def _one_word(what: str, value: object) -> str:
    if not isinstance(value, str) or not _is_plain(Secret(value.strip())):
        raise AppRejected(
            f"The {what} is empty, or has a space or a letter in it that none has. Copy it whole from the app's "
            f"Settings page at {CONSOLE_URL}."
        )
    return value.strip()


def _checked_redirect(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
        usable = usable and text.isprintable() and " " not in text
    except ValueError:
        usable = False
    if not usable:
        # What does not even look like an address may be the secret, in the wrong place.
        shown = repr(value) if "://" in text else "given"
        raise AppRejected(
            f"The callback URL {shown} is not a web address. Use the one registered in the console under "
            f"Authorization, for example {DEFAULT_REDIRECT_URI}."
        )
    return text


def _checked_scopes(value: object) -> tuple[str, ...]:
    names = value.split() if isinstance(value, str) else list(value) if is_several(value) else None
    if not names or not all(isinstance(name, str) and _is_plain(Secret(name)) for name in names):
        raise AppRejected(
            "The scopes are not a list of scope names. Leave them out for the default, or give names such as "
            "'read:page:confluence'."
        )
    scopes = tuple(dict.fromkeys(["offline_access", *names]))
    if len(scopes) > MAX_SCOPES:
        raise AppRejected(
            f"{len(scopes)} scopes make a consent address that Atlassian refuses as too long. "
            f"Ask for {MAX_SCOPES} at most."
        )
    return scopes
