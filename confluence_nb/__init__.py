"""A Confluence Cloud wiki as pandas DataFrames, from a notebook cell.

    import confluence_nb as cnb

    wiki = cnb.connect()              # a panel: open the consent page, paste the address, choose the site
    # wiki = cnb.demo()               # no account? an embedded Confluence, the same in every way

    spaces = wiki.spaces()
    pages = wiki.pages(space="ENG", body="storage")            # every page, all windows, typed columns
    recent = wiki.search('type = page and lastmodified > now("-30d")')
    found = wiki.search(cnb.cql("title ~ {}", words))            # values go in safely
    talk = wiki.comments(pages)                                # footer, inline and answers, joined by page_id
    texts = cnb.content.to_text(pages["body"])                 # also Markdown, tables, links, macros …
    labels = wiki.labels(pages)                                # as few requests as can be, whatever the way
    tree = wiki.descendants(pages["id"].iloc[0])               # any depth, with the path from the top
    cnb.charts.activity(pages)                                 # a picture; also stale, tree, links, size …
    mirror = wiki.sync("wiki/")                                # a copy on disk, fresh in seconds; cnb.open_mirror
    wiki.collections()                                         # every list there is; wiki.table(path) reads it

    %load_ext confluence_nb                                    # then a cell under %%cql is a query, and its frame

In a script: open `wiki.consent_url`, then `wiki.sign_in(address)`, then `wiki.use("acme.atlassian.net")`.
A pull that broke off keeps its rows: `error.frame`, `wiki.partial`, and `wiki.resume()` to go on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from confluence_nb import charts, content
from confluence_nb.api.cql import cql
from confluence_nb.api.deprecations import DeprecatedByAtlassian
from confluence_nb.cloud import Cloud
from confluence_nb.connect import connect, demo
from confluence_nb.errors import (
    AmbiguousSite,
    ApiError,
    AppRejected,
    BadRequest,
    ConfluenceNBError,
    ConsentDenied,
    Gone,
    Interrupted,
    MissingScope,
    NotFound,
    NotPermitted,
    RateLimited,
    SignInError,
    SignInRequired,
    SiteError,
    SiteNotFound,
    SyncUnderWay,
    Unreachable,
    WrongPaste,
)
from confluence_nb.mirror.mirror import Mirror, open_mirror
from confluence_nb.notices import ConfluenceNBWarning, LeftOut, ManyPoints, NotStored
from confluence_nb.oauth.app import DEFAULT_SCOPES, OAuthApp
from confluence_nb.oauth.sites import Site
from confluence_nb.page import Page
from confluence_nb.wiki import Wiki

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_SCOPES",
    "AmbiguousSite",
    "ApiError",
    "AppRejected",
    "BadRequest",
    "Cloud",
    "ConfluenceNBError",
    "ConfluenceNBWarning",
    "ConsentDenied",
    "DeprecatedByAtlassian",
    "Gone",
    "Interrupted",
    "LeftOut",
    "ManyPoints",
    "Mirror",
    "MissingScope",
    "NotFound",
    "NotPermitted",
    "NotStored",
    "OAuthApp",
    "Page",
    "RateLimited",
    "SignInError",
    "SignInRequired",
    "Site",
    "SiteError",
    "SiteNotFound",
    "SyncUnderWay",
    "Unreachable",
    "Wiki",
    "WrongPaste",
    "charts",
    "connect",
    "content",
    "cql",
    "demo",
    "open_mirror",
]


def __dir__() -> list[str]:
    """What *Tab* offers: the public names, and nothing that happens to be imported here."""
    return [*__all__, "__version__"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext confluence_nb` brings `%%cql` and `%confluence`."""
    # By name: only a session that asks for them has the magics, and no floor under them imports them through here.
    import_module("confluence_nb.magics").load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext confluence_nb` takes them away again."""
    import_module("confluence_nb.magics").unload(shell)
