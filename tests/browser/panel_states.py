"""Every state of the sign-in panel, each reached in a cell of its own over a sandbox of its own."""

from __future__ import annotations

import socket
from contextlib import closing

SET_UP = """
import confluence_nb as cnb
from confluence_nb.panel import nearness
from confluence_nb.sandbox import Sandbox

def opened(redirect_uri="", **knobs):
    # The answer is waited for in one state alone, whatever machine this runs on: in the others it is pasted.
    nearness.CONTAINER_MARKS = () if redirect_uri else ("/",)
    sandbox = Sandbox(pages=20, spaces=2, redirect_uri=redirect_uri, **knobs).start()
    app = cnb.OAuthApp(sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    cloud = cnb.Cloud(auth_url=sandbox.url, api_url=sandbox.url)
    wiki = cnb.connect(store="memory", profile=sandbox.url, app=app, cloud=cloud)
    wiki.sandbox = sandbox
    return wiki

def pasted(wiki, address=None, **answer):
    wiki.panel.paste.value = address or wiki.sandbox.approve(wiki.consent_url, **answer)
    return wiki

def signed_in(site):
    wiki = opened()
    return wiki.sign_in(wiki.sandbox.approve(wiki.consent_url)).use(site)

def next_day(wiki):
    session = wiki._session
    return cnb.connect(store="memory", profile=wiki.sandbox.url, app=session.app, cloud=session.cloud)

# In a cell of its own, so that a panel begins signed in further below, as it does the next day.
at_home = signed_in("acme")
"""

STATES = {
    "no-app": 'cnb.connect(store="memory", profile="nobody");',
    "link": "opened();",
    "link-by-itself": "opened('http://localhost:{port}/callback');",
    "pasting": 'pasted(opened(faults_on="token", stall_every=1, stall_seconds=600));',
    "wrong-paste": 'pasted(opened(), "https://acme.atlassian.net/wiki/home");',
    "denied": "pasted(opened(), deny=True);",
    "no-site": "pasted(opened(sites=0));",
    "one-site": "pasted(opened(sites=1));",
    "several-sites": "pasted(opened());",
    "forty-sites": "pasted(opened(sites=40));",
    "signed-in": "next_day(at_home);",
    "missing-scopes": ("signed_in('initech');"),
    "expired": (
        "wiki = signed_in('acme'); wiki.sandbox.revoke(); wiki.sandbox.expire_tokens()\n"
        "try:\n    wiki.spaces()\nexcept cnb.SignInRequired:\n    pass"
    ),
    "offline": (
        "wiki = opened(); address = wiki.sandbox.approve(wiki.consent_url)\n"
        "wiki.sandbox.close()\npasted(wiki, address);"
    ),
}
"""By name, the code of the cell under which the panel shows that state, after `SET_UP` ran."""

SAYS = {
    "no-app": "Save app",
    "link": "Paste the address",
    "link-by-itself": "arrives by itself",
    "pasting": "Signing in…",
    "wrong-paste": "That did not work.",
    "denied": "The consent was not given.",
    "no-site": "covers no Confluence site",
    "one-site": "Switch site",
    "several-sites": "Choose the site",
    "forty-sites": "sites",
    "signed-in": "Switch site",
    "missing-scopes": "Missing on",
    "expired": "Your sign-in has ended.",
    "offline": "That did not work.",
}
"""What the panel shows once it is in that state."""


def cells() -> list[str]:
    """The code of every state's cell; the port that one of them listens on is free now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return [code.replace("{port}", str(port)) for code in STATES.values()]
