"""Puts app, vault, client and panel together: `connect()` for a real wiki, `demo()` for the embedded one."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING, Any

from confluence_nb._http import ClientPerLoop
from confluence_nb.cloud import Cloud
from confluence_nb.errors import ConfluenceNBError
from confluence_nb.oauth.app import OAuthApp
from confluence_nb.oauth.record import Keep
from confluence_nb.oauth.session import Session
from confluence_nb.oauth.vault import MemoryVault, Vault, open_vault
from confluence_nb.terminal import sign_in_at_the_prompt, somebody_is_at_the_prompt
from confluence_nb.wiki import Wiki

if TYPE_CHECKING:
    from confluence_nb.sandbox import Sandbox


def connect(
    site: str | None = None,
    *,
    profile: str = "default",
    app: OAuthApp | None = None,
    store: str | os.PathLike[str] | None = None,
    cloud: Cloud | None = None,
) -> Wiki:
    """A wiki to read from; in a notebook the sign-in panel appears under the cell.

    At the prompt of Python or IPython it shows the link and asks for the address, which stays unseen. A script is
    never asked: its first read raises `SignInRequired`, which says what to do.

    Parameters
    ----------
    site:
        Host, URL of any page on it, name or cloudId; an exact match. None takes the one remembered or the only
        one, and asks when several could be meant.
    profile:
        Name under which sign-in and site are remembered.
    app:
        Your OAuth app; else `CONFLUENCE_CLIENT_ID`, `CONFLUENCE_CLIENT_SECRET` and `CONFLUENCE_REDIRECT_URI`
        from the environment; else the one the profile remembers; else the panel asks.
    store:
        Where the sign-in is kept: `"auto"` (the default: a keyring when one works, else memory), `"keyring"`,
        `"memory"` or the path of a file that only you can read.
    cloud:
        Another cloud than Atlassian's; else `CONFLUENCE_AUTH_URL` and `CONFLUENCE_API_URL`.

    Raises
    ------
    SiteNotFound, AmbiguousSite
        When signed in and `site` names none, or several, of the sites covered.
    AppRejected, ConfluenceNBError
        For values that cannot be right.
    """
    if not isinstance(profile, str) or not profile.strip():
        raise ConfluenceNBError("profile is empty. Leave it out, or give a short name such as 'work'.")
    if site is not None and (not isinstance(site, str) or not site.strip()):
        raise ConfluenceNBError("site is empty. Leave it out, or give a host such as 'acme.atlassian.net'.")
    for name, given, kind in (("app", app, OAuthApp), ("cloud", cloud, Cloud)):
        if not (given is None or isinstance(given, kind)):
            raise TypeError(
                f"{name} is a {type(given).__name__}. Give {name}={kind.__name__}(...), or leave it out."
            )
    if not (store is None or isinstance(store, (str, os.PathLike))):
        raise TypeError(
            f"store is a {type(store).__name__}. Give 'auto', 'keyring', 'memory' or the path of a file."
        )
    wiki = _open(
        cloud or Cloud.from_environment(),
        app or OAuthApp.from_environment(),
        "auto" if store is None else store,
        profile.strip(),
        site,
    )
    if wiki.signed_in and site is not None:
        wiki.use(site)
    if somebody_is_at_the_prompt():
        sign_in_at_the_prompt(wiki)
    else:
        wiki.show_panel()
    return wiki


def demo(*, sign_in: bool = False, **sandbox_options: Any) -> Wiki:
    """The same on an embedded Confluence on this machine: no account, no network.

    Voilà runs every cell before anybody can click, so there it signs in by itself and shows the panel too.

    Parameters
    ----------
    sign_in:
        Walk the consent page over HTTP at once and choose the first site, for scripts.
    **sandbox_options:
        The sandbox's knobs: `pages=`, `spaces=`, `seed=`, `latency=` …; see `python -m confluence_nb.sandbox --help`.
    """
    try:
        from confluence_nb.sandbox import Sandbox
    except ImportError as error:
        raise ConfluenceNBError(
            f"The embedded Confluence needs {error.name}. Install it with: pip install 'confluence_nb[demo]'"
        ) from None
    sandbox = Sandbox(**sandbox_options)
    sandbox.start()
    atexit.register(sandbox.close)
    wiki = _open(
        Cloud(auth_url=sandbox.url, api_url=sandbox.url),
        OAuthApp(sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri),
        "memory",
        "demo",
        None,
        vault=MemoryVault(),
        sandbox=sandbox,
    )
    if sign_in or _in_voila():
        wiki.sign_in(sandbox.approve(wiki.consent_url))
        if wiki.site is None:
            wiki.use(str(wiki.sites()["id"].iloc[0]))
    if not sign_in:
        wiki.show_panel()
    return wiki


def _in_voila() -> bool:
    """Whether this kernel makes a page of Voilà, which says so as web servers tell their scripts."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _open(
    cloud: Cloud,
    app: OAuthApp | None,
    store: str | os.PathLike[str],
    profile: str,
    site: str | None,
    *,
    vault: Vault | None = None,
    sandbox: Sandbox | None = None,
) -> Wiki:
    http = ClientPerLoop(local=cloud.is_local, user_agent=f"confluence_nb/{_version()}")
    session = Session(http, cloud, Keep(vault or _vault(store), profile, cloud), app=app, wanted_site=site)
    return Wiki(session, http, sandbox=sandbox)


_kernel_memory: dict[str, Vault] = {}


def _vault(store: str | os.PathLike[str]) -> Vault:
    """The vault of that store. One in memory lives as long as the kernel, or running the cell again would forget."""
    name = os.fspath(store)
    if name not in _kernel_memory:
        vault = open_vault(store)
        if not isinstance(vault, MemoryVault):
            return vault
        _kernel_memory[name] = vault
    return _kernel_memory[name]


def _version() -> str:
    from confluence_nb import __version__

    return __version__
