"""The consent link as the person's browser can reach it, which behind a hub is not how the kernel does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from confluence_nb.cloud import is_loopback
from confluence_nb.errors import ConfluenceNBError


def browser_link(url: str, environ: Mapping[str, str] = os.environ) -> str:
    """The address to put behind a link.

    A stand-in on the kernel's own machine is reached through jupyter-server-proxy when that machine is a
    hub's: there, the loopback of the browser is another computer.

    Parameters
    ----------
    url:
        https, or plain http to this machine.
    environ:
        Read for `JUPYTERHUB_SERVICE_PREFIX`, which a hub sets.

    Raises
    ------
    ConfluenceNBError
        For any other address: the link will be clicked, so a script or a plain http host has no place in it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    loopback = is_loopback(host)
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise ConfluenceNBError(
            "The consent link is not an https address, so it is not shown. Check the auth_url of your Cloud."
        )
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    if not (loopback and prefix):
        return url
    query = f"?{parts.query}" if parts.query else ""
    port = port or (443 if parts.scheme == "https" else 80)
    return f"/{prefix.strip('/')}/proxy/{port}{parts.path}{query}".replace("//proxy/", "/proxy/", 1)
