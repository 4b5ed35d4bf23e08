"""Which Confluence Cloud to talk to: Atlassian's own, or a stand-in on this machine."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from confluence_nb.errors import ConfluenceNBError

ATLASSIAN_AUTH_URL = "https://auth.atlassian.com"
ATLASSIAN_API_URL = "https://api.atlassian.com"

_ATLASSIANS_API = re.compile(r"api\.atlassian[a-z-]*\.com")
"""The host of Atlassian's API: that of the Government Cloud has a name of its own, as its sign-in has."""

_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.ASCII | re.IGNORECASE)
"""Scheme, host and port: what is more, or looks like less, one library may read otherwise than another."""


@dataclass(frozen=True)
class Cloud:
    """The two origins of a Confluence Cloud; the token goes to `api_url` and nowhere else.

    The Government Cloud has `https://auth.atlassian-us-gov-mod.com` and `https://api.atlassian-us-gov-mod.com`.

    Parameters
    ----------
    auth_url:
        Origin of the consent page and the token endpoint.
    api_url:
        Origin of the API gateway.

    Raises
    ------
    ConfluenceNBError
        For anything but an https origin; plain http is accepted for loopback only.
    """

    auth_url: str = ATLASSIAN_AUTH_URL
    api_url: str = ATLASSIAN_API_URL

    def __post_init__(self) -> None:
        for name in ("auth_url", "api_url"):
            object.__setattr__(self, name, _checked_origin(name, getattr(self, name)))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Cloud:
        """`CONFLUENCE_AUTH_URL` and `CONFLUENCE_API_URL` of `environ`, else Atlassian's own."""
        return cls(
            auth_url=environ.get("CONFLUENCE_AUTH_URL") or ATLASSIAN_AUTH_URL,
            api_url=environ.get("CONFLUENCE_API_URL") or ATLASSIAN_API_URL,
        )

    @property
    def audience(self) -> str:
        """What a token is asked for: the API by its host, which a stand-in plays under Atlassian's name.

        Source: Atlassian's *OAuth 2.0 (3LO) apps*, and its *Use OAuth 2.0 (3LO) on AGC-compatible apps*.
        """
        host = urlsplit(self.api_url).hostname or ""
        return host if _ATLASSIANS_API.fullmatch(host) else "api.atlassian.com"

    @property
    def is_local(self) -> bool:
        """True when both origins are on this machine."""
        return is_loopback(urlsplit(self.auth_url).hostname) and is_loopback(urlsplit(self.api_url).hostname)


def is_loopback(host: str | None) -> bool:
    """True for `localhost` and the loopback addresses, by name alone: nothing is looked up."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_origin(name: str, url: object) -> str:
    if not isinstance(url, str):
        raise TypeError(
            f"{name} is a {type(url).__name__}. Give the origin as a string, for example {ATLASSIAN_API_URL!r}."
        )
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfluenceNBError(
            f"{name}={url!r} is not a URL ({error}). Give an origin such as https://host."
        ) from None
    if not host or parts.scheme not in ("https", "http"):
        raise ConfluenceNBError(f"{name}={url!r} is not a web origin. Give one such as {ATLASSIAN_API_URL}.")
    if parts.username is None and not _ORIGIN.fullmatch(text):
        raise ConfluenceNBError(
            f"{name}={url[:200]!r} is more than an origin. Give scheme and host alone, such as {ATLASSIAN_API_URL}."
        )
    if parts.username is not None:
        raise ConfluenceNBError(
            f"{name} has a user in it. Give the origin alone, such as {ATLASSIAN_API_URL}."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfluenceNBError(
            f"{name}={url!r} would send secrets over plain http to another machine. "
            "Use https; plain http is accepted for localhost only."
        )
    return text
