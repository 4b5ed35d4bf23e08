"""Signs in at the prompt of Python or IPython: the link is shown, and the address is typed or pasted unseen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from confluence_nb.connection import Connection
from confluence_nb.errors import ConfluenceNBError, SignInRequired
from confluence_nb.oauth.app import CONSOLE_URL
from confluence_nb.secret import Secret
from confluence_nb.unseen import ask_unseen, say

_NO_APP = (
    f"No OAuth app is known yet. Make one at {CONSOLE_URL}. Then either run confluence-nb login in a terminal once, "
    "which asks for its client id and secret and keeps them; or set CONFLUENCE_CLIENT_ID and "
    "CONFLUENCE_CLIENT_SECRET before Python starts; or call connect(app=OAuthApp(...))."
)


def somebody_is_at_the_prompt() -> bool:
    """Whether a person types line by line at a terminal; a script, a timer and a notebook's kernel have no prompt."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return False
    if hasattr(sys, "ps1"):
        return True
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is None


def sign_in_at_the_prompt(wiki: Connection) -> None:
    """Ask for what is missing until the wiki is signed in and has a site; Ctrl-C or Ctrl-D leaves it as it is."""
    try:
        while not wiki.signed_in:
            try:
                link = wiki.consent_url
            except SignInRequired:
                say(_NO_APP)
                return
            say(f"Open this page, and accept:\n\n{link}\n")
            pasted = ask_unseen("Then paste the address of the page that follows (it stays unseen): ")
            # Revealed within the call: no frame of ours holds the code, whatever a verbose traceback shows.
            _take(lambda given: wiki.sign_in(given.reveal()), pasted)
        while wiki.site is None:
            try:
                hosts = [url.removeprefix("https://") for url in wiki.sites()["url"]]
            except ConfluenceNBError as error:
                say(f"The sites are not known yet. {error}")
                return
            if not hosts:
                say(
                    "This sign-in covers no Confluence site. Sign in again, and tick one on the consent page."
                )
                return
            say("Sites: " + ", ".join(hosts))
            _take(wiki.use, input("Site: ").strip())
    except (KeyboardInterrupt, EOFError):
        say("\nStopped. Call connect() again to go on.")


def _take(step: Callable[[Any], object], given: Secret | str) -> None:
    """Take the step; what went wrong is said, and asked for again. Nothing given means to stop."""
    if not given:
        raise EOFError
    try:
        step(given)
    except ConfluenceNBError as error:
        say(f"That did not work. {error}\n")
